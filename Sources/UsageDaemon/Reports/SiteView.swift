import UsageModel
import UsageStore

/// One site as a report sees it: what is known of it, and what time it is there.
struct SiteView: Sendable {
    let site: Site
    let state: SiteState
    /// The site's own clock.
    let now: Instant
    /// After this long without a complete pass the record is a thing of the past: somebody may have come since.
    let staleAfter: Duration

    var coverage: Coverage { state.coverage }
}

/// The end of the window that a report is about.
enum Horizon: Hashable, Sendable {
    /// Up to where the site has been read completely, and what has been seen since then too.
    case latest
    /// An instant of the past, after which nothing is known to the report.
    case at(Instant)

    /// What was asked for; nobody can be judged as of later than now.
    init(_ requested: Instant?, now: Instant) {
        if let requested, requested < now { self = .at(requested) } else { self = .latest }
    }

    /// What to leave out of the record; `nil` for nothing.
    var cut: Instant? {
        switch self {
        case .latest: nil
        case .at(let instant): instant
        }
    }

    /// The instant that the verdict on somebody whose last activity is `last` speaks of.
    func end(for view: SiteView, last: Instant?) -> Instant {
        switch self {
        case .at(let instant): instant
        case .latest:
            if let until = view.coverage.completeUntil, view.now.duration(since: until) <= view.staleAfter {
                max(until, last ?? until)
            } else {
                view.now
            }
        }
    }

    func verdict(last: Instant?, demand: ProofDemand, thresholdDays: Int, in view: SiteView) -> Verdict {
        Verdict(
            lastActivity: last, thresholdDays: thresholdDays, asOf: end(for: view, last: last),
            coverage: view.coverage, demand: demand)
    }
}
