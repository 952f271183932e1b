import JiraCloud
import UsageModel
import UsageStore

/// Does one step of a plan: asks one site, or looks into the store. It decides nothing and writes nothing.
struct SiteReader: Sendable {
    let site: Site
    let jira: JiraSite
    let store: UsageStore

    /// What came of a step, and what of it is to be written.
    struct Outcome: Sendable {
        let answer: Answer
        var writes: [SiteWrite] = []
    }

    private static let listLength = 500
    private static let browseProjects = "BROWSE_PROJECTS"

    /// - Parameters:
    ///   - ourNow: our own clock.
    ///   - now: the site's clock, as far as it is known.
    func perform(_ step: Step, ourNow: @Sendable () -> Instant, now: Instant) async throws -> Outcome {
        switch step {
        case .readFacts: return try await facts(ourNow: ourNow)
        case .readPermissions:
            let held = try await jira.permissions(["USER_PICKER", Self.browseProjects])
            return Outcome(answer: .permissions(missing: held.filter { !$0.value }.keys.sorted()))
        case .readRoster(let start, let limit): return try await roster(start: start, limit: limit, now: now)
        case .readAccess(let account): return try await access(of: account, now: now)
        case .readGrants(let role): return try await grants(of: role, now: now)
        case .findOldest:
            let page = try await jira.searchIssues(jql: IssueQuery.oldest, pageToken: nil, limit: 1)
            return Outcome(answer: .oldest(page.issues.first?.updated))
        case .countHistory(let jql): return Outcome(answer: .count(try await jira.approximateCount(jql: jql)))
        case .readPage(_, let jql, let token): return try await page(jql, token)
        case .readHistories(let issues): return try await histories(of: issues, now: now)
        case .readComments(let issue): return try await comments(of: issue, now: now)
        case .readWorklogs(let since, let knownUntil, _):
            return try await worklogs(since: since, knownUntil: knownUntil)
        case .countTouched(let group): return try await count(group)
        case .seek(let probe, let limit): return try await seek(probe, limit: limit)
        case .listRoles: return Outcome(answer: .roles(try await store.roleKeys(on: site.key)))
        case .listAccounts(let list, let position): return try await accounts(list, after: position)
        case .countQuiet(let since):
            return Outcome(answer: .count(try await store.unsettledPeople(since: since, on: site.key)))
        case .listCandidates(let query, let position):
            let (some, end) = try await store.candidates(
                query, after: position, limit: Self.listLength, on: site.key)
            return Outcome(answer: .candidates(some, end: end))
        case .findWitness(let from, let until):
            return Outcome(answer: .witness(try await store.witness(from: from, until: until, on: site.key)))
        case .review(let candidates):
            return Outcome(
                answer: .reviewed(try await store.lastActivities(of: candidates.map(\.account), on: site.key)))
        case .reconcile(let step): return try await reconcile(step)
        }
    }

    // MARK: - Facts and people

    /// The clock is taken to have been read at the last moment at which it may have been, so that it is never thought to
    /// be ahead of what it is: nothing may count as known before it has happened.
    private func facts(ourNow: @Sendable () -> Instant) async throws -> Outcome {
        let offset = try await jira.serverInfo().serverTime?.duration(since: ourNow())
        return Outcome(answer: .facts(offset: offset, zone: try await jira.myself().timeZone))
    }

    private func roster(start: Int, limit: Int, now: Instant) async throws -> Outcome {
        do {
            let page = try await jira.users(startAt: start, limit: limit)
            return Outcome(
                answer: .roster(rows: page.rowCount, limit: page.limit),
                writes: [.people(page.people, listedAt: now)])
        } catch JiraError.forbidden {
            return Outcome(answer: .peopleRefused)
        }
    }

    private func access(of account: AccountID, now: Instant) async throws -> Outcome {
        let reading: UsageStore.AccessReading.Outcome
        do {
            guard let found = try await jira.access(of: account) else {
                return Outcome(
                    answer: .done, writes: [.access(.init(account: account, outcome: .notShown), readAt: now)])
            }
            // Nothing told of roles is not the same as having none: it stays unread.
            guard let access = found.access else { return Outcome(answer: .done) }
            reading = .found(found.person, access)
        } catch JiraError.forbidden {
            return Outcome(answer: .peopleRefused)
        }
        return Outcome(answer: .done, writes: [.access(.init(account: account, outcome: reading), readAt: now)])
    }

    private func grants(of role: String, now: Instant) async throws -> Outcome {
        do {
            let groups = try await jira.groups(granting: role)
            return Outcome(answer: .done, writes: [.grants(role: role, groups: groups, readAt: now)])
        } catch JiraError.forbidden {
            return Outcome(answer: .peopleRefused)
        }
    }

