/// What Jira's search said when it was asked about one person by itself, apart from everything that was read.
///
/// `issuekey in updatedBy(…)` shares none of the ways in which a reading of issues can go wrong, so what it says of
/// somebody who seems to do nothing is a second opinion
/// (<https://support.atlassian.com/jira-software-cloud/docs/jql-functions/>).
package struct Proof: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// Jira knows of nothing either.
        case quiet
        /// Jira says that there is something which reading did not show.
        case disagrees
    }

    /// From when on Jira was asked, always the beginning of a day in the profile zone of the account that asked; `nil`
    /// for all time.
    package let from: Instant?
    /// When it answered, by the site's clock.
    package let at: Instant
    package let outcome: Outcome

    package init(from: Instant?, at: Instant, outcome: Outcome) {
        self.from = from
        self.at = at
        self.outcome = outcome
    }

    /// How long a proof is good. What came later is in the record, which the proof has found right once.
    package static let lifetime = Duration.days(14)

    /// Whether it speaks of everything after `last`, the last activity known, that lies in the window that begins at
    /// `start`. Something known since it began makes it void.
    ///
    /// Jira is asked in whole days, so what came on the very day of `last` is the record's to know.
    func covers(windowFrom start: Instant, last: Instant?) -> Bool {
        if let last { return from.map { $0 > last && ($0 <= start || $0 <= last + Self.longestDay) } ?? false }
        return from.map { $0 <= start } ?? true
    }

    /// A day in which a clock is put back has 25 hours, and its beginning is known to the hour.
    package static let longestDay = Duration.seconds(26 * 3600)
}

/// What a verdict on absence has to rest on.
package enum ProofDemand: Hashable, Sendable {
    /// The record alone: of accounts that can hold no seat, and of a past after which the person was seen again.
    case none
    /// The record and Jira's own word, which is `nil` where it has not been asked yet.
    case proof(Proof?)
}
