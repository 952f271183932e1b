import Foundation

/// A method as `rpc.discover` describes it, with parameters that are valid and change nothing on a daemon without a site.
struct AccessMatrixMethod: Sendable {
    enum Tier: Comparable, Sendable {
        case anyone, read, admin
    }

    let name: String
    private let parameters: [String: any Sendable]

    /// By the contract: everybody may ask whether somebody is there and healthy, and call off what they have asked; the
    /// read group whatever only tells; everything else is an administrator's, whatever it will be.
    var tier: Tier {
        switch name {
        case "ping", "version", "rpc.discover", "status", "$/cancel": .anyone
        case "user.get", "user.list", "licence.summary", "license.summary", "activity.list", "sync.status",
            "auth.status", "privacy.status", "change.wait", "events.subscribe":
            .read
        default: .admin
        }
    }

    func request(id: Int) throws -> String {
        let object: [String: Any] = ["jsonrpc": "2.0", "id": id, "method": name, "params": parameters]
        return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    private init(name: String, described: [[String: Any]]) {
        self.name = name
        var parameters: [String: any Sendable] = [:]
        // A method that comes later has its required ones filled in by their type.
        for parameter in described where parameter["required"] as? Bool == true {
            let schema = parameter["schema"] as? [String: Any] ?? [:]
            let types = (schema["type"] as? [String]) ?? [schema["type"] as? String].compactMap(\.self)
            guard let name = parameter["name"] as? String else { continue }
            switch types.first {
            case "string": parameters[name] = "nobody@example.com"
            case "boolean": parameters[name] = false
            case "array": parameters[name] = [String]()
            case "object": parameters[name] = [String: Int]()
            default: parameters[name] = 999_999
            }
        }
        // It would go on for ever.
        if name == "events.subscribe" { parameters["_meta"] = ["timeoutMs": 500] }
        // It is told as a stream or not at all.
        if name == "store.backup" { parameters["_meta"] = ["stream": true] }
        self.parameters = parameters
    }

    /// Every method of the document, in its order.
    static func all(in document: String) throws -> [AccessMatrixMethod] {
        struct Malformed: Error {}
        guard let reply = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any],
            let description = reply["result"] as? [String: Any],
            let methods = description["methods"] as? [[String: Any]],
            let components = description["components"] as? [String: Any],
            let shared = components["contentDescriptors"] as? [String: [String: Any]]
        else { throw Malformed() }
        return try methods.map { method in
            guard let name = method["name"] as? String else { throw Malformed() }
            // What several methods share is described once, and named where it is meant.
            let parameters = (method["params"] as? [[String: Any]] ?? []).map { parameter in
                (parameter["$ref"] as? String).flatMap { $0.split(separator: "/").last }
                    .flatMap { shared[String($0)] } ?? parameter
            }
            return AccessMatrixMethod(name: name, described: parameters)
        }
    }
}
