import Foundation
import TestInstallation
import TestSupport
import Testing

/// The options that the pages of the manual list are those that the programs take.
@Suite("The options in the manual")
struct OptionManualTests {
    private func page(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../man/\(name)").standardizedFileURL
    }

    /// - Parameter lines: those that belong into the page.
    private func expect(_ name: String, toHold lines: (OptionManual) -> [String], of program: String) async throws {
        let outcome = try await withTemporaryDirectory { directory in
            try await runToEnd(program, ["--experimental-dump-help"], directory: directory)
        }
        let manual = try OptionManual(dump: outcome.output)
        let written = try String(contentsOf: page(name), encoding: .utf8)
        let current = try #require(OptionManual.page(written, with: lines(manual)), "man/\(name) has no place for them")
        guard written != current else { return }
        guard ProcessInfo.processInfo.environment["JIRA_USAGED_REWRITE_MANUAL"] != nil else {
            Issue.record("man/\(name) is out of date: make man")
            return
        }
        try current.write(to: page(name), atomically: true, encoding: .utf8)
    }

    @Test("jirausagectl(1) lists every command, with its options")
    func client() async throws {
        try await expect("jirausagectl.1", toHold: { $0.commands }, of: Program.client)
    }

    @Test("jira-usaged(8) lists every option")
    func daemon() async throws {
        try await expect("jira-usaged.8", toHold: { $0.ownOptions }, of: Program.daemon)
    }

    @Test("an option that is not in the page, and one that is there no more, are both seen")
    func change() throws {
        let dump = { (name: String) in
            #"{"command":{"commandName":"c","arguments":[{"kind":"option","preferredName":{"name":"\#(name)"},"#
                + #""valueName":"x","shouldDisplay":true,"isOptional":true,"isRepeating":false,"abstract":"Does it."}]}}"#
        }
        let (old, new) = (
            try OptionManual(dump: dump("old")).ownOptions, try OptionManual(dump: dump("new")).ownOptions
        )
        #expect(old == [".Bl -tag -width Ds -compact", ".It Fl -old Ar x", "Does it.", ".El"])
        let marked = """
            before
            .\\" Written by make man, from the options themselves, up to the next such line.
            .\\" Up to here by make man.
            after
            """
        let page = try #require(OptionManual.page(marked, with: old))
        #expect(OptionManual.page(page, with: old) == page)
        #expect(OptionManual.page(page, with: new) == page.replacing("-old", with: "-new"))
        #expect(OptionManual.page("no place", with: old) == nil)
    }
}
