import Foundation
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

extension PlanWorld {
    mutating func answer(_ step: Step) -> Answer {
        switch step {
        case .readFacts: .facts(offset: .zero, zone: tellsZone ? zone : nil)
        case .readPermissions: .permissions(missing: missing)
        case .readRoster(let start, let limit): roster(start, limit)
        case .readAccess(let account): access(account)
        case .readGrants: .done
        case .findOldest: .oldest(issues.map(\.updated).min())
        case .countHistory(let jql): .count(found(jql).count)
        case .readPage(_, let jql, let token): page(jql, token)
        case .readHistories(let some): histories(some)
        case .readComments(let issue): comments(issue)
        case .readWorklogs: .worklogs(until: now, isLast: true, asked: worklogs)
        case .countTouched(let group):
            group.count > mostPeople ? .tooManyPeople : .count(found(IssueQuery.touched(by: group)).count)
        case .seek(let probe, let limit):
            .page(read(Array(found(IssueQuery.latest(touchedBy: probe)).prefix(limit)), next: nil, readsKnown: true))
        case .listRoles: .roles(["jira-software", "jira-servicedesk"])
        case .listAccounts(let list, let position): accounts(list, after: Int(position))
        case .countQuiet(let since): .count(unsettled(since).count)
        case .listCandidates(let query, let position): candidates(query, after: Int(position))
        case .findWitness(let from, let until):
            .witness(lasts.filter { $0.value >= from && $0.value < until }.keys.min())
        // This world has no projects; the reconcile has tests of its own, and is never due here.
        case .reconcile: .done
        case .review(let some): .reviewed(some.map { Candidate(account: $0.account, last: lasts[$0.account]) })
        }
    }

    // MARK: - People

    private mutating func roster(_ start: Int, _ limit: Int) -> Answer {
        guard !rosterIsRefused else { return .peopleRefused }
        let rows = people.dropFirst(start).prefix(limit)
        listed.formUnion(rows)
        return .roster(rows: rows.count, limit: limit)
    }

    private mutating func access(_ account: AccountID) -> Answer {
        guard !accessIsRefused else { return .peopleRefused }
        accessRead[account] = now
        return .done
    }

    private func accounts(_ list: AccountList, after position: Int) -> Answer {
        let unread = people.enumerated().filter { listed.contains($0.element) && accessRead[$0.element] == nil }
        switch list {
        case .unread: return some(unread.map { ($0.offset + 1, $0.element) }, after: position)
        case .unreadAndQuiet(let since):
            let quiet = unread.filter { person in lasts[person.element].map { $0 < since } ?? true }
            return some(quiet.map { ($0.offset + 1, $0.element) }, after: position)
        case .readBefore(let instant, let limit):
            let old = accessRead.filter { $0.value < instant }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            return .accounts(old.prefix(limit).map(\.key), end: nil)
        }
    }

    /// Lists of three, so that most have a second page.
    private func some(_ all: [(Int, AccountID)], after position: Int) -> Answer {
        let rest = all.filter { $0.0 > position }.prefix(3)
        return .accounts(rest.map(\.1), end: rest.count < 3 ? nil : rest.last.map { Int64($0.0) })
    }

    private func unsettled(_ since: Instant) -> [AccountID] {
        listed.filter { account in
            let isQuiet = lasts[account].map { $0 < since } ?? true
            let isProven = proofs[account].map { $0.outcome == .quiet && $0.from.map { $0 <= since } ?? true } ?? false
            return isQuiet && !isProven
        }
    }

    /// Whether nothing is to be asked about somebody: see `CandidateQuery`.
    private func isProven(_ account: AccountID, _ query: CandidateQuery) -> Bool {
        guard let proof = proofs[account] else { return false }
        guard proof.at >= (proof.outcome == .quiet ? query.renewBefore : query.retryBefore) else { return false }
        guard let last = lasts[account] else {
            return proof.from.map { from in query.reach.map { from <= $0 } ?? false } ?? true
        }
        return proof.from.map { $0 > last && $0 <= last + Proof.longestDay } ?? false
    }

    /// Whether all that is missing is a proof for all time.
    private func isSilentSoFar(_ account: AccountID) -> Bool {
        guard let proof = proofs[account], lasts[account] == nil, !earlier.contains(account) else { return false }
        return proof.outcome == .quiet && proof.from != nil
    }

    private func candidates(_ query: CandidateQuery, after position: Int) -> Answer {
        let all = people.enumerated().filter { row in
            guard row.offset + 1 > position, listed.contains(row.element) else { return false }
            if query.purpose == .allTime { return isSilentSoFar(row.element) }
            return lasts[row.element].map { $0 < query.quietSince } ?? true && !isProven(row.element, query)
        }.prefix(40)
        return .candidates(
            all.map { row in
                let proof = proofs[row.element]
                return Candidate(
                    account: row.element, last: lasts[row.element],
                    isProvenForAllTime: proof.map { $0.outcome == .quiet && $0.from == nil } ?? false)
            },
            end: all.count < 40 ? nil : all.last.map { Int64($0.offset + 1) })
    }

