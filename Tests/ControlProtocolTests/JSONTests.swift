import ControlProtocol
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "What is read is written again as it was",
        arguments: [
            "null", "true", "[]", "{}", "0", "-1", "9223372036854775807", "9223372036854775808", "1.50", "-0", "1e5",
            "1E-7", #"{"b":1,"a":[2,{"c":null}]}"#, #""ä€😀""#, #""\"\\\n\r\t\u0000\u001f""#,
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: Array(text.utf8)).text == text)
    }

    @Test("Escapes stand for their characters")
    func escapes() throws {
        let text = #" "\u00e4\ud83d\ude00\/\b\f" "#
        #expect(try JSON(parsing: Array(text.utf8)) == .string("ä😀/\u{8}\u{C}"))
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "tru", "01", "1.", ".5", "+1", "--1", "1e", "[1,]", "[,1]", "[1 2]", "{\"a\"}",
            "{\"a\":}", "{\"a\":1,}", "{a:1}", "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
            "\"\\ud800\\u0041\"", "\"a\nb\"", "{} {}", "[", "{", "[[]", "NaN", "\u{FEFF}{}",
        ])
    func malformed(text: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: Array(text.utf8)) }
        guard case .malformed = error else {
            Issue.record("\(text) gave \(String(describing: error))")
            return
        }
    }

    @Test(
        "Bytes that are not UTF-8 are refused", arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82]])
    func invalidUTF8(bytes: [UInt8]) {
        let line = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: JSONSyntaxError.malformed(offset: 1)) { try JSON(parsing: line) }
    }

    @Test("32 levels are read, 33 and 100,000 are refused", arguments: [("[", "]"), ("{\"a\":", "}")])
    func nesting(open: String, close: String) throws {
        func nested(_ levels: Int) -> [UInt8] {
            let inner = open == "[" ? "" : "1"
            let text = String(repeating: open, count: levels) + inner + String(repeating: close, count: levels)
            return Array(text.utf8)
        }
        _ = try JSON(parsing: nested(32))
        #expect(throws: JSONSyntaxError.tooDeep) { try JSON(parsing: nested(33)) }
        #expect(throws: JSONSyntaxError.tooDeep) { try JSON(parsing: nested(100_000)) }
    }

    @Test("A name that is there twice is refused, however it is written and however deep it lies")
    func duplicates() {
        for text in [#"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"a":1,"b":2,"a":3}}]"#] {
            #expect(throws: JSONSyntaxError.duplicateMember("a")) { try JSON(parsing: Array(text.utf8)) }
        }
    }
}
