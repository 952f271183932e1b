import ControlProtocol
import Synchronization

/// Looks at `status` again and again: notes in the feed when it comes to another health than before, and tells the service
/// manager what is to be read in `systemctl status`.
struct StatusWatch: Sendable {
    let feed: EventFeed
    let status: @Sendable () async -> StatusReport?
    let tell: @Sendable (_ line: String) -> Void
    let clock: any Clock<Duration>
    /// Whatever changes health shows in an event before; but that a record grows stale, or a consent old, time alone does.
    private static let interval = Duration.seconds(60)
    /// While a site is being read, for somebody may be watching.
    private static let busyInterval = Duration.seconds(5)

    /// Whether a site is being read.
    private final class Business: Sendable {
        let isBusy = Mutex(false)
    }

    /// Looks after each event, and at intervals, until it is cancelled.
    func run() async {
        let business = Business()
        var last: StatusReport.Health?
        var lastLine: String?
        await withDiscardingTaskGroup { group in
            let (looks, due) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                // Ends only when it is cancelled.
                try? await feed.listen(after: nil) { if $0.kind != .healthChanged { due.yield() } }
            }
            group.addTask {
                while true {
                    let interval = business.isBusy.withLock { $0 ? Self.busyInterval : Self.interval }
                    guard (try? await clock.sleep(for: interval)) != nil else { return }
                    due.yield()
                }
            }
            due.yield()
            for await _ in looks {
                guard let report = await status() else { continue }
                business.isBusy.withLock { $0 = report.sites.contains { $0.sync.state == .running } }
                if last != nil, report.health != last {
                    feed.note(.healthChanged, data: ["health": report.health.json])
                }
                last = report.health
                let line = report.line
                if line != lastLine { tell(line) }
                lastLine = line
            }
        }
    }
}
