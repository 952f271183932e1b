import UsageModel

/// The JQL of a walk through a site's issues, newest `updated` first.
///
/// JQL dates are in the profile zone of the account that asks, to the minute, and know no offset
/// (<https://support.atlassian.com/jira-software-cloud/docs/jql-fields/>). Neither form used here depends on that zone:
/// minutes counted back from now are the same in all of them, and a literal is moved by more than any zone lies off
/// UTC. What is read in excess is known already or older than asked for, and does no harm.
///
/// Newest first is the order that loses nothing: an issue changed during the walk moves to a place that has been
/// passed, with an `updated` later than the walk's start, where the next catch-up looks. Oldest first would lose others
/// wherever a page is found by its number.
enum IssueQuery {
    /// Zones lie between 12 hours behind UTC and 14 hours before it.
    private static let widestOffset = Duration.seconds(14 * 3600)
    /// What Atlassian's index may show late; issues younger than this are looked at again.
    static let overlap = Duration.seconds(30 * 60)
    /// Beyond this the bound of a count of minutes would move too far while the pages are read.
    private static let longestRelative = Duration.seconds(2 * 3600)

    /// Issues updated since `instant`, less `overlap`.
    static func changed(since instant: Instant, overlap: Duration, now: Instant) -> String {
        let start = instant - overlap
        let age = now.duration(since: start)
        let bound = age <= longestRelative ? "\"-\(minutes(age) + 1)m\"" : literal(start)
        return "updated >= \(bound) ORDER BY updated DESC, id DESC"
    }

    /// Issues whose `updated` lies between `floor` and `frontier`; `frontier` is `nil` for a walk that begins now.
    static func back(to floor: Instant?, from frontier: Instant?, now: Instant) -> String {
        var clauses = ["updated >= \(floor.map(literal) ?? beforeAll)"]
        if let frontier {
            if let bound = notBefore(frontier, now: now) { clauses.append("updated <= \(bound)") }
        }
        return clauses.joined(separator: " AND ") + " ORDER BY updated DESC, id DESC"
    }

    /// Issues that a walk back to `floor` does not reach.
    static func older(than floor: Instant) -> String {
        "updated < \(literal(floor))"
    }

    /// Jira Cloud refuses JQL without a bound; there was no Jira before 2002.
    private static let beforeAll = "\"1990-01-01 00:00\""

    /// A date that is at or before `instant` in every zone.
    private static func literal(_ instant: Instant) -> String {
        let text = (instant - widestOffset).description
        return "\"\(text.prefix(10)) \(text.dropFirst(11).prefix(5))\""
    }

    /// A count back from now that is after `instant` even where Jira cuts to the minute; in hours where minutes would be
    /// too many. `nil` for an instant that is no more than a minute old.
    private static func notBefore(_ instant: Instant, now: Instant) -> String? {
        let age = minutes(now.duration(since: instant)) - 1
        guard age > 0 else { return nil }
        return age < 24 * 60 ? "\"-\(age)m\"" : "\"-\(age / 60)h\""
    }

    private static func minutes(_ duration: Duration) -> Int64 {
        duration.inMilliseconds / 60_000
    }
}
