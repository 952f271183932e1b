/// What a simulator is like.
package struct SimulatorConfiguration: Sendable {
    /// How many accounts the generated site has, up to 100,000.
    package var users: Int
    /// How many issues the generated site has, up to 5,000,000.
    package var issues: Int
    /// The same seed, size and time give the same site, byte by byte.
    package var seed: UInt64
    package var time: SimulatorTime
    /// How far back the generated site's first issue lies.
    package var history: Duration = .seconds(3 * 365 * 86_400)
    /// How many sites the consent covers; the second and later are smaller.
    package var sites = 1
    /// A folder with `users.ndjson`, `issues.ndjson` and `projects.ndjson` to be served instead of the generated site.
    package var recordedSite: String?
    /// How many projects, the smallest, the caller may not see.
    package var hiddenProjects = 0
    /// The share of histories whose author has an empty account id.
    package var namelessHistories = 0.0
    /// Whether `accessible-resources` names every site once more, for another product.
    package var listsOtherProducts = false

    /// Zone of the instants in REST answers: that of the site's server.
    package var siteZone = "Europe/Berlin"
    /// Zone of dates in JQL: that of the caller's profile.
    package var callerZone = "America/New_York"
    package var timeTracking = true

    /// A loopback address.
    package var host = "127.0.0.1"
    /// 0: any free port.
    package var port = 0
    /// How long each answer of Jira and of the authorisation server is held back.
    package var latency: Duration = .zero

    /// A file to which everything secret that is issued is appended, a line each; `nil` for none. Where nobody says, the
    /// environment does, so that a run of tests can search its own output.
    package var secretsFile: String? = environmentVariable("JIRA_SIM_SECRETS_FILE")
    package var redirectURI = "http://127.0.0.1:8736/callback"
    package var oauth = OAuthRules()
    /// `nil`: points are counted, not limited.
    package var pointsPerHour: Int?
    package var burst: BurstLimit = .off
    /// The `Cycle-Period` header of answers to personal-data reports.
    package var cyclePeriod: String?

    package var pageTokens = PageTokens.keyset
    /// How many groups `GET /user?expand=groups` lists at most; `size` tells the true number, and `/user/groups` all.
    package var groupItemLimit: Int?
    /// Whether issue/bulkfetch takes a thousand issues for plain fields, as it does since 2026, or a hundred always.
    package var bulkFetchTakesThousand = true
    /// How many calls of `updatedBy()` a query may hold; `nil`: any number.
    package var updatedByLimit: Int?
    /// Gives rendered answers again to the same requests as long as nothing has changed. Needs a clock that stands still.
    package var memoises = false
    /// Looks at every issue's story before the first request instead of when a request first needs it.
    package var isPrepared = false

    package init(users: Int = 500, issues: Int = 5000, seed: UInt64 = 1, time: SimulatorTime = .real) {
        self.users = users
        self.issues = issues
        self.seed = seed
        self.time = time
    }

    /// What is wrong with it, in a sentence; `nil` if nothing is.
    package var problem: String? {
        if !(1...100_000).contains(users) { return "users must be between 1 and 100000, not \(users)." }
        if !(0...5_000_000).contains(issues) { return "issues must be between 0 and 5000000, not \(issues)." }
        if !(1...100).contains(sites) { return "sites must be between 1 and 100, not \(sites)." }
        if !Self.isLoopback(host) { return "Only a loopback address can be listened on, not “\(host)”." }
        if !(0...65_535).contains(port) { return "The port must be between 0 and 65535, not \(port)." }
        if let groupItemLimit, groupItemLimit < 0 { return "The number of groups must not be negative." }
        if let updatedByLimit, updatedByLimit < 0 { return "The number of calls must not be negative." }
        if memoises {
            guard case .frozen = time else { return "Answers can be kept only while the clock stands still." }
        }
        if let pointsPerHour, pointsPerHour < 1 { return "The points an hour must be positive." }
        for zone in [siteZone, callerZone] where Zone(identifier: zone) == nil {
            return "The time zone “\(zone)” is not known here."
        }
        return nil
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }
}
