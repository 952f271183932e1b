/// What a site has been asked since its `JiraSite` was made, and what Jira last said about its limits.
package struct SiteUsage: Hashable, Sendable {
    package struct Counts: Hashable, Sendable {
        /// Requests sent, each try by itself.
        package internal(set) var requests = 0
        /// Requests that did not lead to a useful answer.
        package internal(set) var failures = 0
        /// What Atlassian charges for them, as far as it is published: 1 a request, 1 an object in the answer, 2 for a
        /// user, a group or a permission. Source: <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.
        package internal(set) var points = 0
    }

    package internal(set) var byEndpoint: [Endpoint: Counts] = [:]
    /// `nil` until an answer has said something about limits.
    package internal(set) var rateLimit: RateLimitState?

    package var total: Counts {
        byEndpoint.values.reduce(into: Counts()) {
            $0.requests += $1.requests
            $0.failures += $1.failures
            $0.points += $1.points
        }
    }
}
