import ArgumentParser
import JiraSimulator

/// What `jira-sim` can be told.
struct SimulatorOptions: ParsableArguments {
    @Option(help: "Loopback address and port to listen on; port 0 is any free one.")
    var listen = "127.0.0.1:0"

    @Option(help: "Accounts of the generated site, 1 to 100000.")
    var users = 500

    @Option(help: "Issues of the generated site, 0 to 5000000.")
    var issues = 5000

    @Option(help: "The same seed, size and time give the same site.")
    var seed: UInt64 = 1

    @Option(help: "Milliseconds by which each answer is held back.")
    var latency = 0

    @Option(help: "Where the clock begins (RFC 3339); default: the machine's clock.")
    var now: Moment?

    @Flag(help: "Let the clock stand still; POST /_sim/clock moves it.")
    var frozen = false

    @Option(help: "Folder with users.ndjson, issues.ndjson, projects.ndjson to serve instead of the generated site.")
    var site: String?

    @Option(help: "How many sites the consent covers.")
    var sites = 1

    @Option(
        name: [.customLong("history"), .customLong("history-days")], help: "How many days back the first issue lies.")
    var historyDays = 3 * 365

    @Option(help: "The application's callback URL, compared exactly.")
    var redirectURI = "http://127.0.0.1:8736/callback"

    @Option(help: "Time zone of instants in answers.")
    var siteZone = "Europe/Berlin"

    @Option(
        name: [.customLong("zone"), .customLong("caller-zone")],
        help: "Time zone of the caller's profile, in which JQL reads dates.")
    var callerZone = "America/New_York"

    @Option(help: "Enforce a points quota; without it points are only counted.")
    var pointsPerHour: Int?

    @Flag(help: "Enforce Jira's documented burst limits.")
    var burst = false

    @Option(help: "Enforce a burst limit of so many requests a second for each resource.")
    var burstPerSecond: Int?

    @Option(help: "How many of the smallest projects the caller may not see.")
    var hiddenProjects = 0

    @Option(help: "Share of histories whose author has an empty account id, 0 to 1.")
    var namelessHistories = 0.0

    @Flag(help: "Let accessible-resources name every site once more, for another product.")
    var otherProducts = false

    @Flag(help: "Within the leeway, give the pair of the first use again for a used refresh token.")
    var reuseGivesSamePair = false

    @Option(help: "What page tokens stand for: keyset (the last row) or offset (a row's number, which moves).")
    var pageTokens = PageTokens.keyset

    @Option(help: "List at most so many groups with a user, whatever their number.")
    var groupItems: Int?

    @Flag(help: "Let issue/bulkfetch take a hundred issues and no more, whatever the fields.")
    var smallBulkFetch = false

    @Option(help: "How many calls of updatedBy() a query may hold.")
    var updatedByLimit: Int?

    @Flag(help: "Keep rendered answers for the same requests while nothing has changed; needs --frozen.")
    var memoise = false

    @Flag(help: "Look at every issue before the first request, not when a request first needs it.")
    var prepare = false

    var configuration: SimulatorConfiguration {
        get throws {
            var configuration = SimulatorConfiguration(users: users, issues: issues, seed: seed)
            guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[colon...].dropFirst()) else {
                throw ValidationError("--listen takes ADDRESS:PORT, such as 127.0.0.1:8080, not “\(listen)”.")
            }
            configuration.host = String(listen[..<colon].filter { $0 != "[" && $0 != "]" })
            configuration.port = port
            guard latency >= 0 else { throw ValidationError("--latency must not be negative.") }
            configuration.latency = .milliseconds(latency)
            if let now { configuration.time = .running(from: now) }
            if frozen { configuration.time = .frozen(at: now ?? .current) }
            guard (1...36_500).contains(historyDays) else {
                throw ValidationError("--history must be between 1 and 36500.")
            }
            configuration.history = .seconds(historyDays * 86_400)
            configuration.recordedSite = site
            configuration.sites = sites
            configuration.redirectURI = redirectURI
            configuration.siteZone = siteZone
            configuration.callerZone = callerZone
            configuration.pointsPerHour = pointsPerHour
            configuration.burst = burstPerSecond.map { .perSecond($0) } ?? (burst ? .documented : .off)
            configuration.hiddenProjects = hiddenProjects
            configuration.namelessHistories = namelessHistories
            configuration.listsOtherProducts = otherProducts
            configuration.oauth.reuseGivesSamePair = reuseGivesSamePair
            configuration.pageTokens = pageTokens
            configuration.groupItemLimit = groupItems
            configuration.bulkFetchTakesThousand = !smallBulkFetch
            configuration.updatedByLimit = updatedByLimit
            configuration.memoises = memoise
            configuration.isPrepared = prepare
            return configuration
        }
    }
}

extension PageTokens: ExpressibleByArgument {}

extension Moment: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(text: argument)
    }
}
