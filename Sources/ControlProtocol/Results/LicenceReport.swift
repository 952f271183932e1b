package import UsageModel

/// The answer to `licence.summary`.
package struct LicenceReport: Hashable, Sendable {
    /// One application role's seats. The four verdicts add up to `seats`.
    package struct Role: Hashable, Sendable {
        package let key: String
        package let name: String
        package let seats: Int
        package let active: Int
        package let inactive: Int
        package let neverActive: Int
        package let unknown: Int

        package init(
            key: String, name: String, seats: Int, active: Int, inactive: Int, neverActive: Int, unknown: Int
        ) {
            self.key = key
            self.name = name
            self.seats = seats
            self.active = active
            self.inactive = inactive
            self.neverActive = neverActive
            self.unknown = unknown
        }
    }

    package let asOf: Instant
    package let thresholdDays: Int
    package let roles: [Role]
    /// Enabled people whose roles have not been read yet: if they hold seats, these are missing in `roles`.
    package let usersNotRead: Int
    /// Users counted in `roles` by a reading that is later than `asOf` was asked for, since there is none before.
    package let usersReadLater: Int

    package init(asOf: Instant, thresholdDays: Int, roles: [Role], usersNotRead: Int, usersReadLater: Int) {
        self.usersNotRead = usersNotRead
        self.usersReadLater = usersReadLater
        self.asOf = asOf
        self.thresholdDays = thresholdDays
        self.roles = roles
    }
}

// MARK: - On the wire

extension LicenceReport: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("asOf") { $0.asOf }, Field("thresholdDays") { $0.thresholdDays }, Field("roles") { $0.roles },
        Field("usersNotRead", "enabled people whose roles are not read yet") { $0.usersNotRead },
        Field("usersReadLater", "counted by a reading later than asOf") { $0.usersReadLater },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            asOf: try record.read("asOf"), thresholdDays: try record.read("thresholdDays"),
            roles: try record.read("roles"), usersNotRead: try record.read("usersNotRead"),
            usersReadLater: try record.read("usersReadLater"))
    }
}

extension LicenceReport.Role: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("key") { $0.key }, Field("name") { $0.name }, Field("seats", "the sum of the four verdicts") { $0.seats },
        Field("active") { $0.active }, Field("inactive") { $0.inactive }, Field("neverActive") { $0.neverActive },
        Field("unknown") { $0.unknown },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            key: try record.read("key"), name: try record.read("name"), seats: try record.read("seats"),
            active: try record.read("active"), inactive: try record.read("inactive"),
            neverActive: try record.read("neverActive"), unknown: try record.read("unknown"))
    }
}
