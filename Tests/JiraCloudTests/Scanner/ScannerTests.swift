import Testing
import UsageModel

@testable import JiraCloud

@Suite("The scanner")
struct ScannerTests {
    private enum Member: String, JSONMember {
        case id
        case text

        static let names = JSONNames<Self>()
    }

    /// An object of which one member is read.
    private struct Row: ScannedPage, Equatable {
        var id: Int64?
        var text: String?

        init(id: Int64? = nil, text: String? = nil) {
            (self.id, self.text) = (id, text)
        }

        init(_ json: inout JSONScanner) throws(JSONFault) {
            var row = try json.object(Member.self)
            while let member = try json.next(of: &row) {
                switch member {
                case .id: id = try json.wholeNumber()
                case .text: text = try json.string()
                }
            }
        }
    }

    private func row(_ document: String) throws(JSONFault) -> Row {
        try Row(document: Array(document.utf8))
    }

    @Test(
        "what is skipped is held to the grammar as well",
        arguments: [
            #"{"x":1,}"#, #"{,}"#, #"{"x"}"#, #"{"x":}"#, #"{"x" 1}"#, #"{"x":1 "y":2}"#, #"{x:1}"#, #"{'x':1}"#,
            #"{"x":[1,]}"#, #"{"x":[,1]}"#, #"{"x":[1 2]}"#, #"{"x":[1}}"#, #"{"x":{]}"#, #"{"x":1]"#, #"{"x":(1)}"#,
            #"{"x":01}"#, #"{"x":-}"#, #"{"x":+1}"#, #"{"x":.5}"#, #"{"x":1.}"#, #"{"x":1e}"#, #"{"x":1e+}"#,
            #"{"x":1-2}"#, #"{"x":0x1}"#, #"{"x":NaN}"#, #"{"x":tru}"#, #"{"x":truer}"#, #"{"x":True}"#, #"{"x":nul}"#,
            #"{"x":"\q"}"#, #"{"x":"\u12"}"#, #"{"x":"\u12g4"}"#, #"{"x":"\"}"#, "{\"x\":\"a\nb\"}",
            "{\"x\":\"\u{0}\"}",
            "{\u{b}}", "{\u{0}}", "{}\u{0}", "{}x", "{}{}", "{} []", "\u{feff}{}", "", " ", "{/**/}",
            #"{"x":1//"# + "\n}",
        ])
    func strict(document: String) {
        let fault = #expect(throws: JSONFault.self) { try row(document) }
        #expect(fault?.reason == .syntax)
    }

    @Test(
        "everything that the grammar has is skipped",
        arguments: [
            #"{}"#, " \t\r\n{ \t\r\n} \t\r\n", #"{"x":[]}"#, #"{"x":[[],{},[{}]],"y":{"z":[1,2]}}"#,
            #"{"x":[0,-0,10,-1.5,1e5,1E+5,2.5e-3,0.0,123456789012345678901234567890]}"#, #"{"":true,"x":[false,null]}"#,
            #"{"x":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00 é 😀"}"#, #"{"a name of many more bytes than sixteen":{"id":7}}"#,
        ])
    func skips(document: String) throws {
        #expect(try row(document) == Row())
        #expect(try row(#"{"id":"7","x":"# + document + "}") == Row(id: 7))
    }

    @Test("half a surrogate pair or a broken byte may stand in what is skipped, and never in what is kept")
    func brokenText() throws {
        #expect(try row(#"{"x":"\ud83d","id":1}"#) == Row(id: 1))
        for text in [#"\ud83d"#, #"\ude00"#, #"\ud83d\ud83d"#, #"\ud83dx"#, #"\ud83d\n\ude00"#] {
            let fault = #expect(throws: JSONFault.self) { try row(#"{"text":"\#(text)"}"#) }
            #expect(fault?.reason == .syntax)
        }
        func document(_ name: String) -> [UInt8] { Array("{\"\(name)\":\"".utf8) + [0xFF] + Array("\"}".utf8) }
        #expect(try Row(document: document("x")) == Row())
        #expect(throws: JSONFault(.syntax, at: 9)) { try Row(document: document("text")) }
    }

    @Test("a text is read to its end and no further, however long it is and wherever it begins")
    func lengths() throws {
        for length in 0...40 {
            for shift in 0...8 {
                let text = String("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL".prefix(length))
                let space = String(repeating: " ", count: shift)
                #expect(try row(#"\#(space){"text":"\#(text)"}"#) == Row(text: text))
                // With a mark at each place of it.
                let mark = text + "\\\"" + text
                #expect(try row(#"\#(space){"text":"\#(mark)"}"#) == Row(text: text + "\"" + text))
                #expect(throws: JSONFault(.syntax, at: shift + 9 + length)) {
                    try row(#"\#(space){"text":"\#(text)"# + "\u{1f}" + #"\#(text)"}"#)
                }
            }
        }
    }

