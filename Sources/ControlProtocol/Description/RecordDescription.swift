/// A record with its members, for a reader.
package struct RecordDescription: Sendable {
    /// `nil` for one that is used in one place only, and has no name.
    package let name: String?
    package let members: [MemberDescription]

    /// Every record that has a name, by name.
    package static var named: [RecordDescription] {
        OpenRPC.book.definitions.sorted { $0.name < $1.name }.map { definition in
            RecordDescription(name: definition.name, members: MemberDescription.all(of: definition.value))
        }
    }

    /// What a method answers, and every named record inside it, in the order in which they are met.
    package static func all(in schema: JSON) -> [RecordDescription] {
        var found: [RecordDescription] = []
        var open = [schema]
        var known: Set<String> = []
        while !open.isEmpty {
            let next = open.removeFirst()
            if let reference = next["$ref"]?.string {
                let name = String(reference.dropFirst(SchemaBook.prefix.count))
                guard known.insert(name).inserted, let schema = OpenRPC.book[name] else { continue }
                let record = RecordDescription(name: name, members: MemberDescription.all(of: schema))
                found.append(record)
                open += record.members.map(\.schema)
            } else if let items = next["items"] {
                open.append(items)
            } else if let alternatives = next["anyOf"]?.array {
                open += alternatives
            } else if next["properties"] != nil {
                let record = RecordDescription(name: nil, members: MemberDescription.all(of: next))
                found.append(record)
                open += record.members.map(\.schema)
            }
        }
        return found
    }
}

extension MemberDescription {
    /// The members of an object's schema.
    package static func all(of schema: JSON) -> [MemberDescription] {
        JSON.members(of: schema["properties"]).map { member in
            MemberDescription(
                name: member.name, summary: member.value["description"]?.string,
                isRequired: schema["required"]?.array?.contains(.string(member.name)) ?? false, schema: member.value)
        }
    }

    /// What counts where a parameter is left out; `nil` where that is not one value.
    package var fallback: JSON? { schema["default"] }

    /// What it may be, as a result tells it: `string or null`.
    package var type: String { schema.typeWords(isNullTold: true) }

    /// What a parameter may be: that it may be left out is told elsewhere.
    package var parameterType: String { schema.typeWords(isNullTold: false) }
}

extension NotificationDescription {
    /// What it tells: `array of UserReport`.
    package var type: String { schema.typeWords(isNullTold: true) }
}

extension ControlEvent.Kind.DataMember {
    /// What it may be.
    package var type: String { schema.typeWords(isNullTold: true) }
}

extension JSON {
    fileprivate static func members(of json: JSON?) -> [Member] {
        guard case .object(let members)? = json else { return [] }
        return members
    }

    /// What a schema allows, in words.
    fileprivate func typeWords(isNullTold: Bool) -> String {
        let types = self["type"].map { ($0.array ?? [$0]).compactMap(\.string) } ?? []
        if let reference = self["$ref"]?.string { return String(reference.dropFirst(SchemaBook.prefix.count)) }
        if let alternatives = self["anyOf"]?.array {
            let words = alternatives.filter { isNullTold || $0["type"] != "null" }
            return words.map { $0.typeWords(isNullTold: isNullTold) }.joined(separator: " or ")
        }
        var words = self["enum"]?.array?.compactMap(\.string) ?? []
        if words.isEmpty { words = types.filter { $0 != "null" }.map(plainWord) }
        if isNullTold, types.contains("null") { words.append("null") }
        guard let last = words.last else { return "any value" }
        return words.count > 1 ? words.dropLast().joined(separator: ", ") + " or " + last : last
    }

    private func plainWord(_ type: String) -> String {
        switch type {
        case "array": "array of " + (self["items"]?.typeWords(isNullTold: true) ?? "any value")
        case "string": self["format"] == "date-time" ? "instant" : "string"
        case "integer":
            if let least = self["minimum"], let most = self["maximum"] {
                "integer from \(least.text) to \(most.text)"
            } else {
                "integer"
            }
        default: type
        }
    }
}
