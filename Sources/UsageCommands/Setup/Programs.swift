import Glibc
import UsageModel

/// The system's own programs, run to their end.
struct Programs {
    struct Ending {
        /// As a shell tells it: 128 and the signal's number where a signal ended it.
        let exitStatus: CInt
        let output: [UInt8]
        let errors: [UInt8]

        var isGood: Bool { exitStatus == 0 }
        var text: String { String(decoding: output, as: UTF8.self) }

        /// What it said, for people; the last of it where that is much.
        var says: [String] {
            let lines = String(decoding: errors, as: UTF8.self).split(separator: "\n").suffix(10).map(String.init)
            return lines.isEmpty ? ["It said nothing, and ended with status \(exitStatus)."] : lines
        }
    }

    /// Looked through in this order.
    let directories: [String]

    func path(of name: String) -> String? {
        directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs a program. It is given no variables of this one's, so that nothing secret can be in them, and its messages are
    /// in one language.
    ///
    /// - Parameter input: what it reads; nothing where there is none. It goes by no argument, for every user sees those.
    func run(_ name: String, _ arguments: [String], input: Secret? = nil) throws(SetupFailure) -> Ending {
        guard let path = path(of: name) else { throw .missingProgram(name) }
        return try Self.run(path: path, arguments, input: input)
    }

    /// The same with a program that is known by its path.
    static func run(path: String, _ arguments: [String], input: Secret? = nil) throws(SetupFailure) -> Ending {
        guard let streams = Streams() else { throw .file(path: path, errno: errno) }
        defer { streams.close() }
        let failure: CInt
        let child: pid_t
        (child, failure) = start([path] + arguments, streams)
        streams.closeTheirs()
        guard failure == 0 else { throw .file(path: path, errno: failure) }
        streams.input.send(Array((input?.exposed ?? "").utf8))
        streams.input.closeOurs()
        let (output, errors) = streams.readToEnd()
        var status: CInt = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let exitStatus = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return Ending(exitStatus: exitStatus, output: output, errors: errors)
    }

    private static let variables = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "SYSTEMD_COLORS=0"]

    /// - Returns: its process id, and 0 or why it could not be started.
    private static func start(_ words: [String], _ streams: Streams) -> (pid_t, CInt) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, streams.input.theirs, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.output.theirs, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.errors.theirs, STDERR_FILENO)
        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, words[0], &actions, nil, &argv, &envp)
        return (pid, failure)
    }
}

/// The three streams of a child.
private final class Streams {
    let input: SocketPair
    let output: SocketPair
    let errors: SocketPair

    init?() {
        guard let input = SocketPair() else { return nil }
        self.input = input
        guard let output = SocketPair() else { return nil }
        self.output = output
        guard let errors = SocketPair() else { return nil }
        self.errors = errors
    }

    func closeTheirs() {
        for stream in [input, output, errors] { stream.closeTheirs() }
    }

    func close() {
        for stream in [input, output, errors] {
            stream.closeOurs()
            stream.closeTheirs()
        }
    }

    /// Both at once: whoever waits for the one while the child waits for the other to be read waits for ever.
    func readToEnd() -> (output: [UInt8], errors: [UInt8]) {
        var texts: [[UInt8]] = [[], []]
        var entries = [output, errors].map { pollfd(fd: $0.ours, events: Int16(POLLIN), revents: 0) }
        while entries.contains(where: { $0.fd >= 0 }) {
            guard poll(&entries, nfds_t(entries.count), -1) >= 0 || errno == EINTR else { break }
            for (place, entry) in entries.enumerated() where entry.fd >= 0 && entry.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = read(entry.fd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { entries[place].fd = -1 }
                texts[place] += buffer.prefix(max(count, 0))
            }
        }
        return (texts[0], texts[1])
    }
}

/// One of them: sockets rather than a pipe, since writing to one that nobody reads any more can be told not to end the
/// program, and closed on exec from the start, so that no other child keeps one open.
private final class SocketPair {
    private(set) var ours: CInt
    private(set) var theirs: CInt

    init?() {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        (ours, theirs) = (ends[0], ends[1])
    }

    deinit {
        closeOurs()
        closeTheirs()
    }

    func closeOurs() {
        if ours >= 0 { close(ours) }
        ours = -1
    }

    func closeTheirs() {
        if theirs >= 0 { close(theirs) }
        theirs = -1
    }

    /// Whoever does not read it all says by its end what became of it.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(ours, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
