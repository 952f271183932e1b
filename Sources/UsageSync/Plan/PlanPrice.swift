import UsageModel

/// What a way to an answer costs, in both of Atlassian's currencies.
struct PlanPrice: Hashable, Sendable {
    var requests: Double
    var points: Double

    /// How long it takes at least: requests go `concurrency` at once, each for `latency`; the points of one hour are
    /// there, and more come by the hour.
    func duration(concurrency: Int, latency: Duration, pointsPerHour: Int) -> Duration {
        let waiting = latency * (requests / Double(concurrency))
        return max(waiting, .seconds(3600) * (max(0, points - Double(pointsPerHour)) / Double(pointsPerHour)))
    }

    static func * (price: PlanPrice, count: Double) -> PlanPrice {
        PlanPrice(requests: price.requests * count, points: price.points * count)
    }

    /// An issue, read whole: its row on a page of 100, and its part of the bulk changelog's 1,000.
    static let issue = PlanPrice(requests: 0.011, points: 2.011)

    /// Somebody, by a search for the latest issue that they touched: nothing, or one issue whose histories are read with
    /// those of others.
    static let probe = PlanPrice(requests: 1, points: 2.5)
}
