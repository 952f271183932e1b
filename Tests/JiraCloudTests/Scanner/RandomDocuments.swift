import TestSupport

/// JSON that has not been written down yet, so that it can be written in any of the ways that mean the same.
indirect enum JSONTree {
    /// As it stands: a number, `true`, or what is no JSON at all.
    case bare(String)
    case text(String)
    case array([JSONTree])
    case object([(name: String, value: JSONTree)])
}

/// Makes answers as Jira might write them: members in any order, unknown ones between them, some of ours left out, odd
/// but lawful forms of everything, and now and then something that is wrong.
struct RandomDocuments {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func document(_ kind: PageKind) -> [UInt8] {
        write(page(kind))
    }

    /// Whether one in so many came up.
    private mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func several(upTo count: Int, _ make: (inout Self) -> JSONTree) -> [JSONTree] {
        (0..<Int.random(in: 0...count, using: &random)).map { _ in make(&self) }
    }

    // MARK: - Pages

    private mutating func page(_ kind: PageKind) -> JSONTree {
        switch kind {
        case .histories:
            let logs = several(upTo: 3) { documents in
                let histories = JSONTree.array(documents.several(upTo: 4) { $0.history() })
                return documents.object(
                    [("issueId", documents.id())], [("changeHistories", documents.orNull(histories))])
            }
            return object([], [("issueChangeLogs", orNull(.array(logs))), ("nextPageToken", token())])
        case .issues:
            let issues = several(upTo: 3) { documents in
                documents.object(
                    [("id", documents.id()), ("key", .text("AB-1")), ("fields", documents.fields())], [])
            }
            return search(issues)
        case .ids:
            return search(several(upTo: 8) { documents in documents.object([("id", documents.id())], []) })
        case .comments:
            return object([("comments", .array(several(upTo: 4) { $0.comment() })), ("total", count())], [])
        }
    }

    private mutating func search(_ issues: [JSONTree]) -> JSONTree {
        object(
            [],
            [
                ("issues", orNull(.array(issues))), ("nextPageToken", token()),
                ("isLast", .bare(pick(["true", "false", "null"]))),
            ])
    }

    private mutating func history() -> JSONTree {
        let items = JSONTree.array(several(upTo: 3) { $0.item() })
        return object([("id", id()), ("created", instant())], [("author", author()), ("items", orNull(items))])
    }

    private mutating func item() -> JSONTree {
        let fields = [
            "status", "Attachment", "WorklogId", "timespent", "timeestimate", "summary", "a long name of a field",
        ]
        let field = pick(fields)
        let values = field == "WorklogId" ? [id(), id(), .bare("null")] : [anything(depth: 2), .text("48028")]
        return object(
            [("field", .text(field))],
            [
                ("fieldtype", pick([.text("jira"), .text("jira"), .text("custom"), .bare("null")])),
                ("fieldId", pick([.text(field), .text("customfield_10020"), .text("custom"), .bare("null")])),
                ("from", pick(values)), ("to", pick(values)),
            ])
    }

    private mutating func fields() -> JSONTree {
        let comments = JSONTree.array(several(upTo: 3) { $0.comment() })
        let comment = object([], [("comments", orNull(comments)), ("total", orNull(count()))])
        return object(
            [("created", instant()), ("updated", instant())], [("creator", author()), ("comment", orNull(comment))])
    }

    private mutating func comment() -> JSONTree {
        object(
            [("id", id()), ("created", instant())],
            [
                ("author", author()), ("updateAuthor", author()), ("updated", orNull(instant())),
                ("body", anything(depth: 6)),
            ])
    }

    private mutating func author() -> JSONTree {
        let accounts = [
            "5b10", "5b10", "712020:0f6b9f94-0b3c-4a0e-9d4e-2d0f7a1c5e11", "5b10ac8d82e05b22cc7d4ef5", "", "unknown",
            "qm:1:2", "Jörg", String(repeating: "a", count: 129),
        ]
        return orNull(object([], [("accountId", orNull(.text(pick(accounts))))]))
    }

    // MARK: - Values

    /// An object in which all of `required` stands, and some of the others; one in many is wrong.
    private mutating func object(
        _ required: [(name: String, value: JSONTree)], _ optional: [(name: String, value: JSONTree)]
    ) -> JSONTree {
        var members = required + optional.filter { _ in !once(in: 5) }
        while once(in: 3) { members.append((text(), anything(depth: 4))) }
        if !members.isEmpty {
            if once(in: 120) { members.append((pick(members).name, pick(members).value)) }
            if once(in: 120) { members.remove(at: Int.random(in: 0..<members.count, using: &random)) }
        }
        if !members.isEmpty, once(in: 120) {
            members[Int.random(in: 0..<members.count, using: &random)].value = anything(depth: 1)
        }
        return .object(once(in: 2) ? members.shuffled(using: &random) : members)
    }

    private mutating func orNull(_ value: JSONTree) -> JSONTree { once(in: 8) ? .bare("null") : value }

    private mutating func token() -> JSONTree { pick([.text(text()), .text("t2"), .bare("null")]) }

    private mutating func count() -> JSONTree {
        .bare(once(in: 60) ? pick(["1.0", "2e1", "1.5", "-1", "1e99", "01", "99999999999999999999"]) : "20")
    }

