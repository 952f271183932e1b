import ControlProtocol
import UsageModel

/// What `setup` did, and what is left to do.
struct SetupReport {
    struct Step: Hashable {
        enum Name: String {
            case accounts, clientSecret, vaultKey, configuration, service
        }

        enum State: String {
            case done
            /// It was there already, and stays.
            case kept
        }

        let name: Name
        let state: State
        /// One line, for people.
        let message: String
    }

    var steps: [Step] = []
    /// Files in the clear that nothing reads any more.
    var plainFiles: [String] = []
    /// Where the vault's key is, of which a copy belongs elsewhere.
    let vaultKey: String
    /// What systemctl(1) is still to be told, where that was not wanted of this run.
    var pending: [ServiceCommand] = []
    /// Where the daemon listens, if that is not where clients look for it.
    var socket: String?

    /// The commands to type next, and what each is for.
    ///
    /// - Parameter person: whoever is behind sudo(8), if that is known.
    func next(person: String? = nil) -> [(command: String, purpose: String)] {
        let prefix = person == nil ? "" : "sudo "
        var next: [(String, String)] = []
        if pending.contains(.start) {
            next.append(("systemctl enable --now jira-usaged", "start it"))
        } else {
            if pending.contains(.enable) { next.append(("systemctl enable jira-usaged", "start it after each boot")) }
            if pending.contains(.restart) {
                next += [
                    ("systemctl reload jira-usaged", "ask it whether it would start with what is new"),
                    ("systemctl restart jira-usaged", "if so, have it read that"),
                ]
            }
        }
        let client = socket.map { "jirausagectl --socket \($0.shellWord)" } ?? "jirausagectl"
        next += [
            ("\(client) auth login", "connect a site"),
            ("usermod -aG jira-usage \(person?.shellWord ?? "ada")", "say who may ask, from the next login on"),
            ("\(client) status", "see how far it is"),
            (
                "systemd-creds decrypt --name=\(SetupSecret.vaultKey.rawValue) \(vaultKey.shellWord) -",
                "show the vault's key: keep a copy apart from the back-ups, nothing else opens the vault"
            ),
        ]
        next += plainFiles.map { ("rm \($0.shellWord)", "remove the secret in the clear, which is not read any more") }
        return next.map { (prefix + $0.0, $0.1) }
    }

    var json: JSON {
        [
            "steps": .array(
                steps.map {
                    [
                        "name": .string($0.name.rawValue), "state": .string($0.state.rawValue),
                        "message": .string($0.message),
                    ]
                }),
            "next": .array(next().map { .string($0.command) }),
        ]
    }

    func text(person: String?) -> String {
        let changed = steps.contains { $0.state == .done }
        let beginning = changed ? "jira-usaged is set up." : "jira-usaged was set up already; nothing was changed."
        let commands = next(person: person).map { "  # \($0.purpose)\n  \($0.command)\n" }.joined()
        return beginning + " Next:\n\n" + commands
    }
}
