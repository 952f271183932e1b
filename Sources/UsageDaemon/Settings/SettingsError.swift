/// Why the settings cannot be used. An administrator must act: the process ends with 78.
package enum SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// The file is no TOML. Nothing after this place was looked at.
    case syntax(path: String, line: Int, column: Int, message: String)
    /// Everything that is wrong with values and keys, in the file's order, then the environment's.
    case invalid([SettingsProblem])

    /// A line for each fault.
    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): \(reason)"
        case .syntax(let path, let line, let column, let message):
            "\(path):\(line):\(column): \(message)"
        case .invalid(let problems):
            problems.map(\.description).joined(separator: "\n")
        }
    }
}

/// One setting that cannot be used.
package struct SettingsProblem: Sendable, Hashable, CustomStringConvertible {
    package enum Place: Sendable, Hashable {
        case file(path: String, line: Int?)
        case environment
    }

    package let place: Place
    /// The key with its section (`sync.interval`), or the environment variable.
    package let name: String
    /// What is wrong, and what would be right.
    package let reason: String

    package var description: String {
        switch place {
        case .file(let path, .some(let line)): "\(path):\(line): \(name): \(reason)"
        case .file(let path, .none): "\(path): \(name): \(reason)"
        case .environment: "environment: \(name): \(reason)"
        }
    }
}
