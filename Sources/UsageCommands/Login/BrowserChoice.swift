/// Whether a browser is opened for the person, and by what: decided from the environment alone.
enum BrowserChoice: Hashable {
    /// Command lines to try, in this order, each with the address to open at its end or where `%s` stands.
    case open([[String]])
    case leaveToPerson

    /// - Parameters:
    ///   - variables: the environment.
    ///   - isInteractive: whether somebody sits at standard input and standard error.
    init(isWanted: Bool, variables: [String: String], isInteractive: Bool) {
        func isSet(_ name: String) -> Bool { !(variables[name] ?? "").isEmpty }
        // Over SSH a forwarded display would bring a browser of this machine, signed in to nothing. Behind sudo the
        // browser would be root's, which browsers refuse.
        guard isWanted, isInteractive, isSet("DISPLAY") || isSet("WAYLAND_DISPLAY"), !isSet("SSH_CONNECTION"),
            !isSet("SSH_TTY"), !isSet("SUDO_USER")
        else {
            self = .leaveToPerson
            return
        }
        let chosen = (variables["BROWSER"] ?? "").split(separator: ":").map {
            $0.split(whereSeparator: \.isWhitespace).map(String.init)
        }.filter { !$0.isEmpty }
        self = .open(chosen.isEmpty ? [["xdg-open"]] : chosen)
    }

    /// As xdg-utils read `$BROWSER`, but without a shell: <https://manpages.debian.org/bookworm/xdg-utils/xdg-open.1.en.html>.
    static func words(_ command: [String], opening address: String) -> [String] {
        guard command.contains(where: { $0.contains("%s") }) else { return command + [address] }
        return command.map { $0.split(separator: "%s", omittingEmptySubsequences: false).joined(separator: address) }
    }
}
