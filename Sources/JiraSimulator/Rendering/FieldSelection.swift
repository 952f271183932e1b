/// The fields of an issue that the simulator can show.
enum IssueField: String, CaseIterable, Sendable {
    case summary, status, issuetype, priority, resolution, resolutiondate, project, creator, reporter, assignee
    case created, updated, timespent, timeestimate, comment, worklog, attachment

    /// Fields that hold any number of values, which makes Jira's bulk fetch take fewer issues.
    var isMultivalued: Bool {
        switch self {
        case .comment, .worklog, .attachment: true
        default: false
        }
    }
}

/// Which fields a request asks for.
struct FieldSelection: Sendable {
    let names: [IssueField]
    /// Neither a key nor any field.
    let isIDOnly: Bool
    /// How many were named: wildcards and unknown fields count too.
    let askedCount: Int
    /// `*all`, `*navigable`, or nothing but exclusions.
    let hasWildcard: Bool

    /// - Parameters:
    ///   - asked: names, `*all`, `*navigable`, and exclusions such as `-comment`.
    ///   - standard: what is meant if nothing is asked for.
    init(_ asked: [String], standard: [String]) {
        let asked = asked.isEmpty ? standard : asked
        let excluded = Set(asked.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) })
        let wanted = asked.filter { !$0.hasPrefix("-") }
        hasWildcard = wanted.isEmpty || wanted.contains { $0.hasPrefix("*") }
        askedCount = asked.count
        let navigable = IssueField.allCases.filter { !$0.isMultivalued }
        var chosen: Set<IssueField> = []
        if wanted.contains("*all") {
            chosen = Set(IssueField.allCases)
        } else if hasWildcard {
            chosen = Set(navigable)
        }
        chosen.formUnion(wanted.compactMap { IssueField(rawValue: $0) })
        names = IssueField.allCases.filter { chosen.contains($0) && !excluded.contains($0.rawValue) }
        isIDOnly = !hasWildcard && wanted.allSatisfy { $0 == "id" }
    }

    /// Whether search gives large pages: nothing but id and key is asked for.
    static func isKeysOnly(_ asked: [String]) -> Bool {
        asked.allSatisfy { $0 == "id" || $0 == "key" }
    }
}
