import FoundationEssentials
import UsageModel

/// JSON for a request of ours. Our own values always encode.
func encoded(_ body: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return try encoder.encode(body)
    } catch {
        preconditionFailure("a request that cannot be written as JSON: \(type(of: body))")
    }
}

/// Reads an answer. What is wrong with it is told by the place, never by the content.
func decoded<Value: Decodable>(
    _ type: Value.Type, from body: Data, _ endpoint: Endpoint
) throws(JiraError) -> Value {
    do {
        return try decoded(type, from: body)
    } catch let fault as JSONFault {
        throw .malformed(endpoint, fault.description(in: [UInt8](body)))
    } catch let error as DecodingError {
        throw .malformed(endpoint, error.placeAndFault)
    } catch {
        throw .malformed(endpoint, "not JSON")
    }
}

/// Reads a document with Foundation's decoder, once it is known to be one.
///
/// On some that are none that decoder does not fail but trap: with Swift 6.3.1, on 513 opening brackets and nothing
/// else. No answer may end the daemon.
func decoded<Value: Decodable>(_ type: Value.Type, from document: Data) throws -> Value {
    try JSONScanner.check([UInt8](document))
    return try JSONDecoder().decode(type, from: document)
}

extension DecodingError {
    /// For example `issues[3].id is missing`.
    fileprivate var placeAndFault: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.place(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context): "\(Self.place(context.codingPath)) is null"
        case .typeMismatch(let type, let context): "\(Self.place(context.codingPath)) is no \(type)"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "\(Self.place(context.codingPath)) cannot be read"
        @unknown default: "cannot be read"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        let steps = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
        let place = steps.joined()
        return place.hasPrefix(".") ? String(place.dropFirst()) : place.isEmpty ? "the answer" : place
    }
}

/// An id or another whole number, which Atlassian writes as text or as a number, differently from endpoint to endpoint.
struct WireNumber: Decodable {
    let value: Int64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The other form is no error, so the first failure says nothing.
        if let text = try? container.decode(String.self) {
            guard let value = Int64(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a whole number")
            }
            self.value = value
        } else {
            value = try container.decode(Int64.self)
        }
    }
}

/// An instant, which Atlassian writes as text with the site's offset, or as seconds or milliseconds since the epoch.
struct WireInstant: Decodable {
    let value: Instant

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The other form is no error, so the first failure says nothing.
        let text = try? container.decode(String.self)
        guard
            let instant = try text.map({ Instant(wireText: $0) }) ?? Instant(wireNumber: container.decode(Double.self))
        else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an instant") }
        value = instant
    }
}

extension Instant {
    init?(wireText text: String) {
        guard let instant = Instant(text) ?? Double(text).flatMap({ Instant(wireNumber: $0) }) else { return nil }
        self = instant
    }

    /// Seconds or milliseconds since the epoch.
    init?(wireNumber number: Double) {
        guard number.magnitude < 1e15 else { return nil }
        // Seconds below 10¹¹ reach the year 5138; milliseconds above it begin in 1973, before there was a Jira.
        self.init(milliseconds: Int64(number.magnitude < 1e11 ? number * 1000 : number))
    }
}

/// Who did something: of all that Atlassian tells of a person, the id.
struct WireAuthor: Decodable {
    let accountId: String?

    /// `nil` for nobody.
    var account: AccountID? { accountId.flatMap { AccountID(rawValue: $0) } }
}
