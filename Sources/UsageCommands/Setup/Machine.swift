import ControlProtocol

/// The machine that is set up: where its files are and its programs.
struct Machine: Hashable {
    static let configurationDirectory = "/etc/jira-usaged"

    /// A directory in place of `/`; `nil` is this machine as it is.
    let root: String?

    /// Where something is that has its place on every machine.
    func path(_ path: String) -> String { (root ?? "") + path }

    /// As an encrypted credential, which the unit names.
    func credential(_ secret: SetupSecret) -> String {
        path("\(Self.configurationDirectory)/\(secret.rawValue).cred")
    }

    var configurationFile: String { path("\(Self.configurationDirectory)/config.toml") }

    /// Not what `PATH` says: what is run here is run as root.
    var programDirectories: [String] { ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(path) }

    /// - Parameter user: the number of the effective user.
    func check(user: UInt32) throws(SetupFailure) {
        if root == nil, user != 0 { throw .notRoot }
    }
}

/// The secrets that the daemon cannot do without, named as its credentials are.
enum SetupSecret: String, CaseIterable, Sendable {
    case clientSecret = "client-secret"
    case vaultKey = "vault-key"

    /// The option that names a file with it.
    var option: String { "--\(rawValue)-file" }

    /// What the daemon would accept: see jira-usaged(8), SECRETS.
    func accepts(_ text: String) -> Bool {
        switch self {
        case .clientSecret:
            return !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        case .vaultKey:
            // 32 bytes in base64 (RFC 4648, section 4).
            return text.utf8.count == 44 && text.hasSuffix("=") && text.utf8.dropLast().allSatisfy(Base64.isDigit)
        }
    }

    /// What it should have been, for who brought something else.
    var description: String {
        switch self {
        case .clientSecret: "the secret that Atlassian's console shows: one line, without blanks"
        case .vaultKey: "a key of 32 bytes in base64, as openssl rand -base64 32 makes one"
        }
    }
}
