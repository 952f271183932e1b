/// A rule of the house that a file breaks. It reads like a compiler's message, so that editors can go there.
struct Violation: Hashable, CustomStringConvertible {
    let path: String
    let line: Int
    let rule: String

    var description: String { "\(path):\(line): \(rule)" }
}

extension Source {
    /// The imports that the table of layers does not allow.
    func layerViolations() -> [Violation] {
        guard let layer = Layers.table[target] else {
            return [Violation(path: path, line: 1, rule: "the target \(target) is not in the table of layers")]
        }
        let allowed = layer.ours.union(layer.others).union(Layers.standard)
        return text.imports.filter { !allowed.contains($0.module) }
            .map { Violation(path: path, line: $0.line, rule: "\(target) may not import \($0.module)") }
    }

    /// What needs a reason in the line above: what escapes structured concurrency, the compiler's checks, or ends the
    /// process.
    func unreasonedEscapes() -> [Violation] {
        let escapes: [(name: String, pattern: Regex<Substring>)] = [
            (
                "an unstructured task",
                #/\bTask\s*(?:<[^>]*>)?\s*[({]|\bTask\.(?:detached|immediate|immediateDetached)\b/#
            ),
            ("@unchecked Sendable", #/@unchecked\s+Sendable\b/#),
            ("nonisolated(unsafe)", #/\bnonisolated\s*\(\s*unsafe\s*\)/#),
            ("try!", #/\btry!/#),
            ("fatalError", #/\bfatalError\s*\(/#),
        ]
        return text.codeLines.indices.flatMap { index -> [Violation] in
            guard !text.hasCommentAbove(index) else { return [] }
            return escapes.filter { text.codeLines[index].contains($0.pattern) }
                .map { Violation(path: path, line: index + 1, rule: "\($0.name), without a reason in the line above") }
        }
    }

    /// What would let somebody else answer in Atlassian's place: trust of our own making, proxies but that of the settings,
    /// other clients than the one that follows no redirect.
    func trustViolations() -> [Violation] {
        let openings: [(name: String, pattern: Regex<Substring>)] = [
            ("certificates are verified as the system does, always", #/certificateVerification/#),
            ("nothing decides whom to trust but the system", #/(?i)tlsConfiguration|trustRoots/#),
            (
                "a proxy is used only where the settings name one",
                #/\.server\((?!host: \$0\.host, port: \$0\.port\))|socksServer|Configuration\.Proxy|configReader/#
            ),
            ("a redirect is never followed", #/\.follow\(|URLSession|HTTPClient\.shared/#),
            ("a client follows no redirect", #/HTTPClient\.Configuration\((?!redirectConfiguration: \.disallow\))/#),
        ]
        return text.codeLines.indices.flatMap { index in
            openings.filter { text.codeLines[index].contains($0.pattern) }
                .map { Violation(path: path, line: index + 1, rule: $0.name) }
        }
    }
}
