package import UsageModel

/// A site's consent.
package struct AuthState: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable, JSONWord {
        case valid
        case refreshing
        /// A person must consent again.
        case reauthorise
        case none
    }

    /// Why a person must consent again.
    package enum Reason: String, Sendable, CaseIterable, JSONWord {
        /// Atlassian does not accept the refresh token any more.
        case refused
        /// The vault's file is an older copy; putting the newer one back mends it too.
        case olderCopy
    }

    package let state: State
    /// `nil` unless the state is `reauthorise`.
    package let reason: Reason?
    package let account: ConsentingAccount?
    package let scopes: [String]
    /// When a person must have consented again at the latest, as things stand; `nil` where that is not known.
    package let expiresAt: Instant?
    /// `nil` where there is no consent.
    package let ages: Ages?

    /// A consent's instants. On the wire each is a member of its own.
    package struct Ages: Hashable, Sendable {
        package let consentedAt: Instant
        /// `nil` where its tokens were never replaced.
        package let refreshedAt: Instant?
        /// When Atlassian forgets the consent if nothing refreshes it until then.
        package let idleExpiresAt: Instant
        /// When the consent ends however often it is refreshed.
        package let absoluteExpiresAt: Instant

        package init(
            consentedAt: Instant, refreshedAt: Instant?, idleExpiresAt: Instant, absoluteExpiresAt: Instant
        ) {
            self.consentedAt = consentedAt
            self.refreshedAt = refreshedAt
            self.idleExpiresAt = idleExpiresAt
            self.absoluteExpiresAt = absoluteExpiresAt
        }
    }

    package init(
        state: State, reason: Reason? = nil, account: ConsentingAccount?, scopes: [String], expiresAt: Instant?,
        ages: Ages? = nil
    ) {
        self.state = state
        self.reason = reason
        self.account = account
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.ages = ages
    }

    package var withoutPersonalData: AuthState {
        AuthState(
            state: state, reason: reason,
            account: account.map { _ in ConsentingAccount(accountId: nil, displayName: nil) }, scopes: scopes,
            expiresAt: expiresAt, ages: ages)
    }
}

/// Who gave consent. Both are `nil` for a caller who may not read.
package struct ConsentingAccount: Hashable, Sendable {
    package let accountId: AccountID?
    package let displayName: String?

    package init(accountId: AccountID?, displayName: String?) {
        self.accountId = accountId
        self.displayName = displayName
    }
}

/// A site, by all its names.
package struct SiteReference: Hashable, Sendable {
    package let cloudId: CloudID
    package let name: String
    package let url: String

    package init(cloudId: CloudID, name: String, url: String) {
        self.cloudId = cloudId
        self.name = name
        self.url = url
    }
}

/// The answer to `auth.begin`.
package struct AuthInvitation: Hashable, Sendable {
    package let authorizationUrl: String
    package let redirectUri: String
    /// Until when the answer to this invitation is accepted.
    package let expiresAt: Instant

    package init(authorizationUrl: String, redirectUri: String, expiresAt: Instant) {
        self.authorizationUrl = authorizationUrl
        self.redirectUri = redirectUri
        self.expiresAt = expiresAt
    }
}

/// The answer to `auth.complete`.
package struct AuthCompletion: Hashable, Sendable {
    /// Every site that the consent covers.
    package let sites: [SiteReference]
    /// The one that has been connected.
    package let selected: CloudID
    package let account: ConsentingAccount

    package init(sites: [SiteReference], selected: CloudID, account: ConsentingAccount) {
        self.sites = sites
        self.selected = selected
        self.account = account
    }
}

/// The answer to `auth.logout`.
package struct SiteDeparture: Hashable, Sendable {
    package let site: SiteReference
    /// Whether everything that was collected there is erased.
    package let isErased: Bool
    /// Whether tokens of the same account are kept, because another site rests on them.
    package let keepsTokens: Bool

    package init(site: SiteReference, isErased: Bool, keepsTokens: Bool) {
        self.site = site
        self.isErased = isErased
        self.keepsTokens = keepsTokens
    }
}

