import GRDB
package import UsageModel

extension StoreReader {
    /// An account's seat and roles from its first reading on, the latest stretch first, at most `limit`. Empty while
    /// its roles have not been read.
    ///
    /// - Parameter asOf: changes seen later than this do not exist for the report; `nil` for all of them.
    package func seatHistory(of accountKey: Int64, asOf: Instant?, limit: Int) throws -> [SeatStretch] {
        var (standings, accesses, roles) = ([SeatHistory.Standing](), [SeatHistory.Access](), [SeatHistory.Role]())
        try database.eachRow(Self.standingQuery, .integer(accountKey)) { row in
            let type = AccountType(rawValue: row.text(2) ?? "") ?? .unknown
            standings.append(
                .init(
                    sighting: .init(row),
                    canHoldSeat: holdsSeat(accountType: type, isEnabled: row.flag(3), roleCount: 1)))
        }
        try database.eachRow(Self.accessQuery, .integer(accountKey)) { row in
            accesses.append(.init(sighting: .init(row), roleCount: Int(row.integer(2))))
        }
        try database.eachRow(Self.roleQuery, .integer(accountKey)) { row in
            roles.append(.init(sighting: .init(row), key: try role(row.integer(2)).key))
        }
        roles.sort { $0.key < $1.key }
        let history = SeatHistory(standings: standings, accesses: accesses, roles: roles)
        return Array(history.stretches(until: asOf).reversed().prefix(limit))
    }

    private static let standingQuery = """
        SELECT firstSeenAt, lastSeenAt, accountType, isEnabled FROM accountStanding WHERE accountKey = ?1
        ORDER BY firstSeenAt
        """
    private static let accessQuery =
        "SELECT firstSeenAt, lastSeenAt, roleCount FROM accountAccess WHERE accountKey = ?1 ORDER BY firstSeenAt"
    private static let roleQuery = "SELECT firstSeenAt, lastSeenAt, roleKey FROM accountRole WHERE accountKey = ?1"
}

/// What the readings of one account showed, put together to the stretches in which seat and roles stayed the same.
struct SeatHistory {
    struct Sighting {
        let first: Instant
        /// `nil` while it holds.
        let last: Instant?
    }

    struct Standing {
        let sighting: Sighting
        /// Whether an account of this kind and standing holds a seat if it has a role.
        let canHoldSeat: Bool
    }

    struct Access {
        let sighting: Sighting
        let roleCount: Int
    }

    struct Role {
        let sighting: Sighting
        let key: String
    }

    /// In the order of time.
    let standings: [Standing]
    /// In the order of time.
    let accesses: [Access]
    /// In the order of their keys.
    let roles: [Role]

    /// The stretches in the order of time.
    func stretches(until end: Instant?) -> [SeatStretch] {
        // What is known of an account whose roles were never read is at most that it was not there before.
        guard let beginning = accesses.first?.sighting.first, accesses.last?.sighting.last == nil else { return [] }
        let known = beginning...max(beginning, end ?? Instant(milliseconds: .max))
        let changes = Set(accesses.map(\.sighting.first) + standings.map(\.sighting.first))
            .filter(known.contains).sorted()
        var stretches: [SeatStretch] = []
        for change in changes {
            let next = stretch(from: change)
            if let last = stretches.last {
                guard (last.holdsSeat, last.roles) != (next.holdsSeat, next.roles) else { continue }
                // Standing and roles are read apart: the stretch may begin after the last sighting of what ended it.
                stretches[stretches.count - 1] = SeatStretch(
                    from: last.from, until: lastSighting(before: change).map { max($0, last.from) },
                    holdsSeat: last.holdsSeat, roles: last.roles)
            }
            stretches.append(next)
        }
        return stretches
    }

    private func stretch(from instant: Instant) -> SeatStretch {
        let standing = standings.last { $0.sighting.first <= instant } ?? standings.first
        let access = accesses.last { $0.sighting.first <= instant }
        // Roles are what the access reading showed; between two of those only the standing can have changed.
        let read = access?.sighting.first ?? instant
        return SeatStretch(
            from: instant, until: nil,
            holdsSeat: (standing?.canHoldSeat ?? false) && (access?.roleCount ?? 0) > 0,
            roles: roles.filter { $0.sighting.first <= read && read <= $0.sighting.last ?? read }.map(\.key))
    }

    /// When what changed at `change` had last been seen as it was before.
    private func lastSighting(before change: Instant) -> Instant? {
        [standings.map(\.sighting), accesses.map(\.sighting)].compactMap { sightings in
            guard sightings.contains(where: { $0.first == change }) else { return nil }
            return sightings.last { $0.first < change }?.last
        }.min()
    }
}

extension SeatHistory.Sighting {
    /// Of a row that begins with the two instants.
    fileprivate init(_ row: PlainRow) {
        self.init(first: Instant(milliseconds: row.integer(0)), last: row.instant(1))
    }
}
