import ControlProtocol
import UsageModel
import UsageStore

/// `licence.summary`.
struct LicenceHandler: Sendable {
    let reports: UsageReports
    /// Where a call names none.
    let thresholdDays: @Sendable () -> Int

    func summarise(_ call: SummariseLicences) async throws(ControlError) -> LicenceReport {
        let thresholdDays = call.thresholdDays ?? thresholdDays()
        return try await reports.snapshot { snapshot in
            let licences = try snapshot.licences(
                on: try snapshot.views(of: call.site), thresholdDays: thresholdDays, asOf: call.asOf)
            return LicenceReport(
                asOf: licences.asOf, thresholdDays: thresholdDays,
                roles: licences.roles.map(LicenceReport.Role.init), usersNotRead: licences.usersNotRead,
                usersReadLater: licences.usersReadLater)
        }
    }
}

extension LicenceReport.Role {
    /// Seats whose roles Jira counts and does not name are told as such, for they are paid like the others.
    private static let unnamed = ApplicationRole(key: "unknown", name: "Not named by Jira")

    init(_ usage: LicenceUsage.Role) {
        let role = usage.role ?? Self.unnamed
        self.init(
            key: role.key, name: role.name, seats: usage.seats, active: usage.byVerdict[.active] ?? 0,
            inactive: usage.byVerdict[.inactive] ?? 0, neverActive: usage.byVerdict[.neverActive] ?? 0,
            unknown: usage.byVerdict[.unknown] ?? 0)
    }
}
