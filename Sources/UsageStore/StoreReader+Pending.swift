import GRDB
package import UsageModel

extension StoreReader {
    /// How many issues have been seen whose histories or comments are still to be read, and when the latest of them was
    /// updated; `nil` where there is none.
    package func pendingReads(on site: SiteKey) throws -> (issues: Int, until: Instant)? {
        var pending: (issues: Int, until: Instant)?
        // By itself SQLite goes through all issues of the site.
        let sql = """
            SELECT count(*), max(updatedAt) FROM issue INDEXED BY issuePending WHERE siteKey = ?1 AND pending <> 0
            """
        try database.eachRow(sql, .integer(site.rawValue)) { row in
            pending = row.instant(1).map { (Int(row.integer(0)), $0) }
        }
        return pending
    }
}
