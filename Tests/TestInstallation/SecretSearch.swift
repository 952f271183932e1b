import Foundation
import TestSupport

/// Something that must be found nowhere.
package struct Planted: Decodable, Hashable, Sendable {
    package let kind: String
    package let value: String

    package init(kind: String, value: String) {
        self.kind = kind
        self.value = value
    }
}

/// Searches what programs have printed and stored for secrets, raw or encoded.
///
/// It is done by grep(1), which looks for thousands of texts at once. What it is given and what it finds stays out of
/// messages: a hit says where, of what kind and in which form.
package struct SecretSearch: Sendable {
    package struct Hit: Hashable, Sendable, CustomStringConvertible {
        /// Below the directory that was searched.
        package let file: String
        package let offset: Int
        package let kind: String
        package let form: String

        package var description: String { "\(kind) (\(form)) in \(file) at byte \(offset)" }
    }

    private let forms: [String: (kind: String, form: String)]

    package init(_ secrets: [Planted]) {
        var forms: [String: (kind: String, form: String)] = [:]
        for secret in secrets where secret.value.utf8.count >= 16 {
            for (form, text) in Self.forms(of: secret.value) { forms[text] = (secret.kind, form) }
        }
        self.forms = forms
    }

    /// The ways in which a text may have been written down.
    private static func forms(of text: String) -> [(form: String, text: String)] {
        let bytes = Array(text.utf8)
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let percent = bytes.map { byte in
            let isPlain = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "z") ~= byte
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
        }.joined()
        var forms = [("plain", text), ("hexadecimal", hex), ("hexadecimal", hex.uppercased()), ("percent", percent)]
        // Inside a longer base64 text it stands at one of three places; of its ends others decide too.
        for shift in 0..<3 {
            let whole = Data(repeating: 0, count: shift) + Data(bytes)
            let encoded = Array(whole.base64EncodedString())
            let (first, last) = ((shift * 8 + 5) / 6, whole.count * 8 / 6)
            let inner = String(encoded[first..<last])
            forms.append(("base64", inner))
            forms.append(("base64", inner.replacing("+", with: "-").replacing("/", with: "_")))
        }
        return forms
    }

    /// Every place below `directory` in which one of the secrets stands, but for those that `isLegitimate`.
    ///
    /// - Parameter isLegitimate: by the file's path below the directory, and the kind.
    package func hits(
        below directory: String, isLegitimate: (_ file: String, _ kind: String) -> Bool = { _, _ in false }
    ) async throws -> [Hit] {
        guard !forms.isEmpty else { return [] }
        return try await withTemporaryDirectory { scratch in
            let patterns = "\(scratch)/patterns"
            try forms.keys.sorted().joined(separator: "\n").write(toFile: patterns, atomically: false, encoding: .utf8)
            let outcome = try await runToEnd(
                "grep", ["-r", "-a", "-o", "-b", "--null", "-F", "-f", patterns, "-D", "skip", "--", directory],
                directory: scratch)
            // 1: nothing found.
            guard [0, 1].contains(outcome.exitCode) else { throw ChildProcess.Failure(description: outcome.errors) }
            return outcome.output.split(separator: "\n").compactMap { hit($0, below: directory) }
                .filter { !isLegitimate($0.file, $0.kind) }
        }
    }

    /// Every place in some bytes in which one of the secrets stands.
    ///
    /// - Parameter place: what the bytes are, for a hit to say.
    package func hits(in bytes: [UInt8], place: String) async throws -> [Hit] {
        try await withTemporaryDirectory { directory in
            try Data(bytes).write(to: URL(filePath: "\(directory)/bytes"))
            return try await hits(below: directory).map {
                Hit(file: place, offset: $0.offset, kind: $0.kind, form: $0.form)
            }
        }
    }

    private func hit(_ line: Substring, below directory: String) -> Hit? {
        let parts = line.split(separator: "\0", maxSplits: 1)
        guard parts.count == 2, let colon = parts[1].firstIndex(of: ":") else { return nil }
        let found = forms[String(parts[1][parts[1].index(after: colon)...])]
        return Hit(
            file: String(parts[0].dropFirst(directory.count + 1)), offset: Int(parts[1][..<colon]) ?? 0,
            kind: found?.kind ?? "unknown", form: found?.form ?? "unknown")
    }
}

extension Simulator {
    /// Searches everything below the simulator's directory for everything that it ever issued, and for the vault's key.
    ///
    /// - Throws: where anything stands where it must not.
    func searchForSecrets() async throws {
        var secrets = try await issuedSecrets()
        if let key = try? String(contentsOfFile: "\(directory)/vault-key", encoding: .utf8) {
            secrets.append(Planted(kind: "vaultKey", value: key.trimmingCharacters(in: .newlines)))
        }
        let hits = try await SecretSearch(secrets).hits(below: directory, isLegitimate: Self.isLegitimate)
        guard hits.isEmpty else {
            throw ChildProcess.Failure(
                description: "secrets were found: \(hits.prefix(10).map(\.description).joined(separator: "; "))")
        }
    }

    /// The places where a secret belongs: the administrator's files, the simulator's own greeting, what the person's
    /// browser got; and the address at which to consent, which holds the state, where the person reads it.
    private static func isLegitimate(_ file: String, _ kind: String) -> Bool {
        switch kind {
        case "clientSecret": file.hasPrefix("client-secret") || file.hasPrefix("jira-sim-") || file.hasPrefix("curl-")
        case "vaultKey": file.hasPrefix("vault-key")
        // A shell prints what the client in it does.
        case "state": ["curl-", "jirausagectl-", "bash-"].contains { file.hasPrefix($0) }
        case "code", "accessToken", "refreshToken": file.hasPrefix("curl-")
        default: false
        }
    }

    package func issuedSecrets() async throws -> [Planted] {
        try await decode([Planted].self, from: ["\(baseURL)/_sim/secrets"])
    }
}
