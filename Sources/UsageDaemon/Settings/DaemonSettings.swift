package import UsageModel

/// Everything an administrator can set, read once at start by `load`.
///
/// Each value is the first there is of: the environment variable `JIRA_USAGED_…`, the configuration file, what systemd
/// passes (`STATE_DIRECTORY`, `RUNTIME_DIRECTORY`), the default written here. All are checked; the ranges stand beside
/// them and are held by `Setting.all`.
package struct DaemonSettings: Sendable, Hashable {
    /// Where `usage.db` and `vault.db` live. An absolute path.
    package internal(set) var stateDirectory = "/var/lib/jira-usaged"
    /// The control socket: an absolute path of at most 107 bytes, which is what unix(7) leaves for it.
    package internal(set) var controlSocket = "/run/jira-usaged/control.sock"
    package internal(set) var oauth = OAuth()
    package internal(set) var api = API()
    package internal(set) var vault = Vault()
    package internal(set) var sync = Sync()
    package internal(set) var retention = Retention()
    package internal(set) var access = Access()
    /// Whether it is a user's own daemon.
    package internal(set) var isUsers = false
    /// How an administrator calls systemctl(1) for this daemon.
    var systemctl: String { isUsers ? "systemctl --user" : "systemctl" }
    /// Where systemd put the credentials, `CREDENTIALS_DIRECTORY`.
    package internal(set) var credentialsDirectory: String?
    /// Where each setting that is not a default came from, by its path (`sync.interval`).
    package internal(set) var origins: [String: Origin] = [:]

    /// The app at Atlassian that we are.
    package struct OAuth: Sendable, Hashable {
        /// As Atlassian's developer console shows it. Without one nobody can consent.
        package internal(set) var clientID: String?
        /// Read where there is no credential `client-secret`.
        package internal(set) var clientSecretFile = "/etc/jira-usaged/client-secret"
        /// Exactly the callback URL of the developer console: https, or http to a loopback address.
        package internal(set) var redirectURI = "http://127.0.0.1:8736/callback"
        /// https, or http to a loopback address; without a slash at its end.
        package internal(set) var authorizationServer = "https://auth.atlassian.com"
    }

    package struct API: Sendable, Hashable {
        /// https, or http to a loopback address; without a slash at its end.
        package internal(set) var baseURL = "https://api.atlassian.com"
        /// Through which everything that begins with https goes. Without one, nothing goes through a proxy.
        package internal(set) var proxy: ProxyAddress?
    }

    package struct Vault: Sendable, Hashable {
        /// 32 bytes in base64. Read where there is no credential `vault-key`.
        package internal(set) var keyFile = "/etc/jira-usaged/vault-key"
        /// The key that is to come, of the same form. Read by `vault.rekey`, where there is no credential
        /// `vault-key-next`.
        package internal(set) var nextKeyFile = "/etc/jira-usaged/vault-key.next"
    }

    package struct Sync: Sendable, Hashable {
        /// Between incremental passes. 30 s to 30 d.
        package internal(set) var interval: Duration = .seconds(900)
        /// How far back activity is collected. 1 d or more, or everything.
        package internal(set) var history = History.last(.days(400))
        /// How long without activity makes a licence inactive. Whole days of 24 hours, 1 to 36,500.
        package internal(set) var thresholdDays = 90
        /// Requests in flight, at most. 1 to 32.
        package internal(set) var concurrency = 8
        /// Atlassian's quota for our app; the daemon plans inside it. 1,000 to 10,000,000.
        package internal(set) var pointsPerHour = 65_000
    }

    package enum History: Sendable, Hashable {
        case last(Duration)
        case all
    }

    /// How long what is stored is kept.
    package struct Retention: Sendable, Hashable {
        /// Of an activity, counted from when it happened. `sync.history` or longer.
        package internal(set) var activity = History.all
        /// Of who held which seat, role and group, counted from when that ended. 1 d or more, or for ever.
        package internal(set) var seats = History.all
        /// Of the numbers that `privacy.status` shows. 1 d or more.
        package internal(set) var log: Duration = .days(400)
        /// Of names and e-mail addresses that could not be reported to Atlassian, counted from when they should have been.
        /// 1 d or more.
        package internal(set) var unreported: Duration = .days(90)
    }

    /// Who may ask what, by groups of this machine. A group that does not exist has no members.
    package struct Access: Sendable, Hashable {
        package internal(set) var readGroup = "jira-usage"
        package internal(set) var adminGroup = "jira-usage-admin"
    }

    package enum Origin: Sendable, Hashable, CustomStringConvertible {
        case file(line: Int?)
        case environment(variable: String)

        package var description: String {
            switch self {
            case .file(.none): "the file"
            case .file(.some(let line)): "line \(line)"
            case .environment(let variable): variable
            }
        }
    }
}

// MARK: - Showing them

extension DaemonSettings {
    /// What holds, as a configuration file would say it, and where each value came from: the output of
    /// `--check-config`. It holds no secret.
    package var report: String {
        var lines: [String] = []
        var section: Substring = ""
        for setting in Setting.all {
            if setting.section != section {
                section = setting.section
                lines.append("[\(section)]")
            }
            let origin = origins[setting.path].map(\.description) ?? "default"
            if let value = setting.written(self) {
                lines.append("\(setting.key) = \(value)  # \(origin)")
            } else {
                lines.append("# \(setting.key) is not set")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
