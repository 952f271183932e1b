import Foundation
import Glibc
import Synchronization

/// A program at a terminal of its own, and a person in front of it: what it shows can be waited for, and keys pressed.
///
/// Between terminal and program stands a shell, as it does for people. It outlives the program, so that what the program
/// left of the terminal's settings can be seen before the kernel resets them with the end of the session.
package final class PseudoTerminal: Sendable {
    /// What was there when the program had ended.
    package struct Ending: Sendable {
        /// As a shell tells it: 128 and the signal's number where a signal ended the program.
        package let exitCode: Int32
        /// All that was on the screen, and what was typed where the terminal showed it.
        package let transcript: String
        /// The settings before and after, as stty(1) writes them.
        package let settings: (before: String, after: String)
    }

    private let descriptor: Int32
    private let pid: pid_t
    private let directory: String
    private let shown = Mutex([UInt8]())
    /// Whether nobody has the terminal open any more.
    private let hasEnded = Mutex(false)

    /// - Parameters:
    ///   - environment: all of it but `PATH` and what the dynamic linker needs, which are inherited unless given.
    ///   - directory: for the files by which the shell tells what it found; one terminal a directory at a time.
    private init(_ words: [String], environment: [String: String], directory: String) throws {
        self.directory = directory
        // Opened so, and not by openpty(3), it is closed on exec from the start: no program that another test starts at
        // the same time keeps it open.
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard let path = Self.unlock(descriptor) else {
            close(descriptor)
            throw ChildProcess.Failure(description: "no terminal: \(String(cString: strerror(errno)))")
        }
        let script = """
            trap : INT TERM
            stty -g > "$0/stty-before"
            sh -c 'echo $$ > "$0/terminal-pid"; exec "$@"' "$0" "$@"
            code=$?
            stty -g > "$0/stty-after"
            exit $code
            """
        do {
            pid = try Self.spawn(
                ["/bin/sh", "-c", script, directory] + words, environment: environment, terminal: path)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Runs `body` with a program at a terminal; whatever still runs afterwards is killed.
    package static func run(
        _ words: [String], environment: [String: String], directory: String,
        _ body: (PseudoTerminal) async throws -> Void
    ) async throws -> Ending {
        let terminal = try PseudoTerminal(words, environment: environment, directory: directory)
        do {
            try await body(terminal)
            return try await terminal.end()
        } catch {
            // The session's leader takes its group with it: shell and program are one.
            kill(-terminal.pid, SIGKILL)
            _ = await terminal.reap()
            throw error
        }
    }

    /// What is on the screen so far, as far as it was waited for.
    package var transcript: String { shown.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Presses keys.
    package func type(_ text: String) async {
        await offTheConcurrencyPool { [descriptor] in
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Returns once the screen has shown something that `text` is found in, and what was shown until then.
    @discardableResult
    package func wait(for text: String) async throws -> String {
        try await wait("“\(text)”") { $0.contains(text) }
    }

    /// Returns once what the screen has shown is as wanted.
    ///
    /// - Parameter what: in words, for the error.
    @discardableResult
    package func wait(_ what: String, until isShown: (_ transcript: String) -> Bool) async throws -> String {
        while !isShown(transcript) {
            guard await readMore() else {
                throw ChildProcess.Failure(description: "\(what) was never shown, but:\n\(transcript)")
            }
        }
        return transcript
    }

    /// Sends the program, which must be running, a signal.
    package func signal(_ number: Int32) throws {
        let text = try String(contentsOfFile: "\(directory)/terminal-pid", encoding: .utf8)
        guard let program = pid_t(text.dropLast()), kill(program, number) == 0 else {
            throw ChildProcess.Failure(description: "no program to signal")
        }
    }

    /// Waits for the program's end.
    private func end() async throws -> Ending {
        while await readMore() {}
        guard hasEnded.withLock(\.self) else {
            throw ChildProcess.Failure(description: "the program did not end, but showed:\n\(transcript)")
        }
        let exitCode = await reap()
        func settings(_ name: String) throws -> String {
            try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
        }
        return Ending(
            exitCode: exitCode, transcript: transcript,
            settings: (try settings("stty-before"), try settings("stty-after")))
    }

    /// - Returns: `false` when the terminal's last user has gone, or after a minute of silence.
    private func readMore() async -> Bool {
        let bytes = await offTheConcurrencyPool { [descriptor] () -> [UInt8]? in
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 60_000) > 0 else { return nil }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &chunk, chunk.count)
            return Array(chunk.prefix(max(count, 0)))
        }
        guard let bytes else { return false }
        if bytes.isEmpty { hasEnded.withLock { $0 = true } }
        shown.withLock { $0 += bytes }
        return !bytes.isEmpty && !Task.isCancelled
    }

    private func reap() async -> Int32 {
        await offTheConcurrencyPool { [pid] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        }
    }

    /// - Returns: the path of the other end: <https://man7.org/linux/man-pages/man2/ioctl_tty.2.html>.
    private static func unlock(_ descriptor: Int32) -> String? {
        let (lock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)  // TIOCSPTLCK, TIOCGPTN
        var (isLocked, index): (Int32, UInt32) = (0, 0)
        guard descriptor >= 0, ioctl(descriptor, lock, &isLocked) == 0, ioctl(descriptor, number, &index) == 0 else {
            return nil
        }
        return "/dev/pts/\(index)"
    }

    private static func spawn(
        _ words: [String], environment: [String: String], terminal: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that a session's leader opens is the session's own.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // POSIX_SPAWN_SETSID, which Swift's module of glibc leaves out.
        let newSession: Int16 = 0x80
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | newSession)

        let inherited = ["PATH", "LD_LIBRARY_PATH"].compactMap { name in
            ProcessInfo.processInfo.environment[name].map { (name, $0) }
        }
        let variables = environment.merging(inherited) { given, _ in given }.map { "\($0)=\($1)" }
        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, words[0], &actions, &attributes, &argv, &envp)
        guard failure == 0 else { throw ChildProcess.Failure(description: String(cString: strerror(failure))) }
        return pid
    }
}
