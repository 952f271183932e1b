import Foundation
import Glibc

/// A program that is run to its end, with nothing between it and the clock.
struct ProgramRun {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let words: [String]
    var environment: [String: String] = [:]
    /// Exit codes that are no failure.
    var exitCodes: Set<Int32> = [0]

    /// From before it is there until it has gone. What it prints nobody reads.
    func run() throws {
        let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(sink) }
        try wait(for: try start(writingTo: sink))
    }

    /// Reads what it prints while it runs.
    ///
    /// - Parameter body: given a descriptor that it closes.
    func run<Value>(reading body: (Int32) throws -> Value) throws -> Value {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(description: String(cString: strerror(errno))) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pid = try start(writingTo: ends[1])
        close(ends[1])
        let value = try body(ends[0])
        try wait(for: pid)
        return value
    }

    private func start(writingTo output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let variables = environment.merging(["PATH": PeerPrograms.path]) { given, _ in given }
        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawnp(&pid, words[0], &actions, nil, &argv, &envp)
        guard failure == 0 else { throw Failure(description: "\(words[0]): \(String(cString: strerror(failure)))") }
        return pid
    }

    private func wait(for pid: pid_t) throws {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        guard exitCodes.contains(code) else {
            throw Failure(description: "\(words.joined(separator: " ").prefix(200)): exit \(code)")
        }
    }

    /// All that it prints.
    func output() throws -> String {
        try run { descriptor in
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        }
    }
}
