import ControlProtocol
import UsageModel
import UsageStore

/// `licence.summary`.
struct LicenceHandler: Sendable {
    let reports: UsageReports
    let thresholdDays: Int

    func summarise(_ call: SummariseLicences) async throws(ControlError) -> LicenceReport {
        let thresholdDays = call.thresholdDays ?? thresholdDays
        return try await answering {
            let views = try await reports.views(of: call.site)
            guard !views.isEmpty else { throw ControlError.noSite(call.site) }
            let licences = try await reports.licences(on: views, thresholdDays: thresholdDays, asOf: call.asOf)
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

    init(_ usage: UsageReports.RoleUsage) {
        let role = usage.role ?? Self.unnamed
        self.init(
            key: role.key, name: role.name, seats: usage.seats, active: usage.byVerdict[.active] ?? 0,
            inactive: usage.byVerdict[.inactive] ?? 0, neverActive: usage.byVerdict[.neverActive] ?? 0,
            unknown: usage.byVerdict[.unknown] ?? 0)
    }
}
