import ControlProtocol
import Testing
import UsageModel

@testable import UsageDaemon

@Suite("The feed of events", .timeLimit(.minutes(5)))
struct EventFeedTests {
    private static let start = Instant(milliseconds: 1_700_000_000_000)
    private struct Enough: Error {}

    private func feed(capacity: Int = 8, startedAt: Instant = Self.start) -> EventFeed {
        EventFeed(now: { startedAt }, capacity: capacity)
    }

    /// The first `count` events that a subscriber is told.
    private func events(_ feed: EventFeed, after position: String? = nil, count: Int) async throws -> [ControlEvent] {
        var events: [ControlEvent] = []
        do {
            try await feed.listen(after: position) { event in
                events.append(event)
                if events.count == count { throw Enough() }
            }
        } catch is Enough {
            return events
        }
    }

    private func note(_ count: Int, in feed: EventFeed) {
        for number in 0..<count { feed.note(.syncStarted, data: ["n": .integer(Int64(number))]) }
    }

    @Test("A subscription says where it begins, and then tells what happens")
    func follows() async throws {
        let feed = feed()
        note(3, in: feed)
        var told: [ControlEvent] = []
        do {
            try await feed.listen(after: nil) { event in
                told.append(event)
                // What happens while somebody is told is told next.
                if told.count < 3 { feed.note(.siteConnected, site: CloudID(rawValue: "c\(told.count)")) }
                if told.count == 3 { throw Enough() }
            }
        } catch is Enough {}
        #expect(told.map(\.kind) == [.subscribed, .siteConnected, .siteConnected])
        #expect(told.map(\.site?.rawValue) == [nil, "c1", "c2"])
    }

    @Test("Whoever was away goes on behind the last event that they saw, with none twice and none left out")
    func goesOn() async throws {
        let feed = feed()
        let first = try #require(try await events(feed, count: 1).first)
        note(5, in: feed)
        let told = try await events(feed, after: first.position, count: 4)
        #expect(told.map(\.data) == [[:], ["n": 0], ["n": 1], ["n": 2]])
        let rest = try await events(feed, after: told[3].position, count: 3)
        #expect(rest.map(\.data) == [[:], ["n": 3], ["n": 4]])
    }

    @Test("Whoever was away for too long is told how many events are lost, before the next one")
    func lost() async throws {
        let feed = feed(capacity: 4)
        let first = try #require(try await events(feed, count: 1).first)
        note(10, in: feed)
        let told = try await events(feed, after: first.position, count: 6)
        #expect(told.map(\.kind) == [.subscribed, .lost] + Array(repeating: .syncStarted, count: 4))
        #expect(told[1].data == ["missed": 6] && told[2].data == ["n": 6])
        // Behind the lost ones it goes on as behind any other.
        #expect(try await events(feed, after: told[1].position, count: 2)[1].data == ["n": 6])
    }

    @Test("A slow subscriber loses events and holds up nobody")
    func slow() async throws {
        let feed = feed(capacity: 4)
        var told: [ControlEvent] = []
        do {
            try await feed.listen(after: nil) { event in
                told.append(event)
                if event.kind == .subscribed { note(3, in: feed) }
                if told.count == 2 { note(20, in: feed) }
                if told.count == 9 { throw Enough() }
            }
        } catch is Enough {}
        #expect(told.map(\.kind).filter { $0 == .lost }.count == 1)
        #expect(told[4].kind == .lost && told[4].data == ["missed": 16] && told[5].data == ["n": 16])
    }

    @Test("A position of another run of the daemon means that everything in between is lost")
    func otherRun() async throws {
        let position = try #require(try await events(feed(startedAt: Self.start + .seconds(9)), count: 1).first)
            .position
        let told = try await events(feed(), after: position, count: 2)
        #expect(told.map(\.kind) == [.subscribed, .lost])
        #expect(told[1].data == ["missed": nil])
    }

    @Test("What is no position is refused", arguments: ["", "1", "x.-1", "x.", ".1", "x.1.2", "Ä.1"])
    func noPosition(text: String) async throws {
        await #expect(throws: ControlError.self) { try await events(feed(), after: text, count: 1) }
    }

    @Test("A subscription ends when its task is cancelled")
    func cancelled() async throws {
        let feed = feed()
        await withTaskGroup { group in
            group.addTask { try? await feed.listen(after: nil) { _ in } }
            group.cancelAll()
        }
    }
}
