import GRDB
import UsageModel

/// What a verdict on the account `a` has to rest on, as fragments of SQL.
enum ProofColumns {
    static let join = "LEFT JOIN proof q ON q.accountKey = a.accountKey"
    static let columns = """
        q.provenFrom, q.provenAt, q.disagrees, a.accountType = 'atlassian' AS isPerson,
        (SELECT max(t.lastAt) FROM tally t WHERE t.accountKey = a.accountKey) AS latestAt
        """
}

extension Row {
    /// Of a row that has `ProofColumns.columns`.
    ///
    /// - Parameter last: the latest activity at or before the instant of the report.
    func proofDemand(last: Instant?) -> ProofDemand {
        // Whoever was seen again later is nobody's candidate, and no question to Jira speaks of the time before.
        guard self["isPerson"] as Bool? ?? false, instant("latestAt") == last else { return .none }
        return .proof(
            instant("provenAt").map { at in
                Proof(from: instant("provenFrom"), at: at, outcome: self["disagrees"] ? .disagrees : .quiet)
            })
    }
}
