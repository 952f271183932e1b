import Synchronization
import UsageModel

/// What `run()` has to look at: each account at most once, so it never holds more than there are accounts.
final class Inbox: Sendable {
    enum Item: Hashable, Sendable {
        /// The account's grant needs a refresh, or its refresh goes on.
        case due(AccountID)
        /// A pause of this account's refresh begins.
        case pause(AccountID, consent: Int, Duration)
    }

    let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let items = Mutex<Set<Item>>([])

    init() {
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ item: Item) {
        items.withLock { _ = $0.insert(item) }
        wake.yield()
    }

    func take() -> Set<Item> {
        items.withLock { items in
            defer { items = [] }
            return items
        }
    }

    /// Ends `wakes`.
    func close() {
        wake.finish()
    }
}
