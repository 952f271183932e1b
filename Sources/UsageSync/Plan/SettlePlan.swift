import UsageModel
import UsageStore

/// Answers for the window that matters without reading it: of each person who might hold a seat and has shown nothing
/// yet, the latest issue they touched in it is sought. One that is found holds the evidence; where none is, that is the
/// proof. On a site with few seats and millions of issues this is by far the cheaper way.
struct SettlePlan: Sendable {
    private let query: CandidateQuery
    private let day: (name: String, start: Instant)
    private var position: Int64? = 0
    private var waiting: [Candidate] = []
    private var isListing = false

    init(query: CandidateQuery, since windowStart: Instant, zone: ProfileZone) {
        self.query = query
        day = zone.day(of: windowStart)
    }

    mutating func next() -> Step? {
        if let candidate = waiting.popLast() {
            return .seek(Probe(candidate: candidate, day: day.name, from: day.start), limit: 1)
        }
        guard !isListing, let position else { return nil }
        isListing = true
        return .listCandidates(query, after: position)
    }

    mutating func listed(_ candidates: [Candidate], end: Int64?) {
        isListing = false
        waiting += candidates
        position = end
    }

    /// - Returns: the proof where nothing was found.
    func found(_ issues: Int, for probe: Probe, now: Instant) -> [SiteWrite] {
        issues > 0 ? [] : [.proof(Proof(from: probe.from, at: now, outcome: .quiet), of: probe.candidate.account)]
    }
}
