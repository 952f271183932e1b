/// `sync.run`: a pass now.
package struct RunSync: ControlMethod {
    package typealias Result = SyncReport

    package static let method = "sync.run"
    package static let access = AccessLevel.admin
    package static let summary = "Starts a pass; with wait, answers when one that began after the request is complete."
    package static let features: Set = [RequestMeta.Feature.progress]
    package static let aside = RunningAside.with("wait")
    package static let notifications: [NotificationDescription] = [.progress]
    package static let errors = ControlError.Kind.ofSites + ControlError.Kind.ofAsking
    package static let fields: [Field<Self>] = [
        Field(
            "wait", "Whether to answer only when the pass has committed.", schema: Bool?.schema.defaulting(to: false)
        ) { $0.wait },
        Field("site", CommonParameter.site) { $0.site },
    ]

    package let wait: Bool?
    package let site: String?

    package init(wait: Bool? = nil, site: String? = nil) {
        self.wait = wait
        self.site = site
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(wait: try record.read("wait"), site: try record.read("site"))
    }
}

/// `sync.status`: how far each site has been read.
package struct GetSyncStatus: ControlMethod {
    package typealias Result = SyncReport

    package static let method = "sync.status"
    package static let access = AccessLevel.read
    package static let summary = "How far each site's sync is."
    package static let errors = ControlError.Kind.ofReading
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `auth.begin`: where a person gives consent.
package struct BeginAuth: ControlMethod {
    package typealias Result = AuthInvitation

    package static let method = "auth.begin"
    package static let access = AccessLevel.admin
    package static let summary = "The URL at which a person consents at Atlassian."
    package static let errors: [ControlError.Kind] = [.vaultLocked, .badConfiguration, .storage]
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `auth.complete`: what Atlassian's redirect brought.
package struct CompleteAuth: ControlMethod {
    package typealias Result = AuthCompletion

    package static let method = "auth.complete"
    package static let access = AccessLevel.admin
    package static let summary = "Takes the URL that the browser was redirected to, connects the site, starts its sync."
    package static let errors = [.badRedirect, .severalSites, .notFound] + ControlError.Kind.ofAsking
    package static let fields: [Field<Self>] = [
        Field("redirectUrl", "The whole URL that the browser was redirected to.") { $0.redirectUrl },
        Field("site", CommonParameter.site) { $0.site },
    ]

    /// Holds a one-time code: never logged.
    package let redirectUrl: String
    package let site: String?

    package init(redirectUrl: String, site: String? = nil) {
        self.redirectUrl = redirectUrl
        self.site = site
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(redirectUrl: try record.readText("redirectUrl"), site: try record.read("site"))
    }
}

/// `auth.status`: which sites are connected, as whom, and for how long.
package struct GetAuthStatus: ControlMethod {
    package typealias Result = AuthReport

    package static let method = "auth.status"
    package static let access = AccessLevel.read
    package static let summary = "Which sites are connected, by whose consent, until when."
    package static let errors = ControlError.Kind.ofReading
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `auth.logout`: leave a site.
package struct Logout: ControlMethod {
    package typealias Result = SiteDeparture

    package static let method = "auth.logout"
    package static let access = AccessLevel.admin
    package static let summary = "Deletes a site's tokens; with erase, everything collected there too."
    package static let errors = ControlError.Kind.ofSites
    package static let fields: [Field<Self>] = [
        Field("site", CommonParameter.site) { $0.site },
        Field(
            "erase", "Whether to erase everything that was collected there.",
            schema: Bool?.schema.defaulting(to: false)
        ) { $0.erase },
    ]

    package let site: String
    package let erase: Bool?

    package init(site: String, erase: Bool? = nil) {
        self.site = site
        self.erase = erase
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(site: try record.readText("site"), erase: try record.read("erase"))
    }
}
