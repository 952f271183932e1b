/// Where a unit takes its credentials from, as the lines of its files say it, drop-ins included.
///
/// Source: systemd.exec(5), `LoadCredential=`: the last line for a name holds, and an empty one forgets all before it.
struct UnitCredentials {
    struct Source: Hashable {
        let path: String
        let isEncrypted: Bool
    }

    private(set) var sources: [String: Source] = [:]

    /// - Parameter text: what `systemctl cat` prints.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].filter { !$0.isWhitespace }
            guard parts.count == 2, key == "LoadCredential" || key == "LoadCredentialEncrypted" else { continue }
            let value = parts[1].drop { $0.isWhitespace }
            let name = value.prefix { $0 != ":" }
            if name.isEmpty {
                sources = [:]
            } else {
                let path = value[name.endIndex...].dropFirst().prefix { !$0.isWhitespace }
                sources[String(name)] = Source(
                    path: String(path.isEmpty ? name : path), isEncrypted: key == "LoadCredentialEncrypted")
            }
        }
    }
}
