import GRDB
import UsageModel

/// Writes the readings of people, and of what gives them their roles, of one transaction.
///
/// The readings of one account follow each other in time: one that seems to come before the last, because the
/// site's clock was measured anew, counts as simultaneous with it, or as just after where it shows something else.
struct PeopleWriter {
    private let database: Database
    private let site: SiteKey
    /// The whole readings of the directory so far, in milliseconds; `nil` before the first.
    private let directory: ClosedRange<Int64>?
    private var roleKeys: [ApplicationRole: Int64] = [:]
    private var groupKeys: [Group: Int64] = [:]

    init(database: Database, site: SiteKey) throws {
        self.database = database
        self.site = site
        directory = try Row.fetchOne(
            database, sql: "SELECT firstReadAt, lastReadAt FROM directoryReading WHERE siteKey = ?",
            arguments: [site.rawValue]
        ).map { ($0["firstReadAt"] as Int64)...($0["lastReadAt"] as Int64) }
    }

    // MARK: - The directory

    func keep(_ person: Person, listedAt instant: Int64) throws {
        let known = try known(person.account) ?? insert(person.account)
        guard !known.isErased else { return }
        let seenAt = try keepStanding(of: known, type: person.accountType, isEnabled: person.isEnabled, at: instant)
        if known.firstListedAt == nil { try keepAbsence(of: known, as: person.accountType, before: instant) }
        try database.cachedStatement(
            sql: """
                UPDATE account SET accountType = ?, isEnabled = ?, seenAt = ?,
                    firstListedAt = coalesce(firstListedAt, ?), listedAt = ? WHERE accountKey = ?
                """
        ).execute(arguments: [
            person.accountType.rawValue, person.isEnabled, seenAt, instant, instant, known.key,
        ])
        try keepProfile(person, of: known, fetchedAt: instant)
    }

