/// A method of the control socket: its parameters as a type, with the only result that can answer them.
///
/// `fields` are the parameters; those of an optional type may be left out.
package protocol ControlMethod: JSONRecord {
    associatedtype Result: JSONConvertible
    /// The name on the wire: `noun.verb`.
    static var method: String { get }
    /// Other names that mean the same.
    static var aliases: [String] { get }
    /// Who may call it.
    static var access: AccessLevel { get }
    /// One line for `rpc.discover`.
    static var summary: String { get }
    /// What of `_meta` it can do, beside a deadline.
    static var features: Set<RequestMeta.Feature> { get }
    /// Whether the requests after it wait for its reply; those of a stream never do.
    static var aside: RunningAside { get }
    /// What it tells before it answers.
    static var notifications: [NotificationDescription] { get }
    /// What it can answer beside ``ControlError/Kind/ofAnyMethod``; `notPermitted` goes without saying.
    static var errors: [ControlError.Kind] { get }
    /// At least one, and literally true.
    static var examples: [MethodExample] { get }
}

extension ControlMethod {
    package static var aliases: [String] { [] }
    package static var features: Set<RequestMeta.Feature> { [] }
    package static var aside: RunningAside { .never }
    package static var notifications: [NotificationDescription] { [] }
    package static var errors: [ControlError.Kind] { [] }

    /// The parameters as they are sent: those that are `nil` are left out.
    package var params: [JSON.Member] {
        Self.fields.map { JSON.Member($0.name, $0.value(self)) }.filter { $0.value != .null }
    }
}

/// Who may call a method. Each level may call what the levels before it may.
package enum AccessLevel: String, Sendable, CaseIterable, Comparable {
    /// Every local user.
    case anyone
    /// Members of the read group, and root.
    case read
    /// Root, the daemon's own user, and members of the admin group.
    case admin

    package static func < (lhs: AccessLevel, rhs: AccessLevel) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .anyone: 0
        case .read: 1
        case .admin: 2
        }
    }
}

extension ControlRequest {
    /// Reads the parameters of a method. A parameter that the method does not have is refused, for it is most
    /// likely a misspelt one whose absence would change the answer.
    package func decode<Method: ControlMethod>(_ method: Method.Type = Method.self) throws(ControlError) -> Method {
        if let stranger = params.first(where: { param in !Method.fields.contains { $0.name == param.name } }) {
            let known = Method.fields.map(\.name).joined(separator: ", ")
            throw ControlError(
                .invalidParams, "\(Method.method) has no parameter \(stranger.name.shortened.json.text)",
                hint: known.isEmpty ? "It takes none." : "It takes \(known).")
        }
        if let feature = meta.features.first(where: { !Method.features.contains($0) }) {
            throw ControlError(.invalidParams, "\(Method.method) has no \(feature.rawValue): leave it out of _meta")
        }
        do {
            return try Method(record: RecordReader(members: params))
        } catch {
            throw ControlError(.invalidParams, "\(Method.method): \(error)")
        }
    }

    /// Reads the parameters of a method, performs the call, and makes the reply.
    package nonisolated(nonsending) func reply<Method: ControlMethod>(
        to method: Method.Type, _ perform: (Method) async throws(ControlError) -> Method.Result
    ) async -> ControlReply {
        do {
            return await reply(to: try decode(method), perform)
        } catch {
            return ControlReply(id: id, error: error)
        }
    }

    /// Performs a call with the only result that fits it, and makes the reply.
    package nonisolated(nonsending) func reply<Method: ControlMethod>(
        to call: Method, _ perform: (Method) async throws(ControlError) -> Method.Result
    ) async -> ControlReply {
        do {
            return reply(of: Method.self, .success(try await perform(call)))
        } catch {
            return reply(of: Method.self, .failure(error))
        }
    }

    /// Reads the parameters of a method, performs the call, for which nothing is waited, and makes the reply.
    package func immediateReply<Method: ControlMethod>(
        _ perform: (Method) throws(ControlError) -> Method.Result
    ) -> ControlReply {
        do {
            return reply(of: Method.self, .success(try perform(try decode())))
        } catch {
            return reply(of: Method.self, .failure(error))
        }
    }

    private func reply<Method: ControlMethod>(
        of method: Method.Type, _ outcome: Result<Method.Result, ControlError>
    ) -> ControlReply {
        let reply = ControlReply(id: id, outcome: outcome.map { $0.written })
        reply.assertConformance(to: Method.method)
        return reply
    }
}
