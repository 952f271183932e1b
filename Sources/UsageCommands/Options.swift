import ArgumentParser
import UsageModel

/// The options that every command takes, before the command's name or after it. Where both are given, the later wins.
///
/// `Place` only keeps the two apart: the parser would take equal types for one and the same.
struct GlobalOptions<Place>: ParsableArguments {
    @Option(
        help: .init(
            "The daemon's socket; otherwise $JIRA_USAGED_SOCKET, otherwise \(Installation.systemSocket).",
            valueName: "path"),
        completion: .file())
    var socket: SocketPath?

    @Flag(help: "Ask your own daemon (jira-usaged --user), which is asked too where the system has none.")
    var user = false

    @Option(help: .init("How long to wait for the daemon: 500ms, 10s, 2m.", valueName: "duration"))
    var timeout: Interval?

    @Flag(help: "How to print the result; for people if none is given.")
    var format: OutputFormat?

    @Option(help: .init("Whether to use colours.", valueName: "when"))
    var color: ColorChoice?

    @Flag(help: "Show long lists at once, and not page by page.")
    var noPager = false
}

enum BeforeCommand {}
enum AfterGroup {}
enum AfterCommand {}

enum OutputFormat: EnumerableFlag, Sendable {
    case json, ndjson, csv

    static func help(for value: OutputFormat) -> ArgumentHelp? {
        switch value {
        case .json: "Print the daemon's result as JSON; errors too."
        case .ndjson: "Print one row a line, as JSON."
        case .csv: "Print CSV (RFC 4180) with a header."
        }
    }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never
}

/// The options of all places in one.
struct Settings {
    var socket: String?
    var timeout: Duration?
    var format: OutputFormat?
    var color: ColorChoice = .auto
    /// Whether the user's own daemon is meant.
    var isUsers = false
    var usesPager = true

    mutating func apply<Place>(_ options: GlobalOptions<Place>) {
        socket = options.socket?.path ?? socket
        timeout = options.timeout?.duration ?? timeout
        format = options.format ?? format
        color = options.color ?? color
        isUsers = options.user || isUsers
        usesPager = usesPager && !options.noPager
    }
}

// MARK: - Values of options

/// An empty path is what a variable that is not set leaves behind.
struct SocketPath: ExpressibleByArgument {
    let path: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        path = argument
    }
}

/// A length of time as it is typed: a whole number and its unit.
struct Interval: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration
    /// As it was typed.
    let description: String

    init(seconds: Int) {
        duration = .seconds(seconds)
        description = "\(seconds)s"
    }

    init?(argument: String) {
        let units: [(String, Duration)] = [
            ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
            ("d", .days(1)),
        ]
        description = argument
        guard let (unit, length) = units.first(where: { argument.hasSuffix($0.0) }),
            let count = Int(argument.dropLast(unit.count)), (1...1_000_000_000).contains(count)
        else { return nil }
        duration = length * count
    }
}

/// A number of days: `90d`, or `90`.
struct Days: ExpressibleByArgument {
    let count: Int

    init?(argument: String) {
        let digits = argument.hasSuffix("d") ? String(argument.dropLast()) : argument
        guard let count = Int(digits), (1...36_500).contains(count) else { return nil }
        self.count = count
    }
}

/// A day, which begins at midnight UTC, or an instant.
struct Moment: ExpressibleByArgument {
    let instant: Instant

    init?(argument: String) {
        guard let instant = Instant(argument) else { return nil }
        self.instant = instant
    }
}

/// How many rows: 1 or more.
struct RowCount: ExpressibleByArgument {
    let count: Int

    init?(argument: String) {
        guard let count = Int(argument), count > 0 else { return nil }
        self.count = count
    }
}
