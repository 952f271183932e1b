import ControlProtocol
import ControlServer
import Glibc
import TestSupport
import Testing

@Suite("Conversations", .timeLimit(.minutes(5)))
struct ConversationTests {
    private func exchange(
        _ input: String, handler: @escaping Scripted.Answer = echo
    ) async throws -> [String] {
        try await withServer(handler: handler) { path in
            try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send(input)
                client.endInput()
                return try client.readLines()
            }
        }
    }

    @Test("Pipelined requests are answered in order, and after the end of input the connection is closed")
    func pipelining() async throws {
        let lines = (0..<200).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"m\#($0)"}"# + "\n" }
        let replies = try await exchange(lines.joined())
        #expect(replies == (0..<200).map { echoed("\($0)", "m\($0)") })
    }

    @Test("A line without id, and without a line feed before the end of input, is answered")
    func lenient() async throws {
        #expect(try await exchange(#"{"method":"status"}"#) == [echoed("null", "status")])
    }

    @Test("Blank lines are no requests, and carriage returns are blanks")
    func blanks() async throws {
        #expect(try await exchange("\n \t\r\n{\"method\":\"a\"}\r\n") == [echoed("null", "a")])
    }

    @Test("A garbage line is answered and the connection goes on")
    func garbage() async throws {
        let replies = try await exchange("\u{1}\u{2}garbage\n\0\n[1]\n{\"id\":9,\"method\":\"a\"}\n")
        #expect(replies.count == 4)
        #expect(replies[0].contains("-32700"))
        #expect(replies[1].contains("-32700"))
        #expect(replies[2].contains("-32600"))
        #expect(replies[3] == echoed("9", "a"))
    }

    @Test("A line that is too long is answered once and dropped up to its line feed; the next one is served")
    func tooLong() async throws {
        let long = String(repeating: "x", count: 1_000_000)
        let replies = try await exchange(long + "\n{\"id\":1,\"method\":\"a\"}\n")
        #expect(replies.count == 2)
        #expect(replies[0].contains("-32600"))
        #expect(replies[1] == echoed("1", "a"))
    }

    @Test("A line of 128 KiB is served")
    func longest() async throws {
        let start = #"{"id":1,"method":"a","params":{"x":""#
        let end = #""}}"#
        let filling = String(repeating: "x", count: LineSplitter.longestRequest - start.count - end.count)
        #expect(try await exchange(start + filling + end + "\n") == [echoed("1", "a")])
    }

    @Test("A reply that does not fit a line is an internal error, and the connection goes on")
    func longReply() async throws {
        let replies = try await exchange("{\"id\":1,\"method\":\"long\"}\n{\"id\":2,\"method\":\"a\"}\n") {
            request, _, _ in
            let text = request.method == "long" ? String(repeating: "x", count: 100_000) : request.method
            return ControlReply(id: request.id, outcome: .success(.string(text)))
        }
        #expect(replies.count == 2)
        #expect(replies[0].contains("-32603"))
        #expect(replies[1] == echoed("2", "a"))
    }

    @Test("The handler is told who is calling")
    func peer() async throws {
        let replies = try await exchange("{\"id\":1,\"method\":\"who\"}\n") { request, peer, _ in
            let isMe = peer.uid == getuid() && peer.gid == getgid() && peer.pid == getpid()
            var groups = [gid_t](repeating: 0, count: 1024)
            let count = getgroups(1024, &groups)
            let hasMyGroups = peer.groups == Set(groups.prefix(Int(count)))
            return ControlReply(id: request.id, outcome: .success([.bool(isMe), .bool(hasMyGroups)]))
        }
        #expect(replies == [#"{"jsonrpc":"2.0","id":1,"result":[true,true]}"#])
    }

    @Test("A request that runs aside does not hold up the one after it")
    func aside() async throws {
        let gate = Gate()
        let wait = #"{"id":1,"method":"sync.run","params":{"wait":true}}"#
        let handler: Scripted.Answer = { request, _, _ in
            if request.runsAside { try? await gate.pass() }
            return ControlReply(id: request.id, outcome: .success(.string(request.method)))
        }
        try await withServer(handler: handler) { path in
            let replies = try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send(wait + "\n{\"id\":2,\"method\":\"ping\"}\n")
                client.endInput()
                let first = try client.readLine()
                gate.open()
                return (first, try client.readLines())
            }
            #expect(replies.0 == echoed("2", "ping"))
            #expect(replies.1 == [echoed("1", "sync.run")])
        }
    }

    @Test("What could be answered at once waits for its turn behind what cannot")
    func inTurn() async throws {
        let (started, gate) = (Gate(), Gate())
        let handler: Scripted.Answer = { request, _, _ in
            started.open()
            try? await gate.pass()
            return ControlReply(id: request.id, outcome: .success(.string(request.method)))
        }
        try await withServer(handler: handler) { path in
            let client = try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send(
                    "{\"id\":1,\"method\":\"ping\"}\n{\"id\":2,\"method\":\"slow\"}\n{\"id\":3,\"method\":\"ping\"}\n")
                #expect(try client.readLine() == echoed("1", "ping"))
                return client
            }
            try await started.pass()
            let replies = try await onThread {
                try client.send(
                    "{\"id\":4,\"method\":\"ping\"}\n{\"id\":5,\"method\":\"slow\"}\n{\"id\":6,\"method\":\"ping\"}\n"
                        + "{\"id\":7,\"method\":\"$/cancel\",\"params\":{\"id\":8}}\n")
                client.endInput()
                // Not in turn: what stands before it has been read when it is answered.
                let cancelled = try client.readLine()
                #expect(cancelled?.contains("\"id\":7") == true)
                gate.open()
                return try client.readLines()
            }
            #expect(
                replies == [
                    echoed("2", "slow"), echoed("3", "ping"), echoed("4", "ping"), echoed("5", "slow"),
                    echoed("6", "ping"),
                ])
        }
    }

    @Test("Where too much waits to be read, what could be answered at once waits as well, in order")
    func fullOutput() async throws {
        var limits = ControlServer.Limits()
        limits.bufferedOutput = 64
        try await withServer(limits: limits, handler: echo) { path in
            let replies = try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send((0..<2000).map { "{\"id\":\($0),\"method\":\"ping\"}\n" }.joined())
                client.endInput()
                return try client.readLines()
            }
            #expect(replies == (0..<2000).map { echoed("\($0)", "ping") })
        }
    }

    @Test("A last line without a line feed is answered at once too")
    func noLineFeed() async throws {
        try await withServer(handler: echo) { path in
            let replies = try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send("{\"id\":1,\"method\":\"ping\"}\n{\"id\":2,\"method\":\"ping\"}")
                client.endInput()
                return try client.readLines()
            }
            #expect(replies == [echoed("1", "ping"), echoed("2", "ping")])
        }
    }

    @Test("A caller who goes away is not waited for any more: the handler is cancelled")
    func gone() async throws {
        let (started, cancelled, never) = (Gate(), Gate(), Gate())
        let handler: Scripted.Answer = { request, _, _ in
            started.open()
            do { try await never.pass() } catch { cancelled.open() }
            return ControlReply(id: request.id, outcome: .success(nil))
        }
        try await withServer(handler: handler) { path in
            var client: UnixSocketClient? = try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send("{\"id\":1,\"method\":\"wait\"}\n")
                return client
            }
            try await started.pass()
            #expect(client != nil)
            client = nil
            try await cancelled.pass()
        }
    }

    @Test("A reader who takes nothing does not slow another, and is closed after a while")
    func slowReader() async throws {
        var limits = ControlServer.Limits()
        limits.stall = .milliseconds(400)
        let handler: Scripted.Answer = { request, _, _ in
            ControlReply(id: request.id, outcome: .success(.string(String(repeating: "x", count: 50_000))))
        }
        try await withServer(limits: limits, handler: handler) { path in
            let answered = try await onThread {
                let slow = try UnixSocketClient(path: path)
                // 200 replies of 50 kB are far more than the kernel and the server keep for it.
                try slow.send(String(repeating: "{\"id\":1,\"method\":\"a\"}\n", count: 200))
                let quick = try UnixSocketClient(path: path)
                for _ in 0..<20 {
                    try quick.send("{\"id\":2,\"method\":\"a\"}\n")
                    _ = try quick.readLine()
                }
                slow.waitUntilClosed()
                return try slow.readLines().count
            }
            #expect(answered < 200)
        }
    }

    @Test("A reader who comes late gets every reply, whole")
    func lateReader() async throws {
        let handler: Scripted.Answer = { request, _, _ in
            ControlReply(id: request.id, outcome: .success(.string(String(repeating: "x", count: 50_000))))
        }
        let requests = String(repeating: "{\"id\":1,\"method\":\"a\"}\n", count: 50)
        let replies = try await exchange(requests, handler: handler)
        #expect(replies.count == 50)
        #expect(replies.allSatisfy { $0.hasSuffix("x\"}") && $0.utf8.count > 50_000 })
    }
}
