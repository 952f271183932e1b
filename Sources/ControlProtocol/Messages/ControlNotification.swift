/// What the daemon says of a request before its one reply: rows of a list, how far it is, something that happened.
package struct ControlNotification: Hashable, Sendable {
    /// The raw value is the method's name on the wire, less `$/`, and the name of the member that holds the value.
    package enum Kind: String, Sendable, CaseIterable {
        case rows, progress, event
    }

    /// Bytes that a value may have: a line's length, less what stands around it, of which the id may be 1 KiB.
    package static let roomForValue = LineSplitter.longestReply - 2048

    /// Of the request that it belongs to.
    package let id: RequestID
    package let kind: Kind
    package let value: JSON

    package init(id: RequestID, kind: Kind, value: JSON) {
        self.id = id
        self.kind = kind
        self.value = value
    }

    /// The notification as a line, line feed included.
    package var line: [UInt8] {
        let json: JSON = [
            "jsonrpc": "2.0", "method": .string("$/" + kind.rawValue),
            "params": .object([JSON.Member("id", id.json), JSON.Member(kind.rawValue, value)]),
        ]
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// Reads what a line says, if it is a notification and no reply.
    package init?(json: JSON) {
        guard let method = json["method"]?.string, method.hasPrefix("$/"),
            let kind = Kind(rawValue: String(method.dropFirst(2))), let params = json["params"],
            let id = RequestID(value: params["id"] ?? .null), let value = params[kind.rawValue]
        else { return nil }
        self.init(id: id, kind: kind, value: value)
    }
}
