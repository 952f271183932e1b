/// `ping`: is somebody there.
package struct Ping: ControlMethod {
    package struct Result: Hashable, Sendable {
        package init() {}
    }

    package static let method = "ping"
    package static let access = AccessLevel.anyone
    package static let summary = "Answers at once."
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

extension Ping.Result: JSONRecord {
    package static let fields: [Field<Self>] = [Field("pong") { _ in true }]
    package init(record: RecordReader) {}
}

/// `version`: which daemon, and which protocol.
package struct GetVersion: ControlMethod {
    package struct Result: Hashable, Sendable {
        package let version: String
        /// Goes up when something promised is removed or renamed, which is never meant to happen.
        package let `protocol`: Int

        package init(version: String, protocol: Int = controlProtocolVersion) {
            self.version = version
            self.protocol = `protocol`
        }
    }

    package static let method = "version"
    package static let access = AccessLevel.anyone
    package static let summary = "The daemon's version and the protocol's."
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// The protocol that this code speaks.
package let controlProtocolVersion = 1

extension GetVersion.Result: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("version") { $0.version },
        Field("protocol", "goes up when something promised is removed") { $0.protocol },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(version: try record.read("version"), protocol: try record.read("protocol"))
    }
}

/// `status`: is it healthy, connected, synced, and since when is the answer complete.
package struct GetStatus: ControlMethod {
    package typealias Result = StatusReport

    package static let method = "status"
    package static let access = AccessLevel.anyone
    package static let summary =
        "Health, sites, sync and coverage. Without personal data for callers who may not read."
    package static let errors = ControlError.Kind.ofReading
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `rpc.discover`: every method, described. Source: <https://spec.open-rpc.org/#service-discovery-method>.
package struct Discover: ControlMethod {
    package typealias Result = JSON

    package static let method = "rpc.discover"
    package static let access = AccessLevel.anyone
    package static let summary = "This description, as an OpenRPC document."
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}
