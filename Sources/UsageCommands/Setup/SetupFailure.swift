import Glibc
import UsageModel

/// Why `setup` did not come to its end. What was done before stays, and a repetition goes on from there.
enum SetupFailure: Error {
    case notRoot
    /// Whoever can be asked sits nowhere, and these options are not given.
    case needs(options: [String])
    /// The input ended before there was an answer, or none was good.
    case unanswered(what: String)
    case interrupted
    case noServiceManager
    case missingProgram(String)
    case notInstalled
    case masked
    /// The unit takes a secret from elsewhere, so that it would not find what is made here.
    case unitReadsElsewhere(SetupSecret, path: String)
    /// There is a vault, and nothing that opens it.
    case keyMissing(vault: String)
    case badSecret(SetupSecret, source: String)
    /// A credential that is there is of no use: it does not open, of which systemd-creds(1) says why, or holds something else.
    case badCredential(SetupSecret, path: String, vault: String?, says: [String]?)
    /// It is the other secret's, and might be the only one of that.
    case misplacedCredential(SetupSecret, path: String, belongs: String, Occupant)
    case unreadableSecret(SetupSecret, path: String, errno: CInt)
    case configuration(path: String, ConfigurationText.Refusal)
    /// A link to a file that is not there.
    case danglingConfiguration(path: String)
    /// The daemon would refuse it; what it says of it.
    case refusedConfiguration(path: String, says: [String])
    case running(directory: String)
    case file(path: String, errno: CInt)
    /// A program of the system's could not do what it was asked for; what it said.
    case program(what: String, says: [String])
    case encryption(SetupSecret, key: CredentialKey?, says: [String])
    /// The daemon that runs would not start again, and goes on; what it says of it.
    case refusedRestart(says: [String])
    /// The daemon did not start; the last lines of its journal.
    case service(exitStatus: Int, says: [String])

    var message: String {
        switch self {
        case .notRoot: "setup changes the system, which only root may"
        case .needs(let options):
            "nobody can be asked here, where there is no terminal: give \(options.joined(separator: " and "))"
        case .unanswered(let what): "there is no \(what) to go on with; nothing was changed"
        case .interrupted: "interrupted"
        case .noServiceManager: "systemd does not run here, and setup is made for it"
        case .missingProgram(let name): "there is no \(name), which comes with systemd 250 and later"
        case .notInstalled: "the unit \(ServiceState.unit) is not installed"
        case .masked: "the unit \(ServiceState.unit) is masked, so that nothing can start it"
        case .unitReadsElsewhere(let secret, let path):
            "the unit \(ServiceState.unit) does not take \(secret.rawValue) from \(path)"
        case .keyMissing(let vault): "there is a vault, \(vault), and no key that opens it; another one would not"
        case .badSecret(let secret, let source): "\(source) does not hold \(secret.description)"
        case .badCredential(_, let path, _, .some): "\(path) cannot be decrypted here; nothing was changed"
        case .misplacedCredential(let secret, let path, _, _):
            "\(path) holds what is encrypted as \(secret.rawValue); nothing was changed"
        case .badCredential(let secret, let path, _, .none):
            "what is encrypted in \(path) is not \(secret.description); nothing was changed"
        case .unreadableSecret(_, let path, let errno): "\(path) cannot be read: \(Self.words(errno))"
        case .danglingConfiguration(let path): "\(path) is a symbolic link to a file that is not there"
        case .configuration(let path, .malformed(let line)): "\(path), line \(line): this is not TOML"
        case .configuration(let path, .unusual(let name, let line)):
            "\(path), line \(line): \(name) is written in a way that setup does not change"
        case .refusedConfiguration(let path, _):
            "the daemon would not start with \(path); nothing was changed"
        case .running(let directory): "another setup is at work in \(directory)"
        case .file(let path, let errno): "\(path): \(Self.words(errno))"
        case .program(let what, _): "\(what) failed"
        case .encryption(let secret, _, _): "\(secret.rawValue) could not be encrypted"
        case .refusedRestart:
            "jira-usaged would not start again with what is configured; it was not restarted, and goes on"
        case .service: "jira-usaged did not start"
        }
    }

