/// Reads a query: `AND` binds closer than `OR`, `NOT` closer than both
/// (https://support.atlassian.com/jira-software-cloud/docs/jql-keywords/).
package struct JQLParser {
    private let tokens: [JQLToken]
    private var position = 0

    package static func parse(_ text: String) throws(JQLError) -> JQLQuery {
        var parser = JQLParser(tokens: try JQLLexer.tokens(of: text))
        return try parser.query()
    }

    private init(tokens: [JQLToken]) {
        self.tokens = tokens
    }

    private var token: JQLToken { tokens[position] }

    private mutating func take(keyword: String) -> Bool {
        guard token.isKeyword(keyword) else { return false }
        position += 1
        return true
    }

    private mutating func take(sign: String) -> Bool {
        guard token.isSign(sign) else { return false }
        position += 1
        return true
    }

    private mutating func query() throws(JQLError) -> JQLQuery {
        var query = JQLQuery()
        if token.kind != .end, !token.isKeyword("order") {
            query.clause = try disjunction()
        }
        if take(keyword: "order") {
            guard take(keyword: "by") else { throw .expecting("'by'", got: token) }
            query.order = try sorts()
        }
        guard token.kind == .end else { throw .expecting("'OR', 'AND' or the end of the query", got: token) }
        return query
    }

    // MARK: - Clauses

    private mutating func disjunction() throws(JQLError) -> JQLClause {
        var parts = [try conjunction()]
        while take(keyword: "or") || take(sign: "||") {
            parts.append(try conjunction())
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(JQLError) -> JQLClause {
        var parts = [try negation()]
        while take(keyword: "and") || take(sign: "&&") {
            parts.append(try negation())
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(JQLError) -> JQLClause {
        if take(keyword: "not") || take(sign: "!") { return .not(try negation()) }
        guard take(sign: "(") else { return .comparison(try comparison()) }
        let clause = try disjunction()
        guard take(sign: ")") else { throw .expecting("')'", got: token) }
        return clause
    }

    private mutating func comparison() throws(JQLError) -> JQLComparison {
        let field = try name(of: "a field name")
        let comparison = try comparisonOperator()
        let operand =
            switch comparison {
            case .isOneOf, .isNoneOf: try listOrFunction()
            default: try single()
            }
        return JQLComparison(field, comparison, operand)
    }

    private static let keywords: Set<String> = ["and", "or", "not", "in", "is", "order", "by", "empty", "null"]

    private mutating func name(of what: String) throws(JQLError) -> String {
        let name = token
        guard name.kind == .text || (name.kind == .word && !Self.keywords.contains(name.text.lowercased())) else {
            throw .expecting(what, got: name)
        }
        position += 1
        return name.text
    }

    private mutating func comparisonOperator() throws(JQLError) -> JQLOperator {
        if token.kind == .sign, let comparison = JQLOperator(rawValue: token.text) {
            position += 1
            return comparison
        }
        if take(keyword: "in") { return .isOneOf }
        if take(keyword: "is") { return take(keyword: "not") ? .isNot : .is }
        if take(keyword: "not") {
            guard take(keyword: "in") else { throw .expecting("'IN'", got: token) }
            return .isNoneOf
        }
        throw .expecting("operator, such as '=', '!=', 'in' or 'is',", got: token)
    }

    // MARK: - Operands

    private mutating func listOrFunction() throws(JQLError) -> JQLOperand {
        guard take(sign: "(") else { return try single() }
        var values = [try single()]
        while take(sign: ",") {
            values.append(try single())
        }
        guard take(sign: ")") else { throw .expecting("',' or ')'", got: token) }
        return .list(values)
    }

    private mutating func single() throws(JQLError) -> JQLOperand {
        if take(keyword: "empty") || take(keyword: "null") { return .empty }
        let isQuoted = token.kind == .text
        let value = try name(of: "either a value, list or function")
        guard take(sign: "(") else { return .value(value, isQuoted: isQuoted) }
        var arguments: [String] = []
        while !take(sign: ")") {
            if !arguments.isEmpty, !take(sign: ",") { throw .expecting("',' or ')'", got: token) }
            let argument = try name(of: "an argument")
            // A function within a function, such as updatedBy(currentUser()).
            if take(sign: "(") {
                throw .badFunction(value, "does not take the function '\(argument)' as an argument")
            }
            arguments.append(argument)
        }
        return .function(value, arguments: arguments)
    }

    private mutating func sorts() throws(JQLError) -> [JQLSort] {
        var sorts: [JQLSort] = []
        repeat {
            let field = try name(of: "a field name")
            let isDescending = take(keyword: "desc")
            if !isDescending { _ = take(keyword: "asc") }
            sorts.append(JQLSort(field, isDescending: isDescending))
        } while take(sign: ",")
        guard sorts.count <= 7 else { throw .tooManySorts }
        return sorts
    }
}
