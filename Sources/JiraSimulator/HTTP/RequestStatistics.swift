/// What was asked of the simulator, its own paths left out.
package struct RequestStatistics: Sendable, Equatable {
    package struct Row: Sendable, Equatable, Hashable {
        /// Method and template of the path, such as `GET /ex/jira/{cloudId}/rest/api/3/myself`.
        package let route: String
        package let status: Int
        package let count: Int
    }

    /// By route, then status.
    package var requests: [Row] {
        counts.map { Row(route: $0.key.route, status: $0.key.status, count: $0.value) }
            .sorted { ($0.route, $0.status) < ($1.route, $1.status) }
    }

    package var total: Int { counts.values.reduce(0, +) }
    /// Of Atlassian's points quota.
    package private(set) var points = 0
    /// Of bodies sent.
    package private(set) var bytes = 0

    private struct Key: Hashable {
        let route: String
        let status: Int
    }

    private var counts: [Key: Int] = [:]

    mutating func record(route: String, status: Int, points: Int, bytes: Int) {
        counts[Key(route: route, status: status), default: 0] += 1
        self.points += points
        self.bytes += bytes
    }

    /// How many requests went to routes whose name ends so, whatever was answered.
    package func count(routeSuffix: String) -> Int {
        counts.reduce(0) { $1.key.route.hasSuffix(routeSuffix) ? $0 + $1.value : $0 }
    }
}
