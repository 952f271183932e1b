import GRDB
package import UsageModel

/// One row of all that is stored of a person.
package struct ExportedRow: Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case instant(Instant)
        /// There is none.
        case none
    }

    /// The site that it comes from; `nil` for what belongs to no site.
    package let site: CloudID?
    /// What kind of row it is: mostly the name of its table.
    package let record: String
    package let values: [(name: String, value: Value)]
    /// The place behind it.
    package let end: ExportPosition
}

/// The place in an export behind a row.
package struct ExportPosition: Hashable, Sendable {
    /// Index of the table that the next row is from.
    package var table: Int
    /// How many rows of it have been told.
    package var row: Int

    package static let start = ExportPosition(table: 0, row: 0)

    package init(table: Int, row: Int) {
        self.table = table
        self.row = row
    }
}

extension StoreReader {
    /// All that is stored of an account, on all sites: rows from `position` on in a fixed order, at most `limit`.
    package func export(
        _ account: AccountID, from position: ExportPosition, limit: Int
    ) throws -> [ExportedRow] {
        var rows: [ExportedRow] = []
        for (index, table) in ExportTable.all.enumerated().dropFirst(position.table) where rows.count < limit {
            let offset = index == position.table ? position.row : 0
            rows += try Row.fetchAll(
                database, sql: "\(table.sql) LIMIT :limit OFFSET :offset",
                arguments: ["account": account.rawValue, "limit": limit - rows.count, "offset": offset]
            ).enumerated().map { number, row in
                ExportedRow(
                    row, record: table.record, end: ExportPosition(table: index, row: offset + number + 1))
            }
        }
        return rows
    }
}

/// A table that speaks of a person, with the query of its rows. A test holds the list against the schema.
struct ExportTable: Sendable {
    let record: String
    let sql: String

    /// - Parameters:
    ///   - record: the table, `t` in what follows.
    ///   - joins: what its rows are explained by.
    private init(_ record: String, _ columns: String, joins: String = "", order: String) {
        self.record = record
        sql = """
            SELECT s.cloudId AS site, \(columns) FROM account a JOIN site s USING (siteKey)
            JOIN \(record) t USING (accountKey) \(joins) WHERE a.accountId = :account ORDER BY a.accountKey, \(order)
            """
    }

    private init(_ record: String, sql: String) {
        self.record = record
        self.sql = sql
    }

    static let all = [
        ExportTable(
            "account",
            sql: """
                SELECT s.cloudId AS site, a.accountId, a.accountType, a.isEnabled, a.isShown, a.seenAt, a.firstListedAt,
                       a.listedAt, a.accessReadAt, a.roleCount, a.erasedAt
                FROM account a JOIN site s USING (siteKey) WHERE a.accountId = :account ORDER BY a.accountKey
                """),
        ExportTable(
            "site",
            sql: """
                SELECT cloudId AS site, grantAccountId, connectedAt, leftAt, profileZone
                FROM site JOIN syncState USING (siteKey) WHERE grantAccountId = :account ORDER BY siteKey
                """),
        ExportTable("profile", "displayName, email, fetchedAt, outdatedAt", order: "a.accountKey"),
        ExportTable(
            "accountReport",
            sql: """
                SELECT NULL AS site, storedAt, reportedAt, dueAt FROM accountReport WHERE accountId = :account
                ORDER BY accountId
                """),
        ExportTable(
            "erasedAccount",
            sql: "SELECT NULL AS site, erasedAt FROM erasedAccount WHERE accountId = :account ORDER BY accountId"),
        ExportTable(
            "grantGeneration",
            sql: "SELECT NULL AS site, generation FROM grantGeneration WHERE accountId = :account ORDER BY accountId"),
        ExportTable(
            "accountStanding", "t.firstSeenAt, t.lastSeenAt, t.accountType, t.isEnabled", order: "t.firstSeenAt"),
        ExportTable("accountAccess", "t.firstSeenAt, t.lastSeenAt, t.roleCount", order: "t.firstSeenAt"),
        ExportTable(
            "accountRole", "p.key, p.name, t.firstSeenAt, t.lastSeenAt",
            joins: "JOIN applicationRole p USING (roleKey)", order: "p.key, t.firstSeenAt"),
        ExportTable(
            "accountGroup", "g.groupId, g.name, t.firstSeenAt, t.lastSeenAt",
            joins: "JOIN accessGroup g USING (groupKey)", order: "g.name, g.groupId, t.firstSeenAt"),
        ExportTable("proof", "t.provenFrom, t.provenAt, t.disagrees, t.hasEarlier", order: "t.provenAt"),
        ExportTable("tally", "t.kind, t.count, t.lastAt", order: "t.kind"),
        ExportTable(
            "activity", "t.at, t.kind, t.sourceId, t.issueId, i.key AS issueKey",
            joins: "LEFT JOIN issue i ON i.siteKey = t.siteKey AND i.issueId = t.issueId",
            order: "t.at, t.kind, t.sourceId, t.ordinal"),
    ]
}

extension ExportedRow {
    fileprivate init(_ row: Row, record: String, end: ExportPosition) {
        let site: String? = row["site"]
        self.init(
            site: site.map(CloudID.init(rawValue:)), record: record,
            values: row.columnNames.filter { $0 != "site" }.map { ($0, Value(row, column: $0)) }, end: end)
    }
}

extension ExportedRow.Value {
    /// What a column means, its name tells: instants end in `At`, or are `at` itself.
    fileprivate init(_ row: Row, column: String) {
        switch row[column] as DatabaseValue {
        case .null: self = .none
        case let value where column == "kind":
            self = .text(ActivityKind.allCases[Int.fromDatabaseValue(value) ?? 0].rawValue)
        case let value:
            if let number = Int64.fromDatabaseValue(value) {
                if column == "at" || column.hasSuffix("At") || column == "provenFrom" {
                    self = .instant(Instant(milliseconds: number))
                } else if ["isEnabled", "isShown", "hasEarlier", "disagrees"].contains(column) {
                    self = .flag(number != 0)
                } else {
                    self = .number(number)
                }
            } else {
                self = String.fromDatabaseValue(value).map { .text($0) } ?? .none
            }
        }
    }
}
