package import JiraCloud
package import UsageModel
import UsageStore

/// Why a pass ended early, for the one who must act.
package struct SyncFailure: Error, Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// Jira, or the way to it: passes by itself.
        case unavailable
        /// A limit of Jira's: passes by itself.
        case rateLimited
        /// There is no valid consent any more, or it does not cover what is needed.
        case reauthorise
        /// The consent is valid, and does not open this site any more.
        case notCovered = "siteNotCovered"
        /// The account that consented lacks a permission, or the app is blocked.
        case forbidden
        /// Our registration at Atlassian, or the vault.
        case misconfigured
        /// Jira answered what it should not.
        case protocolViolated
        case storage
        /// The daemon stops.
        case stopping
    }

    package let kind: Kind
    /// One line: what failed, and what to do.
    package let message: String
    /// Not before this, by our clock; `nil` where the usual pause does.
    package let retryAt: Instant?
    /// Whether the limit is that of the hour's points, not of requests at once.
    package let isQuota: Bool

    package init(kind: Kind, message: String, retryAt: Instant? = nil, isQuota: Bool = false) {
        self.kind = kind
        self.message = message
        self.retryAt = retryAt
        self.isQuota = isQuota
    }

    init(_ error: any Error) {
        switch error {
        case let error as SyncFailure: self = error
        case let error as JiraError: self.init(jira: error)
        case let error as StoreError: self.init(kind: .storage, message: error.description)
        case is CancellationError: self = .stopping
        default: self.init(kind: .protocolViolated, message: String(describing: error))
        }
    }

    static let stopping = SyncFailure(kind: .stopping, message: "jira-usaged is shutting down; try again")

    static func notCovered(_ name: String) -> SyncFailure {
        SyncFailure(
            kind: .notCovered,
            message: """
                the consent no longer opens \(name): the account lost its access to it, an administrator blocked the app, \
                or the site is gone; let the account in again, or run `jirausagectl auth login` with one that may
                """)
    }

    package init(jira error: JiraError) {
        switch error {
        case .rateLimited(_, let reason, let until):
            self.init(kind: .rateLimited, message: error.description, retryAt: until, isQuota: reason.isQuota)
        case .unavailable(_, _, let until):
            self.init(kind: .unavailable, message: error.description, retryAt: until)
        case .forbidden:
            self.init(kind: .forbidden, message: error.description)
        case .unauthorised, .scopeMissing, .tokens(.reauthorise):
            self.init(kind: .reauthorise, message: error.description)
        case .tokens(.clientRejected), .tokens(.vaultFailed):
            self.init(kind: .misconfigured, message: error.description)
        case .tokens(.notNow):
            self.init(kind: .unavailable, message: error.description)
        case .notFound, .tooExpensive, .gone, .badRequest, .malformed, .tooLarge, .unexpected:
            self.init(kind: .protocolViolated, message: error.description)
        case .tokens(.cancelled), .cancelled:
            self = .stopping
        }
    }
}
