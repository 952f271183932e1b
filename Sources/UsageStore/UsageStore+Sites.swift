import GRDB
package import UsageModel

extension UsageStore {
    /// Connects a site, or renews what is known of one that is connected already; its data stay.
    ///
    /// Another account may see other projects, so with another account than before the site is read anew.
    package func connect(
        cloudID: CloudID, name: String, url: String, grantAccount: AccountID, at instant: Instant
    ) async throws(StoreError) -> Site {
        try await write { database in
            let former = try Row.fetchOne(
                database, sql: "SELECT siteKey FROM site WHERE cloudId = ? AND grantAccountId <> ?",
                arguments: [cloudID.rawValue, grantAccount.rawValue])
            if let siteKey: Int64 = former?["siteKey"] {
                try database.execute(sql: "DELETE FROM issue WHERE siteKey = ?", arguments: [siteKey])
                try database.execute(sql: "DELETE FROM syncState WHERE siteKey = ?", arguments: [siteKey])
                try database.execute(sql: "DELETE FROM walk WHERE siteKey = ?", arguments: [siteKey])
                try database.execute(sql: "DELETE FROM project WHERE siteKey = ?", arguments: [siteKey])
                try database.execute(
                    sql: "DELETE FROM proof WHERE accountKey IN (SELECT accountKey FROM account WHERE siteKey = ?)",
                    arguments: [siteKey])
            }
            try database.execute(
                sql: """
                    INSERT INTO site (cloudId, name, url, grantAccountId, connectedAt) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (cloudId) DO UPDATE SET
                        name = excluded.name, url = excluded.url, grantAccountId = excluded.grantAccountId, leftAt = NULL
                    """,
                arguments: [cloudID.rawValue, name, url, grantAccount.rawValue, instant.milliseconds])
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT * FROM site WHERE cloudId = ?", arguments: [cloudID.rawValue])
            else { throw StoreError.corrupt(path: path, message: "a site just written is not there") }
            let site = try Site(row: row)
            try database.execute(
                sql: "INSERT OR IGNORE INTO syncState (siteKey) VALUES (?)", arguments: [site.key.rawValue])
            return site
        }
    }

