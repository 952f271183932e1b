import UsageModel

/// What the account `a` was at the instant of a report, as fragments of SQL: a query takes `joins` into its FROM, and
/// binds `:asOf` where there is an instant.
///
/// The latest reading at or before the instant decides, and before the first one the first. For what is known last the
/// account's own columns stand; for any other instant, the stretch that it falls into.
struct AccountState {
    let joins: String
    let accountType: String
    let isEnabled: String
    let roleCount: String
    /// As in `UsageRecord`.
    let accessReadAt: String
    private let isPast: Bool

    init(asOf: Instant?) {
        isPast = asOf != nil
        if isPast {
            joins = """
                LEFT JOIN accountStanding s ON s.accountKey = a.accountKey AND s.firstSeenAt = \
                \(Stretches.beginning(in: "accountStanding", of: "accountKey = a.accountKey"))
                LEFT JOIN accountAccess x ON x.accountKey = a.accountKey AND x.firstSeenAt = \
                \(Stretches.beginning(in: "accountAccess", of: "accountKey = a.accountKey"))
                """
            accountType = "s.accountType"
            isEnabled = "s.isEnabled"
            roleCount = "x.roleCount"
            // Between two readings that agree nothing changed, so what they show is known of the instant itself. An
            // account that was never read has no more than a stretch of absence.
            accessReadAt = """
                CASE WHEN a.accessReadAt IS NOT NULL
                THEN max(x.firstSeenAt, min(:asOf, coalesce(x.lastSeenAt, a.accessReadAt))) END
                """
        } else {
            joins = ""
            accountType = "a.accountType"
            isEnabled = "a.isEnabled"
            roleCount = "a.roleCount"
            accessReadAt = "a.accessReadAt"
        }
    }

    /// A table of roles or groups, named `alias`, with what ``holds(_:)`` needs.
    func holdings(_ table: String, _ alias: String) -> String {
        isPast ? "account a \(joins) JOIN \(table) \(alias) ON \(alias).accountKey = a.accountKey" : "\(table) \(alias)"
    }

    /// Whether the stretch of a role or group that `alias` names holds.
    func holds(_ alias: String) -> String {
        isPast ? Stretches.holds(alias, at: "x.firstSeenAt") : "\(alias).lastSeenAt IS NULL"
    }

    var isEnabledPerson: String { "coalesce(\(accountType) = 'atlassian' AND \(isEnabled), 0)" }

    /// `holdsSeat(accountType:isEnabled:roleCount:)` in SQL: 0 or 1.
    var holdsSeat: String { "coalesce(\(accountType) = 'atlassian' AND \(isEnabled) AND \(roleCount) > 0, 0)" }
}
