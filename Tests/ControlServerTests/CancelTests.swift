import ControlProtocol
import ControlServer
import TestSupport
import Testing

@Suite("Cancelling, deadlines and notices", .timeLimit(.minutes(5)))
struct CancelTests {
    /// Waits until it is cancelled, unless asked for something else.
    private let patient: Scripted.Answer = { request, _, _ in
        guard request.method == "wait" || request.runsAside else {
            return ControlReply(id: request.id, outcome: .success(.string(request.method)))
        }
        try? await Gate().pass()
        return ControlReply(id: request.id, error: ControlError(.shuttingDown, "it was told to end"))
    }

    private func conversation(_ lines: [String], replies: Int) async throws -> [String] {
        try await withServer(handler: patient) { path in
            try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send(lines.map { $0 + "\n" }.joined())
                return try (0..<replies).map { _ in try client.readLine() ?? "the end" }
            }
        }
    }

    @Test("A request whose turn it is can be cancelled, and the next one is answered then")
    func inTurn() async throws {
        let replies = try await conversation(
            [
                #"{"id":1,"method":"wait"}"#, #"{"id":2,"method":"a"}"#,
                #"{"id":3,"method":"$/cancel","params":{"id":1}}"#,
            ], replies: 3)
        #expect(replies[0] == #"{"jsonrpc":"2.0","id":3,"result":{"cancelled":true}}"#)
        #expect(replies[1].hasPrefix(#"{"jsonrpc":"2.0","id":1,"error":{"code":1053,"#))
        #expect(replies[2] == echoed("2", "a"))
    }

    @Test("A request that waits for its turn can be cancelled; its turn comes all the same")
    func beforeItsTurn() async throws {
        let replies = try await conversation(
            [
                #"{"id":1,"method":"wait"}"#, #"{"id":2,"method":"wait"}"#,
                #"{"id":3,"method":"$/cancel","params":{"id":2}}"#, #"{"id":4,"method":"$/cancel","params":{"id":1}}"#,
            ], replies: 4)
        #expect(replies[0].contains(#""id":3,"result":{"cancelled":true}"#))
        #expect(replies[1].contains(#""id":4,"result":{"cancelled":true}"#))
        #expect(replies[2].contains(#""id":1,"error":{"code":1053"#))
        #expect(replies[3].contains(#""id":2,"error":{"code":1053"#))
    }

    @Test("One that runs aside can be cancelled by its id, whatever kind of id that is")
    func aside() async throws {
        let replies = try await conversation(
            [
                #"{"id":"x","method":"change.wait"}"#, #"{"id":1.5,"method":"change.wait"}"#,
                #"{"id":3,"method":"$/cancel","params":{"id":1.5}}"#,
            ], replies: 2)
        #expect(replies[0].contains(#""id":3,"result":{"cancelled":true}"#))
        #expect(replies[1].contains(#""id":1.5,"error":{"code":1053"#))
    }

    @Test("What is not under way cannot be cancelled, and a cancel without an id to cancel is refused")
    func nothing() async throws {
        let replies = try await conversation(
            [
                #"{"method":"wait"}"#, #"{"id":1,"method":"$/cancel","params":{"id":9}}"#,
                #"{"id":2,"method":"$/cancel","params":{"is":9}}"#, #"{"id":3,"method":"$/cancel"}"#,
                #"{"id":4,"method":"$/cancel","params":{"id":null}}"#,
            ], replies: 4)
        #expect(replies[0].contains(#""id":1,"result":{"cancelled":false}"#))
        for reply in replies[1...] { #expect(reply.contains("-32602")) }
    }

    @Test("A request that is not done at its deadline is answered then, and its handler told")
    func deadline() async throws {
        let replies = try await conversation(
            [#"{"id":1,"method":"wait","params":{"_meta":{"timeoutMs":30}}}"#, #"{"id":2,"method":"a"}"#], replies: 2)
        #expect(replies[0].contains(#""id":1,"error":{"code":1051"#) && replies[0].contains("(30 ms)"))
        #expect(replies[1] == echoed("2", "a"))
    }

    @Test("The deadline counts from the request's arrival: waiting for its turn is part of it")
    func deadlineInQueue() async throws {
        let replies = try await conversation(
            [
                #"{"id":1,"method":"wait","params":{"_meta":{"timeoutMs":60}}}"#,
                #"{"id":2,"method":"wait","params":{"_meta":{"timeoutMs":1}}}"#,
            ], replies: 2)
        #expect(replies[0].contains(#""id":1,"error":{"code":1051"#))
        #expect(replies[1].contains(#""id":2,"error":{"code":1051"#))
    }

    @Test("With sixteen requests under way one of them can still be cancelled")
    func full() async throws {
        let waits = (1...16).map { #"{"id":\#($0),"method":"change.wait"}"# }
        let replies = try await conversation(
            waits + [#"{"id":17,"method":"$/cancel","params":{"id":16}}"#, #"{"id":18,"method":"a"}"#], replies: 3)
        #expect(replies[0].contains(#""id":17,"result":{"cancelled":true}"#))
        #expect(replies[1].contains(#""id":16,"error":{"code":1053"#))
        #expect(replies[2] == echoed("18", "a"))
    }

    @Test("Notices come before the reply, each whole and of its own request, to a reader who is slow too")
    func notices() async throws {
        let handler: Scripted.Answer = { request, _, notices in
            for index in 0..<200 {
                let row = JSON.string(String(repeating: "x", count: 10_000))
                try? await notices.send(.rows, ["from": .integer(Int64(index)), "row": row])
            }
            return ControlReply(id: request.id, outcome: .success(nil))
        }
        let lines = try await withServer(handler: handler) { path in
            try await onThread {
                let client = try UnixSocketClient(path: path)
                try client.send("{\"id\":7,\"method\":\"a\"}\n")
                client.endInput()
                return try client.readLines()
            }
        }
        #expect(lines.count == 201)
        for (index, line) in lines.dropLast().enumerated() {
            #expect(line.hasPrefix(#"{"jsonrpc":"2.0","method":"$/rows","params":{"id":7,"rows":{"from":\#(index),"#))
        }
        #expect(lines.last == #"{"jsonrpc":"2.0","id":7,"result":null}"#)
    }

    @Test("Who has more to say than a reader takes is told when that reader has gone")
    func noticesToNobody() async throws {
        let told = Gate()
        let handler: Scripted.Answer = { request, _, notices in
            do {
                while true { try await notices.send(.rows, .string(String(repeating: "x", count: 50_000))) }
            } catch {
                told.open()
            }
            return ControlReply(id: request.id, outcome: .success(nil))
        }
        try await withServer(handler: handler) { path in
            try await onThread {
                // Closed when it goes out of scope.
                let client = try UnixSocketClient(path: path)
                try client.send("{\"id\":7,\"method\":\"a\"}\n")
                _ = try client.readLine()
            }
            try await told.pass()
        }
    }
}
