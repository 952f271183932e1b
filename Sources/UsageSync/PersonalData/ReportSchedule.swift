import UsageModel

/// When stored accounts are reported to Atlassian: each once a cycle, not all at once.
///
/// Source: <https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>.
struct ReportSchedule: Hashable, Sendable {
    /// How often each account is to be reported.
    let cycle: Duration

    /// Between two rounds: an hour where the cycle is a week.
    var interval: Duration { cycle / 168 }

    /// What is due so soon is reported now, so that no account is late because of the pause between two rounds.
    var lead: Duration { interval * 2 }

    /// When an account is to be reported first: somewhere in the cycle that begins when it is stored, always the same for
    /// the same account, so that a site read at once is reported bit by bit.
    func firstDue(of account: AccountID, storedAt instant: Instant) -> Instant {
        instant + .milliseconds(Int64(Double(cycle.inMilliseconds) * Self.phase(of: account)))
    }

    /// When an account that has been reported is due again.
    func nextDue(reportedAt instant: Instant) -> Instant { instant + cycle }

    /// From 0 to below 1: FNV-1a of the id, whose upper bits a further multiplication mixes
    /// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
    private static func phase(of account: AccountID) -> Double {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in account.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 32)) &* 0x9e37_79b9_7f4a_7c15
        return Double(hash >> 11) / Double(1 << 53)
    }
}

/// How long what is stored is kept. `nil` for ever.
package struct RetentionPolicy: Hashable, Sendable {
    /// Of an activity, counted from when it happened.
    package let activity: Duration?
    /// Of stretches of standing, roles, groups and grants, counted from their end.
    package let seats: Duration?
    /// Of the numbers of reports and erasures, counted from their day.
    package let log: Duration
    /// Of names and addresses that could not be reported to Atlassian, counted from when they should have been.
    package let unreported: Duration

    package init(activity: Duration?, seats: Duration?, log: Duration, unreported: Duration) {
        self.activity = activity
        self.seats = seats
        self.log = log
        self.unreported = unreported
    }
}
