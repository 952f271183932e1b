/// The last of a sequence of things, each with its number from 1 on.
struct EventRing<Event> {
    private let capacity: Int
    private var events: [Event] = []
    /// The number of the latest; 0 where there has been none.
    private(set) var last = 0

    /// - Parameter capacity: how many are kept, 1 or more.
    init(capacity: Int) {
        self.capacity = capacity
        events.reserveCapacity(capacity)
    }

    private var first: Int { last - events.count + 1 }

    mutating func append(_ event: Event) {
        last += 1
        if events.count < capacity {
            events.append(event)
        } else {
            events[(last - 1) % capacity] = event
        }
    }

    /// What came behind a number, in order, and how many of it are not kept any more.
    func events(after number: Int) -> (missed: Int, events: [(number: Int, event: Event)]) {
        let start = max(number + 1, first)
        guard start <= last else { return (0, []) }
        return (start - number - 1, (start...last).map { ($0, events[($0 - 1) % capacity]) })
    }
}
