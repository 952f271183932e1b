@preconcurrency import Glibc

/// Where the daemon of a user without special rights keeps what the system's keeps under `/etc`, `/var/lib` and `/run`.
///
/// Source: <https://specifications.freedesktop.org/basedir-spec/latest/>. A relative path there counts as none.
package struct UserDirectories: Sendable, Hashable {
    package let configuration: String
    package let state: String
    package let runtime: String

    /// - Parameters:
    ///   - environment: of the process.
    ///   - user: the number of its user.
    ///   - exists: whether there is a directory of that path.
    /// - Throws: where the environment does not say enough, or there is no session of this user.
    package init(
        environment: [String: String], user: UInt32, exists: (String) -> Bool = Self.isDirectory
    ) throws(SettingsError) {
        func absolute(_ variable: String) -> String? {
            environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        func base(_ variable: String, _ usual: String) throws(SettingsError) -> String {
            if let directory = absolute(variable) { return directory }
            guard let home = absolute("HOME") else {
                throw Self.problem("HOME", "is not set, nor is \(variable): there is no place for files of your own")
            }
            return "\(home)/\(usual)"
        }
        let runtime = absolute("XDG_RUNTIME_DIR") ?? "/run/user/\(user)"
        guard exists(runtime) else {
            throw Self.problem(
                "XDG_RUNTIME_DIR",
                "is \(absolute("XDG_RUNTIME_DIR") == nil ? "not set, and \(runtime)" : runtime), which does not exist: "
                    + "log in with a session of your own (su - and sudo make none), or set it")
        }
        configuration = try base("XDG_CONFIG_HOME", ".config") + "/jira-usaged"
        state = try base("XDG_STATE_HOME", ".local/state") + "/jira-usaged"
        self.runtime = runtime + "/jira-usaged"
    }

    package var file: ConfigurationFile {
        ConfigurationFile(path: configuration + "/config.toml", mustExist: false)
    }

    private static func problem(_ variable: String, _ reason: String) -> SettingsError {
        .invalid([SettingsProblem(place: .environment, name: variable, reason: reason)])
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension DaemonSettings {
    /// The defaults of a user's own daemon; without `user`, of the system's.
    init(user: UserDirectories?) {
        self.init()
        guard let user else { return }
        isUsers = true
        stateDirectory = user.state
        controlSocket = user.runtime + "/control.sock"
        oauth.clientSecretFile = user.configuration + "/client-secret"
        vault.keyFile = user.configuration + "/vault-key"
        vault.nextKeyFile = user.configuration + "/vault-key.next"
    }

    /// Makes the directories of state and socket, which nobody makes for a user's daemon that is started by hand. What cannot
    /// be made is told by whoever needs it.
    func makeDirectories() {
        for path in [stateDirectory, controlSocket.split(separator: "/").dropLast().map { "/\($0)" }.joined()] {
            var directory = ""
            for name in path.split(separator: "/") {
                directory += "/\(name)"
                mkdir(directory, 0o700)
            }
        }
    }
}
