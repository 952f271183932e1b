package import Foundation
import Glibc
import Synchronization

/// A program that a test has started: with its output in files of the test's directory, ended by its process id.
package final class ChildProcess: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    package let pid: pid_t
    private let output: Outlet
    private let errorPath: String
    private let input: Int32
    private let exit = Mutex(ExitState.running(waiting: []))

    private enum ExitState {
        case running(waiting: [CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }

    /// - Parameters:
    ///   - environment: all of it; nothing is inherited but `PATH`, what the dynamic linker needs, and where a
    ///     simulator writes down its secrets.
    ///   - directory: where what it writes is kept.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: String
    ) throws {
        let name = "\(URL(filePath: program).lastPathComponent)-\(UInt32.random(in: .min ... .max))"
        errorPath = "\(directory)/\(name).err"
        let (outputReading, outputWriting) = try Self.pair()
        let (inputWriting, inputReading) = try Self.pair()
        defer {
            close(outputWriting)
            close(inputReading)
        }
        do {
            pid = try Self.spawn(
                [program] + arguments, environment: environment, input: inputReading, output: outputWriting,
                errorPath: errorPath)
        } catch {
            close(outputReading)
            close(inputWriting)
            throw error
        }
        output = Outlet(descriptor: outputReading, copy: "\(directory)/\(name).out")
        input = inputWriting
        Thread.detachNewThread { [self] in reap() }
    }

    deinit {
        close(input)
    }

    /// What it has written to standard error so far.
    package var errors: String {
        (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? ""
    }

    /// The next line of its standard output.
    package func nextLine() async throws -> String {
        let line = await killedOnCancellation { await offTheConcurrencyPool { self.output.nextLine() } }
        guard let line else {
            throw Failure(description: "ended without a line (exit \(await exitCode())): \(errors)")
        }
        return line
    }

    /// All that it writes to standard output from here on, once it has closed it.
    package func restOfOutput() async -> String {
        await killedOnCancellation { await offTheConcurrencyPool { self.output.rest() } }
    }

    /// Gives it a line to read.
    package func send(line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.send(input, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Whether it has not ended yet.
    package var isRunning: Bool {
        exit.withLock { if case .running = $0 { true } else { false } }
    }

    /// Its exit code once it has ended; 128 and the signal's number where a signal ended it.
    package func exitCode() async -> Int32 {
        await killedOnCancellation {
            await withCheckedContinuation { continuation in
                exit.withLock { state in
                    switch state {
                    case .running(let waiting): state = .running(waiting: waiting + [continuation])
                    case .ended(let code): continuation.resume(returning: code)
                    }
                }
            }
        }
    }

    /// A test that takes longer than its time limit is cancelled: then nobody waits for this program any more.
    package func killedOnCancellation<Value: Sendable>(_ wait: () async -> Value) async -> Value {
        await withTaskCancellationHandler(operation: wait, onCancel: { signal(SIGKILL) })
    }

    package func signal(_ number: Int32) {
        // Under the lock it has not been reaped, so that the id is still its own.
        exit.withLock { if case .running = $0 { kill(pid, number) } }
    }

    /// Asks it to end, and returns its exit code.
    @discardableResult
    package func terminate() async -> Int32 {
        signal(SIGTERM)
        return await exitCode()
    }

    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let (code, waiting) = exit.withLock { state in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
            defer { state = .ended(code) }
            guard case .running(let waiting) = state else { return (code, [CheckedContinuation<Int32, Never>]()) }
            return (code, waiting)
        }
        for continuation in waiting { continuation.resume(returning: code) }
    }

    // MARK: - System calls

    /// A pair of sockets: unlike those of a pipe, its ends are closed on exec from the start, so that no program that
    /// another test starts at the same time keeps one open.
    private static func pair() throws -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(description: "socketpair: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ words: [String], environment: [String: String], input: Int32, output: Int32, errorPath: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)

        // Threads of a test runner may have signals blocked, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let inherited = ["PATH", "LD_LIBRARY_PATH", "JIRA_SIM_SECRETS_FILE"].compactMap { name in
            ProcessInfo.processInfo.environment[name].map { (name, $0) }
        }
        let variables = environment.merging(inherited) { given, _ in given }.map { "\($0)=\($1)" }
        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawnp(&pid, words[0], &actions, &attributes, &argv, &envp)
        guard failure == 0 else { throw Failure(description: "\(words[0]): \(String(cString: strerror(failure)))") }
        return pid
    }
}

/// Our end of a program's output, line by line.
private final class Outlet: Sendable {
    private let descriptor: Int32
    /// Keeps what was read beside what was written to standard error, for those who search everything that was printed.
    private let copy: Int32
    private let buffer = Mutex([UInt8]())

    init(descriptor: Int32, copy path: String) {
        self.descriptor = descriptor
        copy = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    }

    deinit {
        close(descriptor)
        close(copy)
    }

    /// `nil` at the end.
    func nextLine() -> String? {
        buffer.withLock { buffer in
            while true {
                if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { buffer.removeSubrange(...end) }
                    return String(decoding: buffer[..<end], as: UTF8.self)
                }
                guard fill(&buffer) else { return nil }
            }
        }
    }

    func rest() -> String {
        buffer.withLock { buffer in
            while fill(&buffer) {}
            defer { buffer = [] }
            return String(decoding: buffer, as: UTF8.self)
        }
    }

    private func fill(_ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { return true }
        guard count > 0 else { return false }
        _ = write(copy, chunk, count)
        buffer += chunk[..<count]
        return true
    }
}

/// Runs what blocks on a thread of its own: the pool has as many threads as there are cores, and tests run side by side.
package func offTheConcurrencyPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}

/// Runs `body` with a started program, which is ended and awaited afterwards whatever happens.
package func withChildProcess<Value>(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: String,
    _ body: (ChildProcess) async throws -> Value
) async throws -> Value {
    let child = try ChildProcess(program, arguments, environment: environment, directory: directory)
    do {
        let value = try await body(child)
        await child.terminate()
        return value
    } catch {
        child.signal(SIGKILL)
        _ = await child.exitCode()
        throw error
    }
}

/// What a program that ended by itself left.
package struct Outcome: Sendable {
    package let exitCode: Int32
    package let output: String
    package let errors: String

    package init(exitCode: Int32, output: String, errors: String) {
        self.exitCode = exitCode
        self.output = output
        self.errors = errors
    }
}

/// Runs a program to its end.
package func runToEnd(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: String
) async throws -> Outcome {
    let child = try ChildProcess(program, arguments, environment: environment, directory: directory)
    let output = await child.restOfOutput()
    return Outcome(exitCode: await child.exitCode(), output: output, errors: child.errors)
}
