import Synchronization

/// A simulated Jira Cloud: its sites, its authorisation server and its clock. `withJiraSimulator` serves it over HTTP.
///
/// Its methods do what the paths below `/_sim/` do.
package final class JiraSimulator: Sendable {
    package let configuration: SimulatorConfiguration
    package let client: OAuthClient
    let sites: [HostedSite]
    private let callerZone: Zone
    private let state: Mutex<State>
    private let memo = Mutex(AnswerMemo())

    private struct State {
        var clock: SimulatorClock
        var oauth: OAuthServer
        var limits: RateLimits
        var statistics = RequestStatistics()
        var faults = FaultScript()
        var closedAccounts: Set<String> = []
        var profileChanges: [String: Moment] = [:]
        var reports: [AccountReport] = []
        var secretsWritten = 0
        var activityBatches: UInt64 = 0
        /// How often the rules of what goes wrong were changed.
        var ruleChanges: UInt64 = 0
    }

    /// Makes up or reads the sites; serves nothing yet.
    ///
    /// - Throws: `SimulatorError` if the configuration cannot be used, `RecordingError` if a recorded site cannot be read.
    package init(_ configuration: SimulatorConfiguration) throws {
        if let problem = configuration.problem { throw SimulatorError(reason: problem) }
        guard let callerZone = Zone(identifier: configuration.callerZone) else {
            throw SimulatorError(reason: "The time zone “\(configuration.callerZone)” is not known here.")
        }
        self.configuration = configuration
        let clock = SimulatorClock(configuration.time)
        var secrets = Draw(seed: configuration.seed, .secret)
        client = OAuthClient(
            id: secrets.hexadecimal(32), secret: "ATOA\(secrets.hexadecimal(60))",
            redirectURI: configuration.redirectURI)
        sites = try (0..<configuration.sites).map { try Self.site($0, configuration, now: clock.now) }
        if configuration.recordedSite != nil, let own = sites.first?.caller.timeZone.flatMap(Zone.init(identifier:)) {
            self.callerZone = own
        } else {
            self.callerZone = callerZone
        }
        if configuration.isPrepared { for site in sites { site.prepare() } }
        state = Mutex(
            State(
                clock: clock, oauth: OAuthServer(client: client, rules: configuration.oauth, seed: configuration.seed),
                limits: RateLimits(pointsPerHour: configuration.pointsPerHour, burst: configuration.burst)))
    }

    private static func site(
        _ index: Int, _ configuration: SimulatorConfiguration, now: Moment
    ) throws -> HostedSite {
        let seed = configuration.seed &+ UInt64(index) &* 1_000_003
        var draw = Draw(seed: seed, .site)
        let name = index == 0 ? "simulated" : "simulated-\(index + 1)"
        let identity = SiteIdentity(
            cloudID: draw.uuid(), name: name, url: "https://\(name).atlassian.net",
            zone: Zone(identifier: configuration.siteZone) ?? .utc)
        if index == 0, let folder = configuration.recordedSite {
            let site = try RecordedSite(folder: folder, identity: identity)
            return HostedSite(site, lastMoment: site.lastMoment, hiddenProjectCount: configuration.hiddenProjects)
        }
        let share = index == 0 ? 1 : 4
        let site = GeneratedSite(
            seed: seed, users: max(configuration.users / share, 1), issues: configuration.issues / share, now: now,
            history: configuration.history, identity: identity, callerSeed: configuration.seed,
            callerZone: configuration.callerZone,
            namelessShare: configuration.namelessHistories)
        return HostedSite(site, lastMoment: site.end, hiddenProjectCount: configuration.hiddenProjects)
    }

    // MARK: - What tests ask and do

    /// The simulator's time.
    package var now: Moment { state.withLock { $0.clock.now } }

    /// Ids of the sites, the first being the one that most things are about.
    package var cloudIDs: [String] { sites.map(\.data.identity.cloudID) }

    /// The account whose consent the tokens stand for.
    package var callerAccountID: String { sites[0].caller.accountID }

    /// What the last activity of everybody is; looks at every issue.
    ///
    /// - Parameters:
    ///   - cloudID: `nil` for the first site.
    ///   - includesDeleted: whether what was done on issues that are deleted now counts.
    ///   - includesOnceVisible: whether what was done on an issue counts that the caller could see then, but cannot now.
    /// - Returns: `nil` if there is no such site.
    package func oracle(
        asOf: Moment? = nil, thresholdDays: Int = 90, cloudID: String? = nil, includesDeleted: Bool = true,
        includesOnceVisible: Bool = true
    ) -> Oracle? {
        site(cloudID).map { site in
            OracleTally.oracle(
                of: site.snapshot(), asOf: asOf ?? now, thresholdDays: thresholdDays,
                scope: OracleScope(includesDeleted: includesDeleted, includesOnceVisible: includesOnceVisible))
        }
    }

    package var statistics: RequestStatistics { state.withLock { $0.statistics } }

    package func resetStatistics() {
        state.withLock { $0.statistics = RequestStatistics() }
    }

    /// Moves the clock on; it never goes back.
    package func advanceClock(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        state.withLock { $0.clock.advance(byMilliseconds: max(milliseconds, 0)) }
    }

    /// An access token of no consent, which a new consent leaves alone.
    package func accessToken(_ scopes: [OAuthScope] = OAuthScope.allCases) -> String {
        mint(scopes).accessToken
    }

    /// Puts rules in force in place of those before; an empty list clears all.
    package func setFaults(_ rules: [FaultRule]) {
        state.withLock { state in
            state.faults = FaultScript(rules)
            state.ruleChanges += 1
            if rules.contains(where: { $0.revokeTokens == true }) {
                state.oauth.revokeAll()
                state.oauth.revokeAccessTokens()
            }
            if rules.contains(where: { $0.revokeAccessTokens == true }) { state.oauth.revokeAccessTokens() }
            if rules.contains(where: { $0.revokeRefreshTokens == true }) { state.oauth.revokeRefreshTokens() }
        }
    }

    /// Everything secret that was ever issued, for tests that search what was printed and stored for it.
    package var issuedSecrets: [IssuedSecret] { state.withLock { $0.oauth.issued } }

    /// Every account that was reported, in the order of the reports.
    package var accountReports: [AccountReport] { state.withLock { $0.reports } }

    func record(_ reports: [AccountReport]) {
        state.withLock { $0.reports += reports }
    }

    /// Closes an account, as far as personal-data reports tell. What sites show of it is for `changePerson`.
    package func closeAccount(_ accountID: String) {
        state.withLock { _ = $0.closedAccounts.insert(accountID) }
    }

    /// Lets an account's personal data change now, as far as personal-data reports tell.
    package func touchProfile(of accountID: String) {
        state.withLock { $0.profileChanges[accountID] = $0.clock.now }
    }

    /// Makes things happen, a few milliseconds apart, the last of them now. What is `nil` is chosen at random, people among
    /// the holders of seats. Moves the clock on if there is no time left for so many since the last activity.
    package func perform(
        count: Int = 1, seed: UInt64? = nil, deed: Deed? = nil, accountID: String? = nil, issue: String? = nil,
        bumpsUpdated: Bool? = nil, cloudID: String? = nil
    ) throws(ActivityError) -> [PerformedActivity] {
        guard let site = site(cloudID) else { throw .unknownSite(cloudID ?? "") }
        let (batch, commentEditsBump) = state.withLock { state in
            state.activityBatches += 1
            return (state.activityBatches, state.faults.commentEditsBump)
        }
        let wish = ActivityMaker.Wish(deed: deed, accountID: accountID, issue: issue, bumpsUpdated: bumpsUpdated)
        return try site.change { changes throws(ActivityError) in
            let times = makeTime(for: count, after: changes.lastMoment)
            var maker = ActivityMaker(site, changes, seed: seed ?? batch, commentEditsBump: commentEditsBump)
            var performed: [PerformedActivity] = []
            for moment in times { performed.append(try maker.perform(wish, at: moment, in: &changes)) }
            return performed
        }
    }

    /// The moments of `count` things that happen one after the other, the last of them now.
    func makeTime(for count: Int, after last: Moment) -> [Moment] {
        let end = state.withLock { state in
            let missing = last.milliseconds + Int64(count) - state.clock.now.milliseconds
            if missing > 0 { state.clock.advance(byMilliseconds: missing) }
            return state.clock.now
        }
        let step = min((end.milliseconds - last.milliseconds) / Int64(max(1, count)), 5)
        return (0..<count).map { end.advanced(byMilliseconds: -Int64(count - 1 - $0) * step) }
    }

    // MARK: - For the routes

    func site(_ cloudID: String?) -> HostedSite? {
        guard let cloudID else { return sites[0] }
        return sites.first { $0.data.identity.cloudID == cloudID }
    }

    /// `nil` if the user refuses.
    func consent(to scopes: [OAuthScope], state text: String) -> String? {
        state.withLock { state in
            defer { writeSecrets(&state) }
            state.oauth.note(state: text)
            return state.faults.consents ? state.oauth.consent(to: scopes, now: state.clock.now) : nil
        }
    }

    /// Appends what has been issued to the file that is to know of it, a line each.
    private func writeSecrets(_ state: inout State) {
        guard let path = configuration.secretsFile else { return }
        let lines = state.oauth.issued.dropFirst(state.secretsWritten).map { "\($0.value)\n" }.joined()
        appendText(lines, toFile: path)
        state.secretsWritten = state.oauth.issued.count
    }

    /// Whether the grant does not open a site, as if the caller had lost access to it.
    func isWithheld(_ cloudID: String) -> Bool {
        state.withLock { $0.faults.withheldSites.contains(cloudID) }
    }

    func exchange(_ code: String) throws(OAuthRefusal) -> TokenAnswer {
        try state.withLock { state throws(OAuthRefusal) in
            defer { writeSecrets(&state) }
            return try state.oauth.exchange(code, now: state.clock.now)
        }
    }

    func refresh(_ token: String) throws(OAuthRefusal) -> TokenAnswer {
        try state.withLock { state throws(OAuthRefusal) in
            defer { writeSecrets(&state) }
            return try state.oauth.refresh(token, now: state.clock.now)
        }
    }

    func mint(_ scopes: [OAuthScope]) -> TokenAnswer {
        state.withLock { state in
            defer { writeSecrets(&state) }
            return state.oauth.mint(scopes, now: state.clock.now)
        }
    }

    /// What the request's token allows.
    func scopes(of call: Call) throws(Refusal) -> [OAuthScope] {
        guard let bearer = call.bearer,
            let scopes = state.withLock({ $0.oauth.scopes(of: bearer, now: $0.clock.now) })
        else { throw .unauthorized }
        return scopes
    }

    func isClosed(_ accountID: String) -> Bool {
        if state.withLock({ $0.closedAccounts.contains(accountID) }) { return true }
        return sites.contains { site in
            let people = site.people
            return people.listedIndex(of: accountID).map { people[$0].isDeleted } ?? false
        }
    }

    func profileChange(of accountID: String) -> Moment? {
        state.withLock { $0.profileChanges[accountID] }
    }

    /// A request for a resource of a site, once the limits let it pass.
    func admit(_ call: Call, to site: HostedSite, route: String, rate: Int) throws(Refusal) -> SiteCall {
        let (now, faults, rules) = try state.withLock { state throws(Refusal) in
            let now = state.clock.now
            try state.limits.admit(route, rate: rate, now: now)
            return (now, state.faults, state.ruleChanges)
        }
        let mayBrowse = faults.permissions.browseProjects
        let snapshot = site.snapshot(mayBrowse: mayBrowse)
        let index = faults.indexLagSeconds.map {
            site.snapshot(cut: now.advanced(bySeconds: -Int64($0)), mayBrowse: mayBrowse)
        }
        return SiteCall(
            call: call, site: site, snapshot: snapshot, index: index ?? snapshot, now: now, callerZone: callerZone,
            permissions: faults.permissions, configuration: configuration,
            groupItemLimit: [faults.groupItemLimit, configuration.groupItemLimit].compactMap { $0 }.min(),
            basis: AnswerMemo.Basis(now: now, changes: snapshot.changes.version, rules: rules))
    }

    /// The answer to a request that was admitted: one that is kept, or what `respond` says.
    func remembered(
        _ call: SiteCall, _ respond: (SiteCall) throws(Refusal) -> Reply
    ) throws(Refusal) -> Reply {
        guard configuration.memoises else { return try respond(call) }
        if let reply = memo.withLock({ $0.reply(to: call.call, on: call.basis) }) { return reply }
        let reply = try respond(call)
        memo.withLock { $0.keep(reply, to: call.call, on: call.basis) }
        return reply
    }

    /// Counts what an answer cost; returns the headers that tell of it.
    func spend(_ points: Int, route: String, rate: Int) -> [(name: String, value: String)] {
        state.withLock { $0.limits.spend(points, rate: rate, route: route, now: $0.clock.now) }
    }

    func takeFault(method: String, template: String, path: String) -> FaultRule? {
        state.withLock { $0.faults.take(method: method, template: template, path: path) }
    }

    func record(route: String, status: Int, points: Int, bytes: Int) {
        state.withLock { $0.statistics.record(route: route, status: status, points: points, bytes: bytes) }
    }
}

/// One account of a report on stored personal data.
package struct AccountReport: Sendable, Hashable {
    package let accountID: String
    /// When it was reported.
    package let at: Moment
    /// When its data were fetched, by the report.
    package let fetchedAt: Moment
    /// What was answered; `nil` for nothing.
    package let status: String?
}

/// Why there is no simulator.
package struct SimulatorError: Error, CustomStringConvertible {
    package let reason: String

    package var description: String { reason }
}

extension HostedSite {
    var caller: Person { data.people[data.people.caller] }
}

extension Person {
    /// A person who had their account deleted: nothing is left but a name that says so.
    fileprivate var isDeleted: Bool {
        !isEnabled && displayName == "Former user"
    }
}
