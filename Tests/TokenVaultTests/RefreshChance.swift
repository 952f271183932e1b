import UsageModel

/// Whether a correct client could have saved the consent: the judge of what a re-authorisation was worth.
///
/// A chance is a stretch of time inside the leeway of the newest token on the disk, in which the process ran, Atlassian
/// answered and the disk wrote.
struct RefreshChance {
    /// As long as a good client may need: a request that hangs from before (60 s), a wait (60 s), and an answer.
    static let length: Duration = .seconds(125)

    private var fairSince: Instant?
    private(set) var wasThere = false

    /// - Parameter isFair: at this moment, and until the next call.
    mutating func note(isFair: Bool, at now: Instant) {
        fairSince = isFair ? fairSince ?? now : nil
    }

    /// Time has passed, to `now`, without a change. `firstUse` is of the newest token on the disk.
    mutating func passed(to now: Instant, firstUse: Instant?) {
        guard let fairSince, let firstUse else { return }
        let stretch = min(now, firstUse + RotationModel.leeway).duration(since: max(fairSince, firstUse))
        if stretch >= Self.length { wasThere = true }
    }

    /// A newer token is on the disk.
    mutating func begin() { wasThere = false }
}
