import Testing

@testable import UsageDaemon

@Suite("The ring of events")
struct EventRingTests {
    private func ring(_ count: Int) -> EventRing<String> {
        var ring = EventRing<String>(capacity: 4)
        for number in 0..<count { ring.append("event \(number + 1)") }
        return ring
    }

    @Test("What is behind a number comes in order, and what is not kept any more is counted", arguments: 0...11)
    func events(count: Int) {
        let ring = ring(count)
        #expect(ring.last == count)
        for number in 0...count {
            let (missed, events) = ring.events(after: number)
            let kept = Array(max(number + 1, count - 3)..<(count + 1))
            #expect(events.map(\.number) == kept, "after \(number)")
            #expect(events.map(\.event) == kept.map { "event \($0)" })
            #expect(missed + events.count == count - number)
        }
    }
}
