import ControlProtocol
import UsageModel

extension UserReport {
    func text(_ style: Style) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["account", .init(accountId.rawValue)])
        if let email { table.append(["e-mail", .init(email)]) }
        table.append(["type", .init(accountType.rawValue + (enabled ? "" : ", deactivated"))])
        table.append(["seat", seat ? "yes" : "no"])
        table.append(["roles", .init(list(applicationRoles.map { "\($0.name) (\($0.key))" }))])
        table.append(["groups", .init(list(groups.map(\.name)))])
        table.append(["last activity", .init(lastActivity.map { "\($0.at.minute), \($0.words)" } ?? "none seen")])
        table.append(["verdict", .init(verdict.words(lastActivity: lastActivity), verdict.emphasis)])
        table.append(["", .init(verdict.basis)])
        return style.apply(.heading, to: printable(displayName)) + "\n" + table.text(style, indent: "  ") + "\n"
            + activity.table(style)
    }

    private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
}

extension VerdictReport {
    /// What the verdict rests on.
    fileprivate var basis: String {
        let window = "\(counted(thresholdDays, "day")) up to \(asOf.minute)"
        return completeSince.map { "\(window); the record is complete since \($0.minute)" }
            ?? "\(window); the record is not complete for any time yet"
    }
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

extension [UserReport] {
    func table(_ style: Style) -> String {
        guard !isEmpty else { return "No users.\n" }
        var table = TextTable([
            ("NAME", .left), ("ACCOUNT", .left), ("ROLES", .left), ("LAST ACTIVITY", .left), ("VERDICT", .left),
        ])
        for user in self {
            table.append([
                .init(user.displayName), .init(user.email ?? user.accountId.rawValue),
                .init(user.seat ? user.applicationRoles.map(\.key).joined(separator: ",") : "no seat"),
                .init(user.lastActivity.map { "\($0.at.day) \($0.words)" } ?? "-"),
                .init(user.verdict.words(lastActivity: user.lastActivity), user.verdict.emphasis),
            ])
        }
        return table.text(style)
    }

    var csv: String {
        let kinds = ActivityKind.allCases
        var csv = CSV(
            header: [
                "accountId", "displayName", "email", "accountType", "enabled", "site", "applicationRoles", "groups",
                "seat", "lastActivityAt", "lastActivityKind", "lastActivityIssueKey", "lastActivityIssueId",
            ] + kinds.flatMap { ["\($0.rawValue)Count", "\($0.rawValue)LastAt"] }
                + ["verdict", "thresholdDays", "asOf", "completeSince", "reason"])
        for user in self {
            let last = user.lastActivity
            csv.append(
                [
                    user.accountId.rawValue, user.displayName, user.email ?? "", user.accountType.rawValue,
                    String(user.enabled), user.site.rawValue,
                    user.applicationRoles.map(\.key).joined(separator: ";"),
                    user.groups.map(\.name).joined(separator: ";"), String(user.seat), last?.at.description ?? "",
                    last?.kind.rawValue ?? "", last?.issueKey ?? "", last?.issue.description ?? "",
                ] + kinds.flatMap { [String(user.activity[$0].count), user.activity[$0].lastAt?.description ?? ""] }
                    + [
                        user.verdict.state.rawValue, String(user.verdict.thresholdDays), user.verdict.asOf.description,
                        user.verdict.completeSince?.description ?? "", user.verdict.reason?.rawValue ?? "",
                    ])
        }
        return csv.text
    }
}

extension [ActivityRow] {
    func table(_ style: Style) -> String {
        guard !isEmpty else { return "No activity seen.\n" }
        var table = TextTable([("TIME", .left), ("KIND", .left), ("ISSUE", .left)])
        for row in self {
            table.append([
                .init(row.at.minute), .init(row.kind.rawValue), .init(row.issueKey ?? "issue \(row.issueId)"),
            ])
        }
        return table.text(style)
    }

    var csv: String {
        var csv = CSV(header: ["at", "kind", "issueKey", "issueId"])
        for row in self {
            csv.append([row.at.description, row.kind.rawValue, row.issueKey ?? "", row.issueId.description])
        }
        return csv.text
    }
}