    private mutating func id() -> JSONTree {
        let odd: [JSONTree] = [
            .text("007"), .text("+5"), .text("-5"), .text("AB-1"), .text(""), .text("9223372036854775808"), .bare("-0"),
            .bare("10001.0"), .bare("1e3"), .bare("10.5"), .bare("9223372036854775807"), .bare("-9223372036854775808"),
            .bare("1000000000000000000"), .bare("1E400"), .bare("08"), .bare("-"),
        ]
        if once(in: 60) { return pick(odd) }
        let number = String(Int.random(in: 1...1_000_000, using: &random))
        return once(in: 2) ? .text(number) : .bare(number)
    }

    private mutating func instant() -> JSONTree {
        let odd: [JSONTree] = [
            .text("2026-11-23"), .text("1760625518.5"), .text("0x1p3"), .text("nan"), .text("soon"), .text("Ⅻ"),
            .bare("1760625518.319"), .bare("1.760625518319e12"), .bare("1E-999"), .bare("1e999"), .bare("-1"),
            .bare("1000000000000000"), .bare("99999999999"), .bare("100000000000"), .text("2026-02-30T00:00:00Z"),
        ]
        if once(in: 60) { return pick(odd) }
        let milliseconds = Int64.random(in: 1_500_000_000_000...1_900_000_000_000, using: &random)
        return pick([
            .bare("\(milliseconds)"), .bare("\(milliseconds / 1000)"), .text("\(milliseconds)"),
            .text("2026-11-23T15:00:02.\(milliseconds % 900 + 100)+0200"), .text("2026-11-23T15:00:02Z"),
        ])
    }

    private mutating func text() -> String {
        let pieces = [
            "a", "é", "日本", "😀", "e\u{301}", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1f}", "\u{7f}", "\u{2028}",
            "issues", "id", "}]", ",", "u0041", "some words that need more than sixteen bytes", "\u{10FFFF}",
        ]
        return (0..<Int.random(in: 0...5, using: &random)).map { _ in pick(pieces) }.joined()
    }

    private mutating func anything(depth: Int) -> JSONTree {
        let numbers = ["0", "-0", "12", "-1.5", "1e5", "1E+5", "2.5e-3", "123456789012345678901234567890"]
        if once(in: 400) { return deep(Int.random(in: 480...520, using: &random)) }
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .bare(pick(["true", "false", "null"]))
        case 1: return .bare(pick(numbers))
        case 2, 3: return .text(text())
        case 4: return .array(several(upTo: 4) { $0.anything(depth: depth - 1) })
        default:
            return .object(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in (text(), anything(depth: depth - 1)) })
        }
    }

    private func deep(_ levels: Int) -> JSONTree {
        .bare(String(repeating: "[", count: levels) + String(repeating: "]", count: levels))
    }
}

// MARK: - Writing

extension RandomDocuments {
    private mutating func write(_ tree: JSONTree) -> [UInt8] {
        var bytes: [UInt8] = []
        write(tree, isSpacious: once(in: 3), to: &bytes)
        return bytes
    }

    private mutating func write(_ tree: JSONTree, isSpacious: Bool, to bytes: inout [UInt8]) {
        func list<Element>(
            _ elements: [Element], _ open: UInt8, _ close: UInt8, _ write: (Element, inout [UInt8]) -> Void
        ) {
            bytes.append(open)
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element, &bytes)
            }
            bytes.append(close)
        }
        if isSpacious { space(to: &bytes) }
        switch tree {
        case .bare(let word): bytes += word.utf8
        case .text(let text): write(text, to: &bytes)
        case .array(let elements):
            list(elements, UInt8(ascii: "["), UInt8(ascii: "]")) { element, bytes in
                write(element, isSpacious: isSpacious, to: &bytes)
            }
        case .object(let members):
            list(members, UInt8(ascii: "{"), UInt8(ascii: "}")) { member, bytes in
                if isSpacious { space(to: &bytes) }
                write(member.name, to: &bytes)
                if isSpacious { space(to: &bytes) }
                bytes.append(UInt8(ascii: ":"))
                write(member.value, isSpacious: isSpacious, to: &bytes)
            }
        }
        if isSpacious { space(to: &bytes) }
    }

    private mutating func space(to bytes: inout [UInt8]) {
        while once(in: 2) { bytes += pick([" ", "\n", "\r", "\t"]).utf8 }
    }

    private mutating func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            if once(in: 10) {
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    let digits = String(unit, radix: 16, uppercase: once(in: 2))
                    bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
                }
                continue
            }
            switch scalar {
            case "\"", "\\": bytes += "\\\(scalar)".utf8
            case "/" where once(in: 2): bytes += "\\/".utf8
            case "\n": bytes += "\\n".utf8
            case "\t": bytes += "\\t".utf8
            case "\0": bytes += "\\u0000".utf8
            case "\u{1f}": bytes += "\\u001f".utf8
            default: bytes += String(scalar).utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

// MARK: - Damage

extension RandomDocuments {
    /// The same with a few bytes lost, added or changed, or with its end cut off.
    mutating func damaged(_ document: [UInt8]) -> [UInt8] {
        var bytes = document
        repeat {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.remove(at: place)
            case 2: bytes[place] = damage()
            case 3: bytes.insert(damage(), at: place)
            case 4: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
            default:
                let end = min(bytes.count, place + Int.random(in: 1...12, using: &random))
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            }
        } while once(in: 2)
        return bytes
    }

    private mutating func damage() -> UInt8 {
        once(in: 4)
            ? UInt8.random(in: 0...255, using: &random)
            : pick(Array("{}[]\",:\\u0123456789abcdefntrueE+-. \n".utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xED, 0xFF])
    }
}
