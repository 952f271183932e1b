import Foundation

/// What a page of the manual says of a program's options, made of what its parser says of them itself
/// (`--experimental-dump-help`), and the place of it in that page.
package struct OptionManual {
    private static let start = ".\\\" Written by make man, from the options themselves, up to the next such line."
    private static let end = ".\\\" Up to here by make man."

    private struct Dump: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let arguments: [Argument]?
        let subcommands: [Command]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            let name: String
        }

        let kind: String
        let abstract: String?
        let preferredName: Name?
        let valueName: String?
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let allValues: [String]?

        var name: String { preferredName?.name ?? valueName ?? "" }
    }

    private let root: Command

    /// - Parameter dump: JSON, as the program prints it.
    package init(dump: String) throws {
        root = try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command
    }

    /// The options of the program itself.
    package var ownOptions: [String] {
        var page = Mdoc()
        list(arguments(of: root), &page)
        return page.lines
    }

    /// The options and arguments of each command, without those that every command has.
    package var commands: [String] {
        var page = Mdoc()
        let common = Set(arguments(of: root).map(\.name))
        page.macro("Bl -tag -width Ds")
        for (path, command) in leaves(of: root, []) {
            let own = arguments(of: command).filter { !common.contains($0.name) }
            page.macro("It Ic \(Mdoc.escaped(path.joined(separator: " ")))\(own.map(Self.synopsis).joined())")
            if let abstract = command.abstract { page.prose(abstract) }
            if !own.isEmpty { list(own, &page) }
        }
        page.macro("El")
        return page.lines
    }

    /// The page with these lines between its two marks; `nil` where it does not have them.
    package static func page(_ page: String, with lines: [String]) -> String? {
        guard let first = page.range(of: start + "\n"),
            let last = page.range(of: end, range: first.upperBound..<page.endIndex)
        else { return nil }
        return page[..<first.upperBound] + lines.map { $0 + "\n" }.joined() + page[last.lowerBound...]
    }

    // MARK: - Parts

    private func arguments(of command: Command) -> [Argument] {
        (command.arguments ?? []).filter { $0.shouldDisplay && $0.name != "help" }
    }

    /// The commands that do something, in their order.
    private func leaves(of command: Command, _ path: [String]) -> [(path: [String], command: Command)] {
        let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
        if below.isEmpty { return [(path, command)] }
        return below.flatMap { leaves(of: $0, path + [$0.commandName]) }
    }

    private func list(_ arguments: [Argument], _ page: inout Mdoc) {
        page.macro("Bl -tag -width Ds -compact")
        for argument in arguments {
            page.macro("It \(Self.item(argument))")
            if let abstract = argument.abstract { page.prose(abstract) }
        }
        page.macro("El")
    }

    private static func item(_ argument: Argument) -> String {
        let value = argument.allValues.map { $0.joined(separator: " | ") }
        let place = value.map { "Cm \(Mdoc.escaped($0))" } ?? "Ar \(argument.valueName ?? "value")"
        switch argument.kind {
        case "flag": return "Fl -\(argument.name)"
        case "option": return "Fl -\(argument.name) \(place)"
        default: return place
        }
    }

    private static func synopsis(_ argument: Argument) -> String {
        let item = item(argument)
        return argument.isOptional ? " Op \(item)" : " \(item)"
    }
}
