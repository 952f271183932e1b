import ArgumentParser
import ControlProtocol

/// Sets the daemon up on this machine, before there is one to ask.
struct SetupCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Set the daemon up on this machine: secrets, configuration, service.",
        discussion: """
            At a terminal it asks for what it needs. What is there already is kept, so that it can be run again. Needs root: \
            sudo jirausagectl setup
            """)

    @Option(help: .init("The client id of your app at developer.atlassian.com.", valueName: "id"))
    var clientId: String?

    @Option(
        help: .init("Read the app's secret from a file, or with - from standard input.", valueName: "file"),
        completion: .file())
    var clientSecretFile: String?

    @Option(
        help: .init(
            "Read the vault's key, 32 bytes in base64, from a file, or with - from standard input, instead of making one.",
            valueName: "file"), completion: .file())
    var vaultKeyFile: String?

    @Option(help: .init("With what the secrets are encrypted; see systemd-creds(1).", valueName: "key"))
    var withKey: CredentialKey?

    @Option(help: .init("The callback URL of the app, as it is set there.", valueName: "url")) var redirectUri: String?

    @Option(help: .init("Whom to ask for consent and tokens, where that is not Atlassian.", valueName: "url"))
    var authorizationServer: String?

    @Option(help: .init("Where Jira's REST API is, where that is not Atlassian.", valueName: "url"))
    var apiBaseUrl: String?

    @Flag(help: "Neither enable nor start the daemon.") var noStart = false

    @Option(help: .init("A directory in place of /, for tests.", visibility: .private)) var root: String?

    @ParentCommand var parent: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { parent.settings(options) }

    func validate() throws {
        for (key, value) in setup.settings() {
            if let refusal = key.refusal(of: value) { throw ValidationError("\(key.option) \(refusal).") }
        }
        guard [clientSecretFile, vaultKeyFile].count(where: { $0 == "-" }) < 2 else {
            throw ValidationError("Only one secret can be read from standard input.")
        }
    }

    private var setup: SetupOptions {
        var setup = SetupOptions()
        setup.clientID = clientId
        setup.secretFiles[.clientSecret] = clientSecretFile
        setup.secretFiles[.vaultKey] = vaultKeyFile
        setup.withKey = withKey
        setup.redirectURI = redirectUri
        setup.authorizationServer = authorizationServer
        setup.apiBaseURL = apiBaseUrl
        setup.starts = !noStart
        return setup
    }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        // Before anything is done: what was done cannot be refused any more.
        if session.format == .csv { throw .usage("this command has no rows to print as CSV; take --json") }
        if settings.isUsers {
            throw .usage("setup is for the system's daemon; for your own see USER MODE, man jira-usaged")
        }
        let console = session.console
        let isForPeople = session.format == nil
        let run = SetupRun(options: setup, machine: Machine(root: root), console: console) { step in
            if isForPeople { console.printError(step.line) }
        }
        let report: SetupReport
        do throws(SetupFailure) {
            report = try run.perform()
        } catch {
            throw CommandFailure(error)
        }
        return try session.present(report.json) { _ in
            report.text(person: session.variables["SUDO_USER"])
        }
    }
}
