package import UsageModel

/// What a site's sync is doing.
package struct SyncState: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable, JSONWord {
        case idle
        case running
        /// For Atlassian's rate limit or for its service to come back; it goes on by itself.
        case waiting
        case paused
        /// The last pass failed; `lastError` says why.
        case failed
    }

    package struct Progress: Hashable, Sendable {
        package let done: Int
        /// `nil` while it is not known.
        package let total: Int?

        package init(done: Int, total: Int?) {
            self.done = done
            self.total = total
        }
    }

    package let state: State
    /// What is being read, `users` or `issues` for example; `nil` while nothing is.
    package let phase: String?
    package let startedAt: Instant?
    package let lastCompletedAt: Instant?
    package let progress: Progress
    /// When the phase will be done, as far as that can be told.
    package let eta: Instant?
    package let lastError: String?
    /// `nil` where the daemon is older than this member.
    package let points: Points?
    /// `nil` where nothing is waited for.
    package let waitingFor: Waiting?
    /// Requests that may be in flight at once, as many as the site was found to bear; `nil` where no sync runs.
    package let concurrency: Int?

    package init(
        state: State, phase: String?, startedAt: Instant?, lastCompletedAt: Instant?, progress: Progress,
        eta: Instant?, lastError: String?, points: Points?, waitingFor: Waiting?, concurrency: Int?
    ) {
        self.state = state
        self.phase = phase
        self.startedAt = startedAt
        self.lastCompletedAt = lastCompletedAt
        self.progress = progress
        self.eta = eta
        self.lastError = lastError
        self.points = points
        self.waitingFor = waitingFor
        self.concurrency = concurrency
    }
}

/// The answer to `sync.run` and `sync.status`.
package struct SyncReport: Hashable, Sendable {
    package struct Site: Hashable, Sendable {
        package let cloudId: CloudID
        package let name: String
        package let sync: SyncState

        package init(cloudId: CloudID, name: String, sync: SyncState) {
            self.cloudId = cloudId
            self.name = name
            self.sync = sync
        }
    }

    package let sites: [Site]

    package init(sites: [Site]) {
        self.sites = sites
    }
}

// MARK: - On the wire

extension SyncState: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("state") { $0.state }, Field("phase", "what is being read") { $0.phase },
        Field("startedAt") { $0.startedAt },
        Field("lastCompletedAt") { $0.lastCompletedAt }, Field("progress", "of the phase") { $0.progress },
        Field("eta", "when the phase will be done") { $0.eta },
        Field("lastError") { $0.lastError }, Field("points", "of the quota that all sites share") { $0.points },
        Field("waitingFor", "null where nothing is waited for") { $0.waitingFor },
        Field("concurrency", "requests in flight at once, at most; null where no sync runs") { $0.concurrency },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            state: try record.read("state"), phase: try record.read("phase"),
            startedAt: try record.read("startedAt"), lastCompletedAt: try record.read("lastCompletedAt"),
            progress: try record.read("progress"), eta: try record.read("eta"),
            lastError: try record.read("lastError"), points: try record.read("points"),
            waitingFor: try record.read("waitingFor"), concurrency: try record.read("concurrency"))
    }
}

extension SyncState.Progress: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("done") { $0.done }, Field("total", "null while it is not known") { $0.total },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(done: try record.read("done"), total: try record.read("total"))
    }
}

extension SyncReport: JSONRecord {
    package static let fields: [Field<Self>] = [Field("sites") { $0.sites }]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(sites: try record.read("sites"))
    }
}

extension SyncReport.Site: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("cloudId") { $0.cloudId }, Field("name") { $0.name }, Field("sync") { $0.sync },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            cloudId: try record.read("cloudId"), name: try record.read("name"), sync: try record.read("sync"))
    }
}
