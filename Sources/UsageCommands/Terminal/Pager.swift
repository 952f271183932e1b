// The variables that a child inherits are C's `environ`, which nothing in this program changes.
@preconcurrency import Glibc

/// A program that shows a long list page by page.
///
/// Its name comes from whoever runs this program, and no word of it from anybody else; it is split at blanks and started
/// without a shell.
struct Pager {
    private let words: [String]
    private let environment: [String]

    /// `nil` where none is wanted: the list does not go to a terminal, or fits it.
    init?(for text: String, _ console: Console, _ variables: [String: String]) {
        guard console.handlesSignals, console.outputIsTerminal, variables["TERM"] != "dumb" else { return nil }
        let lines = text.utf8.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        guard lines >= console.outputHeight ?? 24 else { return nil }
        // Whoever got rights by sudo may perhaps use only this program with them; less, made safe, starts no other.
        let isBorrowed = variables["SUDO_USER"] != nil
        let chosen = isBorrowed ? nil : variables["JIRA_USAGED_PAGER"] ?? variables["PAGER"]
        words = (chosen ?? "less -FRX").split(separator: " ").map(String.init)
        environment = isBorrowed ? ["LESSSECURE=1"] : []
        if words.isEmpty || words == ["cat"] { return nil }
    }

    /// Shows a text, and returns when the person has seen enough of it.
    ///
    /// - Returns: `false` where the pager could not be started, and nothing has been shown.
    func show(_ text: String) -> Bool {
        var ends: [CInt] = [-1, -1]
        // A socket rather than a pipe: writing to one that nobody reads any more can be told not to end the program.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return false }
        let pid = start(reading: ends[0])
        close(ends[0])
        guard let pid else {
            close(ends[1])
            return false
        }
        // Ctrl-C is the pager's now: it ends a search there, and must not take the terminal from under it.
        let before = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, before) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(ends[1], $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            // Whoever leaves the pager early has seen enough.
            if count <= 0 { break }
            rest = rest.dropFirst(count)
        }
        close(ends[1])
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return true
    }

    private func start(reading descriptor: CInt) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, descriptor, STDIN_FILENO)

        var argv = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var count = 0
        while environ[count] != nil { count += 1 }
        let added = environment.map { strdup($0) }
        defer { for entry in added { free(entry) } }
        var variables = added + (0..<count).map { environ[$0] } + [nil]
        var pid: pid_t = 0
        guard posix_spawnp(&pid, words[0], &actions, nil, &argv, &variables) == 0 else { return nil }
        return pid
    }
}
