package import UsageModel

/// The refresh of one grant, as a value: what happened goes in, what to do next comes out.
///
/// Atlassian's refresh tokens work once, with a leeway of ten minutes in which the old one is still answered; a reuse
/// after that ends the consent (<https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>, "rotating
/// refresh tokens"). So that neither a crash nor a lost answer costs a consent:
///
/// 1. that a token is going to be sent is on the disk before it is sent;
/// 2. its successor is on the disk before the access token beside it is used;
/// 3. as long as the successor is not on the disk, the same token is sent again, at first more often than once a minute
///    and then never less: any of the sendings may be the one that arrived and began the leeway. It is never given
///    up for anything but Atlassian's own refusal.
package struct RefreshMachine: Sendable {
    /// How far the refresh of a generation has come, as the disk knows it.
    package enum Journal: String, Sendable, Codable {
        case valid, refreshing, reauthorise
    }

    package enum Event: Sendable {
        /// A new access token is needed, the wait is over, or the vault has just been opened.
        case wanted
        /// What `journal` or `keep` asked for is on the disk.
        case written
        /// It is not; nothing was changed.
        case notWritten(VaultError)
        case answered(IssuedTokens)
        case refused(ExchangeError)
        /// The newest generation on the disk; `nil` where the grant is gone.
        case read(generation: Int?)
    }

    package enum Action: Sendable {
        case journal(Journal)
        /// Send this generation's refresh token.
        case send
        /// Write these as the next generation.
        case keep(IssuedTokens)
        /// Look up the newest generation on the disk.
        case read
        /// Come back with `wanted` after this long. Whoever waits for a token hears of `why`.
        case wait(Duration, why: Failure)
        case stop(Outcome)
    }

    package enum Outcome: Sendable {
        /// The next generation is on the disk and may be used.
        case refreshed
        case failed(Failure)
        /// Another generation has taken this one's place.
        case superseded
    }

    package enum Failure: Sendable, Hashable {
        case clientRejected
        case reauthorise
        case unavailable
        case storage(VaultError)
    }

    private enum Phase {
        /// Nothing is under way.
        case settled
        /// `refreshing` is being written.
        case announcing
        case sending
        /// The token will be sent again.
        case waiting
        /// The answer is being written; it is nowhere else.
        case keeping(IssuedTokens)
        /// Refused: is this still the newest generation?
        case checking
        /// `reauthorise` is being written.
        case condemning
        /// `valid` is being written again: the token was not used.
        case restoring
        case dead
    }

    /// When a token is sent again, counted from the first time. The last of them leaves one of the ten minutes for its
    /// answer.
    package static let offsets: [Duration] = [5, 20, 60, 120, 180, 240, 300, 360, 420, 480, 540].map { .seconds($0) }
    /// Between sendings after that. Slower, a leeway that begins late would hold too few of them: with five minutes, 37 of
    /// 10,000 schedules of the tests lost a consent that could have been saved.
    package static let slowInterval: Duration = .seconds(60)
    /// A refused client is not tried again sooner: only an administrator can mend it.
    package static let rejectionInterval: Duration = .seconds(60)
    /// Between tries to write an answer that the disk did not take.
    package static let keepInterval: Duration = .seconds(5)

    package let generation: Int
    private var phase: Phase
    private var firstSentAt: Instant?
    private var sendings = 0
    /// Whether Atlassian may have rotated the token without our knowing the successor.
    private var mayBeUsed = false
    private var rejectedAt: Instant?

    /// - Parameter journal: as the disk has it. `refreshing` goes on by sending at once.
    package init(generation: Int, journal: Journal = .valid) {
        self.generation = generation
        switch journal {
        case .valid: phase = .settled
        case .refreshing:
            phase = .waiting
            mayBeUsed = true
        case .reauthorise: phase = .dead
        }
    }

    package var state: GrantStatus.State {
        switch phase {
        case .settled: .valid
        case .dead: .reauthorise
        case .announcing, .sending, .waiting, .keeping, .checking, .condemning, .restoring: .refreshing
        }
    }

    package mutating func handle(_ event: Event, at now: Instant) -> Action {
        switch (phase, event) {
        case (.settled, .wanted):
            if let rejectedAt, now >= rejectedAt, now < rejectedAt + Self.rejectionInterval {
                return .stop(.failed(.clientRejected))
            }
            phase = .announcing
            return .journal(.refreshing)
        case (.announcing, .written), (.waiting, .wanted):
            return send(at: now)
        case (.announcing, .notWritten(let error)):
            phase = .settled
            return .stop(.failed(.storage(error)))

        case (.sending, .answered(let tokens)):
            phase = .keeping(tokens)
            return .keep(tokens)
        case (.sending, .refused(let refusal)):
            return take(refusal, at: now)

        case (.keeping(let tokens), .wanted):
            return .keep(tokens)
        case (.keeping, .notWritten(let error)):
            return .wait(Self.keepInterval, why: .storage(error))
        case (.keeping, .written):
            self = RefreshMachine(generation: generation + 1)
            return .stop(.refreshed)

        case (.checking, .read(generation)):
            phase = .condemning
            return .journal(.reauthorise)
        case (.checking, .read):
            return .stop(.superseded)
        // Superseded, and asked once more.
        case (.checking, .wanted):
            return .read
        // Not on the disk, the refusal is found again at the next start.
        case (.condemning, .written), (.condemning, .notWritten):
            phase = .dead
            return .stop(.failed(.reauthorise))
        // Not on the disk, the token is sent once more at the next start: it was not used.
        case (.restoring, .written), (.restoring, .notWritten):
            phase = .settled
            return .stop(.failed(.clientRejected))
        case (.dead, _):
            return .stop(.failed(.reauthorise))

        case (.settled, _), (.announcing, _), (.sending, _), (.waiting, _), (.keeping, _), (.checking, _),
            (.condemning, _), (.restoring, _):
            preconditionFailure("an event that no action of this phase asked for")
        }
    }

    private mutating func send(at now: Instant) -> Action {
        phase = .sending
        firstSentAt = firstSentAt ?? now
        sendings += 1
        return .send
    }

    private mutating func take(_ refusal: ExchangeError, at now: Instant) -> Action {
        switch refusal {
        case .dead:
            phase = .checking
            return .read
        case .clientRejected where mayBeUsed:
            phase = .waiting
            return .wait(Self.rejectionInterval, why: .clientRejected)
        case .clientRejected:
            phase = .restoring
            rejectedAt = now
            (firstSentAt, sendings) = (nil, 0)
            return .journal(.valid)
        case .ambiguous:
            phase = .waiting
            mayBeUsed = true
            return .wait(untilNext(at: now), why: .unavailable)
        case .rateLimited(let retryAfter):
            phase = .waiting
            let asked = max(retryAfter ?? Self.rejectionInterval, .seconds(1))
            // A lost answer must be asked for again inside the leeway, whatever we are told.
            if mayBeUsed { return .wait(min(asked, untilNext(at: now)), why: .unavailable) }
            (firstSentAt, sendings) = (nil, 0)
            return .wait(asked, why: .unavailable)
        }
    }

    /// By the schedule; never longer than the schedule's own pause, should the wall clock have been set back.
    private func untilNext(at now: Instant) -> Duration {
        guard let firstSentAt, sendings <= Self.offsets.count else { return Self.slowInterval }
        let due = Self.offsets[sendings - 1]
        let pause = due - (sendings > 1 ? Self.offsets[sendings - 2] : .zero)
        return min(max(due - now.duration(since: firstSentAt), .seconds(1)), pause)
    }
}