    /// What to do next, as far as possible a command to type.
    var hint: String? {
        switch self {
        case .notRoot: "Run it with sudo: sudo jirausagectl setup"
        case .needs: "See jirausagectl setup --help."
        case .interrupted: nil
        case .unanswered: "Begin again: jirausagectl setup"
        case .noServiceManager: "Do by hand what it does: see FIRST-TIME SET-UP, man jira-usaged"
        case .missingProgram: "See which systemd there is: systemctl --version"
        case .notInstalled: "Install it, by the package or by make install, and have it read: systemctl daemon-reload"
        case .masked: "Take that back, and begin again: systemctl unmask jira-usaged; jirausagectl setup"
        case .unitReadsElsewhere:
            "See which file says so, and remove the drop-in or install the unit anew: systemctl cat jira-usaged"
        case .keyMissing(let vault):
            "Bring its key: jirausagectl setup --vault-key-file FILE. Where that is lost, put the vault away, and "
                + "consent again later: mv \(vault.shellWord) \((vault + ".old").shellWord); jirausagectl setup"
        case .badSecret(let secret, _): "Give another file, or - for standard input: \(secret.option) FILE"
        case .misplacedCredential(_, let path, let belongs, let there):
            Self.replacement(of: path, belongs: belongs, there)
        case .badCredential(.clientSecret, _, _, _):
            "Bring the secret again, from Settings in Atlassian's console: jirausagectl setup --client-secret-file FILE"
        case .badCredential(.vaultKey, let path, let vault, _):
            Self.replacement(ofKey: path, vault: vault)
        case .unreadableSecret(let secret, _, _): "Give a file that is there: \(secret.option) FILE"
        case .configuration(_, .malformed), .refusedConfiguration, .refusedRestart:
            "Correct it, and begin again: jirausagectl setup"
        case .configuration(_, .unusual(let name, _)):
            "Write \(name) as a line of its own below its [table], in one line, and begin again: jirausagectl setup"
        case .danglingConfiguration: "Bring the file back, or remove the link, and begin again: jirausagectl setup"
        case .running: "Wait for it, and begin again: jirausagectl setup"
        case .file: "When that is put right, begin again: jirausagectl setup"
        case .program: "When that is put right, begin again: jirausagectl setup"
        case .encryption(_, .host, _): "When that is put right, begin again: jirausagectl setup"
        case .encryption(_, .null, _): "Take another kind of key: jirausagectl setup --with-key host"
        case .encryption:
            "If it speaks of a temporary file system, or the TPM is at fault: jirausagectl setup --with-key host"
        case .service(Self.credentialsFailed, _):
            "The unit has a credential that systemd could not load. See which it names, and mend or remove it: "
                + "systemctl cat jira-usaged"
        case .service:
            "See more, and begin again when that is put right: systemctl status jira-usaged; jirausagectl setup"
        }
    }

    /// What is where a credential belongs that is elsewhere.
    enum Occupant: Hashable {
        case nothing, broken
        /// The one of the place where the other is.
        case exchanged
        /// The right one, or another of its kind.
        case itsOwn
    }

    /// A file that is called so already is kept beside it.
    private static func away(_ path: String) -> String {
        "mv --backup=numbered \(path.shellWord) \((path + ".old").shellWord)"
    }

    private static func replacement(of path: String, belongs: String, _ there: Occupant) -> String {
        let (from, to, between) = (path.shellWord, belongs.shellWord, (path + ".new").shellWord)
        return switch there {
        case .nothing: "Put it where it belongs: mv \(from) \(to); jirausagectl setup"
        case .broken:
            "Put it where it belongs, and what is there away: \(away(belongs)); mv \(from) \(to); jirausagectl setup"
        case .exchanged:
            "The two are exchanged. Exchange them again: mv \(from) \(between); mv \(to) \(from); mv \(between) \(to); jirausagectl setup"
        case .itsOwn:
            "There is one already where it belongs, \(belongs). Put this one away: \(away(path)); jirausagectl setup"
        }
    }

    private static func replacement(ofKey path: String, vault: String?) -> String {
        let away = away(path)
        guard let vault else { return "Put it away, and a new key is made: \(away); jirausagectl setup" }
        return
            "Put it away, and bring your copy of the key: \(away); jirausagectl setup --vault-key-file FILE. Where that "
            + "is lost, put the vault away too, and consent again later: mv \(vault.shellWord) "
            + "\((vault + ".old").shellWord); jirausagectl setup"
    }

    /// Lines of other programs, to be shown below the message.
    var details: [String] {
        switch self {
        case .refusedConfiguration(_, let says), .program(_, let says), .encryption(_, _, let says),
            .refusedRestart(let says), .service(_, let says), .badCredential(_, _, _, .some(let says)):
            says
        default: []
        }
    }

    /// The stable word for scripts.
    var kind: String {
        switch self {
        case .notRoot: "notPermitted"
        case .needs: "usage"
        case .unanswered, .badSecret, .unreadableSecret: "malformedData"
        case .interrupted: "interrupted"
        case .noServiceManager, .missingProgram, .notInstalled, .masked, .unitReadsElsewhere, .keyMissing,
            .badCredential, .misplacedCredential, .danglingConfiguration, .configuration,
            .refusedConfiguration, .refusedRestart, .program, .encryption:
            "badConfiguration"
        case .running: "setupRunning"
        case .file: "storage"
        case .service: status == .configuration ? "badConfiguration" : "daemonNotRunning"
        }
    }

    var status: ExitStatus {
        switch self {
        case .notRoot: .notPermitted
        case .needs: .usage
        case .unanswered, .badSecret, .unreadableSecret: .data
        case .interrupted: .interrupted
        case .noServiceManager, .missingProgram, .notInstalled, .masked, .unitReadsElsewhere, .keyMissing,
            .badCredential, .misplacedCredential, .danglingConfiguration, .configuration,
            .refusedConfiguration, .refusedRestart, .program, .encryption:
            .configuration
        case .running: .tryAgain
        case .file: .storage
        case .service(let exitStatus, _):
            [Self.badConfiguration, Self.credentialsFailed].contains(exitStatus) ? .configuration : .unreachable
        }
    }

    /// What the daemon ends with where an administrator must act: see jira-usaged(8).
    private static let badConfiguration = 78
    /// `EXIT_CREDENTIALS` of systemd.exec(5): it could not give the daemon its credentials.
    private static let credentialsFailed = 243

    private static func words(_ errno: CInt) -> String { String(cString: strerror(errno)) }
}
