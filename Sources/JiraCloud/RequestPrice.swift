/// The most that asking for something costs, known before it is asked, so that it can be reserved.
///
/// A point for the request and one for each object in the answer, two where that is a user, a group or a permission:
/// <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>. What Atlassian does not publish, the price of
/// the bulk endpoints, is taken to follow the same rule. Each price is that of answers at the first try; see `retried`.
package struct RequestPrice: Hashable, Sendable {
    package let requests: Int
    package let points: Int

    package init(requests: Int = 1, points: Int) {
        self.requests = requests
        self.points = points
    }

    package static let free = RequestPrice(requests: 0, points: 0)

    package static func + (lhs: RequestPrice, rhs: RequestPrice) -> RequestPrice {
        RequestPrice(requests: lhs.requests + rhs.requests, points: lhs.points + rhs.points)
    }

    package static func * (price: RequestPrice, count: Int) -> RequestPrice {
        RequestPrice(requests: price.requests * count, points: price.points * count)
    }

    /// The price where each request needs as many tries as the policy has, and one more with a fresh token: an
    /// answer that is of no use has its point too.
    package func retried(_ policy: RetryPolicy) -> RequestPrice {
        RequestPrice(requests: requests * (policy.tries + 1), points: points + requests * policy.tries)
    }

    private static func objects(_ count: Int) -> RequestPrice { RequestPrice(points: 1 + count) }
    private static func identities(_ count: Int) -> RequestPrice { RequestPrice(points: 1 + 2 * count) }
}

// MARK: - The site

extension RequestPrice {
    package static let serverInfo = objects(0)
    package static let myself = identities(1)

    package static func permissions(_ keys: Int) -> RequestPrice { identities(keys) }

    package static func projects(limit: Int = 100) -> RequestPrice { objects(limit) }
}

// MARK: - People

extension RequestPrice {
    /// A page of the directory. Where Jira answers 409 until half, a quarter, … of it is asked for, the people who do
    /// not come any more pay for the further requests.
    package static func users(limit: Int = 1000) -> RequestPrice {
        var requests = 1
        var size = limit
        while size > 50 {
            size = max(50, size / 2)
            requests += 1
        }
        return RequestPrice(requests: requests, points: identities(limit).points)
    }

    /// A person with roles and groups. Where Jira names fewer groups than it counts, `userGroups` comes on top.
    package static let access = identities(1)

    package static func userGroups(_ count: Int) -> RequestPrice { identities(count) }

    /// A page of the groups that grant a role.
    package static func groups(limit: Int = 50) -> RequestPrice { identities(limit) }
}

// MARK: - Issues and worklogs

extension RequestPrice {
    package static func searchIssues(limit: Int = 100) -> RequestPrice { objects(limit) }

    package static func searchIssueIDs(limit: Int = 5000) -> RequestPrice { objects(limit) }

    package static let count = objects(0)

    /// So many issues by their ids, on a site that first has to say that it takes no thousand at once.
    package static func issues(_ count: Int) -> RequestPrice {
        guard count > JiraSite.issuesPerFetchAtLeast else { return objects(count) }
        let whole = issuesWithComments(count)
        return whole + RequestPrice(points: 1)
    }

    package static func issuesWithComments(_ count: Int) -> RequestPrice {
        let requests = (count + JiraSite.issuesPerFetchAtLeast - 1) / JiraSite.issuesPerFetchAtLeast
        return RequestPrice(requests: requests, points: requests + count)
    }

    /// A page of the histories of so many issues: each of them may be on it.
    package static func histories(of issues: Int) -> RequestPrice { objects(issues) }

    package static func comments(limit: Int = 100) -> RequestPrice { objects(limit) }

    /// A page of either feed. Its size is Jira's choice:
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/>.
    package static let worklogFeed = objects(1000)

    package static func worklogs(_ count: Int) -> RequestPrice { objects(count) }
}
