import FoundationEssentials
import HTTPTypes

/// A request, taken apart.
struct Call: Sendable {
    let method: HTTPRequest.Method
    /// Without the query.
    let path: String
    /// In the order of the request; decoded.
    let query: [(name: String, value: String)]
    let body: Data
    /// The token of `Authorization: Bearer`.
    let bearer: String?
    /// The parts of the path that the endpoint's template leaves open.
    var parameters: [String: String] = [:]

    /// The first value of a query parameter.
    func first(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// All values of a query parameter that may be repeated or hold commas.
    func list(_ name: String) -> [String] {
        query.filter { $0.name == name }.flatMap { $0.value.split(separator: ",").map { String($0) } }
    }

    /// All values of a query parameter that may be repeated, commas left alone.
    func all(_ name: String) -> [String] {
        query.filter { $0.name == name }.map(\.value)
    }

    /// A number in the query, or `fallback` if there is none.
    func number(_ name: String, default fallback: Int) throws(Refusal) -> Int {
        guard let text = first(name), !text.isEmpty else { return fallback }
        guard let number = Int(text), number >= 0 else {
            throw .jira(400, "The value '\(text)' of the parameter '\(name)' is not a number that can be used.")
        }
        return number
    }

    /// The body as JSON.
    func decoded<Body: Decodable>(_ type: Body.Type) throws(Refusal) -> Body {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw .jira(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        }
    }
}

/// An id in a request: Atlassian takes numbers and texts alike.
struct LenientID: Decodable, Sendable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            // Not a number: then it must be a text, and that error is the one to tell.
            text = String(number)
        } else {
            text = try container.decode(String.self)
        }
    }
}

/// `startAt` and `maxResults`, as far as Jira honours them.
struct PageRequest: Sendable {
    let start: Int
    let limit: Int

    init(_ call: Call, default standard: Int, cap: Int) throws(Refusal) {
        start = try call.number("startAt", default: 0)
        let asked = try call.number("maxResults", default: standard)
        limit = min(asked == 0 ? standard : asked, cap)
    }

    func rows<Rows: RandomAccessCollection>(of all: Rows) -> Rows.SubSequence {
        all.dropFirst(start).prefix(limit)
    }

    /// The members of Jira's PageBean, rows and links aside.
    func bean(_ json: inout JSONText, total: Int) {
        json.member("startAt", start)
        json.member("maxResults", limit)
        json.member("total", total)
        json.member("isLast", start + limit >= total)
    }
}
