import Foundation
import Testing
import UsageModel

@Suite("The events of the journal")
struct LoggedEventTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("each has an entry in the catalog, with a subject and a text, and the catalog has no other")
    func catalog() throws {
        let text = try String(contentsOf: Self.root.appending(path: "systemd/jira-usaged.catalog"), encoding: .utf8)
        let entries = text.components(separatedBy: "\n-- ").dropFirst()
        #expect(entries.map { String($0.prefix(32)) } == LoggedEvent.allCases.map(\.rawValue))
        for entry in entries {
            let parts = entry.components(separatedBy: "\n\n")
            #expect(parts.count == 2 && parts[0].contains("\nSubject: ") && parts[1].count > 40, "\(entry)")
        }
    }

    @Test("each is logged somewhere", arguments: LoggedEvent.allCases)
    func used(_ event: LoggedEvent) throws {
        let sources = try #require(
            FileManager.default.enumerator(at: Self.root.appending(path: "Sources"), includingPropertiesForKeys: nil))
        let isLogged = sources.contains { file in
            guard let file = file as? URL, file.pathExtension == "swift", file.lastPathComponent != "LoggedEvent.swift",
                let text = try? String(contentsOf: file, encoding: .utf8)
            else { return false }
            return text.components(separatedBy: ".\(event)").dropFirst().contains { $0.first?.isLetter != true }
        }
        #expect(isLogged)
    }

    @Test("each has an id of its own, of 32 hexadecimal digits")
    func ids() {
        #expect(Set(LoggedEvent.allCases.map(\.rawValue)).count == LoggedEvent.allCases.count)
        #expect(LoggedEvent.allCases.allSatisfy { $0.rawValue.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }
}
