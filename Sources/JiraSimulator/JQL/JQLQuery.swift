/// A query as it is written, before its names are looked up.
struct JQLQuery: Equatable, Sendable {
    /// `nil`: nothing but an order, which asks for everything.
    var clause: JQLClause?
    var order: [JQLSort] = []
}

/// A restriction, or several joined.
indirect enum JQLClause: Equatable, Sendable {
    case all([JQLClause])
    case any([JQLClause])
    case not(JQLClause)
    case comparison(JQLComparison)
}

/// A field held against something.
struct JQLComparison: Equatable, Sendable {
    let field: String
    let comparison: JQLOperator
    let operand: JQLOperand
}

enum JQLOperator: String, Sendable {
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

indirect enum JQLOperand: Equatable, Sendable {
    case value(String, isQuoted: Bool)
    case list([JQLOperand])
    case function(String, arguments: [String])
    case empty
}

/// One term of `ORDER BY`.
struct JQLSort: Equatable, Sendable {
    let field: String
    let isDescending: Bool
}
