import ControlProtocol
import ControlServer
import UsageModel

/// `change.wait` and `events.subscribe`.
struct ChangeHandler: Sendable {
    /// The store's.
    let change: RisingNumber
    let feed: EventFeed

    func wait(_ call: WaitForChange) async throws(ControlError) -> WaitForChange.Result {
        let present = Int(change.value)
        // A number that is not reached yet comes from another store: whoever has it has to begin anew.
        guard let since = call.since, since <= present else { return .init(change: present) }
        return try await answering { .init(change: Int(try await change.wait(above: Int64(since)))) }
    }

    /// Never returns a result.
    func subscribe(
        _ call: SubscribeEvents, telling notices: RequestNotices
    ) async throws(ControlError) -> SubscribeEvents.Result {
        let kinds = call.kinds.map { Set($0 + [.subscribed, .lost]) }
        return try await answering {
            try await feed.listen(after: call.after) { event in
                if kinds?.contains(event.kind) ?? true { try await notices.tell(.event, event.written) }
            }
        }
    }
}
