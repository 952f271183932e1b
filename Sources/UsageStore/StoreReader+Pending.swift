import GRDB
package import UsageModel

extension StoreReader {
    /// How many issues have been seen whose histories or comments are still to be read, and when the latest of them was
    /// updated; `nil` where there is none.
    package func pendingReads(on site: SiteKey) throws -> (issues: Int, until: Instant)? {
        let row = try Row.fetchOne(
            database,
            // By itself SQLite goes through all issues of the site.
            sql: """
                SELECT count(*) AS issues, max(updatedAt) AS until FROM issue INDEXED BY issuePending
                WHERE siteKey = ? AND pending <> 0
                """, arguments: [site.rawValue])
        guard let row, let until = row.instant("until") else { return nil }
        return (row["issues"], until)
    }
}
