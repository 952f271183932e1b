extension DaemonSettings {
    /// Reads the settings and checks them all.
    ///
    /// - Parameters:
    ///   - user: the directories of the user whose own daemon it is; `nil` for the system's.
    ///   - environment: of the process. Every `JIRA_USAGED_…` variable must be a setting, except
    ///     `JIRA_USAGED_SOCKET` and `JIRA_USAGED_PAGER`, which are the client's.
    /// - Throws: every fault of file and environment at once; only a file that is no TOML hides what follows.
    package static func load(
        _ file: ConfigurationFile = .standard, user: UserDirectories? = nil, environment: [String: String]
    ) throws(SettingsError) -> DaemonSettings {
        var settings = DaemonSettings(user: user)
        var problems: [SettingsProblem] = []
        problems += settings.takeDirectories(environment)
        for item in try file.items() {
            switch item {
            case .problem(let problem):
                problems.append(problem)
            case .value(let setting, let value, let line):
                do {
                    try setting.apply(value, &settings)
                    settings.origins[setting.path] = .file(line: line)
                } catch {
                    let place = SettingsProblem.Place.file(path: file.path, line: line)
                    problems.append(SettingsProblem(place: place, name: setting.path, reason: error.reason))
                }
            }
        }
        problems += settings.takeOverrides(environment)
        problems += [settings.retentionProblem(file)].compactMap(\.self)
        guard problems.isEmpty else { throw .invalid(problems) }
        return settings
    }

    /// What systemd made for the unit (systemd.exec(5), `RuntimeDirectory=`). A unit may name several directories of a
    /// kind; ours is the first.
    private mutating func takeDirectories(_ environment: [String: String]) -> [SettingsProblem] {
        func first(_ variable: String) -> String? {
            environment[variable].flatMap { $0.split(separator: ":").first }.map(String.init)
        }
        credentialsDirectory = environment["CREDENTIALS_DIRECTORY"]
        let taken = [
            ("STATE_DIRECTORY", "state_directory", first("STATE_DIRECTORY")),
            ("RUNTIME_DIRECTORY", "control_socket", first("RUNTIME_DIRECTORY").map { "\($0)/control.sock" }),
        ]
        return taken.compactMap { variable, path, text in
            guard let text, let setting = Setting.byPath[path] else { return nil }
            return take(text, for: setting, from: variable)
        }
    }

    /// What is deleted sooner than it is collected would be collected again and again.
    private func retentionProblem(_ file: ConfigurationFile) -> SettingsProblem? {
        guard case .last(let kept) = retention.activity else { return nil }
        if case .last(let collected) = sync.history, kept >= collected { return nil }
        let place: SettingsProblem.Place
        switch origins["retention.activity"] {
        case .file(let line): place = .file(path: file.path, line: line)
        case .environment, nil: place = .environment
        }
        return SettingsProblem(
            place: place, name: "retention.activity",
            reason: "must be as long as sync.history (\(SettingText.written(sync.history))) or longer, or \"all\"")
    }

    private mutating func takeOverrides(_ environment: [String: String]) -> [SettingsProblem] {
        let byVariable = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.variable, $0) })
        let clients = ["JIRA_USAGED_SOCKET", "JIRA_USAGED_PAGER"]
        let ours = environment.filter { $0.key.hasPrefix(Setting.variablePrefix) && !clients.contains($0.key) }
        return ours.sorted { $0.key < $1.key }.compactMap { variable, text in
            guard let setting = byVariable[variable] else {
                let secrets = ["OAUTH_CLIENT_SECRET", "VAULT_KEY", "VAULT_NEXT_KEY"]
                let isSecret = secrets.contains { variable == Setting.variablePrefix + $0 }
                let hint = "is not a setting"
                let secret = "is not read: the environment is no place for a secret; name a file by \(variable)_FILE"
                return SettingsProblem(place: .environment, name: variable, reason: isSecret ? secret : hint)
            }
            return take(text, for: setting, from: variable)
        }
    }

    private mutating func take(_ text: String, for setting: Setting, from variable: String) -> SettingsProblem? {
        do {
            switch setting.kind {
            case .text:
                try setting.apply(.text(text), &self)
            case .number:
                // What is no number is refused as one out of range, with the same words.
                try setting.apply(Int(text).map { .number($0) } ?? .text(text), &self)
            }
            origins[setting.path] = .environment(variable: variable)
            return nil
        } catch {
            return SettingsProblem(place: .environment, name: variable, reason: error.reason)
        }
    }
}
