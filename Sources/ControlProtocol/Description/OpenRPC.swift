/// The description of every method, as `rpc.discover` answers it.
///
/// Source: <https://spec.open-rpc.org/> version 1.3.2.
package enum OpenRPC {
    /// - Parameters:
    ///   - version: the daemon's.
    ///   - methods: that are described, with what they refer to; all of them, if nothing else is said.
    package static func document(version: String, methods: [MethodDescription] = ControlCall.methods) -> JSON {
        [
            "openrpc": "1.3.2",
            "info": [
                "title": "jira-usaged control socket", "version": .string(version),
                "description": .string(description), "license": ["name": "Apache-2.0"],
            ],
            "servers": [
                [
                    "name": "The default socket", "url": "unix:///run/jira-usaged/control.sock",
                    "summary": "A Unix stream socket; the configuration's control_socket names another.",
                ]
            ],
            "methods": .array(methods.flatMap(\.json)),
            "components": [
                "schemas": .object(book(of: methods).definitions),
                "contentDescriptors": .object(metaDescriptors(of: methods) + sharedDescriptors),
                "errors": .object(ControlError.Kind.allCases.map { JSON.Member($0.rawValue, $0.described) }),
            ],
            "x-errors": .array((ControlError.Kind.ofAnyRequest + ControlError.Kind.ofAnyMethod).map(\.reference)),
        ]
    }

    private static let description = """
        JSON-RPC 2.0 on a Unix socket: one object a line, line feed, UTF-8, both ways. params is an object. A request \
        without id or jsonrpc is served too. Requests may be pipelined; each gets one reply, in order unless it runs \
        aside (x-runsAside). x-access says who may call: anyone; read, members of the read group; admin, root, the \
        daemon's user and the admin group. x-notifications come before the reply. x-errors: what any \
        request may get beside its method's errors. Members may be added. See jira-usage-api(7).
        """

    /// Every record that a method takes, answers or tells.
    package static let book = book(of: ControlCall.methods)

    private static func book(of methods: [MethodDescription]) -> SchemaBook {
        var book = SchemaBook()
        for method in methods { method.define(&book) }
        ControlError.define(in: &book)
        return book
    }

    /// The parameters that several methods have alike, by name.
    fileprivate static let sharedDescriptors: [JSON.Member] = {
        let all = ControlCall.methods.flatMap(\.params).map { JSON.Member($0.name, $0.json) }
        var shared: [JSON.Member] = []
        for member in all where all.count(where: { $0 == member }) > 1 {
            if !shared.contains(where: { $0.name == member.name }) { shared.append(member) }
        }
        return shared
    }()

    /// The member `_meta`, for each set of what methods can do of it.
    private static func metaDescriptors(of methods: [MethodDescription]) -> [JSON.Member] {
        var known: [JSON.Member] = []
        for method in methods where !known.contains(where: { $0.name == method.metaName }) {
            known.append(
                JSON.Member(
                    method.metaName,
                    [
                        "name": .string(RequestMeta.member), "summary": "What is wanted beside the answer.",
                        "schema": RequestMeta.schema(method.features),
                    ]))
        }
        return known
    }
}

extension MethodDescription {
    /// The method object, and one for each alias, which leaves the examples to the first.
    fileprivate var json: [JSON] {
        [json(name, [JSON.Member("examples", .array(examples.compactMap(\.pairing)))] + errorExamples)]
            + aliases.map { json($0, [JSON.Member("x-aliasOf", .string(name))]) }
    }

    private func json(_ name: String, _ more: [JSON.Member]) -> JSON {
        .object(
            [
                JSON.Member("name", .string(name)), JSON.Member("summary", .string(summary)),
                JSON.Member("paramStructure", "by-name"),
                JSON.Member(
                    "params",
                    .array(params.map(\.sharedJSON) + [["$ref": .string(MemberDescription.prefix + metaName)]])),
                JSON.Member("result", ["name": "result", "schema": result]),
                JSON.Member("errors", .array(ownErrors.map(\.reference))),
                JSON.Member("x-access", .string(access.rawValue)),
            ] + runsAside + notified + more)
    }

    /// `true`, or when: a member of the parameters that has to be `true`.
    private var runsAside: [JSON.Member] {
        let when: JSON? =
            switch aside {
            case .always: true
            case .with(let member): .string(member)
            case .never: features.contains(.stream) ? "_meta.stream" : nil
            }
        return when.map { [JSON.Member("x-runsAside", $0)] } ?? []
    }

    private var notified: [JSON.Member] {
        guard !notifications.isEmpty else { return [] }
        let events = notifications.contains { $0.kind == .event }
        return [JSON.Member("x-notifications", .array(notifications.map(\.json)))]
            + (events ? [JSON.Member("x-events", .array(ControlEvent.Kind.allCases.map(\.json)))] : [])
    }

    private var errorExamples: [JSON.Member] {
        let pairings = examples.compactMap(\.errorPairing)
        return pairings.isEmpty ? [] : [JSON.Member("x-errorExamples", .array(pairings))]
    }

    /// Of the descriptor of `_meta`: `meta`, `metaStream`, `metaProgress`.
    fileprivate var metaName: String {
        "meta"
            + RequestMeta.Feature.allCases.filter(features.contains)
            .map { $0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst() }.joined()
    }
}

extension MemberDescription {
    fileprivate static let prefix = "#/components/contentDescriptors/"

    /// By reference where several methods have it.
    fileprivate var sharedJSON: JSON {
        OpenRPC.sharedDescriptors.contains(JSON.Member(name, json)) ? ["$ref": .string(Self.prefix + name)] : json
    }

    fileprivate var json: JSON {
        .object(
            [JSON.Member("name", .string(name))] + (summary.map { [JSON.Member("summary", .string($0))] } ?? [])
                + (isRequired ? [JSON.Member("required", true)] : []) + [JSON.Member("schema", schema)])
    }
}

extension NotificationDescription {
    fileprivate var json: JSON {
        [
            "method": .string("$/" + kind.rawValue), "summary": .string(summary),
            "params": [
                ["name": "id", "summary": "The request's.", "required": true, "schema": RequestID.schema],
                ["name": .string(kind.rawValue), "required": true, "schema": schema],
            ],
        ]
    }
}

extension ControlEvent.Kind {
    fileprivate var json: JSON { ["kind": .string(rawValue), "summary": .string(meaning), "data": dataSchema] }
}

extension ControlError.Kind {
    fileprivate var reference: JSON { ["$ref": .string("#/components/errors/" + rawValue)] }

    fileprivate var described: JSON {
        [
            "code": code.json, "message": .string(meaning),
            "data": ["kind": .string(rawValue), "retryable": .bool(isRetryable)],
        ]
    }
}

extension MethodExample {
    /// `nil` for an example of an error, which OpenRPC has no place for.
    fileprivate var pairing: JSON? {
        guard case .result(let result) = outcome else { return nil }
        return .object(shared + [JSON.Member("result", ["name": "result", "value": result])])
    }

    fileprivate var errorPairing: JSON? {
        guard case .error(let kind) = outcome else { return nil }
        return .object(shared + [JSON.Member("error", kind.reference)])
    }

    private var shared: [JSON.Member] {
        [
            JSON.Member("name", .string(title)),
            JSON.Member(
                "params", .array(params.map { ["name": .string($0.name), "value": $0.value] })),
        ] + (notifications.isEmpty ? [] : [JSON.Member("x-notifications", .array(notifications))])
    }
}
