import UsageModel
import UsageStore

/// Proves of those who seem to do nothing that Jira knows of nothing either.
///
/// Many are asked about in one request, since the answer is nearly always that there is nothing; where there is something
/// the group is halved until it is known who. Of them the issues are read, whatever is known of these already, and then
/// there is either an activity that had been missed, or a disagreement, which a verdict has to tell. Where all time is
/// asked about, and only a part of it has been read, nothing was missed: they did something before that.
struct ProofPlan: Sendable {
    /// How many people one request asks about. Atlassian does not say how much a query may hold; where it is less, Jira
    /// refuses, or the witness is not found.
    private static let mostPeople = 50
    private static let issuesSought = 100
    /// Somebody is looked into again where reading found more, but not often in one pass.
    private static let mostRounds = 4
    /// A witness has done something in this time.
    private static let witnessed = Duration.days(30)

    private enum Trust {
        case untested
        /// A group was silent that is larger than any tested; that counts once somebody among them who did something
        /// is not.
        case awaitingWitness(silent: [Probe])
        case testing(silent: [Probe], group: [Probe])
        case given
        /// Jira does not even find somebody who surely did something.
        case refused
    }

    private var query: CandidateQuery
    private var ahead: CandidateQuery?
    private let zone: ProfileZone
    private var position: Int64? = 0
    private var waiting: [Candidate] = []
    private var groups: [[Probe]] = []
    private var seeking: [Probe] = []
    private var sought: [Probe] = []
    private var isListing = false
    private var groupSize = Self.mostPeople
    private var trust = Trust.untested
    /// A silence of no more people than this is believed.
    private var mostHeard = 0
    private var rounds: [AccountID: Int] = [:]

    /// Whether a witness has spoken among as many people as are ever asked about at once.
    private(set) var isTrusted: Bool

    /// - Parameters:
    ///   - ahead: of whom it is to be proven with the others, where anybody is to be proven at all; the others among them.
    ///   - isTrusted: whether one has in an earlier plan of this pass.
    init(query: CandidateQuery, ahead: CandidateQuery? = nil, zone: ProfileZone, isTrusted: Bool) {
        self.query = query
        self.ahead = ahead
        self.zone = zone
        self.isTrusted = isTrusted
        if isTrusted { (trust, mostHeard) = (.given, Self.mostPeople) }
    }

    /// - Parameter isIdle: whether nothing is under way, neither of this plan nor of what it had read.
    mutating func next(isIdle: Bool, now: Instant) -> Step? {
        switch trust {
        case .given: break
        case .refused: return nil
        case _ where !isIdle: return nil
        case .untested: break
        case .awaitingWitness: return .findWitness(from: now - Self.witnessed, until: now - .days(1))
        case .testing(_, let group): return .countTouched(group)
        }
        if let probe = seeking.popLast() { return .seek(probe, limit: Self.issuesSought) }
        if let group = groups.popLast() { return .countTouched(group) }
        if waiting.count < groupSize, position != nil, !isListing, let position {
            isListing = true
            return .listCandidates(query, after: position)
        }
        if !waiting.isEmpty, waiting.count >= groupSize || position == nil {
            let group = waiting.prefix(groupSize).map(probe)
            waiting.removeFirst(group.count)
            return .countTouched(group)
        }
        guard isIdle, !sought.isEmpty else { return nil }
        return .review(sought.map(\.candidate))
    }

    private func probe(_ candidate: Candidate) -> Probe {
        if query.purpose == .allTime || (candidate.isProvenForAllTime && candidate.last == nil) {
            return Probe(candidate: candidate, day: nil, from: nil)
        }
        // What came between an activity from before the record and the record itself nobody has read yet.
        let isKnown = candidate.last.map { $0 >= query.reach ?? $0 } ?? false
        let day = isKnown ? candidate.last.map(zone.day(after:)) : query.reach.map(zone.day(of:))
        return Probe(candidate: candidate, day: day?.name, from: day?.start)
    }

    // MARK: - What came

