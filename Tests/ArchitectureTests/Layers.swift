/// Who may import whom: the table of docs/ARCHITECTURE.md. What is not listed is not allowed.
struct Layer {
    /// The targets of ours that this one may import.
    let ours: Set<String>
    /// The modules of others, beside those that come with Swift and the system.
    let others: Set<String>

    init(ours: Set<String> = [], others: Set<String> = []) {
        self.ours = ours
        self.others = others
    }
}

enum Layers {
    static let table: [String: Layer] = [
        "UsageModel": Layer(),
        "ControlProtocol": Layer(ours: ["UsageModel"]),
        "JiraCloud": Layer(
            ours: ["UsageModel"],
            others: ["AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1", "NIOFoundationCompat", "NIOPosix", "NIOSSL"]),
        "UsageStore": Layer(ours: ["UsageModel", "CSQLite"], others: ["GRDB"]),
        "TokenVault": Layer(ours: ["UsageModel"], others: ["Crypto", "GRDB"]),
        "Systemd": Layer(ours: ["CSystemd"]),
        "UsageSync": Layer(ours: ["JiraCloud", "UsageModel", "UsageStore"], others: ["Logging"]),
        "ControlServer": Layer(ours: ["ControlProtocol"], others: ["Logging", "NIOCore", "NIOPosix"]),
        "UsageDaemon": Layer(
            ours: [
                "ControlProtocol", "ControlServer", "JiraCloud", "Systemd", "TokenVault", "UsageModel", "UsageStore",
                "UsageSync",
            ],
            others: ["ArgumentParser", "Logging", "ServiceLifecycle", "TOMLKit", "UnixSignals"]),
        "ControlClient": Layer(ours: ["ControlProtocol"]),
        "UsageCommands": Layer(
            ours: ["ControlClient", "ControlProtocol", "UsageModel"], others: ["ArgumentParser"]),
        // A misreading of Jira that simulator and client shared would cancel out in every test.
        "JiraSimulator": Layer(others: ["HTTPTypes", "Hummingbird", "Logging", "NIOCore", "ServiceLifecycle"]),
        "jira-usaged": Layer(ours: ["UsageDaemon"]),
        "jirausagectl": Layer(ours: ["UsageCommands"]),
        "jira-sim": Layer(ours: ["JiraSimulator"], others: ["ArgumentParser", "Logging"]),
    ]

    /// What the toolchain and the system bring along; anybody may use it.
    static let standard: Set<String> = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Swift", "Synchronization",
    ]

    /// What the client must not even link: it starts in milliseconds because it is small.
    static func isTooHeavyForTheClient(_ module: String) -> Bool {
        ["AsyncHTTPClient", "Crypto", "GRDB", "Hummingbird"].contains(module) || module.hasPrefix("NIO")
    }
}
