/// A JSON value of an answer.
enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Int64)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// A member; `null` where there is none.
    subscript(name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members[name] ?? .null
    }

    var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    var int: Int64? {
        if case .number(let value) = self { value } else { nil }
    }

    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements; none of what is no array.
    var array: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var names: Set<String> {
        if case .object(let members) = self { Set(members.keys) } else { [] }
    }
}

// MARK: - Reading

extension JSON {
    /// What is wrong with a text that should be JSON.
    struct Malformed: Error {
        let offset: Int
    }

    /// Reads what the simulator writes: whole numbers, and strings that are valid Unicode. Quicker than a decoder that
    /// must try each type, of which whole sites are read.
    init(text: String) throws {
        var reader = Reader(bytes: Array(text.utf8))
        self = try reader.value()
        guard reader.isAtEnd else { throw Malformed(offset: reader.offset) }
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        var isAtEnd: Bool { offset == bytes.count }

        private func fail() -> Malformed { Malformed(offset: offset) }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard offset < bytes.count, UInt32(bytes[offset]) == scalar.value else { return false }
            offset += 1
            return true
        }

        private mutating func take(word: StaticString) -> Bool {
            let count = word.utf8CodeUnitCount
            guard offset + count <= bytes.count,
                String(decoding: bytes[offset..<offset + count], as: UTF8.self) == "\(word)"
            else { return false }
            offset += count
            return true
        }

        mutating func value() throws -> JSON {
            guard offset < bytes.count else { throw fail() }
            switch Unicode.Scalar(bytes[offset]) {
            case "{": return try object()
            case "[": return try array()
            case "\"": return .string(try string())
            case "t": if take(word: "true") { return .bool(true) }
            case "f": if take(word: "false") { return .bool(false) }
            case "n": if take(word: "null") { return .null }
            default: return .number(try number())
            }
            throw fail()
        }

        private mutating func object() throws -> JSON {
            var members: [String: JSON] = [:]
            offset += 1
            if take("}") { return .object(members) }
            repeat {
                let name = try string()
                guard take(":") else { throw fail() }
                members[name] = try value()
            } while take(",")
            guard take("}") else { throw fail() }
            return .object(members)
        }

        private mutating func array() throws -> JSON {
            var elements: [JSON] = []
            offset += 1
            if take("]") { return .array(elements) }
            repeat { elements.append(try value()) } while take(",")
            guard take("]") else { throw fail() }
            return .array(elements)
        }

        private mutating func number() throws -> Int64 {
            let start = offset
            _ = take("-")
            while offset < bytes.count, (48...57).contains(bytes[offset]) { offset += 1 }
            guard let number = Int64(String(decoding: bytes[start..<offset], as: UTF8.self)) else { throw fail() }
            return number
        }

        private mutating func string() throws -> String {
            guard take("\"") else { throw fail() }
            let start = offset
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
                offset += 1
            }
            var text = String(decoding: bytes[start..<offset], as: UTF8.self)
            while !take("\"") {
                if take("\\") { text += try escaped() }
                let next = offset
                while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
                    offset += 1
                }
                guard offset < bytes.count else { throw fail() }
                text += String(decoding: bytes[next..<offset], as: UTF8.self)
            }
            return text
        }

        private mutating func escaped() throws -> String {
            guard offset < bytes.count else { throw fail() }
            defer { offset += 1 }
            switch Unicode.Scalar(bytes[offset]) {
            case "n": return "\n"
            case "r": return "\r"
            case "t": return "\t"
            case "u":
                let code = String(decoding: bytes[(offset + 1)...].prefix(4), as: UTF8.self)
                guard let value = UInt32(code, radix: 16), let scalar = Unicode.Scalar(value) else { throw fail() }
                offset += 4
                return String(Character(scalar))
            case let other: return String(Character(other))
            }
        }
    }
}
