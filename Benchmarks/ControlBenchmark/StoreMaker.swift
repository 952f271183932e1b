import Measurement
import TestSupport

/// Fills an empty `usage.db` with a site, its people and what they did.
struct StoreMaker {
    let file: SQLiteFile
    let size: StoreSize
    private var generator: SplitMix64

    init(file: SQLiteFile, size: StoreSize, seed: UInt64) {
        self.file = file
        self.size = size
        generator = SplitMix64(seed: seed)
    }

    mutating func make() throws {
        try file.execute(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -262144;
            """)
        let dropped = try dropTriggers()
        try file.transaction { try StoreSite(file: file, size: size).write() }
        let people = try file.transaction { try StorePeople(file: file, size: size).write(using: &generator) }
        let tallies = try file.transaction {
            try StoreActivities(file: file, size: size, people: people).write(using: &generator)
        }
        try file.transaction { try write(tallies) }
        try file.transaction { try writeProofs(of: people, tallies) }
        for sql in dropped { try file.execute(sql) }
        try check()
        try file.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA journal_mode = WAL;
            """)
    }

    /// - Returns: what makes them anew, as the schema has it.
    private func dropTriggers() throws -> [String] {
        let condition = "type = 'trigger' OR name = 'activityByAccount'"
        // The index first: a trigger names it.
        let order = "ORDER BY type = 'trigger', rowid"
        let definitions = try file.texts("SELECT sql FROM sqlite_schema WHERE \(condition) \(order)")
        let drops = try file.texts(
            "SELECT 'DROP ' || type || ' ' || name FROM sqlite_schema WHERE \(condition) ORDER BY rowid DESC")
        for sql in drops { try file.execute(sql) }
        return definitions
    }

    /// What the triggers on activities would have kept.
    private func write(_ tallies: StoreActivities.Tallies) throws {
        let statement = try file.prepare("INSERT INTO tally VALUES (?, ?, ?, ?)")
        for account in 1...size.accounts {
            for kind in 0..<StoreActivities.kinds {
                let place = tallies.place(account: account, kind: kind)
                guard tallies.counts[place] > 0 else { continue }
                try statement.run(
                    .number(Int64(account)), .number(Int64(kind)), .number(Int64(tallies.counts[place])),
                    .number(tallies.last[place]))
            }
        }
        try file.execute(
            """
            INSERT INTO siteCounts VALUES (1, \(size.accounts), \(size.issues), \(size.activities));
            UPDATE commitCount SET commits = 1, number = 1, isChanged = 0;
            """)
    }

    /// Jira's word on everybody who has done nothing lately.
    private func writeProofs(of people: StorePeople.Written, _ tallies: StoreActivities.Tallies) throws {
        let statement = try file.prepare("INSERT INTO proof VALUES (?, ?, ?, 0, 0)")
        for account in 1...size.accounts where people.isPerson[account] {
            let last = tallies.last(of: account)
            guard last < MadeStore.now - 14 * MadeStore.day else { continue }
            // Asked from the day after the last activity on; of those without any, for all time.
            try statement.run(
                .number(Int64(account)), last == 0 ? .null : .number(last + MadeStore.day),
                .number(MadeStore.now - MadeStore.day))
        }
    }

    private func check() throws {
        let wrong = try file.number(
            """
            SELECT (SELECT sum(count) FROM tally) <> \(size.activities)
                OR (SELECT count(*) FROM activity WHERE accountKey = \(MadeStore.busyKey)) < \(size.busy)
                OR EXISTS (
                    SELECT accountKey, kind, count, lastAt FROM tally WHERE accountKey % 997 = 1
                    EXCEPT SELECT accountKey, kind, count(*), max(at) FROM activity WHERE accountKey % 997 = 1
                    GROUP BY accountKey, kind)
            """)
        guard wrong == 0 else { throw SQLiteFile.Failure(description: "the made store's counts are wrong") }
    }
}
