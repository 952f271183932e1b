package import UsageModel

/// Something that happened, as `events.subscribe` tells it.
package struct ControlEvent: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable, JSONWord {
        /// The subscription begins behind this position.
        case subscribed
        /// Events are missing before the next one: they came faster than they were read, or longer ago than is kept.
        case lost
        case syncStarted = "sync.started"
        /// A whole pass has been committed.
        case syncCompleted = "sync.completed"
        /// A pass ended early; `data.message` says why.
        case syncFailed = "sync.failed"
        case siteConnected = "site.connected"
        case siteDisconnected = "site.disconnected"
        /// `status` has another `health` than before.
        case healthChanged = "health.changed"
    }

    /// What to send as `after` to go on behind this event; good until the daemon stops.
    package let position: String
    package let at: Instant
    package let kind: Kind
    /// `nil` for what concerns no site, or all.
    package let site: CloudID?
    /// An object; which members it has is the kind's.
    package let data: JSON

    package init(position: String, at: Instant, kind: Kind, site: CloudID?, data: JSON = [:]) {
        self.position = position
        self.at = at
        self.kind = kind
        self.site = site
        self.data = data
    }
}

extension ControlEvent: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("position", "what to send as after, to go on behind it") { $0.position }, Field("at") { $0.at },
        Field("kind") { $0.kind },
        Field("site", "the cloud id") { $0.site }, Field("data", schema: ["type": "object"]) { $0.data },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            position: try record.read("position"), at: try record.read("at"), kind: try record.read("kind"),
            site: try record.read("site"), data: try record.read("data"))
    }
}
