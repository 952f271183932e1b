import JiraCloud
import Synchronization
import TestSupport
import Testing
import UsageModel

@Suite("One request over the wire", .timeLimit(.minutes(5)))
struct TransportTests {
    private static let myself = #"{"accountId":"a1","displayName":"Mia"}"#

    @Test("carries who we are, whose token it is and what we read, and no more than that")
    func headers() async throws {
        try await ScriptedSite.run({ _ in .ok(Self.myself) }) { scripted in
            _ = try await scripted.site.myself()
            let request = try #require(scripted.server.requests.first)
            #expect(request.target == "/ex/jira/cloud/rest/api/3/myself")
            #expect(request.headers["user-agent"] == "tests/1")
            #expect(request.headers["accept"] == "application/json")
            #expect(request.headers["authorization"] == "Bearer token-1")
            #expect(request.headers["content-type"] == nil)
        }
    }

    @Test("a body that only drips ends with the deadline, and counts as no answer")
    func drip() async throws {
        let deadline = ManualClock()
        try await ScriptedSite.run(
            deadline: deadline, { request in request.number == 0 ? .drip : .ok(Self.myself) }
        ) { scripted in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await scripted.site.myself() }
                for await length in deadline.sleeps {
                    #expect(length == .seconds(60))
                    break
                }
                for await _ in scripted.server.drips { break }
                deadline.advance(by: .seconds(60))
                try await group.waitForAll()
            }
            #expect(scripted.server.requests.count == 2)
            #expect(scripted.clock.sleeps.count == 1)
            #expect(scripted.log.lines.contains { $0.contains("timedOut") })
        }
    }

    @Test("a body that is cut is asked for again")
    func cut() async throws {
        try await ScriptedSite.run({ $0.number < 2 ? .cut(Self.myself) : .ok(Self.myself) }) { scripted in
            let myself = try await scripted.site.myself()
            #expect(myself.displayName == "Mia")
            #expect(scripted.server.requests.count == 3)
            #expect(scripted.clock.sleeps.count == 2)
        }
    }

    @Test("a body above the limit is not read to its end, nor asked for again")
    func tooLarge() async throws {
        let reply = Reply.ok(String(repeating: " ", count: 100_000))
        try await ScriptedSite.run(bodyLimit: 1000, { _ in reply }) { scripted in
            await #expect(throws: JiraError.tooLarge(.myself)) { try await scripted.site.myself() }
            #expect(scripted.server.requests.count == 1)
        }
    }

    @Test("an answer that points elsewhere is not followed")
    func redirect() async throws {
        try await ScriptedSite.run({ _ in .answer(302, headers: [("Location", "/elsewhere")], "") }) { scripted in
            await #expect(throws: JiraError.unexpected(.myself, status: 302)) { try await scripted.site.myself() }
            #expect(scripted.server.requests.map(\.path) == ["/ex/jira/cloud/rest/api/3/myself"])
        }
    }

    @Test("no token is carried to where an answer points, be it another server", arguments: [301, 302, 303, 307, 308])
    func redirectElsewhere(status: Int) async throws {
        try await ScriptedSite.run({ _ in .ok(Self.myself) }) { elsewhere in
            let headers = [("Location", "\(elsewhere.server.baseURL)/stolen")]
            try await ScriptedSite.run({ _ in .answer(status, headers: headers, "") }) { scripted in
                await #expect(throws: JiraError.unexpected(.myself, status: status)) {
                    try await scripted.site.myself()
                }
                await #expect(throws: OAuthError.unexpected(status: status)) {
                    try await scripted.oauth.refresh(Secret("r1"))
                }
                #expect(scripted.server.requests.count == 2)
            }
            #expect(elsewhere.server.requests.isEmpty)
        }
    }

    @Test("no more than the configured number are in flight, and all get their turn")
    func concurrency() async throws {
        let meter = Meter(width: 3)
        try await ScriptedSite.run(
            concurrency: 3,
            { request in
                if request.number >= 2 { await meter.pass() }
                return .ok(#"{"count":1}"#)
            }
        ) { scripted in
            // It starts with two; these make it three.
            for _ in 0..<2 { _ = try await scripted.site.approximateCount(jql: "x") }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 { group.addTask { try await scripted.site.approximateCount(jql: "x") } }
                let sum = try await group.reduce(0, +)
                #expect(sum == 12)
            }
            let most = await meter.most
            #expect(most == 3)
            #expect(scripted.site.usage.total.requests == 14)
            #expect(scripted.transport.wireCounts.requests == 14)
            #expect(scripted.transport.wireCounts.bytesReceived == 14 * 11)
        }
    }

    @Test("a cancelled request ends at once, whether it is in flight or waits for its turn")
    func cancellation() async throws {
        try await ScriptedSite.run(concurrency: 1, { _ in .drip }) { scripted in
            await withTaskGroup(of: Result<Myself, JiraError>.self) { group in
                for _ in 0..<3 {
                    group.addTask { await outcome { () throws(JiraError) in try await scripted.site.myself() } }
                }
                for await _ in scripted.server.drips { break }
                group.cancelAll()
                for await result in group { #expect(result == .failure(.cancelled)) }
            }
            #expect(scripted.server.requests.count == 1)
        }
    }
}

/// Holds requests back until `width` of them are there at once, and knows how many there were at most.
private actor Meter {
    private let width: Int
    private var inside = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private(set) var most = 0

    init(width: Int) {
        self.width = width
    }

    func pass() async {
        inside += 1
        most = max(most, inside)
        if waiting.count + 1 == width {
            for continuation in waiting { continuation.resume() }
            waiting = []
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        inside -= 1
    }
}
