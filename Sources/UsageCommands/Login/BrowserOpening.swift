// The variables that a child inherits are C's `environ`, which nothing in this program changes.
@preconcurrency import Glibc

/// Opens a browser by the first of some commands that can: nobody waits for them, and what has ended is reaped.
struct BrowserOpening {
    private var commands: ArraySlice<[String]>
    private var started: StartedBrowser?

    /// - Parameters:
    ///   - commands: whole command lines, in the order in which they are to be tried.
    init(_ commands: [[String]]) {
        self.commands = commands[...]
    }

    /// Starts the next command if the one before could not be started, or has ended and not well.
    ///
    /// - Returns: whether that was the last one, so that the person must open the address. Says so once.
    mutating func advance() -> Bool {
        if started != nil {
            guard started?.hasFailed() == true else { return false }
            started = nil
            if commands.isEmpty { return true }
        }
        while let words = commands.popFirst() {
            started = StartedBrowser(words)
            if started != nil { return false }
            if commands.isEmpty { return true }
        }
        return false
    }
}

/// A command that opens a browser, without a terminal.
private struct StartedBrowser {
    private var pid: pid_t?

    /// - Returns: `nil` where the command could not be started.
    init?(_ words: [String]) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Browsers are talkative, and this terminal is in use.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.newSession)

        var argv = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, words[0], &actions, &attributes, &argv, environ) == 0 else { return nil }
        self.pid = pid
    }

    /// `POSIX_SPAWN_SETSID` of glibc 2.26, which Swift's module leaves out: in a session of its own the browser outlives
    /// Ctrl-C and the terminal.
    private static let newSession: Int16 = 0x80

    /// Looks whether it has ended.
    ///
    /// - Returns: whether it has, and not well, so that the person must open the address.
    mutating func hasFailed() -> Bool {
        guard let pid else { return false }
        var status: CInt = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return false }
        self.pid = nil
        return status != 0
    }
}
