package import ControlProtocol

/// A method described for a person.
struct MethodText {
    let method: MethodDescription
    let style: Style

    var text: String {
        ([heading, parameters] + records + [notifications, errors, examples]).filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var heading: String {
        let lines =
            [method.summary, "Who may call it: \(method.access.words)."]
            + (method.aliases.isEmpty ? [] : ["Also called \(method.aliases.joined(separator: ", "))."])
            + [method.asideWords].compactMap(\.self)
        return style.apply(.heading, to: method.name) + "\n" + lines.map { "  \($0)\n" }.joined()
    }

    private var parameters: String {
        let meta = method.meta.map { MemberLine($0, prefix: RequestMeta.member + ".") }
        return section("PARAMETERS", method.params.map { MemberLine($0) } + meta)
    }

    private var records: [String] {
        RecordDescription.all(in: method.result).enumerated().map { index, record in
            let title = index == 0 ? "RESULT" : ""
            let name = record.name.map { index == 0 ? " \($0)" : $0 } ?? ""
            return section(title + name, record.members.map { MemberLine(result: $0) })
        }
    }

    private var notifications: String {
        guard !method.notifications.isEmpty else { return "" }
        var table = TextTable([("", .left), ("", .left)])
        for notification in method.notifications {
            table.append([.init("$/\(notification.kind.rawValue)"), .init(notification.summary)])
            guard notification.kind == .event else { continue }
            for kind in ControlEvent.Kind.allCases {
                let data = kind.data.map(\.name).joined(separator: ", ")
                table.append([
                    .init("  \(kind.rawValue)"), .init(kind.meaning + (data.isEmpty ? "" : " Data: \(data).")),
                ])
            }
        }
        return style.apply(.heading, to: "NOTIFICATIONS") + "\n" + table.text(style, indent: "  ")
    }

    private var errors: String {
        var table = TextTable([("", .left), ("", .right), ("", .left)])
        for kind in method.errors { table.append([.init(kind.rawValue), .init("\(kind.code)"), .init(kind.meaning)]) }
        return style.apply(.heading, to: "ERRORS") + "\n" + table.text(style, indent: "  ")
    }

    private var examples: String {
        let lines = method.examples.map { "  # \($0.title)\n  \($0.command(for: method.name))\n" }
        return style.apply(.heading, to: "EXAMPLES") + "\n" + lines.joined()
    }

    private func section(_ title: String, _ members: [MemberLine]) -> String {
        var table = TextTable([("", .left), ("", .left), ("", .left)])
        for member in members { table.append([.init(member.name), .init(member.type), .init(member.summary)]) }
        let body = members.isEmpty ? "  none\n" : table.text(style, indent: "  ")
        return style.apply(.heading, to: title) + "\n" + body
    }
}

/// A parameter or a member of a result, in three columns.
private struct MemberLine {
    let name: String
    let type: String
    let summary: String

    init(_ member: MemberDescription, prefix: String = "") {
        name = prefix + member.name
        type = member.parameterType
        let need = member.isRequired && prefix.isEmpty ? "Required." : member.fallback.map { "Default: \($0.text)." }
        summary = [need, member.summary].compactMap(\.self).joined(separator: " ")
    }

    init(result member: MemberDescription) {
        name = member.name
        type = member.type
        summary = member.summary ?? ""
    }
}

extension AccessLevel {
    package var words: String {
        switch self {
        case .anyone: "any local user"
        case .read: "members of the read group, and root"
        case .admin: "root, the daemon's own user, and members of the admin group"
        }
    }
}

extension MethodDescription {
    /// `nil` where it is answered in its turn.
    var asideWords: String? {
        switch aside {
        case .always: "With an id it runs aside: the requests after it do not wait for its reply."
        case .with(let member):
            "With an id and \(member) it runs aside: the requests after it do not wait for its reply."
        case .never:
            features.contains(.stream)
                ? "With an id and _meta.stream it runs aside: the requests after it do not wait for its reply." : nil
        }
    }
}

extension MethodExample {
    /// The command line that makes this call.
    package func command(for method: String) -> String {
        let name = method.hasPrefix("$") ? "'\(method)'" : method
        guard !params.isEmpty else { return "jirausagectl call \(name)" }
        // In single quotes a shell changes nothing, and no example's text has one.
        return "jirausagectl call \(name) '\(JSON.object(params).text)'"
    }
}
