import UsageModel
import UsageStore

/// The JQL that the sync asks.
///
/// Walks go by `updated`, newest first. In a walk without an upper bound that is the order that loses nothing: an issue
/// changed meanwhile moves to a place that has been passed, with an `updated` later than the walk's start, where the
/// next catch-up looks. Out of a closed window such an issue vanishes; `SyncPlan` walks a window again from which one has.
struct IssueQuery {
    /// What Atlassian's index may show late; issues younger than this are looked at again.
    static let overlap = Duration.seconds(30 * 60)
    /// A walk that only closes another looks for what got out of the way of that one, and for nothing late.
    static let closingOverlap = Duration.seconds(2 * 60)
    /// Beyond this the bound of a count of minutes would move too far while the pages are read.
    private static let longestRelative = Duration.seconds(2 * 3600)
    /// For so long the pages of a walk with such a bound may be asked for: the bound leaves room for it.
    static let relativeLifetime = Duration.seconds(5 * 60)

    let zone: ProfileZone

    /// Issues updated since `instant`, less `overlap`. Minutes counted back from now mean the same in every zone.
    func changed(since instant: Instant, overlap: Duration, now: Instant) -> String {
        let start = instant - overlap
        // A clock that was put back has left a start that is still to come; JQL takes no such bound.
        let age = max(now.duration(since: start), .zero)
        let bound =
            age <= Self.longestRelative
            ? "\"-\((age + Self.relativeLifetime).inMilliseconds / 60_000 + 1)m\"" : zone.literal(atOrBefore: start)
        return "updated >= \(bound) ORDER BY updated DESC, id DESC"
    }

    /// Issues with an `updated` from `lower` to before `upper`, both bounds of `zone`. Windows that share a bound leave
    /// nothing out between them, for both ask with the same text.
    func window(lower: Instant, upper: Instant?) -> String {
        let end = upper.map { " AND updated < \(zone.literal($0))" } ?? ""
        return "updated >= \(zone.literal(lower))\(end) ORDER BY updated DESC, id DESC"
    }

    /// How many issues there are to walk through.
    func since(_ lower: Instant) -> String { "updated >= \(zone.literal(lower))" }

    /// The issue that was updated longest ago. Jira Cloud refuses JQL without a bound; there was no Jira before 2002.
    static let oldest = "updated >= \"1990-01-01\" ORDER BY updated ASC, id ASC"

    /// Issues on which any of some people did something since the day asked for each; `nil` for ever.
    ///
    /// `updatedBy` takes days only (<https://support.atlassian.com/jira-software-cloud/docs/jql-functions/>). Worklogs are
    /// not asked for: JQL has the day for which one was written, not on which, and takes `worklogAuthor` from one and
    /// `worklogDate` from another. They have a feed, and are in the histories besides.
    static func touched(by probes: [Probe]) -> String {
        probes.map { probe in
            let day = probe.day.map { ", \"\($0)\"" } ?? ""
            return "issuekey in updatedBy(\"\(probe.candidate.account)\"\(day))"
        }.joined(separator: " OR ")
    }

    /// The same, the issues that were updated last first.
    static func latest(touchedBy probe: Probe) -> String {
        touched(by: [probe]) + " ORDER BY updated DESC, id DESC"
    }
}
