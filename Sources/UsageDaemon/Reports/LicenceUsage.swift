import UsageModel
import UsageStore

/// How many seats of each role are used.
struct LicenceUsage: Sendable {
    /// The seats of one application role, by verdict.
    struct Role: Sendable {
        /// `nil` for seats whose roles Jira counts and does not name.
        let role: ApplicationRole?
        var byVerdict: [VerdictState: Int] = [:]
        var seats: Int { byVerdict.values.reduce(0, +) }
    }

    /// The instant that all of it speaks of.
    let asOf: Instant
    let roles: [Role]
    /// People of whom it is not known whether they hold seats.
    let usersNotRead: Int
    /// People who are counted by a reading that is later than the instant asked for.
    let usersReadLater: Int
}

extension ReportSnapshot {
    func licences(on views: [SiteView], thresholdDays: Int, asOf: Instant?) throws -> LicenceUsage {
        var usage: [String?: LicenceUsage.Role] = [:]
        var (usersNotRead, readLater) = (0, Set<Int64>())
        for view in views {
            let horizon = Horizon(asOf, now: view.now)
            for seat in try reader.seats(on: view.site.key, asOf: horizon.cut) {
                let verdict = horizon.verdict(
                    last: seat.lastAt, demand: seat.demand, thresholdDays: thresholdDays, in: view)
                usage[seat.role?.key, default: .init(role: seat.role)].byVerdict[verdict.state, default: 0] += 1
                if let cut = horizon.cut, let readAt = seat.accessReadAt, readAt > cut {
                    readLater.insert(seat.accountKey)
                }
            }
            usersNotRead += try reader.unreadPeople(on: view.site.key, asOf: horizon.cut)
        }
        // With several sites the answer as a whole is as old as the oldest of its parts.
        let ends = views.map { Horizon(asOf, now: $0.now).end(for: $0, last: nil) }
        let roles = usage.sorted { ($0.key ?? "\u{10FFFF}") < ($1.key ?? "\u{10FFFF}") }.map(\.value)
        return LicenceUsage(
            asOf: ends.min() ?? now, roles: roles, usersNotRead: usersNotRead, usersReadLater: readLater.count)
    }
}
