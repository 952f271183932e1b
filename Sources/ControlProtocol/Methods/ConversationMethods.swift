/// `$/cancel`: gives up a request of the same connection.
package struct CancelRequest: ControlMethod {
    package struct Result: Hashable, Sendable {
        /// Whether there was such a request, and it had no reply yet.
        package let isCancelled: Bool

        package init(isCancelled: Bool) {
            self.isCancelled = isCancelled
        }
    }

    package static let method = "$/cancel"
    package static let access = AccessLevel.anyone
    package static let summary =
        "Cancels this connection's request of that id, which still gets its one reply. Answered at once, never in turn."
    package static let fields: [Field<Self>] = [Field("id", "The id of the request.") { $0.request }]

    package let request: RequestID

    package init(request: RequestID) {
        self.request = request
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        let request: RequestID = try record.read("id")
        // Those without an id cannot be told apart.
        guard request != .null else { throw JSONMismatch(path: "id", expected: "the id of a request") }
        self.init(request: request)
    }
}

extension CancelRequest.Result: JSONRecord {
    package static let fields: [Field<Self>] = [Field("cancelled", "whether it was under way") { $0.isCancelled }]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(isCancelled: try record.read("cancelled"))
    }
}

/// `change.wait`: sleeps until there is something new to read.
package struct WaitForChange: ControlMethod {
    package struct Result: Hashable, Sendable {
        /// The store's change number: it grows with each commit that changes what can be read.
        package let change: Int

        package init(change: Int) {
            self.change = change
        }
    }

    package static let method = "change.wait"
    package static let access = AccessLevel.read
    package static let summary =
        "Answers when the store's change number is greater than since, and at once where that is left out."
    package static let aside = RunningAside.always
    package static let errors = ControlError.Kind.ofReading
    package static let fields: [Field<Self>] = [
        Field("since", "The change number of the last answer.", schema: .optionalInteger(in: ParameterRange.change)) {
            $0.since
        }
    ]

    package let since: Int?

    package init(since: Int? = nil) {
        self.since = since
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(since: try record.read("since", in: ParameterRange.change))
    }
}

extension WaitForChange.Result: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("change", "grows with each commit that changes what can be read") { $0.change }
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(change: try record.read("change"))
    }
}

/// `events.subscribe`: what happens from now on, as `$/event` notifications.
package struct SubscribeEvents: ControlMethod {
    /// There is no other end than an error: `cancelled`, `deadline` or `shuttingDown`.
    package struct Result: Hashable, Sendable, JSONRecord {
        package static let fields: [Field<Self>] = []
        package init(record: RecordReader) {}
    }

    package static let method = "events.subscribe"
    package static let access = AccessLevel.read
    package static let summary =
        "Notifies of what happens, until it is cancelled, its deadline is over or the daemon stops: its only replies."
    package static let aside = RunningAside.always
    package static let notifications: [NotificationDescription] = [.event]
    package static let errors = ControlError.Kind.ofReading
    package static let fields: [Field<Self>] = [
        Field("after", "The position of the last event that was seen: what came since is told first.") { $0.after },
        Field("kinds", "Only events of these kinds; subscribed and lost come in any case.") { $0.kinds },
    ]

    package let after: String?
    package let kinds: [ControlEvent.Kind]?

    package init(after: String? = nil, kinds: [ControlEvent.Kind]? = nil) {
        self.after = after
        self.kinds = kinds
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(after: try record.read("after"), kinds: try record.read("kinds"))
    }
}
