import ControlProtocol
import UsageModel

extension UserReport {
    func text(_ style: Style) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["account", .init(accountId.rawValue)])
        if let email { table.append(["e-mail", .init(email)]) }
        table.append(["type", .init(accountType.rawValue + (enabled ? "" : ", deactivated"))])
        table.append(["seat", .init(seatWords)])
        // A line a role: each is a seat that is paid for, with the reason why.
        for (index, role) in roleWords.enumerated() { table.append([index == 0 ? "roles" : "", .init(role)]) }
        table.append(["groups", .init(list(groupNames))])
        table.append(["last activity", .init(lastActivity.map { "\($0.at.minute), \($0.words)" } ?? "none seen")])
        table.append(["verdict", .init(verdict.words(lastActivity: lastActivity), verdict.emphasis)])
        table.append(["", .init(verdict.basis)])
        if let confirmation = verdict.confirmation { table.append(["", .init(confirmation)]) }
        return style.apply(.heading, to: printable(name)) + "\n" + table.text(style, indent: "  ") + "\n"
            + activity.table(style) + (seatHistory ?? []).table(style)
    }

    /// What there was no room for is said at the end.
    private var groupNames: [String] { groups.map(\.name) + (groupsLeftOut.map { ["and \($0) more"] } ?? []) }

    /// Whether nothing can be said of the seat: only an enabled person's roles make one.
    fileprivate var isSeatUnknown: Bool { accessReadAt == nil && enabled && accountType == .atlassian }

    private var seatWords: String {
        if isSeatUnknown { return "not known: roles and groups have not been read yet" }
        return (seat ? "yes" : "no") + (accessReadAt.map { ", as of \($0.minute)" } ?? "")
    }

    /// In a list: the roles of a seat.
    fileprivate var rolesOrNone: String {
        if isSeatUnknown { return "not read yet" }
        guard seat else { return "no seat" }
        return applicationRoles.isEmpty ? "not named" : applicationRoles.map(\.key).joined(separator: ",")
    }

    /// Each role, with the groups that it comes from.
    private var roleWords: [String] {
        guard !applicationRoles.isEmpty else { return ["none"] }
        return applicationRoles.map { role in
            let sources = groups.filter { $0.grants.contains(role.key) }.map(\.name)
            return "\(role.name) (\(role.key))" + (sources.isEmpty ? "" : " through \(list(sources))")
        }
    }

    /// Nobody's name is known who is known only as the author of something.
    fileprivate var name: String { displayName ?? accountId.rawValue }

    private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
}

extension VerdictReport {
    /// What the verdict rests on.
    fileprivate var basis: String {
        let window = "\(counted(thresholdDays, "day")) up to \(asOf.minute)"
        guard let completeSince else { return "\(window); the record is not complete for any time yet" }
        // Up to when it is complete is told where the window ends elsewhere.
        let end = completeUntil.flatMap { $0 == asOf ? nil : " up to \($0.minute)" } ?? ""
        return "\(window); the record is complete since \(completeSince.minute)\(end)"
    }

    /// What Jira's own search says of an absence; `nil` where nothing hangs on it.
    fileprivate var confirmation: String? {
        switch (state, reason) {
        case (.inactive, _), (.neverActive, _):
            proof.map { "confirmed by Jira's search on \($0.at.day), \($0.reach)" }
        case (.unknown, .unproven?):
            proof.map { "not yet confirmed: Jira's search was last asked on \($0.at.day), \($0.reach)" }
                ?? "not yet confirmed: Jira's search has not been asked"
        case (.unknown, .probeDisagrees?):
            proof.map { "Jira's search was asked on \($0.at.day), \($0.reach)" }
        case (.unknown, _), (.active, _): nil
        }
    }
}

extension Proof {
    /// The time that it is about.
    fileprivate var reach: String { from.map { "for the time since \($0.day)" } ?? "for all time" }
}

extension ActivityCounts {
    fileprivate func table(_ style: Style) -> String {
        var table = TextTable([("KIND", .left), ("COUNT", .right), ("LAST", .left)])
        for kind in ActivityKind.allCases {
            table.append([.init(kind.rawValue), .init(self[kind].count), .init(self[kind].lastAt?.minute ?? "-")])
        }
        return table.text(style, indent: "  ")
    }
}

