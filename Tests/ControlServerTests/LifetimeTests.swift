import ControlProtocol
import ControlServer
import Glibc
import Logging
import Synchronization
import TestSupport
import Testing
import UsageModel

@Suite("A server's life", .timeLimit(.minutes(5)))
struct LifetimeTests {
    @Test("Stopping answers what is in hand, takes nothing more, and removes the socket", arguments: [false, true])
    func stop(byCancellation: Bool) async throws {
        let started = Gate()
        let gate = Gate()
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sock"
            let server = ControlServer(
                socket: try ListeningSocket(path: path), logger: Logger(label: "test"),
                handler: Scripted { request, _, _ in
                    started.open()
                    try? await gate.pass()
                    return ControlReply(id: request.id, outcome: .success(.string(request.method)))
                })
            async let replies = onThread {
                let client = try UnixSocketClient(path: path)
                try client.send("{\"id\":1,\"method\":\"slow\"}\n")
                return try client.readLines()
            }
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                try await started.pass()
                if byCancellation {
                    group.cancelAll()
                } else {
                    server.stop()
                    gate.open()
                }
                try await group.waitForAll()
            }
            #expect(try await replies == [echoed("1", "slow")])
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test("What was sent before a stop is answered after it, though nobody had read it yet", .timeLimit(.minutes(5)))
    func drain() async throws {
        let started = Gate()
        let gate = Gate()
        var limits = ControlServer.Limits()
        limits.requestsInFlight = 2
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sock"
            let server = ControlServer(
                socket: try ListeningSocket(path: path), limits: limits, logger: Logger(label: "test"),
                handler: Scripted { request, _, _ in
                    started.open()
                    try? await gate.pass()
                    return ControlReply(id: request.id, outcome: .success(.string(request.method)))
                })
            let client = try UnixSocketClient(path: path)
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                // More than is read while the first of them is under way.
                try client.send((1...2000).map { "{\"id\":\($0),\"method\":\"slow\"}\n" }.joined())
                try await started.pass()
                server.stop()
                gate.open()
                #expect(try await onThread { try client.readLines() } == (1...2000).map { echoed("\($0)", "slow") })
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "What waits for something itself is given up by a stop, whether it was begun before it or not",
        .timeLimit(.minutes(5)))
    func giveUp() async throws {
        let started = Gate()
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sock"
            let server = ControlServer(
                socket: try ListeningSocket(path: path), logger: Logger(label: "test"),
                handler: Scripted { request, _, _ in
                    started.open()
                    // Only cancelled it ends.
                    try? await Gate().pass()
                    return ControlReply(id: request.id, error: ControlError(.internalError, "it was told to end"))
                })
            let client = try UnixSocketClient(path: path)
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                try client.send((1...40).map { "{\"id\":\($0),\"method\":\"change.wait\"}\n" }.joined())
                try await started.pass()
                server.stop()
                let replies = try await onThread { try client.readLines() }
                #expect(replies.count == 40)
                #expect(replies.allSatisfy { $0.contains("\"shuttingDown\"") }, "\(replies.first ?? "")")
                try await group.waitForAll()
            }
        }
    }

    @Test("A server that is stopped before it runs ends at once")
    func stopFirst() async throws {
        try await withTemporaryDirectory { directory in
            let server = ControlServer(
                socket: try ListeningSocket(path: directory + "/s"), logger: Logger(label: "test"),
                handler: Scripted(answer: echo))
            server.stop()
            try await server.run()
            #expect(access(directory + "/s", F_OK) != 0)
        }
    }

    @Test("A connection too many is told so and closed; once one has ended there is room again")
    func room() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 2
        limits.connectionsKeptForRoot = 0
        try await withServer(limits: limits, handler: echo) { path in
            let (refused, reply) = try await onThread {
                let first = try UnixSocketClient(path: path)
                let second = try UnixSocketClient(path: path)
                for client in [first, second] {
                    try client.send("{\"method\":\"a\"}\n")
                    _ = try client.readLine()
                }
                let refused = try UnixSocketClient(path: path).readLines()
                second.endInput()
                _ = try second.readLines()
                var reply: String?
                // The server counts the second as ended a moment after it has closed it.
                repeat {
                    let fourth = try UnixSocketClient(path: path)
                    try? fourth.send("{\"method\":\"a\"}\n")
                    reply = try fourth.readLine()
                } while reply?.contains("1052") == true
                return (refused, reply)
            }
            #expect(refused.count == 1 && refused[0].contains("1052"))
            #expect(reply == echoed("null", "a"))
        }
    }
}

