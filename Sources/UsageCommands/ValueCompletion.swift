import ArgumentParser
import ControlClient
import ControlProtocol
import Glibc

/// Words that the daemon knows, for a shell that completes a value.
///
/// Whoever presses Tab waits: the daemon has a moment, and where it does not answer, or may not say, there is nothing to offer
/// and nothing to tell.
enum ValueCompletion {
    static let roles = kind(knownRoles)
    static let groups = kind(knownGroups)
    static let sites = kind(knownSites)
    static let methods = kind(knownMethods)

    static func knownRoles(_ session: Session) throws(CommandFailure) -> [String] {
        try session.call(SummariseLicences(), .hasty).value().roles.map(\.key)
    }

    static func knownSites(_ session: Session) throws(CommandFailure) -> [String] {
        try session.call(GetStatus(), .hasty).value().sites.map(\.url)
    }

    static func knownMethods(_ session: Session) throws(CommandFailure) -> [String] {
        try session.call(Discover(), .hasty).json["methods"]?.array?.compactMap { $0["name"]?.string } ?? []
    }

    /// Those of the people who come in the moment that there is.
    static func knownGroups(_ session: Session) throws(CommandFailure) -> [String] {
        var names: Set<String> = []
        do throws(CommandFailure) {
            _ = try session.call(ListUsers(limit: 1000), .init(wantsStream: true, isHasty: true)) { notification in
                for row in notification.value.array ?? [] {
                    names.formUnion((row["groups"]?.array ?? []).compactMap { $0["name"]?.string })
                }
                return .goOn
            }
        } catch  where names.isEmpty {
            throw error
        } catch {
            // What came before the moment was over is better than nothing.
        }
        return names.sorted()
    }

    private static let patience = Duration.milliseconds(300)

    private static func kind(
        _ words: @escaping @Sendable (Session) throws(CommandFailure) -> [String]
    ) -> CompletionKind {
        .custom { line, _, _ in
            do throws(CommandFailure) {
                return try words(try session(line)).map(printable).filter { !$0.isEmpty }
            } catch {
                return []
            }
        }
    }

    /// - Parameter line: the words on the shell's command line.
    private static func session(_ line: [String]) throws(CommandFailure) -> Session {
        var settings = Settings()
        settings.timeout = patience
        settings.isUsers = line.contains("--user")
        if let place = line.firstIndex(of: "--socket"), place + 1 < line.count { settings.socket = line[place + 1] }
        // The parser runs this with nothing but the words, so that it has to look for the variables itself.
        var variables: [String: String] = [:]
        for name in ["JIRA_USAGED_SOCKET", "XDG_RUNTIME_DIR"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        let installation = try Installation(settings, variables: variables, user: getuid()) { access($0, F_OK) == 0 }
        return Session(
            settings: settings, socket: installation.socket, variables: variables, console: Console(),
            restartPatience: .zero)
    }
}

extension Session.Manner {
    fileprivate static var hasty: Session.Manner { Session.Manner(isHasty: true) }
}
