import FoundationEssentials

/// A site read from files with Jira's payloads, one a line, and kept in memory.
struct RecordedSite: SiteData {
    let identity: SiteIdentity
    let people: People
    let projects: [Project]
    let isInOrderOfCreation: Bool
    /// The latest event of the recording.
    let lastMoment: Moment
    private let issues: [Issue]
    private let positionsByID: [Int64: Int]
    private let positionsByKey: [Place: Int]
    private let comments: [Int64: Int]
    private let worklogs: [Int64: Int]
    private let attachments: [Int64: Int]

    private struct Place: Hashable {
        let project: Int
        let number: Int
    }

    /// - Parameters:
    ///   - folder: with `users.ndjson` (as `GET /user?expand=groups,applicationRoles`), `issues.ndjson` (as an issue with
    ///     `fields.comment`, `fields.worklog`, `changelog`) and `projects.ndjson`.
    ///   - identity: of the site, but for its zone, which is the one that most users have.
    /// - Throws: `RecordingError` naming file and line.
    init(folder: String, identity: SiteIdentity) throws(RecordingError) {
        let users = try RecordingFile(folder, "users.ndjson").lines(of: RecordedPayload.User.self)
        let projectLines = try RecordingFile(folder, "projects.ndjson").lines(of: RecordedPayload.Project.self)
        let issueFile = RecordingFile(folder, "issues.ndjson")
        let issueLines = try issueFile.lines(of: RecordedPayload.Issue.self)
        var reader = RecordingReader(users: users, projects: projectLines)
        var issues: [Issue] = []
        for (line, payload) in issueLines.enumerated() {
            do {
                issues.append(try reader.issue(payload))
            } catch {
                throw RecordingError(file: issueFile.path, line: line + 1, reason: error.reason)
            }
        }
        issues.sort { $0.id < $1.id }
        self.issues = issues
        people = reader.people
        projects = reader.projects
        self.identity = SiteIdentity(
            cloudID: identity.cloudID, name: identity.name, url: identity.url,
            zone: Self.commonZone(users) ?? identity.zone)
        isInOrderOfCreation = zip(issues, issues.dropFirst()).allSatisfy { $0.created <= $1.created }
        lastMoment = issues.map(\.lastMoment).max() ?? Moment(milliseconds: 0)
        let all = issues.indices
        positionsByID = Self.index(all.map { (issues[$0].id, $0) })
        positionsByKey = Self.index(all.map { (Place(project: issues[$0].project, number: issues[$0].number), $0) })
        comments = Self.index(all.flatMap { position in issues[position].comments.map { ($0.id, position) } })
        worklogs = Self.index(all.flatMap { position in issues[position].worklogs.map { ($0.id, position) } })
        attachments = Self.index(all.flatMap { position in issues[position].attachments.map { ($0.id, position) } })
    }

    private static func index<Key: Hashable>(_ pairs: [(Key, Int)]) -> [Key: Int] {
        Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func commonZone(_ users: [RecordedPayload.User]) -> Zone? {
        var counts: [String: Int] = [:]
        for zone in users.compactMap(\.timeZone) { counts[zone, default: 0] += 1 }
        let common = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }
        return common.flatMap { Zone(identifier: $0.key) }
    }

    var issueCount: Int { issues.count }

    func issue(at position: Int) -> Issue { issues[position] }

    func outline(at position: Int) -> IssueOutline {
        issues[position].outline
    }

    func position(ofID id: Int64) -> Int? { positionsByID[id] }

    func position(project: Int, number: Int) -> Int? { positionsByKey[Place(project: project, number: number)] }

    func positions(inProject project: Int) -> [Int] { issues.indices.filter { issues[$0].project == project } }

    func position(holdingComment id: Int64) -> Int? { comments[id] }
    func position(holdingWorklog id: Int64) -> Int? { worklogs[id] }
    func position(holdingAttachment id: Int64) -> Int? { attachments[id] }

    var firstFreeID: Int64 {
        var last: Int64 = 10_000
        for issue in issues {
            last = max(last, issue.id)
            last = max(last, issue.histories.map(\.id).max() ?? last)
            last = max(last, issue.comments.map(\.id).max() ?? last)
            last = max(last, issue.worklogs.map(\.id).max() ?? last)
            last = max(last, issue.attachments.map(\.id).max() ?? last)
        }
        return last + 1
    }
}

/// Why a recorded site cannot be served.
package struct RecordingError: Error, CustomStringConvertible {
    let file: String
    /// From 1; `nil`: the file as a whole.
    let line: Int?
    let reason: String

    package var description: String {
        line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)"
    }
}

/// One of a recorded site's files.
private struct RecordingFile {
    let path: String

    init(_ folder: String, _ name: String) {
        path = "\(folder)/\(name)"
    }

    func lines<Payload: Decodable>(of type: Payload.Type) throws(RecordingError) -> [Payload] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw RecordingError(file: path, line: nil, reason: "it cannot be read; a recorded site needs it.")
        }
        var payloads: [Payload] = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            do {
                payloads.append(try JSONDecoder().decode(type, from: Data(line)))
            } catch {
                throw RecordingError(file: path, line: index + 1, reason: "it is not as Jira writes it: \(error)")
            }
        }
        return payloads
    }
}

extension Issue {
    /// When the last thing happened to it that can be seen.
    fileprivate var lastMoment: Moment {
        var last = max(created, updated)
        last = max(last, histories.map(\.created).max() ?? last)
        last = max(last, comments.map(\.updated).max() ?? last)
        return max(last, worklogs.map(\.updated).max() ?? last)
    }
}
