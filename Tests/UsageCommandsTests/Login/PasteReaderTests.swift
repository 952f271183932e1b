import Testing

@testable import UsageCommands

@Suite("What is pasted")
struct PasteReaderTests {
    private func events(_ text: String, isTerminal: Bool = true, pieces: Int = 1) -> [PasteReader.Event] {
        var reader = PasteReader(isTerminal: isTerminal)
        return reader.append(text.utf8) + (reader.finish().map { [$0] } ?? [])
    }

    @Test(
        "is a line, mended by the keys that mend lines",
        arguments: [
            ("abc\r", ["abc"]), ("a\nb\n", ["a", "b"]), ("abc", ["abc"]), ("ab\u{7F}\u{8}c\r", ["c"]),
            ("aü\u{7F}b\r", ["ab"]), ("\u{7F}a\r", ["a"]), ("wrong\u{15}right\r", ["right"]),
            ("\u{1B}[200~pasted\u{1B}[201~\r", ["pasted"]), ("a\u{1B}[1;5Cb\u{1B}OAc\u{1B}xd\r", ["abcd"]),
            ("a\u{4}b\r", ["ab"]),
        ])
    func lines(text: String, lines: [String]) {
        #expect(events(text) == lines.map { .line($0) })
    }

    @Test("is taken as it is where it comes from a pipe")
    func pipe() {
        #expect(events("a\u{7F}\u{4}\u{15}\r\n", isTerminal: false) == [.line("a\u{7F}\u{4}\u{15}\r")])
    }

    @Test("ends with Ctrl-D on an empty line")
    func end() {
        #expect(events("\u{4}") == [.end])
        #expect(events("a\u{15}\u{4}") == [.end])
    }

    @Test("may be 64 KiB long; what is longer is refused once, and the next line is good")
    func length() {
        let longest = String(repeating: "x", count: PasteReader.limit)
        #expect(events(longest + "\r") == [.line(longest)])
        #expect(events(longest + "xyz\rnext\r") == [.tooLong, .line("next")])
    }
}
