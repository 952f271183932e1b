import NIOCore
import NIOPosix
import Testing

@testable import JiraCloud

@Suite("The clock of deadlines", .timeLimit(.minutes(1)))
struct EventLoopClockTests {
    private let clock = EventLoopClock(eventLoop: MultiThreadedEventLoopGroup.singleton.any())

    @Test("sleeps as long as it is told to, and no less")
    func length() async throws {
        let start = ContinuousClock.now
        try await clock.sleep(for: .milliseconds(20))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test("sleeps that are cancelled end at once")
    func cancellation() async {
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { try await clock.sleep(for: .seconds(3600)) } }
            group.cancelAll()
            while let ended = await group.nextResult() {
                #expect(throws: (any Error).self) { try ended.get() }
            }
        }
    }
}