    mutating func listed(_ candidates: [Candidate], end: Int64?) {
        isListing = false
        if let ahead, !candidates.isEmpty {
            (query, self.ahead, position) = (ahead, nil, 0)
            return
        }
        waiting += candidates
        position = end
    }

    /// - Returns: who is proven by this.
    mutating func counted(_ count: Int, of group: [Probe], now: Instant) -> [SiteWrite] {
        if case .testing(let silent, group) = trust {
            guard count > 0 else {
                distrust(silent)
                return []
            }
            (trust, mostHeard) = (.given, max(mostHeard, group.count))
            isTrusted = mostHeard > Self.mostPeople
            return proofs(of: silent, now)
        }
        guard count == 0 else {
            if group.count > 1 {
                halve(group)
            } else if query.purpose == .allTime {
                return group.map { .earlierActivity(of: $0.candidate.account) }
            } else {
                seeking += group
            }
            return []
        }
        guard group.count <= mostHeard else {
            switch trust {
            case .untested, .given: trust = .awaitingWitness(silent: group)
            case .awaitingWitness, .testing, .refused: groups.append(group)
            }
            return []
        }
        return proofs(of: group, now)
    }

    /// - Returns: who is proven by there being nobody to test with.
    mutating func witnessFound(_ account: AccountID?, now: Instant) -> [SiteWrite] {
        guard case .awaitingWitness(let silent) = trust else { return [] }
        guard let account else {
            (trust, mostHeard) = (.given, .max)
            return proofs(of: silent, now)
        }
        let day = zone.day(of: now - Self.witnessed)
        let witness = Probe(candidate: Candidate(account: account, last: nil), day: day.name, from: day.start)
        trust = .testing(silent: silent, group: silent + [witness])
        return []
    }

    /// Jira does not look for so many people at once.
    mutating func refused(_ group: [Probe]) {
        if case .testing(let silent, group) = trust {
            distrust(silent)
        } else if group.count > 1 {
            groupSize = max(1, group.count / 2)
            halve(group)
        } else {
            trust = .refused
        }
    }

    /// - Parameter issues: how many there are to read.
    /// - Returns: who is proven by there being none after all.
    mutating func found(_ issues: Int, for probe: Probe, now: Instant) -> [SiteWrite] {
        if issues > 0 {
            sought.append(probe)
            return []
        }
        return proofs(of: [probe], now)
    }

    /// What is known now that their issues have been read.
    ///
    /// - Returns: of whom nothing came to light that Jira could mean.
    mutating func reviewed(_ candidates: [Candidate], now: Instant) -> [SiteWrite] {
        let lasts = Dictionary(candidates.map { ($0.account, $0.last) }, uniquingKeysWith: { first, _ in first })
        var writes: [SiteWrite] = []
        for probe in sought {
            let account = probe.candidate.account
            guard let last = lasts[account] ?? nil, last > probe.candidate.last ?? Instant(milliseconds: .min) else {
                writes.append(.proof(Proof(from: probe.from, at: now, outcome: .disagrees), of: account))
                continue
            }
            rounds[account, default: 0] += 1
            if last < query.quietSince, rounds[account, default: 0] < Self.mostRounds {
                waiting.append(Candidate(account: account, last: last))
            }
        }
        sought = []
        return writes
    }

    private mutating func halve(_ group: [Probe]) {
        let middle = group.count / 2
        groups.append(Array(group[..<middle]))
        groups.append(Array(group[middle...]))
    }

    /// A silence in which even a witness is silent says nothing; perhaps of fewer people Jira does say something.
    private mutating func distrust(_ silent: [Probe]) {
        guard silent.count > 1 else {
            trust = .refused
            return
        }
        trust = .untested
        groupSize = max(1, silent.count / 2)
        halve(silent)
    }

    private func proofs(of probes: [Probe], _ now: Instant) -> [SiteWrite] {
        probes.map { .proof(Proof(from: $0.from, at: now, outcome: .quiet), of: $0.candidate.account) }
    }
}
