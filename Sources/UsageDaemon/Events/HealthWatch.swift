import ControlProtocol

/// Notes in the feed when `status` comes to another health than before.
struct HealthWatch: Sendable {
    let feed: EventFeed
    let health: @Sendable () async -> StatusReport.Health?
    let clock: any Clock<Duration>
    /// Whatever changes health shows in an event before; but that a record grows stale, or a consent old, time alone does.
    private static let interval = Duration.seconds(60)

    /// Looks after each event, and once a minute, until it is cancelled.
    func run() async {
        var last = await health()
        await withDiscardingTaskGroup { group in
            let (looks, due) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                // Ends only when it is cancelled.
                try? await feed.listen(after: nil) { if $0.kind != .healthChanged { due.yield() } }
            }
            group.addTask {
                while (try? await clock.sleep(for: Self.interval)) != nil { due.yield() }
            }
            for await _ in looks {
                guard let now = await health(), now != last else { continue }
                if last != nil { feed.note(.healthChanged, data: ["health": now.json]) }
                last = now
            }
        }
    }
}
