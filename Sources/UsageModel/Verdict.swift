/// What can be said of a person's use of their seat. The raw value is the word on the wire.
package enum VerdictState: String, Sendable, CaseIterable {
    /// An activity was seen in the window.
    case active
    /// None was seen in the window, and the window is completely covered.
    case inactive
    /// None was seen at all, back to the site's first issue.
    case neverActive
    /// None was seen, but the window is not completely covered.
    case unknown
}

/// A verdict on one person, for a window of `thresholdDays` days that ends at `asOf`.
///
/// It speaks of activity that Jira's REST API shows. Reading leaves no trace there, so `inactive` means "no
/// activity seen", never "does not use it".
package struct Verdict: Hashable, Sendable {
    package let state: VerdictState
    package let thresholdDays: Int
    package let asOf: Instant
    /// Why the state is `unknown`; `nil` for the others.
    package let cause: CoverageCause?

    /// Of somebody of whom nothing is kept there is nothing to judge.
    package static func onErased(thresholdDays: Int, asOf: Instant) -> Verdict {
        Verdict(state: .unknown, thresholdDays: thresholdDays, asOf: asOf, cause: .erased)
    }

    private init(state: VerdictState, thresholdDays: Int, asOf: Instant, cause: CoverageCause?) {
        self.state = state
        self.thresholdDays = thresholdDays
        self.asOf = asOf
        self.cause = cause
    }

    /// Judges one person.
    ///
    /// - Parameters:
    ///   - lastActivity: the latest activity at or before `asOf`; `nil` where none is known.
    ///   - thresholdDays: the length of the window in days of 24 hours, 1 or more.
    ///   - asOf: the end of the window, itself inside it.
    ///   - coverage: what has been read of the site.
    ///   - demand: what has to confirm the record before absence counts.
    package init(
        lastActivity: Instant?, thresholdDays: Int, asOf: Instant, coverage: Coverage, demand: ProofDemand = .none
    ) {
        self.thresholdDays = thresholdDays
        self.asOf = asOf
        let start = asOf - .days(thresholdDays)
        if let lastActivity, lastActivity > start, lastActivity <= asOf {
            (state, cause) = (.active, nil)
            return
        }
        var coverage = coverage
        if case .proof(let proof?) = demand { coverage = coverage.extended(by: proof) }
        if let gap = coverage.gap(from: start, to: asOf)
            ?? demand.objection(start: start, last: lastActivity, asOf: asOf, coverage: coverage)
        {
            (state, cause) = (.unknown, gap)
        } else if lastActivity == nil, coverage.gap(from: nil, to: asOf) == nil {
            (state, cause) = (.neverActive, nil)
        } else {
            (state, cause) = (.inactive, nil)
        }
    }
}

extension ProofDemand {
    /// Why absence is not proven; `nil` where it is, or need not be.
    fileprivate func objection(
        start: Instant, last: Instant?, asOf: Instant, coverage: Coverage
    ) -> CoverageCause? {
        guard case .proof(let proof) = self else { return nil }
        guard let proof, coverage.confirms(proof), proof.covers(windowFrom: start, last: last),
            proof.at + Proof.lifetime >= asOf
        else { return .unproven }
        return proof.outcome == .disagrees ? .probeDisagrees : nil
    }
}
