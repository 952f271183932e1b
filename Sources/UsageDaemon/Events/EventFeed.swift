import ControlProtocol
import Synchronization
import UsageModel
import UsageSync

/// What happens, for whoever subscribes: the last events, and a bell for the next one.
///
/// Subscribers read from the ring at their own speed. One that is too slow misses events and is told so; it holds up
/// neither the others nor what happens.
final class EventFeed: Sendable {
    /// An event without its place.
    struct Happening: Hashable, Sendable {
        let at: Instant
        let kind: ControlEvent.Kind
        let site: CloudID?
        var data: JSON = [:]
    }

    static let capacity = 1024

    /// Tells this run of the daemon from another one, whose numbers mean other events.
    private let epoch: String
    private let now: @Sendable () -> Instant
    private let ring: Mutex<EventRing<Happening>>
    /// The number of the last event.
    private let last = RisingNumber(0)

    init(now: @escaping @Sendable () -> Instant, capacity: Int = EventFeed.capacity) {
        epoch = String(now().milliseconds, radix: 36)
        self.now = now
        ring = Mutex(EventRing(capacity: capacity))
    }

    func note(_ kind: ControlEvent.Kind, site: CloudID? = nil, data: JSON = [:]) {
        let happening = Happening(at: now(), kind: kind, site: site, data: data)
        let number = ring.withLock { ring in
            ring.append(happening)
            return ring.last
        }
        last.rise(to: Int64(number))
    }

    /// Tells what happens from a position on, until `tell` throws or the task is cancelled.
    ///
    /// - Parameters:
    ///   - position: of the last event that is known; `nil` for the present one.
    ///   - tell: returns when there is room for more.
    /// - Throws: `CancellationError`, or what `tell` throws; `invalidParams` where the position is none.
    func listen(
        after position: String?, _ tell: (ControlEvent) async throws -> Void
    ) async throws -> Never {
        let present = Int(last.value)
        let start = try position.map { try number(at: $0, present: present) } ?? .some(present)
        var reached = start ?? present
        try await tell(ControlEvent(position: place(of: reached), at: now(), kind: .subscribed, site: nil))
        if start == nil { try await tell(lost(nil, upTo: reached)) }
        while true {
            let (missed, events) = ring.withLock { $0.events(after: reached) }
            if missed > 0 { try await tell(lost(missed, upTo: reached + missed)) }
            for (number, event) in events {
                try await tell(
                    ControlEvent(
                        position: place(of: number), at: event.at, kind: event.kind, site: event.site, data: event.data)
                )
            }
            reached = events.last?.number ?? reached
            _ = try await last.wait(above: Int64(reached))
        }
    }

    private func lost(_ missed: Int?, upTo number: Int) -> ControlEvent {
        ControlEvent(position: place(of: number), at: now(), kind: .lost, site: nil, data: ["missed": missed.json])
    }

    // MARK: - Positions

    // A position is opaque to callers: the run of the daemon, and the event's number in it.

    private func place(of number: Int) -> String { "\(epoch).\(number)" }

    /// `nil` for a position of another run of the daemon.
    private func number(at position: String, present: Int) throws(ControlError) -> Int? {
        let parts = position.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number >= 0, Int64(parts[0], radix: 36) != nil else {
            throw ControlError(
                .invalidParams, "after is not the position of an event", hint: "Leave it out to begin now.")
        }
        return parts[0] == epoch && number <= present ? number : nil
    }
}

extension EventFeed {
    /// Notes what became of a pass.
    ///
    /// - Parameter change: the store's change number after it.
    func note(_ event: SiteSync.Event, of site: CloudID, change: Int64) {
        switch event {
        case .started: note(.syncStarted, site: site)
        case .completed: note(.syncCompleted, site: site, data: ["change": .integer(change)])
        case .failed(let failure):
            note(
                .syncFailed, site: site,
                data: [
                    "kind": .string(failure.kind.rawValue), "message": .string(failure.message),
                    "retryAt": failure.retryAt.json,
                ])
        }
    }
}
