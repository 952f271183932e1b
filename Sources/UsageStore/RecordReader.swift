import GRDB
import UsageModel

/// Reads whole records inside one transaction, so that their parts fit together.
struct RecordReader {
    private let reader: StoreReader
    private let database: Database
    private let queries: RecordQueries
    /// The instant of the report, in milliseconds.
    private let bound: Int64
    private let isPast: Bool

    /// - Parameter asOf: the instant of the report; `nil` for what is known last.
    init(_ reader: StoreReader, asOf: Instant?) {
        self.reader = reader
        database = reader.database
        queries = asOf == nil ? .latest : .past
        bound = asOf?.milliseconds ?? Int64.max
        isPast = asOf != nil
    }

    func record(of accountKey: Int64) throws -> UsageRecord? {
        let last = try last(of: accountKey)
        let (roles, groups) = (try roles(of: accountKey), try groups(of: accountKey))
        let tallies = try tallies(of: accountKey)
        var record: UsageRecord?
        try database.eachRow(queries.account, .integer(accountKey), .integer(bound)) { row in
            guard let account = AccountID(rawValue: row.text(1) ?? "") else { return }
            record = UsageRecord(
                accountKey: accountKey, site: SiteKey(rawValue: row.integer(0)), account: account,
                displayName: row.text(3), email: row.text(4), erasedAt: row.instant(2),
                accountType: AccountType(rawValue: row.text(5) ?? "") ?? .unknown, isEnabled: row.flag(6),
                holdsSeat: row.flag(7), accessReadAt: row.instant(8), roles: roles, groups: groups, tallies: tallies,
                last: last, demand: row.proofDemand(last: last?.at, from: 9))
        }
        return record
    }

    private func roles(of accountKey: Int64) throws -> [ApplicationRole] {
        var roles: [ApplicationRole] = []
        try database.eachRow(queries.roles, .integer(accountKey), .integer(bound)) { row in
            roles.append(try reader.role(row.integer(0)))
        }
        return roles.sorted { $0.key < $1.key }
    }

    private func groups(of accountKey: Int64) throws -> [GroupMembership] {
        var groups: [GroupMembership] = []
        try database.eachRow(queries.groups, .integer(accountKey), .integer(bound)) { row in
            let key = row.integer(0)
            let group = try reader.group(key)
            let grants = isPast ? try grants(of: key) : try reader.grants(of: key, grants)
            groups.append(GroupMembership(id: group.id, name: group.name, grants: grants))
        }
        return groups.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The keys of the roles that a group gave at the instant of the report.
    private func grants(of groupKey: Int64) throws -> [String] {
        var keys: [String] = []
        try database.eachRow(queries.grants, .integer(groupKey), .integer(bound)) { row in
            if let key = row.text(0) { keys.append(key) }
        }
        return keys
    }

    private func tallies(of accountKey: Int64) throws -> [ActivityKind: ActivityTally] {
        var tallies: [ActivityKind: ActivityTally] = [:]
        try database.eachRow(queries.tallies, .integer(accountKey), .integer(bound)) { row in
            tallies[row.kind(0)] = ActivityTally(count: Int(row.integer(1)), lastAt: row.instant(2))
        }
        return tallies
    }

    private func last(of accountKey: Int64) throws -> LastActivity? {
        var last: LastActivity?
        try database.eachRow(queries.last, .integer(accountKey), .integer(bound)) { row in
            last = LastActivity(
                at: Instant(milliseconds: row.integer(0)), kind: row.kind(1),
                issue: IssueID(rawValue: row.integer(2)), issueKey: row.text(3))
        }
        return last
    }
}

extension PlainRow {
    /// The table's CHECK holds the rank inside the list.
    func kind(_ column: Int32) -> ActivityKind { ActivityKind.allCases[Int(integer(column))] }

    func instant(_ column: Int32) -> Instant? { integerIfAny(column).map(Instant.init(milliseconds:)) }

    /// Of a row that has `ProofColumns.columns` from a place on; as `Row.proofDemand(last:)`.
    func proofDemand(last: Instant?, from first: Int32) -> ProofDemand {
        guard flag(first + 3), instant(first + 4) == last else { return .none }
        return .proof(
            instant(first + 1).map { at in
                Proof(from: instant(first), at: at, outcome: flag(first + 2) ? .disagrees : .quiet)
            })
    }
}
