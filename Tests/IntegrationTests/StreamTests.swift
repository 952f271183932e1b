import Foundation
import TestInstallation
import TestSupport
import Testing

/// A JSON object as it came, for tests that compare lines and not what they mean.
private typealias Object = [String: any Sendable]

/// A connection on which requests are sent and lines read, with nothing of ours between.
private struct Conversation {
    private let client: UnixSocketClient

    init(_ installation: Installation) throws {
        client = try UnixSocketClient(path: installation.socketPath)
    }

    func send(_ line: String) throws { try client.send(line + "\n") }

    func next() throws -> Object {
        let line = try #require(try client.readLine())
        #expect(line.utf8.count < 60 * 1024)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Object)
    }

    /// Sends a request and reads up to its reply.
    ///
    /// - Returns: the rows of all notifications before it, as text, and the reply.
    func stream(_ method: String, _ params: String) throws -> (rows: [String], reply: Object) {
        try send(#"{"jsonrpc":"2.0","id":"s","method":"\#(method)","params":{\#(params)"_meta":{"stream":true}}}"#)
        var rows: [String] = []
        while true {
            let line = try next()
            guard line["method"] as? String == "$/rows" else { return (rows, line) }
            let params = try #require(line["params"] as? Object)
            #expect(params["id"] as? String == "s")
            rows += try texts(try #require(params["rows"] as? [Object]))
        }
    }

    /// The same list, page by page.
    func pages(_ method: String, _ params: String) throws -> [String] {
        var rows: [String] = []
        var after: String?
        repeat {
            let place = after.map { #","after":"\#($0)""# } ?? ""
            try send(#"{"id":1,"method":"\#(method)","params":{\#(params)"limit":7\#(place)}}"#)
            let result = try #require(try next()["result"] as? Object)
            rows += try texts(try #require(result["rows"] as? [Object]))
            after = result["next"] as? String
        } while after != nil
        return rows
    }

    private func texts(_ rows: [Object]) throws -> [String] {
        try rows.map { row in
            String(decoding: try JSONSerialization.data(withJSONObject: row, options: .sortedKeys), as: UTF8.self)
        }
    }
}

extension Object {
    fileprivate var result: Object? { self["result"] as? Object }
    fileprivate var errorKind: String? { ((self["error"] as? Object)?["data"] as? Object)?["kind"] as? String }
    fileprivate var event: Object? { (self["params"] as? Object)?["event"] as? Object }
}

@Suite("Streams, changes and events of a daemon", .timeLimit(.minutes(5)))
struct StreamTests {
    private func withSite(
        users: Int = 120, issues: Int = 600, _ body: (Installation, Simulator) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "\(users)", "--issues", "\(issues)", "--seed", "3"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    try await body(installation, simulator)
                }
            }
        }
    }

    @Test("A stream has the rows of all pages, in the same order, and a limit ends it with the place to go on from")
    func streams() async throws {
        try await withSite { installation, _ in
            try await onThread {
                let conversation = try Conversation(installation)
                // As of an instant, so that no verdict depends on when it was asked for.
                let past = #""asOf":"2026-01-01","#
                for params in ["", #""sort":"oldest","#, #""verdict":"inactive","#, #""seat":true,"sort":"newest","#] {
                    let (rows, reply) = try conversation.stream("user.list", past + params)
                    #expect(rows == (try conversation.pages("user.list", past + params)), "\(params)")
                    #expect((reply.result?["rows"] as? [Object])?.isEmpty == true && reply.result?["next"] is NSNull)
                }
                let (all, _) = try conversation.stream("user.list", past)
                #expect(all.count > 100)
                let (some, reply) = try conversation.stream("user.list", past + #""limit":11,"#)
                let next = try #require(reply.result?["next"] as? String)
                let (rest, _) = try conversation.stream("user.list", past + #""after":"\#(next)","#)
                #expect(some.count == 11 && some + rest == all)

                let who = try busiest(all)
                let (activities, _) = try conversation.stream("activity.list", #""who":"\#(who)","#)
                #expect(activities.count > 20)
                #expect(activities == (try conversation.pages("activity.list", #""who":"\#(who)","#)))
                let (first, place) = try conversation.stream("activity.list", #""who":"\#(who)","limit":3,"#)
                let after = try #require(place.result?["next"] as? String)
                let (others, _) = try conversation.stream("activity.list", #""who":"\#(who)","after":"\#(after)","#)
                #expect(first + others == activities)

                let (export, _) = try conversation.stream("privacy.export", #""who":"\#(who)","#)
                #expect(export == (try conversation.pages("privacy.export", #""who":"\#(who)","#)))
                let refused = try conversation.stream("status", "").reply
                #expect(refused.errorKind == "invalidParams")
            }
        }
    }

    @Test("Whoever becomes something else while a slow reader takes a list is not told as what it lists")
    func overtaken() async throws {
        // More than daemon and kernel keep for a reader.
        try await withSite(users: 1200, issues: 60) { installation, simulator in
            let filter = #""verdict":"neverActive","seat":true,"#
            let (expected, reader) = try await onThread {
                let (rows, _) = try Conversation(installation).stream("user.list", filter)
                let reader = try Conversation(installation)
                try reader.send(
                    #"{"id":1,"method":"user.list","params":{\#(filter)"_meta":{"stream":true}}}"#)
                return (try rows.map(Self.accountId), reader)
            }
            try #require(expected.count > 600)
            let (worker, erased) = (expected[expected.count - 2], expected[expected.count - 1])
            try await simulator.post("/_sim/activity", #"{"count":1,"accountId":"\#(worker)"}"#)
            try await installation.sync()
            try await onThread {
                let other = try Conversation(installation)
                try other.send(#"{"id":1,"method":"privacy.erase","params":{"who":"\#(erased)","force":true}}"#)
                #expect(try other.next().result != nil)
                var told: [String] = []
                while true {
                    let line = try reader.next()
                    guard let rows = (line["params"] as? Object)?["rows"] as? [Object] else {
                        #expect(line.result != nil)
                        break
                    }
                    told += try rows.map { try #require($0["accountId"] as? String) }
                }
                // Not the lists themselves: they are long.
                let isWithoutBoth = told == expected.dropLast(2)
                #expect(isWithoutBoth, "\(told.count) of \(expected.count)")
            }
        }
    }

    private static func accountId(_ text: String) throws -> String {
        let user = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
        return try #require(user["accountId"] as? String)
    }

    private func busiest(_ users: [String]) throws -> String {
        let counts = try users.map { text in
            let user = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
            let activity = try #require(user["activity"] as? [String: Object])
            let count = activity.values.compactMap { $0["count"] as? Int }.reduce(0, +)
            return (try #require(user["accountId"] as? String), count)
        }
        return try #require(counts.max { $0.1 < $1.1 }).0
    }

    @Test("A poller that waits for a change is woken by one, and reads again only whom it concerns")
    func changes() async throws {
        try await withSite { installation, simulator in
            let (change, conversation) = try await onThread {
                let conversation = try Conversation(installation)
                try conversation.send(#"{"id":1,"method":"change.wait"}"#)
                let change = try #require(try conversation.next().result?["change"] as? Int)
                try conversation.send(#"{"id":2,"method":"change.wait","params":{"since":\#(change)}}"#)
                // Another request is answered while that one waits.
                try conversation.send(#"{"id":3,"method":"ping"}"#)
                #expect(try conversation.next()["id"] as? Int == 3)
                return (change, conversation)
            }
            try await simulator.post("/_sim/activity", #"{"count":3,"seed":5}"#)
            try await installation.sync()
            try await onThread {
                let woken = try conversation.next()
                #expect(woken["id"] as? Int == 2)
                #expect(try #require(woken.result?["change"] as? Int) > change)
                let (rows, _) = try conversation.stream("user.list", #""changedSince":\#(change),"#)
                #expect((1...3).contains(rows.count))
                let (none, _) = try conversation.stream("user.list", #""changedSince":1000000000,"#)
                #expect(none.isEmpty)
            }
        }
    }

    @Test("A subscriber is told of each pass, can be cancelled, and goes on later behind what it saw")
    func events() async throws {
        try await withSite { installation, _ in
            let (position, conversation) = try await onThread {
                let conversation = try Conversation(installation)
                try conversation.send(
                    #"{"id":9,"method":"events.subscribe","params":{"kinds":["sync.completed","sync.started"]}}"#)
                let first = try #require(try conversation.next().event)
                #expect(first["kind"] as? String == "subscribed")
                return (try #require(first["position"] as? String), conversation)
            }
            try await installation.sync()
            try await onThread {
                let kinds = try (0..<2).map { _ in try #require(try conversation.next().event)["kind"] as? String }
                #expect(kinds == ["sync.started", "sync.completed"])
                try conversation.send(#"{"id":10,"method":"$/cancel","params":{"id":9}}"#)
                #expect(try conversation.next().result?["cancelled"] as? Bool == true)
                #expect(try conversation.next().errorKind == "cancelled")
                try conversation.send(
                    #"{"id":11,"method":"events.subscribe","params":{"after":"\#(position)","_meta":{"timeoutMs":200}}}"#
                )
                let again = try (0..<3).map { _ in try #require(try conversation.next().event)["kind"] as? String }
                #expect(again == ["subscribed", "sync.started", "sync.completed"])
                #expect(try conversation.next().errorKind == "deadline")
            }
        }
    }

    @Test("Whoever waits for a pass is told how far it is before the reply, if they want to know")
    func progress() async throws {
        try await withSite { installation, _ in
            try await onThread {
                let conversation = try Conversation(installation)
                try conversation.send(
                    #"{"id":1,"method":"sync.run","params":{"wait":true,"_meta":{"progress":true}}}"#)
                var lines = [try conversation.next()]
                while lines.last?["id"] == nil { lines.append(try conversation.next()) }
                #expect(lines.count > 1)
                for line in lines.dropLast() {
                    #expect(line["method"] as? String == "$/progress")
                    let progress = (line["params"] as? Object)?["progress"] as? Object
                    #expect((progress?["sites"] as? [Object])?.count == 1)
                }
                #expect(lines.last?.result != nil)
            }
        }
    }

    @Test("A daemon that stops tells its subscribers so, and that they may try again")
    func stopping() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { daemon in
                let conversation = try await onThread {
                    let conversation = try Conversation(installation)
                    try conversation.send(#"{"id":1,"method":"events.subscribe"}"#)
                    try conversation.send(#"{"id":2,"method":"change.wait","params":{"since":0}}"#)
                    _ = try conversation.next()
                    return conversation
                }
                daemon.signal(SIGTERM)
                try await onThread {
                    let replies = try (0..<2).map { _ in try conversation.next() }
                    #expect(Set(replies.compactMap { $0["id"] as? Int }) == [1, 2])
                    #expect(replies.allSatisfy { $0.errorKind == "shuttingDown" })
                }
            }
        }
    }
}
