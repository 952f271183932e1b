import Foundation

/// What recorded payloads say about who did something last: in the plainest code that will do, which shares nothing with
/// the daemon's.
struct PlainReading {
    struct Deed: Equatable {
        let milliseconds: Int64
        /// All that happened at that instant, for the order of what is simultaneous is nobody's business here.
        var kinds: Set<String>
        var issueIds: Set<String>
    }

    private(set) var accountIds: Set<String> = []
    /// The last of everybody who did something, whether listed or not.
    private(set) var last: [String: Deed] = [:]
    private var workTold: Set<String> = []

    init(directory: String) throws {
        for user in try Self.objects(in: "\(directory)/users.ndjson") {
            if let id = user["accountId"] as? String { accountIds.insert(id) }
        }
        for issue in try Self.objects(in: "\(directory)/issues.ndjson") { read(issue) }
    }

    private mutating func read(_ issue: [String: Any]) {
        let id = issue["id"] as? String ?? ""
        let fields = issue["fields"] as? [String: Any] ?? [:]
        note(fields["creator"], fields["created"], "created", id)

        let histories = (issue["changelog"] as? [String: Any])?["histories"] as? [[String: Any]] ?? []
        for history in histories {
            let items = history["items"] as? [[String: Any]] ?? []
            let names = items.compactMap { $0["field"] as? String }
            for item in items where item["field"] as? String == "WorklogId" {
                for end in ["to", "from"] {
                    if let worklog = item[end] as? String { workTold.insert(worklog) }
                }
            }
            for name in names {
                switch name {
                case "status": note(history["author"], history["created"], "transitioned", id)
                case "Attachment": note(history["author"], history["created"], "attached", id)
                case "WorklogId": note(history["author"], history["created"], "worklogged", id)
                case "timespent", "timeestimate":
                    if !names.contains("WorklogId") { note(history["author"], history["created"], "edited", id) }
                default: note(history["author"], history["created"], "edited", id)
                }
            }
        }

        for comment in (fields["comment"] as? [String: Any])?["comments"] as? [[String: Any]] ?? [] {
            note(comment["author"], comment["created"], "commented", id)
            if comment["updated"] as? String != comment["created"] as? String {
                note(comment["updateAuthor"], comment["updated"], "commented", id)
            }
        }

        // A worklog that the histories tell of was noted there.
        for worklog in (fields["worklog"] as? [String: Any])?["worklogs"] as? [[String: Any]] ?? [] {
            guard let number = worklog["id"] as? String, !workTold.contains(number) else { continue }
            note(worklog["author"], worklog["created"], "worklogged", id)
            if worklog["updated"] as? String != worklog["created"] as? String {
                note(worklog["updateAuthor"], worklog["updated"], "worklogged", id)
            }
        }
    }

    private mutating func note(_ person: Any?, _ instant: Any?, _ kind: String, _ issueId: String) {
        guard let account = (person as? [String: Any])?["accountId"] as? String, !account.isEmpty,
            let text = instant as? String, let milliseconds = Self.milliseconds(text)
        else { return }
        let known = last[account]?.milliseconds ?? .min
        if milliseconds > known {
            last[account] = Deed(milliseconds: milliseconds, kinds: [kind], issueIds: [issueId])
        } else if milliseconds == known {
            last[account]?.kinds.insert(kind)
            last[account]?.issueIds.insert(issueId)
        }
    }

    static func milliseconds(_ text: String) -> Int64? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = text.hasSuffix("Z") ? "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'" : "yyyy-MM-dd'T'HH:mm:ss.SSSZ"
        return formatter.date(from: text).map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    }

    private static func objects(in path: String) throws -> [[String: Any]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
    }
}
