import UsageModel

/// One key of the configuration: its name, how a value for it is read and checked, and how it is shown.
struct Setting: Sendable {
    enum Kind: String, Sendable {
        case text = "a string"
        case number = "a whole number"
    }

    enum Value: Sendable {
        case text(String)
        case number(Int)
    }

    /// Why a value cannot be used: a clause that says what is accepted, and never quotes what may be a secret.
    struct Refusal: Error {
        let reason: String
    }

    /// For example `sync.interval`; without a dot for a key outside the sections.
    let path: String
    let kind: Kind
    let apply: @Sendable (Value, inout DaemonSettings) throws(Refusal) -> Void
    /// As TOML; `nil` where there is no value.
    let written: @Sendable (DaemonSettings) -> String?

    var section: Substring { path.firstIndex(of: ".").map { path[..<$0] } ?? "" }
    var key: Substring { path.firstIndex(of: ".").map { path[path.index(after: $0)...] } ?? path[...] }
    /// The environment variable that overrides it.
    var variable: String {
        Self.variablePrefix + String(path.map { $0 == "." ? "_" : $0 }).uppercased()
    }

    static let variablePrefix = "JIRA_USAGED_"
    static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
    static let sections = Set(all.map(\.section)).subtracting([""])

    private static func text<Parsed: Sendable>(
        _ path: String, _ keyPath: any WritableKeyPath<DaemonSettings, Parsed> & Sendable,
        parse: @escaping @Sendable (String) throws(Refusal) -> Parsed, write: @escaping @Sendable (Parsed) -> String?
    ) -> Setting {
        Setting(
            path: path, kind: .text,
            apply: { (value, settings) throws(Refusal) in
                guard case .text(let text) = value else { throw Refusal(reason: "must be \(Kind.text.rawValue)") }
                settings[keyPath: keyPath] = try parse(text)
            },
            written: { write($0[keyPath: keyPath]).map(quoted) })
    }

    private static func text(
        _ path: String, _ keyPath: any WritableKeyPath<DaemonSettings, String> & Sendable,
        parse: @escaping @Sendable (String) throws(Refusal) -> String
    ) -> Setting {
        text(path, keyPath, parse: parse) { $0 }
    }

    private static func number(
        _ path: String, _ keyPath: any WritableKeyPath<DaemonSettings, Int> & Sendable, in range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            path: path, kind: .number,
            apply: { (value, settings) throws(Refusal) in
                guard case .number(let number) = value, range.contains(number) else {
                    throw Refusal(
                        reason: "must be \(Kind.number.rawValue) from \(range.lowerBound) to \(range.upperBound)")
                }
                settings[keyPath: keyPath] = number
            },
            written: { String($0[keyPath: keyPath]) })
    }

    /// A basic string of TOML (<https://toml.io/en/v1.0.0#string>). No value that passed holds control characters.
    private static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "\"\(escaped)\""
    }
}

// MARK: - The keys

extension Setting {
    /// Every key there is, in the order of the manual.
    static let all: [Setting] = [
        text("state_directory", \.stateDirectory, parse: SettingText.path),
        text("control_socket", \.controlSocket, parse: SettingText.socketPath),
        text("oauth.client_id", \.oauth.clientID, parse: SettingText.clientID) { $0 },
        text("oauth.client_secret_file", \.oauth.clientSecretFile, parse: SettingText.path),
        text("oauth.redirect_uri", \.oauth.redirectURI, parse: SettingText.redirect),
        text("oauth.authorization_server", \.oauth.authorizationServer, parse: SettingText.server),
        text("api.base_url", \.api.baseURL, parse: SettingText.server),
        text("api.proxy", \.api.proxy, parse: SettingText.proxy) { $0?.description },
        text("vault.key_file", \.vault.keyFile, parse: SettingText.path),
        text("vault.next_key_file", \.vault.nextKeyFile, parse: SettingText.path),
        text(
            "sync.interval", \.sync.interval,
            parse: { (text) throws(Refusal) in
                try SettingText.duration(text, in: .seconds(30) ... .days(30), alternative: nil)
            }, write: SettingText.written),
        text("sync.history", \.sync.history, parse: SettingText.history, write: SettingText.written),
        text("sync.threshold", \.sync.thresholdDays, parse: SettingText.wholeDays) { "\($0)d" },
        number("sync.concurrency", \.sync.concurrency, in: 1...32),
        number("sync.points_per_hour", \.sync.pointsPerHour, in: 1000...10_000_000),
        text("retention.activity", \.retention.activity, parse: SettingText.history, write: SettingText.written),
        text("retention.seats", \.retention.seats, parse: SettingText.history, write: SettingText.written),
        text("retention.log", \.retention.log, parse: SettingText.days, write: SettingText.written),
        text("retention.unreported", \.retention.unreported, parse: SettingText.days, write: SettingText.written),
        text("access.read_group", \.access.readGroup, parse: SettingText.group),
        text("access.admin_group", \.access.adminGroup, parse: SettingText.group),
    ]
}
