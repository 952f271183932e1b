import ControlProtocol
import UsageModel

extension LicenceReport {
    func text(_ style: Style) -> String {
        guard !roles.isEmpty else { return "No application roles are known yet.\n" }
        var table = TextTable([
            ("ROLE", .left), ("SEATS", .right), ("ACTIVE", .right), ("INACTIVE", .right), ("NEVER", .right),
            ("UNKNOWN", .right),
        ])
        for role in roles {
            table.append([
                .init("\(role.name) (\(role.key))"), .init(role.seats), .init(role.active), .init(role.inactive),
                .init(role.neverActive), .init(role.unknown),
            ])
        }
        func total(_ count: (Role) -> Int) -> TextTable.Cell { .init(roles.map(count).reduce(0, +)) }
        table.append([
            "total", total(\.seats), total(\.active), total(\.inactive), total(\.neverActive), total(\.unknown),
        ])
        return table.text(style)
            + "Inactive: no activity seen in the \(counted(thresholdDays, "day")) up to \(asOf.minute).\n"
            + (usersReadLater == 0
                ? ""
                : "Counted as first read later, for want of an earlier reading: \(counted(usersReadLater, "user")).\n")
            + (usersNotRead == 0
                ? "" : "Not complete: the roles of \(counted(usersNotRead, "user")) have not been read yet.\n")
    }

    /// Without the total, which is for people: a program would count it again.
    var csv: String {
        let lines = roles.map { role in
            let counts = [role.seats, role.active, role.inactive, role.neverActive, role.unknown]
            return CSV.line([role.key, role.name] + counts.map { String($0) })
        }
        return CSV.line(["key", "name", "seats", "active", "inactive", "neverActive", "unknown"]) + lines.joined()
    }
}
