import ControlProtocol
import ControlServer
import UsageModel
import UsageStore
import UsageSync

/// `privacy.status`, `privacy.report`, `privacy.erase` and `privacy.export`.
struct PrivacyHandler: Sendable {
    let store: UsageStore
    let keeper: PersonalDataKeeper
    let shielded: ShieldedWork
    let now: @Sendable () -> Instant

    private static let usualLimit = 100
    private static let rowsAtOnce = 1024
    private static let daysTold = 30

    func status(_ call: GetPrivacyStatus) async throws(ControlError) -> PrivacyReport {
        try await answering { try await report() }
    }

    func reportNow(_ call: ReportPersonalData) async throws(ControlError) -> PrivacyReport {
        if let failure = await keeper.outcome() { throw ControlError(failure) }
        return try await answering { try await report() }
    }

    func erase(_ call: ErasePerson) async throws(ControlError) -> PersonErasure {
        try await shielded.perform { () throws(ControlError) in
            try await answering {
                let account = try await account(named: call.who, byName: false)
                let records = try await records(of: account)
                if records.contains(where: \.holdsSeat), call.force != true {
                    throw ControlError(
                        .invalidParams, "\(account) holds a seat: erased, it would be counted no more",
                        hint: "Take the seat away in Jira first, or repeat with --force.")
                }
                if try await store.sites().contains(where: { $0.grantAccount == account && $0.leftAt == nil }) {
                    throw ControlError(
                        .invalidParams, "\(account) gave the consent with which a site is read",
                        hint: "Leave the site first (jirausagectl auth logout), or consent with another account.")
                }
                let now = now()
                _ = try await store.erase(account, cause: .requested, at: now)
                return PersonErasure(
                    accountId: account, erasedAt: records.compactMap(\.erasedAt).min() ?? now)
            }
        }
    }

    func export(_ call: ExportPerson) async throws(ControlError) -> Page<PersonalDataRow> {
        guard let position = ExportPosition(call.after) else { throw .badPosition }
        return try await answering {
            let account = try await account(named: call.who, byName: true)
            let limit = min(call.limit ?? Self.usualLimit, Page<PersonalDataRow>.mostRows)
            let rows = try await store.export(account, from: position, limit: limit + 1)
            return Page(filling: rows, limit: limit, row: PersonalDataRow.init, position: { $0.end.text })
        }
    }

    /// The same as a stream.
    func stream(_ call: ExportPerson, to notices: RequestNotices) async throws(ControlError) -> Page<PersonalDataRow> {
        guard var position = ExportPosition(call.after) else { throw .badPosition }
        return try await answering {
            let account = try await account(named: call.who, byName: true)
            var rows = RowStream(notices)
            var hasMore = true
            while hasMore, rows.count < call.limit ?? .max {
                let limit = min(Self.rowsAtOnce, (call.limit ?? .max) - rows.count)
                let some = try await store.export(account, from: position, limit: limit + 1)
                for row in some.prefix(limit) { try await rows.send(PersonalDataRow(row)) }
                hasMore = some.count > limit
                position = some.prefix(limit).last?.end ?? position
            }
            try await rows.finish()
            return Page(rows: [], next: hasMore ? position.text : nil)
        }
    }

    // MARK: - Who is meant

    private func account(named who: String, byName: Bool) async throws -> AccountID {
        let found = try await store.find(who, on: nil)
        let records = try await store.records(of: found.map(\.key), asOf: nil)
        guard let first = records.first else { throw ControlError.noSuchUser(who) }
        let accounts = Set(records.map(\.account))
        let choices = accounts.sorted().map { account in
            ControlError.Choice(
                site: nil, name: (records.first { $0.account == account }?.displayName ?? account.rawValue).shortened,
                accountId: account.rawValue)
        }
        guard accounts.count == 1 else {
            throw ControlError(
                .ambiguous, "\(who.shortened) is the name of several users", hint: "Use the account id.",
                choices: choices)
        }
        let isExact = who == first.account.rawValue || first.email.map { $0.lowercased() == who.lowercased() } == true
        guard byName || isExact else {
            throw ControlError(
                .invalidParams, "a display name is not enough to erase somebody",
                hint: "Use the account id: \(first.account)")
        }
        return first.account
    }

    private func records(of account: AccountID) async throws -> [UsageRecord] {
        let found = try await store.find(account.rawValue, on: nil)
        return try await store.records(of: found.map(\.key), asOf: nil)
    }

    // MARK: - Numbers

    private func report() async throws -> PrivacyReport {
        let now = now()
        let state = try await store.accountReportState(at: now)
        let counts = try await store.privacyCounts(since: now - .days(Self.daysTold))
        let days = Dictionary(grouping: counts, by: \.day).sorted { $0.key > $1.key }
        return PrivacyReport(
            cycleSeconds: Int(state.cycle.components.seconds), accounts: state.accounts, reported: state.reported,
            overdue: state.overdue, nextDueAt: state.nextDueAt, lastReportedAt: state.lastReportedAt,
            outdated: state.outdated, erased: state.erased, wipePending: state.isWipeDue,
            lastError: keeper.lastFailure?.message,
            days: days.map { PrivacyReport.Day(day: $0.key, counts: $0.value) })
    }
}

extension PrivacyReport.Day {
    fileprivate init(day: Instant, counts: [PrivacyCount]) {
        let byEvent = Dictionary(uniqueKeysWithValues: counts.map { ($0.event, $0.count) })
        func erased(_ cause: ErasureCause) -> Int { byEvent[cause.rawValue] ?? 0 }
        self.init(
            day: day, requests: byEvent[PrivacyEvent.requests.rawValue] ?? 0,
            reported: byEvent[PrivacyEvent.reported.rawValue] ?? 0,
            closed: byEvent[PrivacyEvent.closed.rawValue] ?? 0, updated: byEvent[PrivacyEvent.updated.rawValue] ?? 0,
            refused: byEvent[PrivacyEvent.refused.rawValue] ?? 0,
            failures: byEvent[PrivacyEvent.failures.rawValue] ?? 0,
            erased: PrivacyReport.Erasures(
                closed: erased(.closed), requested: erased(.requested), outdated: erased(.outdated),
                unreported: erased(.unreported), left: erased(.left)))
    }
}

// MARK: - To the wire

extension PersonalDataRow {
    fileprivate init(_ row: ExportedRow) {
        self.init(
            site: row.site, record: row.record,
            data: .object(row.values.map { JSON.Member($0.name, $0.value.json) }))
    }
}

extension ExportedRow.Value {
    fileprivate var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .integer(number)
        case .flag(let flag): .bool(flag)
        case .instant(let instant): instant.json
        case .none: .null
        }
    }
}

// A position is opaque to callers: the table's number and the row's in it.

extension ExportPosition {
    fileprivate init?(_ text: String?) {
        guard let text else {
            self = .start
            return
        }
        let parts = text.split(separator: ".")
        guard parts.count == 2, let table = Int(parts[0]), let row = Int(parts[1]), table >= 0, row >= 0 else {
            return nil
        }
        self.init(table: table, row: row)
    }

    fileprivate var text: String { "\(table).\(row)" }
}
