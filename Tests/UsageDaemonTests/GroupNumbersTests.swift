import Synchronization
import Testing

@testable import UsageDaemon

@Suite("The numbers of groups")
struct GroupNumbersTests {
    @Test("A group is asked for once in a few seconds, and one that was added or is gone is noticed then")
    func lifetime() {
        let time = Mutex(Duration.zero)
        let number = Mutex<UInt32?>(nil)
        let asked = Mutex(0)
        let groups = GroupNumbers(
            ask: { _ in
                asked.withLock { $0 += 1 }
                return number.withLock { $0 }
            }, now: { time.withLock { $0 } })
        #expect(groups["readers"] == nil)
        number.withLock { $0 = 7 }
        time.withLock { $0 = .seconds(4) }
        #expect(groups["readers"] == nil)
        time.withLock { $0 = .seconds(5) }
        #expect(groups["readers"] == 7 && groups["readers"] == 7)
        #expect(asked.withLock { $0 } == 2)
    }

    @Test("However long the system takes, its answer holds from when it came")
    func slowness() {
        let time = Mutex(Duration.zero)
        let asked = Mutex(0)
        let groups = GroupNumbers(
            ask: { _ in
                asked.withLock { $0 += 1 }
                time.withLock { $0 += .seconds(6) }
                return 7
            }, now: { time.withLock { $0 } })
        #expect(!groups.areKnown("readers"))
        #expect(groups["readers"] == 7)
        #expect(groups.areKnown("readers") && !groups.areKnown("readers", "others"))
        #expect(groups["readers"] == 7)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test("While the system is asked anew, its last answer holds for others")
    func meanwhile() {
        let time = Mutex(Duration.zero)
        let others = Mutex<(@Sendable () -> Void)?>(nil)
        let groups = GroupNumbers(
            ask: { _ in
                others.withLock { $0 }?()
                return time.withLock { $0 } == .zero ? 7 : 8
            }, now: { time.withLock { $0 } })
        #expect(groups["readers"] == 7)
        time.withLock { $0 = .seconds(5) }
        #expect(!groups.areKnown("readers"))
        // Somebody else asks in the middle of it.
        others.withLock { other in
            other = { #expect(groups.areKnown("readers") && groups["readers"] == 7) }
        }
        #expect(groups["readers"] == 8)
    }

    @Test("The system's own groups are found by name")
    func system() {
        #expect(GroupNumbers()["root"] == 0)
        #expect(GroupNumbers()["no such group"] == nil)
    }
}
