/// A method as a row of the table that requests are decoded by and that everything about methods is looked up in.
package struct MethodDescription: Sendable {
    package let name: String
    package let aliases: [String]
    package let access: AccessLevel
    package let summary: String
    package let aside: RunningAside
    package let features: Set<RequestMeta.Feature>
    package let params: [MemberDescription]
    /// The schema of the result.
    package let result: JSON
    /// Every kind that it can answer once it is known which method is meant.
    package let errors: [ControlError.Kind]
    /// Of these, those that not every method can answer.
    package var ownErrors: [ControlError.Kind] { errors.filter { !ControlError.Kind.ofAnyMethod.contains($0) } }
    package let notifications: [NotificationDescription]
    package let examples: [MethodExample]
    let define: @Sendable (inout SchemaBook) -> Void
    let decode: @Sendable (ControlRequest) throws(ControlError) -> ControlCall

    /// - Parameter call: the case of the method's parameters.
    init<Method: ControlMethod>(_ call: @escaping @Sendable (Method) -> ControlCall) {
        name = Method.method
        aliases = Method.aliases
        access = Method.access
        summary = Method.summary
        aside = Method.aside
        features = Method.features
        params = Method.fields.map(MemberDescription.init)
        result = Method.Result.schema
        errors = ControlError.Kind.allCases.filter { kind in
            ControlError.Kind.ofAnyMethod.contains(kind) || Method.errors.contains(kind)
                || (kind == .notPermitted && Method.access > .anyone)
        }
        notifications = Method.notifications
        examples = Method.examples
        define = { book in
            Method.Result.define(in: &book)
            for field in Method.fields { field.define(&book) }
            for notification in Method.notifications { notification.define(&book) }
        }
        decode = { request throws(ControlError) in call(try request.decode()) }
    }

    /// The method of that name, or of that alias.
    package static func named(_ name: String) -> MethodDescription? { byName[name] }

    private static let byName: [String: MethodDescription] = Dictionary(
        ControlCall.methods.flatMap { method in ([method.name] + method.aliases).map { ($0, method) } },
        uniquingKeysWith: { first, _ in first })
}

extension MethodDescription {
    /// What of `_meta` it can do.
    package var meta: [MemberDescription] { MemberDescription.all(of: RequestMeta.schema(features)) }
}

/// A parameter, or a member of a record.
package struct MemberDescription: Sendable {
    package let name: String
    package let summary: String?
    package let isRequired: Bool
    package let schema: JSON

    init(name: String, summary: String?, isRequired: Bool, schema: JSON) {
        self.name = name
        self.summary = summary
        self.isRequired = isRequired
        self.schema = schema
    }

    init<Record>(_ field: Field<Record>) {
        name = field.name
        summary = field.summary
        isRequired = !field.isNullable
        schema = field.schema
    }
}

/// Whether the requests after one of this method, on the same connection, wait for its reply.
package enum RunningAside: Sendable {
    /// They do.
    case never
    /// They do not.
    case always
    /// They do not where this parameter is `true`.
    case with(String)
}

/// What a method tells before it answers.
package struct NotificationDescription: Sendable {
    package let kind: ControlNotification.Kind
    /// When it comes.
    package let summary: String
    /// The schema of what it tells.
    package let schema: JSON
    let define: @Sendable (inout SchemaBook) -> Void

    private init<Value: JSONConvertible>(_ kind: ControlNotification.Kind, of: Value.Type, _ summary: String) {
        self.kind = kind
        self.summary = summary
        schema = Value.schema
        define = { Value.define(in: &$0) }
    }

    static func rows<Row: JSONConvertible>(of row: Row.Type) -> NotificationDescription {
        NotificationDescription(.rows, of: [Row].self, "With _meta.stream: some of the rows, in order.")
    }

    static let progress = NotificationDescription(
        .progress, of: SyncReport.self, "With _meta.progress and wait: about once a second, how far the pass is.")

    static let event = NotificationDescription(.event, of: ControlEvent.self, "Something happened.")
}
