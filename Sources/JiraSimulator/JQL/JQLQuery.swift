/// A query as it is written, before its names are looked up.
package struct JQLQuery: Equatable, Sendable {
    /// `nil`: nothing but an order, which asks for everything.
    package var clause: JQLClause?
    package var order: [JQLSort] = []
}

/// A restriction, or several joined.
package indirect enum JQLClause: Equatable, Sendable {
    case all([JQLClause])
    case any([JQLClause])
    case not(JQLClause)
    case comparison(JQLComparison)
}

extension JQLClause {
    /// How often a function is called.
    ///
    /// - Parameter name: in lower case.
    func countCalls(of name: String) -> Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.countCalls(of: name) }
        case .not(let part): part.countCalls(of: name)
        case .comparison(let comparison):
            if case .function(let function, _) = comparison.operand, function.lowercased() == name { 1 } else { 0 }
        }
    }
}

/// A field held against something.
package struct JQLComparison: Equatable, Sendable {
    package let field: String
    package let comparison: JQLOperator
    package let operand: JQLOperand

    package init(_ field: String, _ comparison: JQLOperator, _ operand: JQLOperand) {
        self.field = field
        self.comparison = comparison
        self.operand = operand
    }
}

package enum JQLOperator: String, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contains = "~"
    case containsNot = "!~"
    case isOneOf = "in"
    case isNoneOf = "not in"
    case `is` = "is"
    case isNot = "is not"
}

package indirect enum JQLOperand: Equatable, Sendable {
    case value(String, isQuoted: Bool)
    case list([JQLOperand])
    case function(String, arguments: [String])
    case empty
}

/// One term of `ORDER BY`.
package struct JQLSort: Equatable, Sendable {
    package let field: String
    package let isDescending: Bool

    package init(_ field: String, isDescending: Bool) {
        self.field = field
        self.isDescending = isDescending
    }
}
