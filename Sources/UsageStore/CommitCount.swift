import GRDB

extension Database {
    /// Counts the commit that this transaction will be, at its end.
    ///
    /// - Returns: the change number, where something changed that can be asked for.
    func countCommit() throws -> Int64? {
        let before = try changeNumber()
        try cachedStatement(
            sql: """
                UPDATE commitCount SET commits = commits + 1, isChanged = 0, number = number + (
                    isChanged OR EXISTS (SELECT 1 FROM account WHERE changedIn > (SELECT number FROM commitCount)))
                """
        ).execute()
        let after = try changeNumber()
        return after == before ? nil : after
    }

    func changeNumber() throws -> Int64 {
        try Int64.fetchOne(cachedStatement(sql: "SELECT number FROM commitCount")) ?? 0
    }

    /// How many commits there have been that wrote anything at all.
    func commits() throws -> Int64 {
        var commits: Int64 = 0
        try eachRow("SELECT commits FROM commitCount") { commits = $0.integer(0) }
        return commits
    }
}
