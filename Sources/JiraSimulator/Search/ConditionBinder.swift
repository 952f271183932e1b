/// Looks up the names in a query and refuses what Jira refuses.
struct ConditionBinder {
    let snapshot: SiteSnapshot
    let dates: JQLDates

    func bind(_ clause: JQLClause) throws(JQLError) -> IssueCondition {
        switch clause {
        case .all(let parts): return .all(Self.joined(try bind(parts)))
        case .any(let parts): return .any(try bind(parts))
        case .not(let part): return .not(try bind(part))
        case .comparison(let comparison): return try bind(comparison)
        }
    }

    /// Terms about worklogs that `AND` joins are about one and the same worklog. Atlassian does not document it; Jira
    /// Server puts such terms together before it searches.
    private static func joined(_ parts: [IssueCondition]) -> [IssueCondition] {
        var people: Set<PersonIndex?>?
        var started = MomentRange()
        var rest: [IssueCondition] = []
        for part in parts {
            guard case .test(.worklog(let some, let range)) = part else {
                rest.append(part)
                continue
            }
            if let some { people = people.map { $0.intersection(some) } ?? some }
            started = started.intersection(range)
        }
        if rest.count < parts.count { rest.append(.test(.worklog(by: people, started: started))) }
        return rest
    }

    private func bind(_ clauses: [JQLClause]) throws(JQLError) -> [IssueCondition] {
        var bound: [IssueCondition] = []
        for clause in clauses { bound.append(try bind(clause)) }
        return bound
    }

    private func bind(_ comparison: JQLComparison) throws(JQLError) -> IssueCondition {
        let name = comparison.field
        guard let field = SearchField(name: name) else { throw .unknownField(name) }
        if case .function(let function, _) = comparison.operand, function.lowercased() == "updatedby",
            field != .issue
        {
            throw .badFunction(function, "is only supported by the fields 'issuekey', 'issue', 'key' and 'id'")
        }
        switch field {
        case .created: return try range(comparison) { .created($0) }
        case .updated: return try range(comparison) { .updated($0) }
        case .worklogDate: return try range(comparison) { .worklog(by: nil, started: $0) }
        case .project: return try set(comparison, project) { .project($0) }
        case .issue: return try issues(comparison)
        case .creator: return try people(comparison) { .person(.creator, $0) }
        case .reporter: return try people(comparison) { .person(.reporter, $0) }
        case .assignee: return try people(comparison) { .person(.assignee, $0) }
        case .worklogAuthor: return try people(comparison) { .worklog(by: $0, started: MomentRange()) }
        case .status: return try names(comparison) { .named(.status, $0) }
        case .type: return try names(comparison) { .named(.type, $0) }
        case .priority: return try names(comparison) { .named(.priority, $0) }
        case .summary:
            guard case .value(let text, _) = comparison.operand else {
                throw .unsupported(comparison.comparison, field: name)
            }
            switch comparison.comparison {
            case .contains: return .test(.summary(text.lowercased()))
            case .containsNot: return .not(.test(.summary(text.lowercased())))
            default: throw .unsupported(comparison.comparison, field: name)
            }
        }
    }

    // MARK: - Dates

    private func range(
        _ comparison: JQLComparison, _ test: (MomentRange) -> IssueTest
    ) throws(JQLError) -> IssueCondition {
        let name = comparison.field
        func moment() throws(JQLError) -> Moment { try dates.moment(comparison.operand, field: name) }
        func after(_ moment: Moment) -> Moment { moment.advanced(byMilliseconds: 1) }
        switch comparison.comparison {
        case .greaterOrEqual: return .test(test(MomentRange(lower: try moment())))
        case .greater: return .test(test(MomentRange(lower: after(try moment()))))
        case .less: return .test(test(MomentRange(upper: try moment())))
        case .lessOrEqual: return .test(test(MomentRange(upper: after(try moment()))))
        case .equal:
            let moment = try moment()
            return .test(test(MomentRange(lower: moment, upper: after(moment))))
        case .notEqual:
            let moment = try moment()
            return .not(.test(test(MomentRange(lower: moment, upper: after(moment)))))
        case .is, .isNot:
            guard comparison.operand == .empty else { throw .unsupported(comparison.comparison, field: name) }
            // Every issue has these dates.
            let none = IssueCondition.any([])
            return comparison.comparison == .is ? none : .not(none)
        case .contains, .containsNot, .isOneOf, .isNoneOf:
            throw .unsupported(comparison.comparison, field: name)
        }
    }

    // MARK: - Sets