@Suite("Idle and stalled connections", .timeLimit(.minutes(5)))
struct IdleTests {
    @Test("Where there is no room, a connection that has been idle is closed for a new one, and a busy one is not")
    func eviction() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 2
        limits.connectionsKeptForRoot = 0
        limits.idle = .zero
        let (waiting, gate) = (Gate(), Gate())
        let handler: Scripted.Answer = { request, _, _ in
            if request.method == "wait" {
                waiting.open()
                try? await gate.pass()
            }
            return ControlReply(id: request.id, outcome: .success(.string(request.method)))
        }
        try await withServer(limits: limits, handler: handler) { path in
            let (busy, idle) = try await onThread {
                let busy = try UnixSocketClient(path: path)
                try busy.send("{\"method\":\"wait\"}\n")
                let idle = try UnixSocketClient(path: path)
                try idle.send("{\"method\":\"a\"}\n")
                _ = try idle.readLine()
                return (busy, idle)
            }
            try await waiting.pass()
            let (reply, end) = try await onThread {
                var reply: String?
                // It is idle a moment after its reply has been read.
                repeat {
                    let third = try UnixSocketClient(path: path)
                    try? third.send("{\"method\":\"b\"}\n")
                    reply = try third.readLine()
                } while reply?.contains("1052") == true
                return (reply, try idle.readLine())
            }
            #expect(reply == echoed("null", "b"))
            #expect(end == nil)
            gate.open()
            #expect(try await onThread { try busy.readLine() } == echoed("null", "wait"))
        }
    }

    @Test(
        "What was answered at once counts: the connection that is closed is the one that asked nothing for the longest")
    func evictionOfQuickOnes() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 2
        limits.connectionsKeptForRoot = 0
        limits.idle = .zero
        try await withServer(limits: limits, handler: echo) { path in
            try await onThread {
                let clients = try (0..<2).map { _ in try UnixSocketClient(path: path) }
                for client in clients + [clients[0]] {
                    try client.send("{\"method\":\"ping\"}\n")
                    #expect(try client.readLine() == echoed("null", "ping"))
                }
                let third = try UnixSocketClient(path: path)
                try third.send("{\"method\":\"ping\"}\n")
                #expect(try third.readLine() == echoed("null", "ping"))
                try clients[0].send("{\"method\":\"ping\"}\n")
                #expect(try clients[0].readLine() == echoed("null", "ping"))
                #expect(try clients[1].readLine() == nil)
            }
        }
    }

    @Test("A line that was begun and is not gone on with ends its connection, and no other")
    func halfLine() async throws {
        var limits = ControlServer.Limits()
        limits.stall = .milliseconds(100)
        try await withServer(limits: limits, handler: echo) { path in
            let (half, whole) = try await onThread {
                let other = try UnixSocketClient(path: path)
                let client = try UnixSocketClient(path: path)
                try client.send("{\"method\":\"a\"}\n{\"meth")
                let lines = try client.readLines()
                try other.send("{\"method\":\"b\"}\n")
                return (lines, try other.readLine())
            }
            #expect(half.count == 2 && half.first == echoed("null", "a"))
            #expect(half.last?.contains("-32700") == true)
            #expect(whole == echoed("null", "b"))
        }
    }
}

