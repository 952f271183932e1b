package import UsageModel

/// The answer to `status`.
package struct StatusReport: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable, JSONWord {
        case starting, ready, stopping
    }

    package enum Health: String, Sendable, CaseIterable, JSONWord {
        case ok
        /// It works, but something is missing from its answers.
        case degraded
        /// It cannot do its work until somebody acts.
        case failing
    }

    package struct Problem: Hashable, Sendable {
        /// A stable word.
        package let kind: String
        package let message: String
        /// What to do about it.
        package let hint: String?

        package init(kind: String, message: String, hint: String?) {
            self.kind = kind
            self.message = message
            self.hint = hint
        }
    }

    package struct Site: Hashable, Sendable {
        package let cloudId: CloudID
        package let name: String
        package let url: String
        package let auth: AuthState
        package let sync: SyncState
        package let coverage: CoverageState
        package let counts: Counts

        package init(
            cloudId: CloudID, name: String, url: String, auth: AuthState, sync: SyncState, coverage: CoverageState,
            counts: Counts
        ) {
            self.cloudId = cloudId
            self.name = name
            self.url = url
            self.auth = auth
            self.sync = sync
            self.coverage = coverage
            self.counts = counts
        }
    }

    package struct Counts: Hashable, Sendable {
        package let users: Int
        package let issues: Int
        package let activities: Int

        package init(users: Int, issues: Int, activities: Int) {
            self.users = users
            self.issues = issues
            self.activities = activities
        }
    }

    package let version: String
    package let state: State
    package let health: Health
    package let problems: [Problem]
    /// `nil` while the vault is locked.
    package let vault: VaultState?
    package let sites: [Site]
    /// The store's change number: what `change.wait` waits to exceed. `nil` from a daemon that has none.
    package let change: Int?

    package init(
        version: String, state: State, health: Health, problems: [Problem], vault: VaultState? = nil, sites: [Site],
        change: Int? = nil
    ) {
        self.version = version
        self.state = state
        self.health = health
        self.problems = problems
        self.vault = vault
        self.sites = sites
        self.change = change
    }

    /// The same without personal data, for callers who may not read.
    package var withoutPersonalData: StatusReport {
        StatusReport(
            version: version, state: state, health: health, problems: problems, vault: vault,
            sites: sites.map { site in
                Site(
                    cloudId: site.cloudId, name: site.name, url: site.url, auth: site.auth.withoutPersonalData,
                    sync: site.sync, coverage: site.coverage, counts: site.counts)
            }, change: change)
    }
}

// MARK: - On the wire

extension StatusReport: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("version") { $0.version }, Field("state") { $0.state }, Field("health") { $0.health },
        Field("problems") { $0.problems }, Field("vault", "null while it is locked") { $0.vault },
        Field("sites") { $0.sites },
        Field("change", "the store's change number: see change.wait") { $0.change },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            version: try record.read("version"), state: try record.read("state"), health: try record.read("health"),
            problems: try record.read("problems"), vault: try record.read("vault"), sites: try record.read("sites"),
            change: try record.read("change"))
    }
}

extension StatusReport.Problem: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("kind", "a stable word") { $0.kind }, Field("message") { $0.message }, Field("hint") { $0.hint },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            kind: try record.read("kind"), message: try record.read("message"), hint: try record.read("hint"))
    }
}

extension StatusReport.Site: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("cloudId") { $0.cloudId }, Field("name") { $0.name }, Field("url") { $0.url },
        Field("auth") { $0.auth }, Field("sync") { $0.sync }, Field("coverage") { $0.coverage },
        Field("counts") { $0.counts },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            cloudId: try record.read("cloudId"), name: try record.read("name"), url: try record.read("url"),
            auth: try record.read("auth"), sync: try record.read("sync"), coverage: try record.read("coverage"),
            counts: try record.read("counts"))
    }
}

extension StatusReport.Counts: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("users") { $0.users }, Field("issues") { $0.issues }, Field("activities") { $0.activities },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            users: try record.read("users"), issues: try record.read("issues"),
            activities: try record.read("activities"))
    }
}
