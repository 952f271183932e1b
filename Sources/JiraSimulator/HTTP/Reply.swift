/// What the simulator answers to a request, before it is put on the wire.
struct Reply: Sendable {
    var status: Int
    var body: String
    var headers: [(name: String, value: String)] = []
    /// What the answer costs beyond the one point of every request: one for each row, two for each person or group.
    var extraPoints = 0

    /// 200 with a JSON object.
    static func object(_ members: (inout JSONText) -> Void) -> Reply {
        Reply(status: 200, body: JSONText.object(members))
    }

    /// 200 with a JSON array.
    static func array(_ elements: (inout JSONText) -> Void) -> Reply {
        Reply(status: 200, body: JSONText.array(elements))
    }

    func costing(rows: Int = 0, identities: Int = 0) -> Reply {
        var reply = self
        reply.extraPoints = rows + 2 * identities
        return reply
    }
}

/// A request that is not granted; carries the answer that says so.
struct Refusal: Error {
    var reply: Reply

    /// In Jira's form: `{"errorMessages":[…],"errors":{}}`.
    static func jira(_ status: Int, _ message: String) -> Refusal {
        let body = JSONText.object { json in
            json.array("errorMessages") { $0.value(message) }
            json.object("errors") { _ in }
        }
        return Refusal(reply: Reply(status: status, body: body))
    }

    /// In the gateway's form: `{"code":…,"message":…}`.
    static func gateway(_ status: Int, _ message: String) -> Refusal {
        let body = JSONText.object { json in
            json.member("code", status)
            json.member("message", message)
        }
        return Refusal(reply: Reply(status: status, body: body))
    }

    /// In the form of the simulator's own paths: `{"error":…}`.
    static func simulator(_ status: Int, _ message: String) -> Refusal {
        Refusal(reply: Reply(status: status, body: JSONText.object { $0.member("error", message) }))
    }

    static let unauthorized = gateway(401, "Unauthorized")
    static let wrongScope = gateway(401, "Unauthorized; scope does not match")

    static func oauth(_ refusal: OAuthRefusal) -> Refusal {
        let (status, error, description) = refusal.answer
        let body = JSONText.object { json in
            json.member("error", error)
            json.member("error_description", description)
        }
        return Refusal(reply: Reply(status: status, body: body))
    }
}
