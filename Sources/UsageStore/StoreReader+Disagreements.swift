import GRDB
import UsageModel

extension StoreReader {
    /// Of how many people Jira's search says that they did something which reading did not show, and nothing known by
    /// now explains it.
    package func disagreements(on site: SiteKey) throws -> Int {
        var count = 0
        let sql = """
            SELECT count(*) FROM proof p INDEXED BY proofDisagrees CROSS JOIN account a USING (accountKey)
            WHERE p.disagrees AND a.siteKey = ?1 AND a.accountType = 'atlassian' AND a.isEnabled
              AND NOT EXISTS (
                  SELECT 1 FROM tally t
                  WHERE t.accountKey = a.accountKey AND t.lastAt >= coalesce(p.provenFrom, 0))
            """
        try database.eachRow(sql, .integer(site.rawValue)) { count = Int($0.integer(0)) }
        return count
    }
}
