import ControlProtocol
import Glibc
import UsageModel

/// Sets the daemon up: looks at what is there, asks for what is missing, and then does what is left to do.
///
/// Nothing is changed before everything is known and good. Then come the secrets, the configuration, and the start, each of
/// which is there as a whole or not at all; so a run that was stopped anywhere has lost nothing, and the next one goes on.
struct SetupRun {
    let options: SetupOptions
    let machine: Machine
    let console: Console
    /// Takes each step when it is done.
    let tell: (SetupReport.Step) -> Void

    var programs: Programs { Programs(directories: machine.programDirectories) }

    func perform() throws(SetupFailure) -> SetupReport {
        try machine.check(user: geteuid())
        try checkServiceManager()
        let found = try situation()
        let credentials = try openCredentials()
        let plan = try SetupPlan(found, options)
        for (secret, source) in [(SetupSecret.clientSecret, plan.clientSecret), (.vaultKey, plan.vaultKey)]
        where source == .kept {
            try checkKept(secret, credentials[secret], vault: found.vault)
        }
        let (settings, clientSecret) = try answers(plan)
        let vaultKey = try secret(.vaultKey, plan.vaultKey)

        var report = SetupReport(vaultKey: machine.credential(.vaultKey))
        func note(_ step: SetupReport.Step) {
            tell(step)
            report.steps.append(step)
        }
        let directory = machine.path(Machine.configurationDirectory)
        note(try accounts())
        try SetupFiles.makeDirectory(directory)
        let lock = try SetupLock(directory)
        for (secret, value, source) in [
            (SetupSecret.clientSecret, clientSecret, plan.clientSecret), (.vaultKey, vaultKey, plan.vaultKey),
        ] {
            note(try credential(secret, value, from: source))
            if let plainFile = try plainFile(of: secret, found, source) { report.plainFiles.append(plainFile) }
        }
        note(try configure(settings))
        if options.starts { note(try start()) } else { report.pending = try pendingCommands() }
        report.socket = try controlSocket()
        _ = consume lock
        return report
    }

    func step(
        _ name: SetupReport.Step.Name, _ state: SetupReport.Step.State, _ message: String
    ) -> SetupReport.Step {
        SetupReport.Step(name: name, state: state, message: message)
    }

    // MARK: - What is there

    private func checkServiceManager() throws(SetupFailure) {
        guard SetupFiles.exists(machine.path("/run/systemd/system")) else { throw .noServiceManager }
        guard programs.path(of: "systemd-creds") != nil else { throw .missingProgram("systemd-creds") }
        // A unit whose files have changed since they were read is not the one that will be started, nor shown.
        if try serviceState().needsReload { try reloadUnits() }
        if let refusal = try serviceState().refusal { throw refusal }
        let unit = try systemctl(["cat", ServiceState.unit])
        guard unit.isGood else { throw .notInstalled }
        let credentials = UnitCredentials(unit.text)
        for secret in SetupSecret.allCases {
            // As the unit sees it, which knows of no other root.
            let path = Machine(root: nil).credential(secret)
            guard credentials.sources[secret.rawValue] == .init(path: path, isEncrypted: true) else {
                throw .unitReadsElsewhere(secret, path: path)
            }
        }
    }

    private func reloadUnits() throws(SetupFailure) {
        let answer = try systemctl(["daemon-reload"])
        guard answer.isGood else { throw .program(what: "systemctl daemon-reload", says: answer.says) }
    }

    private func situation() throws(SetupFailure) -> SetupSituation {
        let configuration = try configurationText()
        var found = SetupSituation()
        found.hasClientID = try !(text(of: "client_id", in: "oauth", configuration) ?? "").isEmpty
        found.clientSecret = try place(of: .clientSecret, configuration, key: "client_secret_file", in: "oauth")
        found.vaultKey = try place(of: .vaultKey, configuration, key: "key_file", in: "vault")
        let vault = machine.path("/var/lib/jira-usaged/vault.db")
        found.vault = SetupFiles.exists(vault) ? vault : nil
        found.isInteractive = console.isInteractive
        return found
    }

    /// The file of an older set-up is where the configuration says, or else where it is by default.
    private func place(
        of secret: SetupSecret, _ configuration: ConfigurationText, key: String, in table: String
    ) throws(SetupFailure) -> SetupSituation.Place {
        let named = try text(of: key, in: table, configuration)
        let file = machine.path(named ?? "\(Machine.configurationDirectory)/\(secret.rawValue)")
        return SetupSituation.Place(
            hasCredential: SetupFiles.exists(machine.credential(secret)),
            plainFile: SetupFiles.exists(file) ? file : nil)
    }

