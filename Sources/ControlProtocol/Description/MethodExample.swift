/// One call and what it brings, literally: each is made by a test, on the site that the tests have for it.
package struct MethodExample: Sendable {
    package enum Outcome: Sendable {
        case result(JSON)
        case error(ControlError.Kind)
    }

    /// What it is good for.
    package let title: String
    /// With `_meta`, if anything is asked for.
    package let params: [JSON.Member]
    /// What is notified before the reply.
    package let notifications: [JSON]
    package let outcome: Outcome
    /// Whether the result holds more than is shown.
    package let isAbbreviated: Bool

    /// - Parameters:
    ///   - notified: the values of the notifications.
    ///   - result: JSON; line feeds and what indents the lines after them are left out.
    init<Method: ControlMethod>(
        _ title: String, _ call: Method, meta: RequestMeta = RequestMeta(), notified: [String] = [],
        isAbbreviated: Bool = false, result: String
    ) {
        self.init(
            title, call, meta: meta, notified: notified, outcome: .result(Self.json(result)),
            isAbbreviated: isAbbreviated)
    }

    init<Method: ControlMethod>(
        _ title: String, _ call: Method, meta: RequestMeta = RequestMeta(), notified: [String] = [],
        error: ControlError.Kind
    ) {
        self.init(title, call, meta: meta, notified: notified, outcome: .error(error))
    }

    private init<Method: ControlMethod>(
        _ title: String, _ call: Method, meta: RequestMeta, notified: [String], outcome: Outcome,
        isAbbreviated: Bool = false
    ) {
        self.title = title
        params = call.params + (meta.json.map { [JSON.Member(RequestMeta.member, $0)] } ?? [])
        notifications = notified.map(Self.json)
        self.outcome = outcome
        self.isAbbreviated = isAbbreviated
    }

    /// As text, so that what is described is not read by a program that has no use for it.
    private static func json(_ text: String) -> JSON {
        .written(
            text.split(separator: "\n").flatMap { line in line.utf8.drop { $0 == UInt8(ascii: " ") } })
    }
}
