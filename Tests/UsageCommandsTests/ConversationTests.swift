import ControlClient
import ControlProtocol
import Glibc
import Synchronization
import TestSupport
import Testing
import UsageCommands

@Suite("A request and all that is said of it", .timeLimit(.minutes(5)))
struct ConversationTests {
    private static let meta = RequestMeta(wantsStream: true)

    /// Asks for the users, as a stream.
    private func list(
        _ path: String, interruption: CInt? = nil,
        notified: @escaping @Sendable (JSON) -> ControlConnection.Continuation = { _ in .goOn }
    ) async throws -> Result<Result<JSON, ControlError>, ClientError> {
        try await onThread {
            do throws(ClientError) {
                var connection = try ControlConnection(path: path, timeout: nil)
                let waiting = Waiting(limit: .seconds(120), interruption: interruption)
                return .success(
                    try connection.call(ListUsers(), meta: Self.meta, waiting: waiting) { notified($0.value) })
            } catch {
                return .failure(error)
            }
        }
    }

    @Test("Notifications are handed over in their order, before the reply")
    func notifications() async throws {
        let heard = Mutex([JSON]())
        let reply = try await withDaemon({ request, conversation in
            #expect(request.meta == Self.meta)
            for number in 1...3 { conversation.notify(request, .rows, [.integer(Int64(number))]) }
            conversation.reply(to: request, .success(["rows": [], "next": nil]))
        }) { path in
            try await list(path) { rows in
                heard.withLock { $0.append(rows) }
                return .goOn
            }
        }
        #expect(reply == .success(.success(["rows": [], "next": nil])))
        #expect(heard.withLock(\.self) == [[1], [2], [3]])
    }

    @Test("Whoever has heard enough waits for no reply")
    func stop() async throws {
        let reply = try await withDaemon({ request, conversation in
            conversation.notify(request, .rows, [1])
        }) { path in try await list(path) { _ in .stop } }
        #expect(reply == .failure(.stopped))
    }

    @Test("News of another request is no answer")
    func strangers() async throws {
        let reply = try await withDaemon({ _, conversation in
            conversation.say(ControlNotification(id: .integer(77), kind: .rows, value: [1]).line)
        }) { path in try await list(path) }
        #expect(reply == .failure(.badReply(reason: "news of another request")))
    }

    @Test("An interruption cancels the request and waits until it has ended")
    func interruption() async throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        defer { for end in [reading, writing] { close(end) } }
        let cancelled = Mutex(JSON.null)
        let reply = try await withDaemon({ request, conversation in
            guard request.method == ListUsers.method else { return }
            var byte: UInt8 = 0
            write(writing, &byte, 1)
            // What comes meanwhile belongs to the request still.
            conversation.notify(request, .rows, [1])
            guard let cancel = conversation.next() else { return }
            cancelled.withLock { $0 = .object([.init("method", .string(cancel.method))] + cancel.params) }
            conversation.reply(to: cancel, .success(["cancelled": true]))
            conversation.reply(to: request, .failure(ControlError(.cancelled, "cancelled")))
        }) { path in try await list(path, interruption: reading) }
        #expect(reply == .failure(.interrupted))
        #expect(cancelled.withLock(\.self) == ["method": "$/cancel", "id": 1])
    }

    @Test("A request that does not end when it is cancelled is given up")
    func stubborn() async throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let reading = ends[0]
        close(ends[1])
        defer { close(reading) }
        let reply = try await withDaemon({ _, _ in }) { path in try await list(path, interruption: reading) }
        #expect(reply == .failure(.interrupted))
    }

    @Test("A timeout is told to the daemon too, and only one that was asked for")
    func deadline() async throws {
        let told = Mutex([Int?]())
        for arguments in [["--timeout", "2m", "--json", "status"], ["--timeout", "2d", "--json", "status"]] {
            _ = try await jirausagectl(arguments) { request, conversation in
                told.withLock { $0.append(request.meta.timeoutMilliseconds) }
                conversation.answer(request, [:])
            }
        }
        let milliseconds = told.withLock(\.self)
        #expect((60_000...120_000).contains(milliseconds[0] ?? 0))
        #expect(milliseconds[1] == nil)
    }
}

@Suite("Over a restart of the daemon", .timeLimit(.minutes(5)))
struct RestartTests {
    /// How often a daemon is asked that the first time does `first`, and afterwards answers.
    private func run(
        _ arguments: [String], restartPatience: Duration = .seconds(120),
        first: @escaping @Sendable (ControlRequest, Conversation) -> Void
    ) async throws -> (run: Run, times: Int) {
        let times = Mutex(0)
        let run = try await jirausagectl(arguments, restartPatience: restartPatience) { request, conversation in
            let time = times.withLock { times in
                times += 1
                return times
            }
            if time == 1 {
                first(request, conversation)
            } else {
                conversation.answer(request, ["rows": [1], "next": nil])
            }
        }
        return (run, times.withLock(\.self))
    }

    @Test("What changes nothing is asked again, quietly")
    func reading() async throws {
        for arguments in [["users", "--json"], ["privacy", "export", "ann", "--json"]] {
            let closed = try await run(arguments) { _, conversation in conversation.hangUp() }
            #expect(closed.run.output == #"{"rows":[1],"next":null}"# + "\n")
            #expect(closed.run.errors.isEmpty)
            #expect(closed.times == 2)
            let refused = try await run(arguments) { request, conversation in
                conversation.reply(to: request, .failure(ControlError(.shuttingDown, "stopping")))
            }
            #expect(refused.run.status == .done)
            #expect(refused.times == 2)
        }
    }

    @Test("What may have changed something is not asked again, nor what the next daemon would say of another database")
    func writing() async throws {
        for arguments in [["auth", "logout", "c1"], ["sync", "run"], ["call", "ping"], ["store", "check"]] {
            let result = try await run(arguments) { _, conversation in conversation.hangUp() }
            #expect(result.run.status == .tryAgain)
            #expect(result.times == 1)
        }
    }

    @Test("Rows that were printed are not printed again")
    func rows() async throws {
        let result = try await run(["users", "--ndjson"]) { request, conversation in
            conversation.notify(request, .rows, [7])
            conversation.hangUp()
        }
        #expect(result.times == 1)
        #expect(result.run.output == "7\n")
    }

    @Test("A daemon that comes while it is waited for is found")
    func late() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            async let run = jirausagectl(["--socket", path, "sync", "run", "--json"], restartPatience: .seconds(120))
            let daemon = try ScriptedDaemon(path: path)
            defer { daemon.close() }
            async let served: Void = onThread {
                daemon.serve { request, conversation in conversation.answer(request, ["sites": []]) }
            }
            let status = try await run.status
            daemon.stop()
            try await served
            #expect(status == .done)
        }
    }

    @Test("A daemon that stays away is said to be, in the end")
    func gone() async throws {
        let result = try await run(["users"], restartPatience: .zero) { _, conversation in conversation.hangUp() }
        #expect(result.run.status == .tryAgain)
        #expect(result.run.errors.contains("jira-usaged closed the connection without an answer"))
    }
}
