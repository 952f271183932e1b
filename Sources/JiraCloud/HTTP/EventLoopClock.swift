import NIOCore

/// A clock for deadlines that are hardly ever reached: a sleep that is cancelled leaves nothing behind.
///
/// `ContinuousClock` keeps a cancelled sleep, with the task that slept, until its time would have come. With a deadline of
/// a minute round each request, that adds up to the requests of a whole minute.
struct EventLoopClock: Clock {
    let eventLoop: any EventLoop

    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .milliseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let wake = eventLoop.scheduleTask(in: TimeAmount(deadline - now)) {}
        try await withTaskCancellationHandler {
            try await wake.futureResult.get()
        } onCancel: {
            wake.cancel()
        }
    }
}