@Suite("The listening socket")
struct ListeningSocketTests {
    @Test("Everybody may connect")
    func mode() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let socket = try ListeningSocket(path: path)
            defer { close(socket.descriptor) }
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o666)
        }
    }

    @Test("The socket of a daemon that is gone is replaced; a living one's is not")
    func stale() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let dead = try ListeningSocket(path: path)
            #expect(throws: ListenError.inUse(path: path)) { try ListeningSocket(path: path) }
            close(dead.descriptor)
            let alive = try ListeningSocket(path: path)
            close(alive.descriptor)
        }
    }

    @Test("What is no socket is left alone")
    func notASocket() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            close(creat(path, 0o600))
            #expect(throws: ListenError.notASocket(path: path)) { try ListeningSocket(path: path) }
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test("A folder that others may write to, a missing one and a path that is too long are refused")
    func badPaths() async throws {
        try await withTemporaryDirectory { directory in
            chmod(directory, 0o777)
            #expect(throws: ListenError.unsafeDirectory(path: directory)) {
                try ListeningSocket(path: directory + "/s")
            }
            chmod(directory, 0o700)
            #expect(throws: ListenError.failed(call: "stat", path: directory + "/x", errno: ENOENT)) {
                try ListeningSocket(path: directory + "/x/s")
            }
            let long = directory + "/" + String(repeating: "s", count: 108)
            #expect(throws: ListenError.pathTooLong(path: long, limit: 107)) { try ListeningSocket(path: long) }
        }
    }

    @Test("Who connects between two servers on one socket is answered by the second", .timeLimit(.minutes(5)))
    func inherited() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let bound = try ListeningSocket(path: path)
            let kept = dup(bound.descriptor)
            let first = ControlServer(
                socket: bound.leavingFile(), logger: Logger(label: "test"), handler: Scripted(answer: echo))
            first.stop()
            try await first.run()
            let waiting = try UnixSocketClient(path: path)
            try waiting.send("{\"method\":\"a\"}\n")

            let second = ControlServer(
                socket: try #require(ListeningSocket(inherited: kept, path: path)), logger: Logger(label: "test"),
                handler: Scripted(answer: echo))
            try await withThrowingTaskGroup { group in
                group.addTask { try await second.run() }
                #expect(try await onThread { try waiting.readLine() } == echoed("null", "a"))
                second.stop()
                try await group.waitForAll()
            }
            #expect(access(path, F_OK) == 0)
        }
    }

    /// What became of those who ask again and again.
    private final class Tally: Sendable {
        let answered = RisingNumber(0)
        let cut = Mutex(0)
        let isOver = Mutex(false)
        private let count = Mutex<Int64>(0)

        /// Connects, asks and hears, once.
        func ask(_ path: String) throws {
            let client = try UnixSocketClient(path: path)
            // A server that ends has closed it before anything was sent, which loses nothing.
            guard (try? client.send("{\"method\":\"ping\"}\n")) != nil else { return }
            guard (try? client.readLine()) != nil else { return cut.withLock { $0 += 1 } }
            answered.rise(
                to: count.withLock { count in
                    count += 1
                    return count
                })
        }
    }

    @Test("Whatever was sent is answered, however often one server follows another", .timeLimit(.minutes(5)))
    func succession() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let kept = try ListeningSocket(path: path)
            defer { close(kept.descriptor) }
            let tally = Tally()
            try await withThrowingTaskGroup { callers in
                for _ in 0..<4 {
                    callers.addTask {
                        try await onThread { while !tally.isOver.withLock({ $0 }) { try tally.ask(path) } }
                    }
                }
                for _ in 0..<100 {
                    let server = ControlServer(
                        socket: try #require(ListeningSocket(inherited: dup(kept.descriptor), path: path)),
                        logger: Logger(label: "test"), handler: Scripted(answer: echo))
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await server.run() }
                        _ = try await tally.answered.wait(above: tally.answered.value + 10)
                        server.stop()
                        try await group.waitForAll()
                    }
                }
                // The last one serves those who still wait.
                tally.isOver.withLock { $0 = true }
                let last = ControlServer(
                    socket: try #require(ListeningSocket(inherited: dup(kept.descriptor), path: path)),
                    logger: Logger(label: "test"), handler: Scripted(answer: echo))
                try await withThrowingTaskGroup { group in
                    group.addTask { try await last.run() }
                    try await callers.waitForAll()
                    last.stop()
                    try await group.waitForAll()
                }
            }
            #expect(tally.cut.withLock { $0 } == 0)
        }
    }

    @Test("An inherited socket that callers would not come to is refused")
    func inheritedOfNoUse() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let bound = try ListeningSocket(path: path)
            defer { close(bound.descriptor) }
            #expect(ListeningSocket(inherited: bound.descriptor, path: path) != nil)
            #expect(ListeningSocket(inherited: bound.descriptor, path: directory + "/other") == nil)
            // Given up for one at another path, it leaves no file behind; given up for another at its own, it does.
            let moved = try ListeningSocket(path: directory + "/moved").leavingFile()
            defer { close(moved.descriptor) }
            ListeningSocket.removeFile(of: moved.descriptor, unlessAt: directory + "/moved")
            #expect(access(directory + "/moved", F_OK) == 0)
            ListeningSocket.removeFile(of: moved.descriptor, unlessAt: path)
            #expect(access(directory + "/moved", F_OK) != 0 && access(path, F_OK) == 0)
            let file = open(directory, O_RDONLY)
            defer { close(file) }
            #expect(ListeningSocket(inherited: file, path: path) == nil)
            let connecting = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(connecting) }
            #expect(ListeningSocket(inherited: connecting, path: path) == nil)
            unlink(path)
            #expect(ListeningSocket(inherited: bound.descriptor, path: path) == nil)
        }
    }

    /// In a process of its own, for the mask is the process's.
    @Test("Sockets that are made at once give the process its mask back", .timeLimit(.minutes(5)))
    func maskAfterMany() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { directory in
                umask(0o027)
                await withThrowingTaskGroup { group in
                    for number in 0..<64 {
                        group.addTask { close(try ListeningSocket(path: "\(directory)/\(number)").descriptor) }
                    }
                }
                #expect(umask(0) == 0o027)
                for number in 0..<64 {
                    var status = stat()
                    try #require(lstat("\(directory)/\(number)", &status) == 0)
                    #expect(status.st_mode & 0o777 == 0o666)
                }
            }
        }
    }

    @Test("A server is alive when it serves and its handler answers, and not before or after", .timeLimit(.minutes(5)))
    func alive() async throws {
        try await withTemporaryDirectory { directory in
            let server = ControlServer(
                socket: try ListeningSocket(path: directory + "/s"), logger: Logger(label: "test"),
                handler: Scripted(answer: echo))
            let ping = ControlRequest(id: .null, method: "ping")
            await #expect(throws: ControlServer.NotServing.self) { try await server.checkAlive(with: ping) }
            let served = Gate()
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run(whenServing: { served.open() }) }
                try await served.pass()
                try await server.checkAlive(with: ping)
                await #expect(throws: ControlServer.NotServing.self) {
                    try await server.checkAlive(with: ControlRequest(id: .null, method: "not answered at once"))
                }
                server.stop()
                try await group.waitForAll()
            }
            await #expect(throws: (any Error).self) { try await server.checkAlive(with: ping) }
        }
    }
}