    @Test("a name is the same name however it is written, and another name is another")
    func names() throws {
        #expect(try row(#"{"\u0069d":1,"te\u0078\u0074":"a\u0000\ud83d\ude00\/"}"#) == Row(id: 1, text: "a\0😀/"))
        for name in ["i", "id ", "ID", #"id\u0000"#, #"\u0000id"#, "idididididididididid", #"id\ud83d\ude00"#, ""] {
            #expect(try row(#"{"\#(name)":"x"}"#) == Row())
        }
    }

    @Test("a member that comes twice is a fault, in whatever form; an unknown one is nobody's matter")
    func twice() throws {
        #expect(throws: JSONFault(.repeated, at: 9)) { try row(#"{"id":1,"id":1}"#) }
        #expect(throws: JSONFault(.repeated, at: 9)) { try row(#"{"id":1,"\u0069d":null}"#) }
        #expect(try row(#"{"x":1,"x":2,"id":3}"#) == Row(id: 3))
    }

    @Test("nesting has a bound, and what is on either side of it is told apart")
    func nesting() throws {
        func document(_ depth: Int, _ open: String, _ close: String) -> String {
            #"{"x":"# + String(repeating: open, count: depth - 1) + "1" + String(repeating: close, count: depth - 1)
                + "}"
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            #expect(try row(document(JSONScanner.deepest, open, close)) == Row())
            let fault = #expect(throws: JSONFault.self) {
                try row(document(JSONScanner.deepest + 1, open, close))
            }
            #expect(fault?.reason == .tooDeep)
        }
        // A bound on depth is none on length.
        #expect(try row(#"{"x":["# + String(repeating: "[],", count: 2000) + "[]]}") == Row())
    }

    @Test(
        "an id is a whole number in any form that means one",
        arguments: [
            ("0", 0), ("-0", 0), ("-7", -7), ("\"7\"", 7), ("\"007\"", 7), ("\"+7\"", 7), ("\"-7\"", -7), ("7.0", 7),
            ("7e2", 700), ("999999999999999999", 999_999_999_999_999_999), ("\"\\u0037\"", 7),
            ("9223372036854775807", .max), ("\"9223372036854775807\"", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)])
    func ids(form: String, value: Int64) throws {
        #expect(try row(#"{"id":\#(form)}"#) == Row(id: value))
    }

    @Test(
        "what is no whole number is no id",
        arguments: [
            "7.5", "9223372036854775808", "1e30", "\"\"", "\" 7\"", "\"7 \"", "\"7.0\"", "\"9223372036854775808\"",
            "true",
            "{}", "[]",
        ])
    func noIDs(form: String) {
        #expect(throws: JSONFault(.unlike(.wholeNumber), at: 6)) { try row(#"{"id":\#(form)}"#) }
    }

    @Test(
        "a fault is told by its place",
        arguments: [
            (
                #"{"issueChangeLogs":[{"issueId":1,"changeHistories":[{"id":1,"created":1},{"created":1}]}]}"#,
                "issueChangeLogs[0].changeHistories[1].id is missing"
            ),
            (#"{"x":[[]],"issueChangeLogs":[{},{"issueId":1}]}"#, "issueChangeLogs[0].issueId is missing"),
            (
                #"{"issueChangeLogs":[{"changeHistories":[{"author":[]}]}]}"#,
                "issueChangeLogs[0].changeHistories[0].author is no object"
            ),
            (
                #"{"issueChangeLogs":[{"changeHistories":[{"items":[{},{"field":1}]}]}]}"#,
                "issueChangeLogs[0].changeHistories[0].items[0].field is missing"
            ),
            (
                #"{"issueChangeLogs":[{"changeHistories":[{"created":"private words"}]}]}"#,
                "issueChangeLogs[0].changeHistories[0].created is no instant"
            ),
            (
                #"{"issueChangeLogs":[{"issueId":1,"x":{"issueId":2},"issueId":3}]}"#,
                "issueChangeLogs[0].issueId comes twice"
            ),
            (#"{"issueChangeLogs":[null]}"#, "issueChangeLogs[0] is null"),
            (#"{"nextPageToken":1}"#, "nextPageToken is no text"),
            (#"{"x":[1"#, "not JSON at byte 7"), (#"{"issueChangeLogs":7,"x":"#, "not JSON at byte 25"),
        ])
    func places(document: String, description: String) {
        let document = Array(document.utf8)
        let fault = #expect(throws: JSONFault.self) { try ScannedHistories(document: document) }
        #expect(fault?.description(in: document) == description)
    }

    @Test("more accounts than a page's table has places stay themselves")
    func accounts() throws {
        let ids = (0..<3000).map { "712020:person-\($0 % 1000)-a" } + ["unknown", "", "5b10", "unknown", "5b10"]
        let rows = ids.map { #"{"id":1,"created":1,"author":{"accountId":"\#($0)"}}"# }
        let document = #"{"issueChangeLogs":[{"changeHistories":[\#(rows.joined(separator: ","))],"issueId":9}]}"#
        let page = try ScannedHistories(document: Array(document.utf8))
        #expect(page.histories.map(\.author) == ids.map { AccountID(rawValue: $0) })
        #expect(page.histories.allSatisfy { $0.issue == IssueID(rawValue: 9) })
    }
}
