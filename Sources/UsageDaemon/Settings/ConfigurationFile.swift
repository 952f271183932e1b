import Glibc
import TOMLKit

/// The configuration file that is to be read.
package struct ConfigurationFile: Sendable, Hashable {
    package let path: String
    /// Whether it is an error that the file is missing.
    package let mustExist: Bool

    /// Where the file is looked for when nobody names one. Without it the defaults hold.
    package static let standard = ConfigurationFile(path: "/etc/jira-usaged/config.toml", mustExist: false)

    package init(path: String, mustExist: Bool = true) {
        self.path = path
        self.mustExist = mustExist
    }

    /// One value of the file, or what stands in its place.
    enum Item {
        case value(Setting, Setting.Value, line: Int?)
        case problem(SettingsProblem)
    }

    /// What the file holds, in its order.
    func items() throws(SettingsError) -> [Item] {
        guard let text = try text() else { return [] }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw .syntax(path: path, line: place.line, column: place.column, message: error.description)
        } catch {
            throw .unreadable(path: path, reason: "is not TOML")
        }
        let lines = KeyLines(text)
        let items = walk(table, section: nil, lines: lines)
        return items.sorted { ($0.line ?? .max, $0.name) < ($1.line ?? .max, $1.name) }.map(\.item)
    }

    private typealias Found = (line: Int?, name: String, item: Item)

    private func walk(_ table: TOMLTable, section: String?, lines: KeyLines) -> [Found] {
        table.keys.flatMap { key -> [Found] in
            let keys = [section, key].compactMap { $0 }
            let name = keys.map(shown).joined(separator: ".")
            let line = lines.line(of: keys)
            guard let value = table[key] else { return [] }
            func problem(_ reason: String) -> [Found] {
                let place = SettingsProblem.Place.file(path: path, line: line)
                return [(line, name, .problem(SettingsProblem(place: place, name: name, reason: reason)))]
            }
            if section == nil, Setting.sections.contains(key[...]) {
                guard let inner = value.table else { return problem("is a section: write [\(key)]") }
                return walk(inner, section: key, lines: lines)
            }
            guard let setting = Setting.byPath[name] else { return problem(unknown(name, leaf: key)) }
            switch (setting.kind, value.type) {
            case (.text, .string):
                return [(line, name, .value(setting, .text(value.string ?? ""), line: line))]
            case (.number, .int):
                return [(line, name, .value(setting, .number(value.int ?? 0), line: line))]
            default:
                return problem("is \(article(value.type)), and must be \(setting.kind.rawValue)")
            }
        }
    }

    private func unknown(_ name: String, leaf: String) -> String {
        if ["oauth.client_secret", "vault.key", "vault.next_key"].contains(name) {
            return "is not a key: a secret has a file of its own; name it as \(name)_file"
        }
        if let near = Setting.all.first(where: { $0.key == leaf[...] && $0.path != name }) {
            return "is not a key; did you mean \(near.path)?"
        }
        return "is not a key"
    }

    /// A key as TOML writes it: bare, or quoted with what cannot be seen escaped.
    private func shown(_ key: String) -> String {
        let isBare = !key.isEmpty && key.utf8.allSatisfy(KeyLines.isBare)
        return isBare ? key : String(reflecting: String(key.prefix(60)))
    }

    private func article(_ type: TOMLType) -> String {
        switch type {
        case .array, .int: "an \(type)"
        case .table, .string, .double, .bool, .date, .time, .dateTime: "a \(type)"
        }
    }

    // MARK: - Reading

    /// Far more than any configuration needs.
    private static let sizeLimit = 1 << 20

    private func text() throws(SettingsError) -> String? {
        let bytes: [UInt8]
        do {
            bytes = try FileReader(path: path, followsLinks: true).read(limit: Self.sizeLimit)
        } catch .system(ENOENT) where isLink {
            throw .unreadable(path: path, reason: "is a symbolic link to a file that is not there")
        } catch .system(ENOENT) where !mustExist {
            return nil
        } catch {
            throw .unreadable(path: path, reason: error.description)
        }
        // A NUL would end the text for the parser, and what follows would be ignored in silence.
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw .unreadable(path: path, reason: "is not UTF-8 text")
        }
        return text
    }

    private var isLink: Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}