    private func serviceState() throws(SetupFailure) -> ServiceState {
        let answer = try systemctl(ServiceState.command)
        guard answer.isGood else { throw .program(what: "systemctl show", says: answer.says) }
        return ServiceState(answer.text)
    }

    private func systemctl(_ words: [String]) throws(SetupFailure) -> Programs.Ending {
        try programs.run("systemctl", ["--no-ask-password", "--no-pager"] + words)
    }

    // MARK: - What is asked

    /// Everything that only the person or the command line knows, checked before anything is written.
    private func answers(
        _ plan: SetupPlan
    ) throws(SetupFailure) -> (settings: [ConfigurationKey: String], clientSecret: Secret?) {
        let questions = SetupQuestions(console: console)
        if plan.asksForClientID || plan.clientSecret == .person {
            console.printError(try registration())
        }
        let settings = options.settings(clientID: plan.asksForClientID ? try questions.clientID() : nil)
        try check(edited(settings).text)
        let clientSecret: Secret? =
            if plan.clientSecret == .person {
                try questions.clientSecret()
            } else {
                try secret(.clientSecret, plan.clientSecret)
            }
        return (settings, clientSecret)
    }

    private func registration() throws(SetupFailure) -> String {
        let configured = try text(of: "redirect_uri", in: "oauth", try configurationText())
        return setupRegistration(redirectURI: options.redirectURI ?? configured)
    }

    /// A secret that is not asked for; `nil` for one that stays as it is.
    private func secret(_ secret: SetupSecret, _ source: SetupPlan.Source) throws(SetupFailure) -> Secret? {
        switch source {
        case .kept, .person: return nil
        case .file("-"): return try checked(secret, standardInput(), source: "standard input")
        case .file(let path), .plainFile(let path):
            let bytes: [UInt8]
            do throws(Errno) {
                bytes = try SetupFiles.read(path)
            } catch {
                throw .unreadableSecret(secret, path: path, errno: error.number)
            }
            return try checked(secret, bytes, source: path)
        case .random: return Secret(Base64.text(randomBytes(32)))
        }
    }

    private func standardInput() -> [UInt8] {
        var text: [UInt8] = []
        while true {
            let bytes = console.readBytes()
            if bytes.isEmpty { return text }
            text += bytes
        }
    }