/// The answer to `auth.status`.
package struct AuthReport: Hashable, Sendable {
    package struct Site: Hashable, Sendable {
        package let cloudId: CloudID
        package let name: String
        package let url: String
        package let auth: AuthState

        package init(cloudId: CloudID, name: String, url: String, auth: AuthState) {
            self.cloudId = cloudId
            self.name = name
            self.url = url
            self.auth = auth
        }
    }

    /// The daemon's time, which the ages are counted to; `nil` from a daemon that does not tell.
    package let asOf: Instant?
    /// `nil` while the vault is locked.
    package let vault: VaultState?
    package let sites: [Site]

    package init(asOf: Instant?, vault: VaultState?, sites: [Site]) {
        self.asOf = asOf
        self.vault = vault
        self.sites = sites
    }
}

// MARK: - On the wire

extension AuthState: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("state") { $0.state }, Field("account") { $0.account }, Field("scopes") { $0.scopes },
        Field("expiresAt", "when a person must consent again") { $0.expiresAt },
        Field("reason", "null unless reauthorise") { $0.reason },
        Field("consentedAt") { $0.ages?.consentedAt },
        Field("refreshedAt", "null where the tokens were never replaced") { $0.ages?.refreshedAt },
        Field("idleExpiresAt", "if nothing refreshes it until then") { $0.ages?.idleExpiresAt },
        Field("absoluteExpiresAt", "however often it is refreshed") { $0.ages?.absoluteExpiresAt },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            state: try record.read("state"), reason: try record.read("reason"), account: try record.read("account"),
            scopes: try record.read("scopes"), expiresAt: try record.read("expiresAt"), ages: try Ages(record))
    }
}

extension AuthState.Ages {
    /// `nil` where they are not told.
    fileprivate init?(_ record: RecordReader) throws(JSONMismatch) {
        let (consentedAt, idle, absolute): (Instant?, Instant?, Instant?) =
            (
                try record.read("consentedAt"), try record.read("idleExpiresAt"),
                try record.read("absoluteExpiresAt")
            )
        guard let consentedAt, let idle, let absolute else { return nil }
        self.init(
            consentedAt: consentedAt, refreshedAt: try record.read("refreshedAt"), idleExpiresAt: idle,
            absoluteExpiresAt: absolute)
    }
}

extension ConsentingAccount: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("accountId", "null for a caller who may not read") { $0.accountId },
        Field("displayName", "the same") { $0.displayName },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(accountId: try record.read("accountId"), displayName: try record.read("displayName"))
    }
}

extension SiteReference: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("cloudId") { $0.cloudId }, Field("name") { $0.name }, Field("url") { $0.url },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(cloudId: try record.read("cloudId"), name: try record.read("name"), url: try record.read("url"))
    }
}

extension SiteDeparture: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("cloudId") { $0.site.cloudId }, Field("name") { $0.site.name }, Field("url") { $0.site.url },
        Field("erased", "whether what was collected is erased") { $0.isErased },
        Field("tokensKept", "because another site rests on them") { $0.keepsTokens },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            site: try SiteReference(record: record), isErased: try record.read("erased"),
            keepsTokens: try record.read("tokensKept"))
    }
}

extension AuthInvitation: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("authorizationUrl") { $0.authorizationUrl }, Field("redirectUri") { $0.redirectUri },
        Field("expiresAt", "until when an answer is accepted") { $0.expiresAt },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            authorizationUrl: try record.read("authorizationUrl"), redirectUri: try record.read("redirectUri"),
            expiresAt: try record.read("expiresAt"))
    }
}

extension AuthCompletion: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("sites", "all that the consent covers") { $0.sites },
        Field("selected", "the one that was connected") { $0.selected }, Field("account") { $0.account },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            sites: try record.read("sites"), selected: try record.read("selected"),
            account: try record.read("account"))
    }
}

extension AuthReport: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("asOf", "the daemon's time") { $0.asOf }, Field("vault", "null while it is locked") { $0.vault },
        Field("sites") { $0.sites },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            asOf: try record.read("asOf"), vault: try record.read("vault"), sites: try record.read("sites"))
    }
}

extension AuthReport.Site: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("cloudId") { $0.cloudId }, Field("name") { $0.name }, Field("url") { $0.url },
        Field("auth") { $0.auth },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            cloudId: try record.read("cloudId"), name: try record.read("name"), url: try record.read("url"),
            auth: try record.read("auth"))
    }
}
