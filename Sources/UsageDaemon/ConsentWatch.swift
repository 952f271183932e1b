import Logging
import TokenVault
import UsageModel
import UsageSync

/// Tells the log that a consent nears its end, for whoever reads no `status`.
struct ConsentWatch: Sendable {
    let grants: @Sendable () async -> [GrantStatus]
    let clock: any Clock<Duration>
    let now: @Sendable () -> Instant
    let logger: Logger
    private static let interval = Duration.seconds(3600)

    /// Looks once an hour until it is cancelled.
    func run() async {
        var warnings = ConsentWarnings()
        repeat {
            for (grant, warning) in warnings.take(await grants(), at: now()) {
                logger.warning(
                    "A consent ends soon: renew it by jirausagectl auth login",
                    metadata: .event(
                        .consentEnds,
                        [
                            "grant.account": "\(grant.account)", "grant.expires": "\(grant.expiresAt)",
                            "grant.within_days": "\(warning.rawValue)",
                        ]))
            }
        } while await sleep()
    }

    /// `false` once cancelled.
    private func sleep() async -> Bool {
        do {
            try await clock.sleep(for: Self.interval)
            return true
        } catch {
            return false
        }
    }
}

/// Which warnings have been given: each threshold once for each consent, and again after a restart of the daemon.
struct ConsentWarnings {
    private var told: [AccountID: ExpiryWarning] = [:]

    /// Those that are due and have not been given yet. A consent that is renewed, or refreshed out of danger, begins anew;
    /// one that is refused already is told by `status`.
    mutating func take(_ grants: [GrantStatus], at now: Instant) -> [(GrantStatus, ExpiryWarning)] {
        let due = grants.compactMap { grant in
            grant.state == .reauthorise ? nil : grant.warning(at: now).map { (grant, $0) }
        }
        let new = due.filter { grant, warning in told[grant.account].map { warning.rawValue < $0.rawValue } ?? true }
        told = Dictionary(uniqueKeysWithValues: due.map { ($0.0.account, $0.1) })
        return new
    }
}
