/// How a site is synced.
package struct SyncConfiguration: Hashable, Sendable {
    /// Between the end of one pass and the start of the next.
    package let interval: Duration
    /// How far back activity is collected; `nil` for everything.
    package let history: Duration?

    package init(interval: Duration, history: Duration?) {
        self.interval = interval
        self.history = history
    }
}