extension [SeatStretch] {
    /// Nothing where nothing has changed.
    fileprivate func table(_ style: Style) -> String {
        guard count > 1 else { return "" }
        var table = TextTable([("SEAT SEEN FROM", .left), ("UNTIL", .left), ("SEAT", .left), ("ROLES", .left)])
        for stretch in self {
            table.append([
                .init(stretch.from.minute), .init(stretch.until?.minute ?? "-"), stretch.holdsSeat ? "yes" : "no",
                .init(stretch.roles.isEmpty ? "-" : stretch.roles.joined(separator: ",")),
            ])
        }
        return "\n" + table.text(style, indent: "  ")
    }
}

extension RowList<UserReport> {
    static var users: RowList {
        let columns = UserReport.csvColumns
        return RowList(
            csv: (columns.map(\.name), { user in columns.map { $0.value(user) ?? "" } }),
            table: (
                // What gives way first is what `user` tells in full; of a verdict the first words count.
                TextTable(
                    [
                        ("NAME", .left), ("ACCOUNT", .left), ("ROLES", .left), ("LAST ACTIVITY", .left),
                        ("VERDICT", .left),
                    ], cutting: [(2, 8), (3, 10), (4, 16), (1, 16), (0, 12)]),
                { user in
                    [
                        .init(user.name), .init(user.email ?? user.accountId.rawValue), .init(user.rolesOrNone),
                        .init(user.lastActivity.map { "\($0.at.day) \($0.words)" } ?? "-"),
                        .init(user.verdict.words(lastActivity: user.lastActivity), user.verdict.emphasis),
                    ]
                }
            ), nothing: "No users.\n")
    }
}

extension UserReport {
    /// One user as a whole table.
    var csv: String { Self.csvHeader + csvLine }

    static var csvHeader: String { CSV.line(csvColumns.map(\.name)) }

    var csvLine: String { CSV.line(Self.csvColumns.map { $0.value(self) ?? "" }) }

    fileprivate typealias Column = (name: String, value: (UserReport) -> String?)

    fileprivate static var csvColumns: [Column] {
        let account: [Column] = [
            ("accountId", { $0.accountId.rawValue }), ("displayName", \.displayName), ("email", \.email),
            ("accountType", { $0.accountType.rawValue }), ("enabled", { String($0.enabled) }),
            ("site", { $0.site.rawValue }),
            ("applicationRoles", { $0.applicationRoles.map(\.key).joined(separator: ";") }),
            ("groups", { $0.groupNames.joined(separator: ";") }), ("seat", { String($0.seat) }),
            ("lastActivityAt", { $0.lastActivity?.at.description }),
            ("lastActivityKind", { $0.lastActivity?.kind.rawValue }),
            ("lastActivityIssueKey", { $0.lastActivity?.issueKey }),
            ("lastActivityIssueId", { $0.lastActivity?.issue.description }),
        ]
        let activity: [Column] = ActivityKind.allCases.flatMap { kind in
            [
                ("\(kind.rawValue)Count", { String($0.activity[kind].count) }),
                ("\(kind.rawValue)LastAt", { $0.activity[kind].lastAt?.description }),
            ]
        }
        let verdict: [Column] = [
            ("verdict", { $0.verdict.state.rawValue }), ("thresholdDays", { String($0.verdict.thresholdDays) }),
            ("asOf", { $0.verdict.asOf.description }),
            ("completeSince", { $0.verdict.completeSince?.description }),
            ("reason", { $0.verdict.reason?.rawValue }), ("accessReadAt", { $0.accessReadAt?.description }),
            ("completeUntil", { $0.verdict.completeUntil?.description }),
            ("proofFrom", { $0.verdict.proof?.from?.description }),
            ("proofAt", { $0.verdict.proof?.at.description }),
            ("proofOutcome", { $0.verdict.proof?.outcome.rawValue }),
        ]
        return account + activity + verdict
    }
}

extension RowList<ActivityRow> {
    static var activities: RowList {
        RowList(
            csv: (
                ["at", "kind", "issueKey", "issueId"],
                { row in [row.at.description, row.kind.rawValue, row.issueKey ?? "", row.issueId.description] }
            ),
            table: (
                TextTable([("TIME", .left), ("KIND", .left), ("ISSUE", .left)]),
                { row in
                    [
                        .init(row.at.minute), .init(row.kind.rawValue), .init(row.issueKey ?? "issue \(row.issueId)"),
                    ]
                }
            ),
            nothing: """
                No activity is recorded. `jirausagectl user` tells back to when the record is complete.

                """)
    }
}
