import CSystemd
import Glibc

/// One entry of the system's journal, with fields of its own beside the message.
///
/// Source: sd_journal_sendv(3), systemd.journal-fields(7).
package struct JournalEntry: Sendable, Hashable {
    /// As in syslog(3).
    package enum Priority: Int, Sendable {
        case emergency, alert, critical, error, warning, notice, info, debug
    }

    package var priority: Priority
    package var message: String
    /// Names as a program writes them (`jira.site`); they go out as `fieldName` spells them.
    package var fields: [String: String]

    package init(priority: Priority, message: String, fields: [String: String] = [:]) {
        self.priority = priority
        self.message = message
        self.fields = fields
    }

    /// The journal's spelling of a name: capitals, digits and underscores, no underscore or digit at the start, 64
    /// characters at most (journald drops what is not so). `jira.site` becomes `JIRA_SITE`. `nil` for a name that has
    /// nothing to spell, and for those of the entry's own fields.
    package static func fieldName(_ name: String) -> String? {
        let spelled = name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        let start = spelled.drop { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        let field = String(decoding: start.prefix(64), as: UTF8.self)
        return field.isEmpty || field == "PRIORITY" || field == "MESSAGE" ? nil : field
    }

    /// The fields as they go out, `NAME=value`. A value may hold line ends.
    package var assignments: [String] {
        let own = fields.sorted { $0.key < $1.key }.compactMap { name, value in
            Self.fieldName(name).map { "\($0)=\(value)" }
        }
        return ["PRIORITY=\(priority.rawValue)", "MESSAGE=\(message)"] + own
    }

    /// Hands the entry to journald, or to nobody where there is none.
    ///
    /// - Returns: whether it went out; `false` is no reason to stop.
    @discardableResult
    package func send() -> Bool {
        let assignments = assignments.map { Array($0.utf8) }
        // One buffer for all, since each vector must stay where it is during the call.
        var bytes = assignments.flatMap { $0 }
        return bytes.withUnsafeMutableBytes { buffer in
            guard var next = buffer.baseAddress else { return false }
            let vectors = assignments.map { assignment in
                defer { next += assignment.count }
                return iovec(iov_base: next, iov_len: assignment.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }
}
