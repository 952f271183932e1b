import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

@Suite("Whatever one caller does, it is answered or refused, and all others are served", .timeLimit(.minutes(5)))
struct HostileTests {
    /// What the daemon may take while it is attacked, in bytes: without a site it takes about a third of that.
    private static let boundedMemory = 160 << 20

    /// Runs `attack` against a daemon without a site, beside a bystander whose answers are looked at; then looks at the
    /// daemon.
    private func attacked<Value: Sendable>(
        least: Int = 20, _ attack: @escaping @Sendable (_ socketPath: String) throws -> Value
    ) async throws -> (Value, HostileBystander.Service) {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            return try await installation.withDaemon { daemon in
                let path = installation.socketPath
                let (value, service) = try await withBystander(socketPath: path, least: least) { try attack(path) }
                #expect(service.faults.isEmpty, "\(service.faults.prefix(3))")
                let memory = try ResidentMemory(of: daemon.pid)
                print("After the attack: \(memory), \(service.answers) answers to others, p99 \(service.p99)")
                #expect(memory.highest < Self.boundedMemory, "\(memory)")
                #expect(try await installation.status().state == "ready")
                return (value, service)
            }
        }
    }

    /// What one connection that sends all this, and then no more, is answered.
    private static func replies(to bytes: [UInt8], at path: String) throws -> [HostileReply?] {
        let connection = try LineConnection(path: path)
        Thread.detachNewThread {
            connection.send(bytes)
            connection.endInput()
        }
        return try connection.readLines().map { HostileReply($0) }
    }

    @Test("lines at random, and changed at random, have one reply each; make torture-socket sends more of them")
    func randomLines() async throws {
        let environment = ProcessInfo.processInfo.environment
        let wanted = environment["JIRA_USAGED_HOSTILE_LINES"].flatMap { Int($0) }
        let lines = wanted ?? 25_000
        let seed = environment["JIRA_USAGED_HOSTILE_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1_000_000_000)
        if wanted != nil {
            let (_, alone) = try await attacked(least: 5000) { _ in }
            print("Without an attack: p99 \(alone.p99) of \(alone.answers)")
        }
        let (outcome, _) = try await attacked { path in
            try HostileAttack(seed: seed, lines: lines, socketPath: path).run()
        }
        print("\(outcome.lines) lines of seed \(seed), \(outcome.replies) replies")
        #expect(outcome.faults.isEmpty, "seed \(seed): \(outcome.faults.count): \(outcome.faults.prefix(5))")
        #expect(outcome.lines == lines, "seed \(seed)")
    }

    @Test("what is no request is refused with the right code, and the request behind it is answered")
    func refusals() async throws {
        func nested(_ open: String, _ levels: Int) -> [UInt8] { Array(String(repeating: open, count: levels).utf8) }
        let (start, end) = (Array(#"{"method":"ping","params":{"a":"#.utf8), nested("}", 2))
        let lines: [(what: String, line: [UInt8], code: Int)] = [
            // Of the method, which has no parameters, and of the nesting, which is looked at first.
            ("32 levels", start + nested("[", 30) + nested("]", 30) + end, -32602),
            ("33 levels", start + nested("[", 31) + nested("]", 31) + end, -32600),
            ("60,000 arrays", nested("[", 60_000) + nested("]", 60_000), -32600),
            ("60,000 arrays, open", nested("[", 60_000), -32600),
            ("20,000 objects", nested("{\"a\":", 20_000), -32600),
            ("32 arrays, which are a batch", nested("[", 32) + nested("]", 32), -32600),
            ("a name twice", Array(#"{"id":1,"id":1,"method":"ping"}"#.utf8), -32600),
            ("a name twice, escaped", Array(#"{"method":"ping","\u006dethod":"ping"}"#.utf8), -32600),
            ("a name twice, deep", Array(#"{"method":"ping","params":{"a":[{"b":1,"b":2}]}}"#.utf8), -32600),
            ("UTF-8 that is none", Array("{\"method\":\"".utf8) + [0xC0, 0xAF] + Array("\"}".utf8), -32700),
            ("a surrogate in UTF-8", Array("{\"method\":\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8), -32700),
            ("half a surrogate pair", Array(#"{"method":"\ud800"}"#.utf8), -32700),
            ("NUL", Array("{\"method\":\"ping\"}\u{0}".utf8), -32700),
            ("NUL in a string", Array("{\"method\":\"pi\u{0}ng\"}".utf8), -32700),
            ("CR in a string", Array("{\"method\":\"pi\rng\"}".utf8), -32700),
            ("a byte order mark", Array("\u{FEFF}{\"method\":\"ping\"}".utf8), -32700),
            ("4 MiB without an end", Array(repeating: UInt8(ascii: "x"), count: 4 << 20), -32600),
            (
                "a request of 4 MiB",
                Array(#"{"method":"ping","params":{"a":""#.utf8)
                    + Array(repeating: UInt8(ascii: "x"), count: 4 << 20) + Array(#""}}"#.utf8), -32600
            ),
            ("an id that is an object", Array(#"{"id":{},"method":"ping"}"#.utf8), -32600),
            ("a long id", Array(#"{"id":"\#(String(repeating: "i", count: 100_000))","method":"ping"}"#.utf8), -32600),
            ("a long method", Array(#"{"method":"\#(String(repeating: "m", count: 100_000))"}"#.utf8), -32601),
            (
                "a long parameter",
                Array(#"{"method":"ping","params":{"\#(String(repeating: "p", count: 100_000))":1}}"#.utf8), -32602
            ),
        ]
        let ping = Array((#"{"jsonrpc":"2.0","id":"behind","method":"ping"}"# + "\n").utf8)
        let (all, _) = try await attacked { path in
            try lines.map { try Self.replies(to: $0.line + [UInt8(ascii: "\n")] + ping, at: path) }
        }
        for (line, replies) in zip(lines, all) {
            try #require(replies.count == 2, "\(line.what): \(replies)")
            #expect(replies[0]?.code == line.code, "\(line.what)")
            #expect(replies[1]?.knownID == "behind" && replies[1]?.isPong == true, "\(line.what)")
        }
    }

    @Test("an id comes back as it was written: 2^53 and beyond, fractions, escapes")
    func ids() async throws {
        let ids = [
            "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808",
            "123456789012345678901234567890", "1.50", "1.5e3", "1E400", "-0", "0", "null", #""""#, #""ä😀""#,
            #""\"\\\n\u0000""#,
        ]
        let (texts, _) = try await attacked { path in
            let connection = try LineConnection(path: path)
            return try ids.map { id in
                connection.send(line: #"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#)
                return String(decoding: try connection.readLine() ?? [], as: UTF8.self)
            }
        }
        #expect(texts == ids.map { #"{"jsonrpc":"2.0","id":\#($0),"result":{"pong":true}}"# })
    }

    @Test("half a line at the end of input is one too; a connection that ends in it gets its reply, and its end")
    func halfLines() async throws {
        let whole = #"{"jsonrpc":"2.0","id":"half","method":"ping"}"#
        let (all, _) = try await attacked { path in
            try (1...whole.utf8.count).map { try Self.replies(to: Array(whole.utf8.prefix($0)), at: path) }
        }
        for (count, replies) in zip(1..., all) {
            try #require(replies.count == 1, "\(count) bytes")
            #expect(count == whole.utf8.count ? replies[0]?.isPong == true : replies[0]?.code == -32700)
        }
    }

    @Test("a client that never reads is waited for, and costs no more than its share of memory")
    func neverReads() async throws {
        let (taken, _) = try await attacked { path -> [Int] in
            let request = Array((#"{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}"# + "\n").utf8)
            let requests = Array(repeating: request, count: 20_000).flatMap(\.self)
            let silent = try (0..<8).map { _ in try LineConnection(path: path) }
            var taken = silent.map { _ in 0 }
            let connection = try LineConnection(path: path)
            for round in 0..<200 {
                for (index, client) in silent.enumerated() {
                    taken[index] += client.sendWithoutWaiting(Array(requests.dropFirst(taken[index])))
                }
                // Gives the daemon a turn, and somebody else an answer.
                connection.send(line: #"{"jsonrpc":"2.0","id":\#(round),"method":"ping"}"#)
                guard HostileReply(try connection.readLine() ?? [])?.isPong == true else { return [] }
            }
            return withExtendedLifetime(silent) { taken.map { $0 / request.count } }
        }
        #expect(taken.count == 8)
        // Answered, all those would be two hundred megabytes each; reading stops long before.
        #expect(taken.allSatisfy { $0 > 16 && $0 < 20_000 }, "\(taken)")
    }

    @Test("10,000 connections that are closed at once, some in the middle of a line, leave nothing behind")
    func connectAndClose() async throws {
        let (served, _) = try await attacked { path in
            for number in 0..<10_000 {
                let connection = try LineConnection(path: path)
                switch number % 4 {
                case 0: connection.send(Array(#"{"method":"pi"#.utf8))
                case 1: connection.send(line: #"{"jsonrpc":"2.0","id":1,"method":"status"}"#)
                case 2: connection.endInput()
                default: break
                }
            }
            return try Self.serves(at: path)
        }
        #expect(served)
    }

    @Test("of 64 clients that stall in the middle of a line some are told that there is no room; the others may go on")
    func stalled() async throws {
        let (replies, service) = try await attacked { path in
            // One more than there is room for without the bystander, and some in any case for whoever is not root.
            let stalled = try (0..<64).map { _ in
                let connection = try LineConnection(path: path)
                connection.send(Array(#"{"jsonrpc":"2.0","id":1,"meth"#.utf8))
                return connection
            }
            return try stalled.map { connection in
                connection.send(line: #"od":"ping"}"#)
                return HostileReply(try connection.readLine() ?? [])
            }
        }
        let room = geteuid() == 0 ? 63 : 15
        #expect(replies.count { $0?.isPong == true } == room)
        #expect(replies.count { $0?.kind == "tooManyConnections" && $0?.code == 1052 } == 64 - room)
        #expect(service.answers >= 20)
    }

    @Test("when those who stalled have gone, there is room again")
    func roomAgain() async throws {
        let (served, _) = try await attacked { path in
            do {
                let stalled = try (0..<64).map { _ in try LineConnection(path: path) }
                stalled.forEach { $0.send(Array("{".utf8)) }
            }
            return try Self.serves(at: path)
        }
        #expect(served)
    }

    /// Whether a new connection is served, as soon as those that were closed are counted no more.
    private static func serves(at path: String) throws -> Bool {
        for _ in 0..<10_000 {
            let connection = try LineConnection(path: path)
            connection.send(line: #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
            let reply = HostileReply(try connection.readLine() ?? [])
            if reply?.isPong == true { return true }
            guard reply == nil || reply?.kind == "tooManyConnections" else { return false }
        }
        return false
    }
}
