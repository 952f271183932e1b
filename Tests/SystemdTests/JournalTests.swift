import Glibc
import Systemd
import TestSupport
import Testing

@Suite("The journal")
struct JournalTests {
    @Test(
        "field names are spelled as journald takes them",
        arguments: [
            ("jira.site", "JIRA_SITE"), ("retry-after", "RETRY_AFTER"), ("_pid", "PID"), ("2xx", "XX"),
            ("größe", "GR____E"), ("", nil), ("…", nil), ("message", nil), ("priority", nil),
            (String(repeating: "a", count: 80), String(repeating: "A", count: 64)),
        ])
    func fieldNames(name: String, spelled: String?) {
        #expect(JournalEntry.fieldName(name) == spelled)
    }

    @Test("an entry goes out with its priority, its message and its own fields, line ends in them and all")
    func assignments() {
        let entry = JournalEntry(
            priority: .warning, message: "two\nlines", fields: ["jira.site": "s=1", "db.rows": "7", "message": "no"])
        #expect(entry.assignments == ["PRIORITY=4", "MESSAGE=two\nlines", "DB_ROWS=7", "JIRA_SITE=s=1"])
    }

    @Test("a stream is the journal's only if device and inode are those systemd told")
    func stream() async throws {
        try await withTemporaryDirectory { directory in
            let descriptor = open("\(directory)/stream", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
            defer { close(descriptor) }
            var status = stat()
            try #require(fstat(descriptor, &status) == 0)
            let told = "\(status.st_dev):\(status.st_ino)"
            #expect(JournalStream.isConnected(told, descriptor: descriptor))
            #expect(!JournalStream.isConnected("\(status.st_dev):\(status.st_ino + 1)", descriptor: descriptor))
            for value in [nil, "", "1", ":", "\(told):1", "a:b"] {
                #expect(!JournalStream.isConnected(value, descriptor: descriptor), "\(value ?? "nil")")
            }
            #expect(!JournalStream.isConnected(told, descriptor: -1))
        }
    }
}
