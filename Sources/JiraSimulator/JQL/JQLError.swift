/// Why a query is refused, in Jira's own words where they are known.
package struct JQLError: Error, Equatable, CustomStringConvertible {
    package let message: String

    package var description: String { message }

    static let unbounded = JQLError(
        message: "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    static let tooManySorts = JQLError(message: "JQL can be ordered by at most 7 fields.")

    static func tooManyCalls(_ name: String, limit: Int) -> JQLError {
        JQLError(message: "The query calls the function '\(name)' more than \(limit) times.")
    }

    static func expecting(_ what: String, got token: JQLToken) -> JQLError {
        let found = token.kind == .end ? "the end of the query" : "'\(token.text)'"
        return JQLError(
            message: "Error in the JQL Query: Expecting \(what) but got \(found). (\(token.place))")
    }

    static func unfinishedText(at place: JQLPlace) -> JQLError {
        JQLError(message: "Error in the JQL Query: The quoted string has not been completed. (\(place))")
    }

    static func illegalCharacter(_ character: Character, at place: JQLPlace) -> JQLError {
        JQLError(
            message: "Error in the JQL Query: The character '\(character)' is a reserved JQL character. You must "
                + "enclose it in a string or use the escape sequence instead. (\(place))")
    }

    static func unknownField(_ name: String) -> JQLError {
        JQLError(message: "Field '\(name)' does not exist or you do not have permission to view it.")
    }

    static func unknownFunction(_ name: String) -> JQLError {
        JQLError(message: "Unable to find JQL function '\(name)'.")
    }

    static func badDate(_ text: String, field: String) -> JQLError {
        JQLError(
            message: "Date value '\(text)' for field '\(field)' is invalid. Valid formats include: "
                + "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', "
                + "or a period format e.g. '-5d', '4w 2d'.")
    }

    static func unsupported(_ comparison: JQLOperator, field: String) -> JQLError {
        JQLError(message: "The operator '\(comparison.rawValue)' is not supported by the '\(field)' field.")
    }

    static func unknownValue(_ value: String, field: String) -> JQLError {
        JQLError(message: "The value '\(value)' does not exist for the field '\(field)'.")
    }

    static func unknownIssue(_ key: String, field: String) -> JQLError {
        JQLError(message: "An issue with key '\(key)' does not exist for field '\(field)'.")
    }

    static func badFunction(_ name: String, _ why: String) -> JQLError {
        JQLError(message: "Function '\(name)' \(why).")
    }
}

/// Where in a query something stands, counted from 1.
struct JQLPlace: Equatable, Sendable, CustomStringConvertible {
    let line: Int
    let character: Int

    var description: String { "line \(line), character \(character)" }
}
