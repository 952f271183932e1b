/// A word or sign of a query.
struct JQLToken: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// Not in quotes: a name, a number, a date without blanks, or a keyword.
        case word
        /// In quotes: never a keyword.
        case text
        case sign
        case end
    }

    let kind: Kind
    let text: String
    let place: JQLPlace

    func isKeyword(_ keyword: String) -> Bool {
        kind == .word && text.lowercased() == keyword
    }

    func isSign(_ sign: String) -> Bool {
        kind == .sign && text == sign
    }
}

/// Cuts a query into tokens.
struct JQLLexer {
    private var rest: Substring
    private var line = 1
    private var column = 1

    private static let signs = ["!=", "!~", ">=", "<=", "&&", "||", "=", ">", "<", "~", "(", ")", ",", "!"]
    private static let reserved: Set<Character> = [
        "+", "?", ";", "%", "^", "$", "#", "`", "{", "}", "[", "]", "*", "@",
    ]

    /// All tokens of `query`; the last is `.end`.
    static func tokens(of query: String) throws(JQLError) -> [JQLToken] {
        var lexer = JQLLexer(rest: Substring(query))
        var tokens: [JQLToken] = []
        repeat {
            tokens.append(try lexer.next())
        } while tokens.last?.kind != .end
        return tokens
    }

    private init(rest: Substring) {
        self.rest = rest
    }

    private var place: JQLPlace { JQLPlace(line: line, character: column) }

    private mutating func advance() -> Character? {
        guard let character = rest.popFirst() else { return nil }
        if character.isNewline {
            line += 1
            column = 1
        } else {
            column += 1
        }
        return character
    }

    private mutating func next() throws(JQLError) -> JQLToken {
        while rest.first?.isWhitespace == true { _ = advance() }
        let start = place
        guard let first = rest.first else { return JQLToken(kind: .end, text: "", place: start) }
        if first == "\"" || first == "'" {
            return JQLToken(kind: .text, text: try quoted(by: first, from: start), place: start)
        }
        if let sign = Self.signs.first(where: { rest.hasPrefix($0) }) {
            for _ in sign { _ = advance() }
            return JQLToken(kind: .sign, text: sign, place: start)
        }
        // A sign of its own before a period: +5d.
        if Self.reserved.contains(first), first != "+" { throw .illegalCharacter(first, at: start) }
        return JQLToken(kind: .word, text: word(), place: start)
    }

    private mutating func quoted(by quote: Character, from start: JQLPlace) throws(JQLError) -> String {
        _ = advance()
        var text = ""
        while let character = advance() {
            if character == quote { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            guard let escaped = advance() else { break }
            switch escaped {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            default: text.append(escaped)
            }
        }
        throw .unfinishedText(at: start)
    }

    private mutating func word() -> String {
        var word = ""
        while let character = rest.first, !character.isWhitespace, !"\"'=!<>~(),&|".contains(character) {
            word.append(character)
            _ = advance()
        }
        if word.isEmpty, let character = advance() { word.append(character) }
        return word
    }
}
