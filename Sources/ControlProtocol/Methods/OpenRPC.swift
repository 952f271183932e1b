/// The description of every method, as `rpc.discover` answers it.
///
/// Source: <https://spec.open-rpc.org/> version 1.3.2.
package enum OpenRPC {
    /// - Parameter version: the daemon's.
    package static func document(version: String) -> JSON {
        [
            "openrpc": "1.3.2",
            "info": ["title": "jira-usaged control socket", "version": .string(version)],
            "methods": .array(MethodDescription.all.flatMap(\.json)),
        ]
    }
}

/// A method as a row of the table that everything about methods is looked up in.
package struct MethodDescription: Sendable {
    package let name: String
    package let aliases: [String]
    package let access: AccessLevel
    package let summary: String
    package let params: JSON
    package let result: JSON

    /// Every method there is.
    package static let all: [MethodDescription] = [
        MethodDescription(Ping.self), MethodDescription(GetVersion.self), MethodDescription(GetStatus.self),
        MethodDescription(Discover.self), MethodDescription(GetUser.self), MethodDescription(ListUsers.self),
        MethodDescription(SummariseLicences.self), MethodDescription(ListActivities.self),
        MethodDescription(RunSync.self), MethodDescription(GetSyncStatus.self), MethodDescription(BeginAuth.self),
        MethodDescription(CompleteAuth.self), MethodDescription(GetAuthStatus.self), MethodDescription(Logout.self),
        MethodDescription(GetPrivacyStatus.self), MethodDescription(ReportPersonalData.self),
        MethodDescription(ErasePerson.self), MethodDescription(ExportPerson.self), MethodDescription(RekeyVault.self),
        MethodDescription(WaitForChange.self), MethodDescription(SubscribeEvents.self),
        MethodDescription(CancelRequest.self),
    ]

    private init<Method: ControlMethod>(_: Method.Type) {
        name = Method.method
        aliases = Method.aliases
        access = Method.access
        summary = Method.summary
        params = .array(Method.fields.map(Self.describe) + [Self.meta(Method.features)])
        result = ["name": "result", "schema": Method.Result.schema]
    }

    /// The method object, and one for each alias.
    var json: [JSON] {
        ([name] + aliases).map { name in
            [
                "name": .string(name), "summary": .string(summary), "paramStructure": "by-name", "params": params,
                "result": result, "x-access": .string(access.rawValue),
            ]
        }
    }

    private static func meta(_ features: Set<RequestMeta.Feature>) -> JSON {
        [
            "name": .string(RequestMeta.member), "summary": "What is wanted beside the answer.", "required": false,
            "schema": RequestMeta.schema(features),
        ]
    }

    private static func describe<Method>(_ field: Field<Method>) -> JSON {
        [
            "name": .string(field.name), "summary": field.summary.json, "required": .bool(!field.isNullable),
            "schema": field.schema,
        ]
    }
}
