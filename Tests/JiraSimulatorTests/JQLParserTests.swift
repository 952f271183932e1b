import JiraSimulator
import Testing

@Suite("JQL is read as Jira reads it")
struct JQLParserTests {
    private func value(_ text: String, quoted: Bool = false) -> JQLOperand {
        .value(text, isQuoted: quoted)
    }

    @Test("AND binds closer than OR, NOT closer than both, parentheses closest")
    func precedence() throws {
        func comparison(_ name: String) -> JQLClause { .comparison(JQLComparison(name, .equal, value("1"))) }
        #expect(
            try JQLParser.parse("a = 1 OR b = 1 AND NOT c = 1").clause
                == .any([comparison("a"), .all([comparison("b"), .not(comparison("c"))])]))
        #expect(
            try JQLParser.parse("(a = 1 or b = 1) && !(c = 1)").clause
                == .all([.any([comparison("a"), comparison("b")]), .not(comparison("c"))]))
    }

    @Test(
        "Every operator is known",
        arguments: [
            ("a = x", JQLOperator.equal), ("a != x", .notEqual), ("a>=x", .greaterOrEqual), ("a <= x", .lessOrEqual),
            ("a<x", .less), ("a > x", .greater), ("a ~ x", .contains), ("a !~ x", .containsNot),
        ])
    func operators(text: String, expected: JQLOperator) throws {
        #expect(try JQLParser.parse(text).clause == .comparison(JQLComparison("a", expected, value("x"))))
    }

    @Test("Lists, functions, EMPTY and quoted text are operands")
    func operands() throws {
        #expect(
            try JQLParser.parse(#"key NOT IN ("A-1", B-2)"#).clause
                == .comparison(JQLComparison("key", .isNoneOf, .list([value("A-1", quoted: true), value("B-2")]))))
        #expect(
            try JQLParser.parse(#"issuekey in updatedBy("5b", '-90d')"#).clause
                == .comparison(JQLComparison("issuekey", .isOneOf, .function("updatedBy", arguments: ["5b", "-90d"]))))
        #expect(
            try JQLParser.parse("assignee IS NOT EMPTY").clause
                == .comparison(JQLComparison("assignee", .isNot, .empty)))
        #expect(
            try JQLParser.parse(#"summary ~ "say \"no\"""#).clause
                == .comparison(JQLComparison("summary", .contains, value(#"say "no""#, quoted: true))))
    }

    @Test("ORDER BY takes seven fields, each up or down, and may stand alone")
    func order() throws {
        let query = try JQLParser.parse("order by updated DESC, id")
        #expect(query.clause == nil)
        #expect(query.order == [JQLSort("updated", isDescending: true), JQLSort("id", isDescending: false)])
        let error = #expect(throws: JQLError.self) { try JQLParser.parse("a = 1 ORDER BY a, b, c, d, e, f, g, h") }
        #expect(error?.message == "JQL can be ordered by at most 7 fields.")
    }

    @Test(
        "What cannot be read is refused with the place",
        arguments: [
            ("a = 1 AND AND", "but got 'AND'. (line 1, character 11)"), ("created >=", "but got the end of the query"),
            ("a = \"x", "The quoted string has not been completed. (line 1, character 5)"),
            ("a =\n%", "The character '%' is a reserved JQL character"), ("a 1", "Expecting operator"),
            ("(a = 1", "Expecting ')'"), ("a in (1, )", "but got ')'"), ("= 1", "Expecting a field name but got '='"),
        ])
    func errors(text: String, message: String) throws {
        let error = #expect(throws: JQLError.self) { _ = try JQLParser.parse(text) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