    private func accounts(_ list: AccountList, after position: Int64) async throws -> Outcome {
        let (some, end): ([AccountID], Int64?)
        switch list {
        case .unreadAndQuiet(let since):
            (some, end) = try await store.unreadAccounts(
                quietSince: since, after: position, limit: Self.listLength, on: site.key)
        case .unread:
            (some, end) = try await store.unreadAccounts(
                quietSince: nil, after: position, limit: Self.listLength, on: site.key)
        case .readBefore(let instant, let limit):
            (some, end) = (
                try await store.accounts(withAccessReadBefore: instant, limit: limit, on: site.key), nil
            )
        }
        return Outcome(answer: .accounts(some, end: end))
    }

    // MARK: - Issues

    private func page(_ jql: String, _ token: String?) async throws -> Outcome {
        do {
            let page = try await jira.searchIssues(jql: jql, pageToken: token)
            let (reading, writes) = try await reading(of: page.issues, next: page.next, readsKnown: false)
            return Outcome(answer: .page(reading), writes: writes)
        } catch JiraError.badRequest(.search, _) where token != nil {
            return Outcome(answer: .pageTokenRefused)
        }
    }

    private func seek(_ probe: Probe, limit: Int) async throws -> Outcome {
        let jql = IssueQuery.latest(touchedBy: probe)
        let page = try await jira.searchIssues(jql: jql, pageToken: nil, limit: limit)
        let (reading, writes) = try await reading(of: page.issues, next: page.next, readsKnown: true)
        return Outcome(answer: .page(reading), writes: writes)
    }

    private func count(_ group: [Probe]) async throws -> Outcome {
        let jql = IssueQuery.touched(by: group)
        do {
            return Outcome(answer: .count(try await jira.approximateCount(jql: jql)))
        } catch JiraError.badRequest {
            return Outcome(answer: .tooManyPeople)
        }
    }

    /// - Parameter readsKnown: whether issues are to be read whatever is known of them.
    func reading(
        of issues: [IssueSummary], next: String?, readsKnown: Bool
    ) async throws -> (IssueReading, [SiteWrite]) {
        let known = try await store.versions(of: issues.map(\.id), on: site.key)
        let fresh = issues.filter { readsKnown || known[$0.id] != $0.updated }
        let cut = fresh.filter(\.hasMoreComments)
        let rows = fresh.map { issue in
            IssueRow(
                version: issue.version, key: issue.key,
                pending: issue.hasMoreComments ? [.histories, .comments] : .histories)
        }
        let activities = fresh.flatMap { issue in
            issue.comments.flatMap { Activity.told(by: $0, on: issue.id) }
                + [Activity.creation(of: issue)].compactMap(\.self)
        }
        let reading = IssueReading(
            rows: issues.count, unread: fresh.map(\.version), cut: cut.map(\.version),
            left: fresh.compactMap { known[$0.id] }, next: next)
        return (reading, [.issues(rows), .activities(activities)])
    }

    private func comments(of issue: IssueVersion, now: Instant) async throws -> Outcome {
        var comments: [Comment] = []
        do throws(JiraError) {
            while true {
                let page = try await jira.comments(of: issue.id, startAt: comments.count)
                comments += page.comments
                if page.comments.isEmpty || comments.count >= page.total { break }
            }
        } catch {
            // The issue is gone since the search, or hidden now: what the search showed is all there is.
            guard error == .notFound(.comments) else { throw error }
            // If it is hidden with everything else, its comments are still to be read.
            guard try await jira.permissions([Self.browseProjects])[Self.browseProjects] == true else {
                return Outcome(answer: .done)
            }
        }
        return Outcome(
            answer: .done,
            writes: [
                .activities(comments.flatMap { Activity.told(by: $0, on: issue.id) }),
                .read(.comments, of: [issue], at: now),
            ])
    }

    // MARK: - Worklogs

    private func worklogs(since: Instant, knownUntil: Instant?) async throws -> Outcome {
        let page = try await jira.changedWorklogs(since: since)
        let known = try await known(of: page, until: knownUntil)
        let ids = page.ids.filter { !known.contains($0) }
        let worklogs = ids.isEmpty ? [] : try await jira.worklogs(ids: ids)
        return Outcome(
            answer: .worklogs(until: page.until, isLast: page.isLast, asked: ids.count),
            writes: [.worklogs(worklogs.map(WorklogReading.init))])
    }
}

extension SiteReader {
    private func known(of page: ChangedWorklogPage, until instant: Instant?) async throws -> Set<Int64> {
        guard let instant else { return [] }
        let changes = page.changes.compactMap { change in change.at.map { (id: change.id, at: $0) } }
        return try await store.knownWorklogs(among: changes, readUntil: instant, on: site.key)
    }
}

extension IssueSummary {
    fileprivate var version: IssueVersion { IssueVersion(id: id, updated: updated) }

    /// A search shows 20 comments of an issue at most, and how many there are.
    fileprivate var hasMoreComments: Bool { comments.count < commentTotal ?? .max }
}
