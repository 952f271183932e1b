/// What a daemon tells of everybody on a site, beside what the simulator's oracle says.
package struct Comparison {
    package struct Difference: CustomStringConvertible {
        package let right: User
        /// `nil` where the daemon knows of nobody with that account id.
        package let told: User?

        package var description: String {
            "expected \(right)\n     got \(told.map { "\($0)" } ?? "nobody")"
        }
    }

    /// Users that were compared.
    package let users: Int
    package let differences: [Difference]
    /// Activities that happened and are not counted, and those that are counted and did not happen.
    package let lost: Int
    package let invented: Int
    /// Issues that the daemon has read and the site does not have, less those it has not read.
    package let surplusIssues: Int

    package var isEqual: Bool { differences.isEmpty && lost == 0 && invented == 0 && surplusIssues == 0 }
}

extension Installation {
    /// Compares all that is known of every user, as of the end of what the daemon has read completely.
    package func compare(with simulator: Simulator) async throws -> Comparison {
        guard let site = try await status().sites.first, let asOf = site.coverage.completeUntil else {
            throw Incomplete()
        }
        let oracle = try await simulator.oracle(asOf: asOf)
        let told = try await users(asOf: asOf)
        var (lost, invented) = (0, 0)
        for user in oracle.users {
            for (kind, tally) in user.activity {
                let surplus = (told[user.accountId]?.activity[kind]?.count ?? 0) - tally.count
                lost += max(0, -surplus)
                invented += max(0, surplus)
            }
        }
        return Comparison(
            users: oracle.users.count,
            differences: oracle.users.filter { told[$0.accountId] != $0 }
                .map { Comparison.Difference(right: $0, told: told[$0.accountId]) },
            lost: lost, invented: invented, surplusIssues: site.counts.issues - oracle.counts.issues)
    }

    private struct Incomplete: Error, CustomStringConvertible {
        let description = "the daemon has read nothing completely, so that there is nothing to compare"
    }
}