    /// Notes that nobody's consent opens a site any more by an administrator's wish; its data stay.
    package func leave(_ site: SiteKey, at instant: Instant) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: "UPDATE site SET leftAt = coalesce(leftAt, ?) WHERE siteKey = ?",
                arguments: [instant.milliseconds, site.rawValue])
        }
    }

    /// Erases a site with all its people and activities, from the tables and then from the files.
    package func remove(_ site: SiteKey, at instant: Instant) async throws(StoreError) {
        try await write { database in
            let profiles = try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM profile JOIN account USING (accountKey) WHERE siteKey = ? AND displayName <> ''
                    """, arguments: [site.rawValue])
            // The tallies go first, so that the triggers on activities find nothing to keep in step.
            try database.execute(
                sql: "DELETE FROM tally WHERE accountKey IN (SELECT accountKey FROM account WHERE siteKey = ?)",
                arguments: [site.rawValue])
            for table in [
                "activity", "issue", "project", "walk", "account", "applicationRole", "accessGroup", "syncState",
                "site",
            ] {
                try database.execute(sql: "DELETE FROM \(table) WHERE siteKey = ?", arguments: [site.rawValue])
            }
            try database.forgetReportsOfStrangers()
            try database.count(ErasureCause.left.rawValue, of: profiles ?? 0, at: instant)
            try database.execute(sql: "UPDATE privacyState SET isWipeDue = 1")
        }
        try await wipe()
    }
}

extension StoreReader {
    /// All connected sites, in the order in which they were connected.
    package func sites() throws -> [Site] {
        // Prepared once: after each commit of a sync it is asked again.
        try Row.fetchAll(database.cachedStatement(sql: "SELECT * FROM site ORDER BY siteKey")).map(Site.init(row:))
    }

    package func siteState(of site: SiteKey) throws -> SiteState {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT * FROM syncState WHERE siteKey = ?"), arguments: [site.rawValue])
        var state = row.map(SiteState.init(row:)) ?? SiteState()
        state.walks = try Row.fetchAll(
            database.cachedStatement(sql: "SELECT * FROM walk WHERE siteKey = ? ORDER BY number"),
            arguments: [site.rawValue]
        ).map(Walk.init(row:))
        return state
    }

    /// How many people, issues and activities are known of a site; issues that Jira no longer shows left out.
    package func counts(of site: SiteKey) throws -> (users: Int, issues: Int, activities: Int) {
        var counts = (users: 0, issues: 0, activities: 0)
        let sql = "SELECT users, issues, activities FROM siteCounts WHERE siteKey = ?1"
        try database.eachRow(sql, .integer(site.rawValue)) { row in
            counts = (Int(row.integer(0)), Int(row.integer(1)), Int(row.integer(2)))
        }
        return counts
    }
}

// MARK: - Rows

extension Database {
    /// Inside the transaction of the data that `state` speaks of.
    func keep(_ state: SiteState, for site: SiteKey) throws {
        let backfill = state.backfill
        try cachedStatement(
            sql: """
                UPDATE syncState SET
                    completeSince = ?, completeUntil = ?, reachesBeginning = ?, backfillStartedAt = ?,
                    backfillFloor = ?, backfillFrontier = ?, backfillTotal = ?, backfillUnsettled = ?,
                    asksPeople = ?, reachesSiteStart = ?,
                    worklogsReadFrom = ?, worklogsReadUntil = ?, worklogsCheckedAt = ?,
                    olderWorklogsUntil = ?, rosterStartedAt = ?,
                    rosterPosition = ?, rosterReadAt = ?, rosterSize = ?, grantsReadAt = ?, reconciledAt = ?,
                    trailedAt = ?, factsReadAt = ?, profileZone = ?, missingPermissions = ?,
                    confirmedAt = ?, clockOffset = ?,
                    lastCompletedAt = ?, changeNumber = changeNumber + 1
                WHERE siteKey = ?
                """
        ).execute(
            arguments: [
                state.completeSince?.milliseconds, state.completeUntil?.milliseconds, state.reachesBeginning,
                backfill?.startedAt.milliseconds, backfill?.floor.milliseconds, backfill?.frontier.milliseconds,
                backfill?.total, backfill?.unsettled, backfill?.asksPeople ?? false,
                backfill?.reachesSiteStart ?? false, state.worklogsReadFrom?.milliseconds,
                state.worklogsReadUntil?.milliseconds, state.worklogsCheckedAt?.milliseconds,
                state.olderWorklogsUntil?.milliseconds,
                state.rosterStartedAt?.milliseconds, state.rosterPosition, state.rosterReadAt?.milliseconds,
                state.rosterSize, state.grantsReadAt?.milliseconds, state.reconciledAt?.milliseconds,
                state.trailedAt?.milliseconds, state.factsReadAt?.milliseconds, state.profileZone,
                state.missingPermissions.joined(separator: " "), state.confirmedAt?.milliseconds,
                state.clockOffset.inMilliseconds,
                state.lastCompletedAt?.milliseconds, site.rawValue,
            ] as StatementArguments)
        try keep(state.walks, of: site)
    }

    private func keep(_ walks: [Walk], of site: SiteKey) throws {
        try cachedStatement(sql: "DELETE FROM walk WHERE siteKey = ?").execute(arguments: [site.rawValue])
        let insert = try cachedStatement(sql: "INSERT INTO walk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for walk in walks {
            var (isWindow, lower, upper): (Bool, Instant?, Instant?) = (false, nil, nil)
            if case .window(let first, let last) = walk.extent { (isWindow, lower, upper) = (true, first, last) }
            try insert.execute(
                arguments: [
                    site.rawValue, walk.number, isWindow, lower?.milliseconds, upper?.milliseconds,
                    walk.startedAt.milliseconds, walk.jql, walk.pageToken, walk.pages, walk.issues, walk.isThrough,
                ] as StatementArguments)
        }
    }
}

extension Site {
    init(row: Row) throws {
        guard let account = AccountID(rawValue: row["grantAccountId"]) else {
            throw StoreError.corrupt(path: "usage.db", message: "a site without the account that consented")
        }
        self.init(
            key: SiteKey(rawValue: row["siteKey"]), cloudID: CloudID(rawValue: row["cloudId"]), name: row["name"],
            url: row["url"], grantAccount: account, connectedAt: Instant(milliseconds: row["connectedAt"]),
            leftAt: row.instant("leftAt"))
    }
}

extension SiteState {
    init(row: Row) {
        self.init()
        completeSince = row.instant("completeSince")
        completeUntil = row.instant("completeUntil")
        reachesBeginning = row["reachesBeginning"]
        if let startedAt = row.instant("backfillStartedAt"), let frontier = row.instant("backfillFrontier"),
            let floor = row.instant("backfillFloor")
        {
            var backfill = Backfill(
                startedAt: startedAt, floor: floor, frontier: frontier, total: row["backfillTotal"] ?? 0,
                reachesSiteStart: row["reachesSiteStart"])
            backfill.asksPeople = row["asksPeople"]
            backfill.unsettled = row["backfillUnsettled"]
            self.backfill = backfill
        }
        worklogsReadFrom = row.instant("worklogsReadFrom")
        worklogsReadUntil = row.instant("worklogsReadUntil")
        worklogsCheckedAt = row.instant("worklogsCheckedAt")
        olderWorklogsUntil = row.instant("olderWorklogsUntil")
        rosterStartedAt = row.instant("rosterStartedAt")
        rosterPosition = row["rosterPosition"]
        rosterReadAt = row.instant("rosterReadAt")
        rosterSize = row["rosterSize"]
        grantsReadAt = row.instant("grantsReadAt")
        reconciledAt = row.instant("reconciledAt")
        trailedAt = row.instant("trailedAt")
        factsReadAt = row.instant("factsReadAt")
        profileZone = row["profileZone"]
        let missing: String = row["missingPermissions"]
        missingPermissions = missing.split(separator: " ").map(String.init)
        confirmedAt = row.instant("confirmedAt")
        clockOffset = .milliseconds(row["clockOffset"] as Int64)
        lastCompletedAt = row.instant("lastCompletedAt")
        changeNumber = row["changeNumber"]
    }
}

extension Walk {
    init(row: Row) {
        let isWindow: Bool = row["isWindow"]
        self.init(
            number: row["number"],
            extent: isWindow ? .window(lower: row.instant("lower"), upper: row.instant("upper")) : .changes,
            startedAt: Instant(milliseconds: row["startedAt"]), jql: row["jql"])
        pageToken = row["pageToken"]
        pages = row["pages"]
        issues = row["issues"]
        isThrough = row["isThrough"]
    }
}

extension Row {
    func instant(_ column: String) -> Instant? {
        (self[column] as Int64?).map(Instant.init(milliseconds:))
    }
}