    private func keepProfile(_ person: Person, of known: KnownAccount, fetchedAt instant: Int64) throws {
        let former = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT displayName, email FROM profile WHERE accountKey = ?"),
            arguments: [known.key])
        if let former, former["displayName"] != person.displayName || former["email"] != person.email {
            // What it was before is not to be found in the files any more either.
            try database.cachedStatement(sql: "UPDATE privacyState SET isWipeDue = 1").execute()
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO profile (accountKey, displayName, email, fetchedAt) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET displayName = excluded.displayName, email = excluded.email,
                    fetchedAt = excluded.fetchedAt, outdatedAt = NULL
                """
        ).execute(arguments: [known.key, person.displayName, person.email, instant])
        guard !known.isShown else { return }
        try database.cachedStatement(sql: "UPDATE account SET isShown = 1 WHERE accountKey = ?")
            .execute(arguments: [known.key])
    }

    /// What earlier whole readings of the directory did not have was not there then, and held nothing. That must be
    /// written down, or the first reading would stand in for the time before it.
    private func keepAbsence(of known: KnownAccount, as type: AccountType, before instant: Int64) throws {
        // A user reading may have shown the account before any directory did.
        let firstSeenAt = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT min(firstSeenAt) FROM accountStanding WHERE accountKey = ?"),
            arguments: [known.key])
        let end = (firstSeenAt ?? instant) - 1
        guard let directory, directory.lowerBound <= end else { return }
        let stretch = (first: directory.lowerBound, last: min(directory.upperBound, end))
        try database.cachedStatement(
            sql: """
                INSERT INTO accountStanding (accountKey, firstSeenAt, lastSeenAt, accountType, isEnabled)
                VALUES (?, ?, ?, ?, 0)
                """
        ).execute(arguments: [known.key, stretch.first, stretch.last, type.rawValue])
        try database.cachedStatement(
            sql: "INSERT INTO accountAccess (accountKey, firstSeenAt, lastSeenAt, roleCount) VALUES (?, ?, ?, 0)"
        ).execute(arguments: [known.key, stretch.first, stretch.last])
    }

    // MARK: - One user

    mutating func keep(_ reading: UsageStore.AccessReading, readAt instant: Int64) throws {
        guard let known = try known(reading.account), !known.isErased else { return }
        switch reading.outcome {
        case .found(let person, let access):
            try keepProfile(person, of: known, fetchedAt: instant)
            try keep(access, of: known, type: person.accountType, isEnabled: person.isEnabled, at: instant)
        case .notShown:
            // What has changed and cannot be fetched again is not kept
            // (https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/).
            try database.eraseOutdatedProfile(of: known.key, at: Instant(milliseconds: instant))
            guard known.listedAt == nil else { return }
            let nothing = Access(roles: [], roleCount: 0, groups: [], groupCount: 0)
            try keep(nothing, of: known, type: known.type, isEnabled: false, at: instant)
        }
    }

    private mutating func keep(
        _ access: Access, of known: KnownAccount, type: AccountType, isEnabled: Bool, at instant: Int64
    ) throws {
        let seenAt = try keepStanding(of: known, type: type, isEnabled: isEnabled, at: instant)
        let readAt = try keepAccess(
            of: known, roles: Set(access.roles.map { try key(of: $0) }),
            groups: Set(access.groups.map { try key(of: $0) }), roleCount: access.roleCount, at: seenAt)
        try database.cachedStatement(
            sql: """
                UPDATE account SET accountType = ?, isEnabled = ?, seenAt = ?, accessReadAt = ?, isAccessDue = 0,
                    roleCount = ? WHERE accountKey = ?
                """
        ).execute(arguments: [type.rawValue, isEnabled, max(seenAt, readAt), readAt, access.roleCount, known.key])
    }

    // MARK: - Stretches

    /// - Returns: the instant that the reading counts for.
    private func keepStanding(
        of known: KnownAccount, type: AccountType, isEnabled: Bool, at instant: Int64
    ) throws -> Int64 {
        var instant = instant
        if let previous = known.seenAt {
            if known.type == type && known.isEnabled == isEnabled { return max(instant, previous) }
            instant = max(instant, previous + 1)
            try database.cachedStatement(
                sql: "UPDATE accountStanding SET lastSeenAt = ? WHERE accountKey = ? AND lastSeenAt IS NULL"
            ).execute(arguments: [previous, known.key])
        }
        try database.cachedStatement(
            sql: "INSERT INTO accountStanding (accountKey, firstSeenAt, accountType, isEnabled) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [known.key, instant, type.rawValue, isEnabled])
        return instant
    }

    /// - Returns: the instant that the reading counts for.
    private func keepAccess(
        of known: KnownAccount, roles: Set<Int64>, groups: Set<Int64>, roleCount: Int, at instant: Int64
    ) throws -> Int64 {
        let oldRoles = try Stretches.roles.open(of: known.key, in: database)
        let oldGroups = try Stretches.groups.open(of: known.key, in: database)
        var instant = instant
        if let previous = known.accessReadAt {
            if oldRoles == roles && oldGroups == groups && known.roleCount == roleCount {
                return max(instant, previous)
            }
            instant = max(instant, previous + 1)
            try database.cachedStatement(
                sql: "UPDATE accountAccess SET lastSeenAt = ? WHERE accountKey = ? AND lastSeenAt IS NULL"
            ).execute(arguments: [previous, known.key])
        }
        try database.cachedStatement(
            sql: "INSERT INTO accountAccess (accountKey, firstSeenAt, roleCount) VALUES (?, ?, ?)"
        ).execute(arguments: [known.key, instant, roleCount])
        try Stretches.roles.change(
            of: known.key, from: oldRoles, to: roles, previous: known.accessReadAt, at: instant, in: database)
        try Stretches.groups.change(
            of: known.key, from: oldGroups, to: groups, previous: known.accessReadAt, at: instant, in: database)
        return instant
    }

    // MARK: - Grants

    mutating func keep(grantsOf role: String, groups: [Group], readAt instant: Int64) throws {
        let roleKey = try key(ofRole: role)
        let new = Set(try groups.map { try key(of: $0) })
        let old = try Stretches.grants.open(of: roleKey, in: database)
        let previous = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT grantsReadAt FROM applicationRole WHERE roleKey = ?"),
            arguments: [roleKey])
        var readAt = max(instant, previous ?? instant)
        if previous == nil || old != new {
            if let previous { readAt = max(instant, previous + 1) }
            try database.cachedStatement(
                sql: "UPDATE roleGrants SET lastSeenAt = ? WHERE roleKey = ? AND lastSeenAt IS NULL"
            ).execute(arguments: [previous, roleKey])
            try database.cachedStatement(sql: "INSERT INTO roleGrants (roleKey, firstSeenAt) VALUES (?, ?)")
                .execute(arguments: [roleKey, readAt])
            try Stretches.grants.change(
                of: roleKey, from: old, to: new, previous: previous, at: readAt, in: database)
        }
        try database.cachedStatement(sql: "UPDATE applicationRole SET grantsReadAt = ? WHERE roleKey = ?")
            .execute(arguments: [readAt, roleKey])
    }

    // MARK: - Keys

    /// An account as its last reading left it.
    private struct KnownAccount {
        let key: Int64
        var type = AccountType.unknown
        var isEnabled = false
        var seenAt: Int64?
        var firstListedAt: Int64?
        var listedAt: Int64?
        var accessReadAt: Int64?
        var roleCount = 0
        var isShown = false
        var isErased = false
    }

    private func known(_ account: AccountID) throws -> KnownAccount? {
        try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT accountKey, accountType, isEnabled, seenAt, firstListedAt, listedAt, accessReadAt, roleCount,
                           isShown,
                           erasedAt IS NOT NULL AS isErased
                    FROM account WHERE siteKey = ? AND accountId = ?
                    """), arguments: [site.rawValue, account.rawValue]
        ).map { row in
            KnownAccount(
                key: row["accountKey"], type: AccountType(rawValue: row["accountType"]) ?? .unknown,
                isEnabled: row["isEnabled"], seenAt: row["seenAt"], firstListedAt: row["firstListedAt"],
                listedAt: row["listedAt"], accessReadAt: row["accessReadAt"], roleCount: row["roleCount"],
                isShown: row["isShown"], isErased: row["isErased"])
        }
    }

    private func insert(_ account: AccountID) throws -> KnownAccount {
        try database.add(account, on: site)
        guard let known = try known(account) else {
            throw StoreError.corrupt(path: "usage.db", message: "an account just written is not there")
        }
        return known
    }

    private mutating func key(of role: ApplicationRole) throws -> Int64 {
        if let key = roleKeys[role] { return key }
        let key = try number(
            sql: """
                INSERT INTO applicationRole (siteKey, key, name) VALUES (?, ?, ?)
                ON CONFLICT (siteKey, key) DO UPDATE SET name = excluded.name RETURNING roleKey
                """, arguments: [site.rawValue, role.key, role.name])
        roleKeys[role] = key
        return key
    }

    /// Of a role that nobody may hold yet: until somebody's reading tells its name, it goes by its key.
    private func key(ofRole key: String) throws -> Int64 {
        try number(
            sql: """
                INSERT INTO applicationRole (siteKey, key, name) VALUES (?, ?, ?)
                ON CONFLICT (siteKey, key) DO UPDATE SET name = name RETURNING roleKey
                """, arguments: [site.rawValue, key, key])
    }

    private mutating func key(of group: Group) throws -> Int64 {
        if let key = groupKeys[group] { return key }
        let key = try number(
            sql: """
                INSERT INTO accessGroup (siteKey, groupId, name) VALUES (?, ?, ?)
                ON CONFLICT (siteKey, groupId) DO UPDATE SET name = excluded.name RETURNING groupKey
                """, arguments: [site.rawValue, group.id, group.name])
        groupKeys[group] = key
        return key
    }

    /// The one number that an upsert returns.
    private func number(sql: String, arguments: StatementArguments) throws -> Int64 {
        guard let number = try Int64.fetchOne(database.cachedStatement(sql: sql), arguments: arguments) else {
            throw StoreError.corrupt(path: "usage.db", message: "an upsert returned no row")
        }
        return number
    }
}
