/// What is wrong with a document, and where.
struct JSONFault: Error, Equatable {
    enum Reason: Equatable {
        /// No JSON, or not all of it.
        case syntax
        case tooDeep
        /// The object at the offset lacks a member.
        case missing(String)
        /// The name at the offset came before.
        case repeated
        case null
        /// Another kind of value, or one that cannot be meant.
        case unlike(JSONKind)
    }

    let reason: Reason
    /// In bytes from the document's start; its length for what ends too early.
    let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// For example `issues[3].id is missing`. Tells the place, and never what the document says.
    func description(in document: [UInt8]) -> String {
        switch reason {
        case .syntax: "not JSON at byte \(offset)"
        case .tooDeep: "nested too deeply at byte \(offset)"
        case .missing(let member): "\(place(in: document, member)) is missing"
        case .repeated: "\(place(in: document)) comes twice"
        case .null: "\(place(in: document)) is null"
        case .unlike(let kind): "\(place(in: document)) is no \(kind.rawValue)"
        }
    }

    private func place(in document: [UInt8], _ member: String? = nil) -> String {
        var scanner = JSONScanner(document)
        // Up to the fault the document has been read once without one.
        let steps = ((try? scanner.steps(to: offset)) ?? []) + (member.map { [".\($0)"] } ?? [])
        let place = steps.joined()
        return place.hasPrefix(".") ? String(place.dropFirst()) : place.isEmpty ? "the answer" : place
    }
}

/// What a value should have been.
enum JSONKind: String {
    case object
    case array
    case text
    case truthValue = "truth value"
    case wholeNumber = "whole number"
    case instant
}

extension JSONScanner {
    /// The names and indices that lead from the value which comes next to what is at an offset.
    fileprivate mutating func steps(to target: Int) throws(JSONFault) -> [String] {
        skipSpace()
        guard offset < target else { return [] }
        if next == UInt8(ascii: "{") {
            try object()
            while let name = try nextName() {
                let step = ".\(try string(name))"
                if target <= name.range.lowerBound { return [step] }
                if isNextValue(around: target) { return [step] + (try steps(to: target)) }
                try skip()
            }
        } else if next == UInt8(ascii: "[") {
            try array()
            var index = 0
            while try nextElement() {
                if isNextValue(around: target) { return ["[\(index)]"] + (try steps(to: target)) }
                try skip()
                index += 1
            }
        }
        return []
    }

    private func isNextValue(around target: Int) -> Bool {
        var ahead = self
        // A value that has no end has the fault in it, or after it.
        guard (try? ahead.skip()) != nil else { return true }
        return target < ahead.offset
    }
}
