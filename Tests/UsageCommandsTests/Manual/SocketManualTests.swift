import ControlProtocol
import Foundation
import TestSupport
import Testing

@Suite("jira-usage-api(7)")
struct SocketManualTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../man/jira-usage-api.7").standardizedFileURL

    @Test("is what the programs go by; JIRA_USAGED_REWRITE_MANUAL=1, or make man, writes it anew")
    func current() throws {
        let written = (try? String(contentsOf: Self.file, encoding: .utf8)) ?? ""
        let date = written.split(separator: "\n").first { $0.hasPrefix(".Dd ") }.map { String($0.dropFirst(4)) }
        let unchanged = SocketManual(date: date ?? "").text
        guard written != unchanged else { return }
        guard ProcessInfo.processInfo.environment["JIRA_USAGED_REWRITE_MANUAL"] != nil else {
            let lines = zip(unchanged.split(separator: "\n"), written.split(separator: "\n")).first { $0 != $1 }
            Issue.record("man/jira-usage-api.7 is out of date: make man. \(lines.map { "\($0)" } ?? "")")
            return
        }
        let today = Date.now.formatted(
            Date.FormatStyle(locale: Locale(identifier: "en_US"), timeZone: .gmt).month(.wide).day().year())
        try SocketManual(date: today).text.write(to: Self.file, atomically: true, encoding: .utf8)
    }

    @Test("names every method, every kind of error, every event and every record")
    func complete() {
        let text = SocketManual(date: "January 1, 2026").text
        for name in ControlCall.methods.map(\.name) { #expect(text.contains(".Ss \(name)"), "\(name)") }
        for kind in ControlError.Kind.allCases { #expect(text.contains("It \(kind.rawValue) Ta \(kind.code) ")) }
        for kind in ControlEvent.Kind.allCases { #expect(text.contains("It Cm \(kind.rawValue)")) }
    }

    @Test(
        "a text that would mean something to roff means nothing, and no line of an example is too long for a terminal")
    func harmless() {
        #expect(Mdoc.escaped(".Sh") == "\\&.Sh")
        #expect(Mdoc.escaped("'x") == "\\&'x")
        #expect(Mdoc.escaped("a\\b…") == "a\\eb...")
        let lines = Mdoc.wrapped(String(repeating: "abcdefgh,", count: 40))
        #expect(lines.allSatisfy { $0.count <= 76 } && lines.count > 4)
        #expect(lines.joined().replacing(" ", with: "") == String(repeating: "abcdefgh,", count: 40))
    }
}