    // MARK: - Issues

    private mutating func page(_ jql: String, _ token: String?) -> Answer {
        var rows = found(jql)
        if let token {
            guard refusesTokens == 0 else {
                refusesTokens -= 1
                return .pageTokenRefused
            }
            let parts = token.split(separator: " ").compactMap { Int64($0) }
            if pagesByNumber {
                rows = Array(rows.dropFirst(Int(parts[0])))
            } else {
                rows.removeAll { ($0.updated.milliseconds, $0.id.rawValue) >= (parts[0], parts[1]) }
            }
        }
        let shown = Array(rows.prefix(pageSize))
        var next: String?
        if rows.count > shown.count, let last = shown.last {
            let start = token.flatMap { Int($0) } ?? 0
            next = pagesByNumber ? "\(start + shown.count)" : "\(last.updated.milliseconds) \(last.id.rawValue)"
        }
        return .page(read(shown, next: next, readsKnown: false))
    }

    private mutating func read(_ shown: [Issue], next: String?, readsKnown: Bool) -> IssueReading {
        let fresh = shown.filter { readsKnown || known[$0.id] != $0.updated }
        let left = fresh.compactMap { known[$0.id] }
        for issue in fresh {
            known[issue.id] = issue.updated
            pending[issue.id] = (issue.updated, issue.comments.isEmpty ? .histories : [.histories, .comments])
        }
        return IssueReading(
            rows: shown.count, unread: fresh.map { IssueVersion(id: $0.id, updated: $0.updated) },
            cut: fresh.filter { !$0.comments.isEmpty }.map { IssueVersion(id: $0.id, updated: $0.updated) }, left: left,
            next: next)
    }

    private mutating func histories(_ some: [IssueVersion]) -> Answer {
        let touches = some.flatMap { version in issues.first { $0.id == version.id }?.touches ?? [] }
        learn(touches, .histories, of: some)
        return .histories(touches.count)
    }

    private mutating func comments(_ issue: IssueVersion) -> Answer {
        learn(issues.first { $0.id == issue.id }?.comments ?? [], .comments, of: [issue])
        return .done
    }

    private mutating func learn(_ touches: [Touch], _ reads: PendingReads, of some: [IssueVersion]) {
        for touch in touches { lasts[touch.account] = max(lasts[touch.account] ?? touch.at, touch.at) }
        for version in some {
            guard let (updated, left) = pending[version.id], updated == version.updated else { continue }
            pending[version.id] = left == reads ? nil : (updated, left.subtracting(reads))
        }
    }

    // MARK: - JQL

    /// The issues that a query means, in its order.
    func found(_ jql: String) -> [Issue] {
        let (condition, order) = jql.halves(" ORDER BY ")
        let terms = condition.components(separatedBy: " OR ").map { $0.components(separatedBy: " AND ") }
        let found = issues.filter { issue in terms.contains { $0.allSatisfy { matches(issue, $0) } } }
            .sorted { ($0.updated, $0.id) > ($1.updated, $1.id) }
        return order == "updated ASC, id ASC" ? found.reversed() : found
    }

    private func matches(_ issue: Issue, _ term: String) -> Bool {
        let quoted = term.components(separatedBy: "\"")
        if term.hasPrefix("updated >= ") { return issue.updated >= date(quoted[1]) }
        if term.hasPrefix("updated < ") { return issue.updated < date(quoted[1]) }
        guard term.hasPrefix("issuekey in updatedBy(") else {
            Testing.Issue.record("no JQL: \(term)")
            return false
        }
        let start = quoted.count > 3 ? date(quoted[3]) : Instant(milliseconds: .min)
        return !isDeaf
            && (issue.touches + issue.comments + issue.hidden).contains {
                $0.account.rawValue == quoted[1] && $0.at >= start
            }
    }

    /// What a date means in the zone of the profile.
    private func date(_ text: String) -> Instant {
        if text.hasPrefix("-"), let minutes = Int(text.dropFirst().dropLast()) { return now - .seconds(60 * minutes) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        let components = DateComponents(
            year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers.count > 3 ? numbers[3] : 0,
            minute: numbers.count > 4 ? numbers[4] : 0)
        let date = calendar.date(from: components) ?? .distantPast
        return Instant(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }
}

extension String {
    fileprivate func halves(_ separator: String) -> (String, String) {
        let parts = components(separatedBy: separator)
        return (parts[0], parts.count > 1 ? parts[1] : "")
    }
}