    func checked(_ secret: SetupSecret, _ bytes: [UInt8], source: String) throws(SetupFailure) -> Secret {
        var bytes = bytes[...]
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self), secret.accepts(text) else {
            throw .badSecret(secret, source: source)
        }
        return Secret(text)
    }

    /// Swift's own generator is getrandom(2) here: <https://developer.apple.com/documentation/swift/systemrandomnumbergenerator>.
    private func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in .random(in: .min ... .max, using: &generator) }
    }

    // MARK: - What is done

    /// The daemon's user and the groups who may ask it, as the package's sysusers.d(5) file has them.
    private func accounts() throws(SetupFailure) -> SetupReport.Step {
        if isListed("jira-usaged", in: "/etc/passwd"),
            ["jira-usaged", "jira-usage", "jira-usage-admin"].allSatisfy({ isListed($0, in: "/etc/group") })
        {
            return step(.accounts, .kept, "the user jira-usaged and the groups jira-usage and jira-usage-admin")
        }
        let answer = try programs.run("systemd-sysusers", ["jira-usaged.conf"])
        guard answer.isGood else { throw .program(what: "systemd-sysusers jira-usaged.conf", says: answer.says) }
        return step(.accounts, .done, "the user jira-usaged and the groups jira-usage and jira-usage-admin")
    }

    /// Read from the file, for the functions that look accounts up need libraries that are loaded at run time.
    private func isListed(_ name: String, in file: String) -> Bool {
        // What cannot be read is as good as missing: systemd-sysusers looks for itself.
        guard let bytes = try? SetupFiles.read(machine.path(file)) else { return false }
        return bytes.split(separator: UInt8(ascii: "\n")).contains { $0.starts(with: "\(name):".utf8) }
    }

    // MARK: - The configuration

    private func configurationText() throws(SetupFailure) -> ConfigurationText {
        let path = machine.configurationFile
        var bytes: [UInt8] = []
        do throws(Errno) {
            bytes = try SetupFiles.read(path)
        } catch  where error.number == ENOENT {
            // A missing file means all defaults; a link to one does not, for it may be there again tomorrow.
            guard !SetupFiles.isLink(path) else { throw .danglingConfiguration(path: path) }
        } catch {
            throw .file(path: path, errno: error.number)
        }
        do throws(ConfigurationText.Refusal) {
            return try ConfigurationText(bytes)
        } catch {
            throw .configuration(path: path, error)
        }
    }

    private func text(
        of key: String, in table: String?, _ configuration: ConfigurationText
    ) throws(SetupFailure) -> String? {
        do throws(ConfigurationText.Refusal) {
            return try configuration.text(of: key, in: table)
        } catch {
            throw .configuration(path: machine.configurationFile, error)
        }
    }

    /// Where the daemon listens, where the configuration says so.
    private func controlSocket() throws(SetupFailure) -> String? {
        try text(of: "control_socket", in: nil, try configurationText())
    }

    /// The configuration with these settings, and which of them are new.
    private func edited(
        _ settings: [ConfigurationKey: String]
    ) throws(SetupFailure) -> (text: ConfigurationText, changed: [ConfigurationKey]) {
        var text = try configurationText()
        do throws(ConfigurationText.Refusal) {
            var changed: [ConfigurationKey] = []
            for key in ConfigurationKey.allCases {
                guard let value = settings[key] else { continue }
                if try text.set(key.name, in: key.table, to: value) { changed.append(key) }
            }
            return (text, changed)
        } catch {
            throw .configuration(path: machine.configurationFile, error)
        }
    }

    /// Has the daemon read the configuration as it will be, before anything is changed.
    private func check(_ text: ConfigurationText) throws(SetupFailure) {
        // One that is not there does not start either, and that is told then.
        guard let program = try serviceState().program, access(program, X_OK) == 0 else { return }
        // In memory, as /run is, and without a name, so that nothing is left of it.
        var name = Array(machine.path("/run/jira-usaged.XXXXXX").utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw .file(path: machine.path("/run"), errno: errno) }
        defer { close(file) }
        unlink(name)
        if case .failed(let errno) = Console.write(text.bytes, to: file) {
            throw .file(path: machine.path("/run"), errno: errno)
        }
        let path = "/proc/\(getpid())/fd/\(file)"
        let answer = try Programs.run(path: program, ["--check-reload", "--config", path])
        guard !answer.isGood else { return }
        let says = answer.says.map { line in
            line.replacing("jira-usaged: ", with: "", maxReplacements: 1)
                .replacing(path, with: machine.configurationFile)
        }
        throw .refusedConfiguration(path: machine.configurationFile, says: says)
    }

    private func configure(_ settings: [ConfigurationKey: String]) throws(SetupFailure) -> SetupReport.Step {
        let path = machine.configurationFile
        let (text, changed) = try edited(settings)
        guard !changed.isEmpty else { return step(.configuration, .kept, path) }
        try SetupFiles.write(text.bytes, to: path, as: .configuration)
        return step(.configuration, .done, "\(path): \(changed.map(\.rawValue).joined(separator: ", "))")
    }

    // MARK: - The service

    /// What the service manager is to be told, so that the daemon runs by what is there.
    private func pendingCommands() throws(SetupFailure) -> [ServiceCommand] {
        let files = SetupSecret.allCases.map(machine.credential) + [machine.configurationFile]
        let changedAt = files.compactMap(SetupFiles.changedAt).max() ?? Instant(milliseconds: 0)
        return try serviceState().commands(changedAt: changedAt)
    }

    private func start() throws(SetupFailure) -> SetupReport.Step {
        let commands = try pendingCommands()
        for command in commands {
            let answer = try systemctl(command.words)
            if answer.isGood { continue }
            switch command {
            case .start, .restart:
                throw .service(exitStatus: try serviceState().exitStatus, says: try journal() ?? answer.says)
            case .reload: throw .refusedRestart(says: try journal("--priority=err") ?? answer.says)
            case .enable, .forgetFailure:
                throw .program(what: "systemctl " + command.words.joined(separator: " "), says: answer.says)
            }
        }
        return step(.service, commands.isEmpty ? .kept : .done, "jira-usaged runs, and does so after each boot")
    }

    /// The last lines of the daemon's journal; `nil` where there are none.
    private func journal(_ options: String...) throws(SetupFailure) -> [String]? {
        let journal = try programs.run(
            "journalctl", ["-u", ServiceState.unit, "-n", "5", "-o", "cat", "--no-pager"] + options)
        let lines = journal.text.split(separator: "\n").map(String.init)
        return lines.isEmpty ? nil : lines
    }
}