    /// `=`, `!=`, `IN`, `NOT IN`, `IS EMPTY` over things that `find` looks up.
    private func set<Element: Hashable>(
        _ comparison: JQLComparison, _ find: (JQLOperand, String) throws(JQLError) -> Element,
        _ test: (Set<Element>) -> IssueTest
    ) throws(JQLError) -> IssueCondition {
        let name = comparison.field
        let operands: [JQLOperand]
        switch (comparison.comparison, comparison.operand) {
        case (.equal, .list), (.notEqual, .list), (.is, .list), (.isNot, .list):
            throw .unsupported(comparison.comparison, field: name)
        case (.isOneOf, .list(let list)), (.isNoneOf, .list(let list)): operands = list
        case (.equal, let one), (.notEqual, let one), (.isOneOf, let one), (.isNoneOf, let one): operands = [one]
        case (.is, .empty), (.isNot, .empty): operands = [.empty]
        default: throw .unsupported(comparison.comparison, field: name)
        }
        var found: Set<Element> = []
        for operand in operands { found.insert(try find(operand, name)) }
        let condition = IssueCondition.test(test(found))
        switch comparison.comparison {
        case .notEqual, .isNoneOf, .isNot: return .not(condition)
        default: return condition
        }
    }

    private func project(_ operand: JQLOperand, field: String) throws(JQLError) -> Int {
        guard case .value(let text, _) = operand else { throw .unknownValue("EMPTY", field: field) }
        let found = snapshot.projects.indices.first { index in
            let project = snapshot.projects[index]
            return snapshot.visibleProjects.contains(index)
                && (project.key == text.uppercased() || project.name.lowercased() == text.lowercased()
                    || String(project.id) == text)
        }
        // To somebody who may not browse it, a project does not exist.
        guard let found else { throw .unknownValue(text, field: field) }
        return found
    }

    private func names(
        _ comparison: JQLComparison, _ test: (Set<String>) -> IssueTest
    ) throws(JQLError) -> IssueCondition {
        func find(_ operand: JQLOperand, field: String) throws(JQLError) -> String {
            guard case .value(let text, _) = operand else { throw .unknownValue("EMPTY", field: field) }
            return text.lowercased()
        }
        return try set(comparison, find, test)
    }

    /// Account ids that nobody has are no error: they match nothing.
    private func people(
        _ comparison: JQLComparison, _ test: (Set<PersonIndex?>) -> IssueTest
    ) throws(JQLError) -> IssueCondition {
        func find(_ operand: JQLOperand, field: String) throws(JQLError) -> PersonIndex? {
            switch operand {
            case .empty: return nil
            case .value(let text, _): return snapshot.people.index(of: text) ?? -1
            case .function(let name, let arguments):
                guard name.lowercased() == "currentuser", arguments.isEmpty else { throw .unknownFunction(name) }
                return snapshot.people.caller
            case .list: throw .unsupported(comparison.comparison, field: field)
            }
        }
        return try set(comparison, find, test)
    }

    // MARK: - Issues

    private func issues(_ comparison: JQLComparison) throws(JQLError) -> IssueCondition {
        guard case .function(let name, let arguments) = comparison.operand else {
            return try issueSet(comparison)
        }
        guard name.lowercased() == "updatedby" else { throw .unknownFunction(name) }
        let touched = try updatedBy(name, arguments)
        switch comparison.comparison {
        case .isOneOf: return .test(touched)
        case .isNoneOf: return .not(.test(touched))
        default: throw .unsupported(comparison.comparison, field: comparison.field)
        }
    }

    private func issueSet(_ comparison: JQLComparison) throws(JQLError) -> IssueCondition {
        func find(_ operand: JQLOperand, field: String) throws(JQLError) -> Int {
            guard case .value(let text, _) = operand else { throw .unknownValue("EMPTY", field: field) }
            guard let position = snapshot.position(of: text), snapshot.isVisible(at: position) else {
                throw .unknownIssue(text, field: field)
            }
            return position
        }
        switch comparison.comparison {
        case .equal, .notEqual, .isOneOf, .isNoneOf: return try set(comparison, find) { .issue($0) }
        default: return try issueRange(comparison, find)
        }
    }

    /// `id >= 10001`: by position, which is the order of ids.
    private func issueRange(
        _ comparison: JQLComparison, _ find: (JQLOperand, String) throws(JQLError) -> Int
    ) throws(JQLError) -> IssueCondition {
        let bound = try find(comparison.operand, comparison.field)
        let all = 0..<snapshot.positionCount
        switch comparison.comparison {
        case .less: return .test(.positions(all.prefix(upTo: bound)))
        case .lessOrEqual: return .test(.positions(all.prefix(through: bound)))
        case .greater: return .test(.positions(all.suffix(from: bound + 1)))
        case .greaterOrEqual: return .test(.positions(all.suffix(from: bound)))
        default: throw .unsupported(comparison.comparison, field: comparison.field)
        }
    }

    private func updatedBy(_ name: String, _ arguments: [String]) throws(JQLError) -> IssueTest {
        guard let account = arguments.first, arguments.count <= 3 else {
            throw .badFunction(name, "expects a user and at most two dates")
        }
        var bounds: [Moment] = []
        for argument in arguments.dropFirst() {
            guard let day = dates.day(argument) else { throw .badDate(argument, field: name) }
            bounds.append(day)
        }
        return .touched(
            snapshot.people.index(of: account),
            MomentRange(lower: bounds.first, upper: bounds.count > 1 ? bounds[1] : nil))
    }
}
