/// Which daemon is asked, and how the words for it are: the system's, or the user's own.
///
/// The same directories as jira-usaged's own: see jira-usaged(8), USER MODE.
struct Installation {
    let socket: String
    let service: ServiceWords

    /// Where the system's daemon listens unless its configuration says something else.
    static let systemSocket = "/run/jira-usaged/control.sock"

    /// - Parameters:
    ///   - variables: the environment.
    ///   - user: the number of this user.
    ///   - exists: whether there is something at a path.
    init(
        _ settings: Settings, variables: [String: String], user: UInt32, exists: (String) -> Bool
    ) throws(CommandFailure) {
        let runtime = variables["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/run/user/\(user)"
        let usersSocket = runtime + "/jira-usaged/control.sock"
        if settings.isUsers, settings.socket == nil, !exists(runtime) {
            throw .usage(
                "there is no \(runtime), where the socket of your own jira-usaged would be: log in, or name --socket")
        }
        // Empty is as good as not set.
        let variable = variables["JIRA_USAGED_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        if let named = settings.socket ?? (settings.isUsers ? nil : variable) {
            socket = named
            service = ServiceWords(isUsers: settings.isUsers || named == usersSocket)
            return
        }
        let isUsers = settings.isUsers || (!exists(Self.systemSocket) && exists(usersSocket))
        socket = isUsers ? usersSocket : Self.systemSocket
        // In the clear they are where the unit was told to look for them there.
        let secrets = ["client-secret.cred", "client-secret"].map { "\(Machine.configurationDirectory)/\($0)" }
        service = ServiceWords(isUsers: isUsers, isSetUp: isUsers || secrets.contains(where: exists))
    }
}

/// The commands by which the service manager is asked about the daemon.
struct ServiceWords: Hashable {
    let isUsers: Bool
    /// Whether there is a secret for it to start with, as far as that can be seen.
    var isSetUp = true

    static let system = ServiceWords(isUsers: false)

    /// What makes a daemon answer where none is.
    var begin: String {
        isSetUp
            ? "Start it, and see why not where that fails: \(start); \(journal)"
            : "Set it up: sudo jirausagectl setup; or, where that is done, start it: \(start)"
    }

    var start: String { "systemctl \(isUsers ? "--user " : "")start jira-usaged" }
    var journal: String { "journalctl \(isUsers ? "--user " : "")-u jira-usaged -n 20" }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
