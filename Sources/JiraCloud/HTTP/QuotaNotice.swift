import NIOHTTP1
package import UsageModel

/// What Jira said of a quota of points: how many there are in a window, or how few are left of it.
///
/// `Beta-RateLimit-Policy: "global-app-quota";q=65000;w=3600` comes with every answer,
/// `Beta-RateLimit: "global-app-quota";r=13000;t=600` once most of it is spent. The prefix falls when the quota is
/// enforced: <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>. The form is that of
/// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>.
package struct QuotaNotice: Hashable, Sendable {
    /// Whose points they are.
    package enum Reach: Hashable, Sendable {
        /// Those of our app, on all sites together.
        case app
        /// Those of our app on the site that said so.
        case site
    }

    package let name: String
    package let reach: Reach
    /// Points a window.
    package let limit: Int?
    package let window: Duration?
    /// Points that are left until `resetsAt`. `nil` while Jira does not tell.
    package let remaining: Int?
    package let resetsAt: Instant?
    /// When Jira said so.
    package let seenAt: Instant

    package init(
        name: String, reach: Reach, limit: Int? = nil, window: Duration? = nil, remaining: Int? = nil,
        resetsAt: Instant? = nil, seenAt: Instant
    ) {
        self.name = name
        self.reach = reach
        self.limit = limit
        self.window = window
        self.remaining = remaining
        self.resetsAt = resetsAt
        self.seenAt = seenAt
    }

    /// Whether nothing is left.
    var isSpent: Bool { remaining.map { $0 <= 0 } ?? false }

    /// Every quota that an answer speaks of, by name. Bursts have no place here: they are an endpoint's own matter.
    static func all(_ headers: HTTPHeaders, now: Instant) -> [QuotaNotice] {
        let policies = members(headers, "RateLimit-Policy")
        let states = members(headers, "RateLimit")
        let names = Set(policies.keys).union(states.keys).sorted()
        return names.compactMap { name in
            let policy = policies[name] ?? [:]
            let state = states[name] ?? [:]
            let window = policy["w"]
            guard !name.contains("burst"), window.map({ $0 >= 60 }) ?? true else { return nil }
            return QuotaNotice(
                name: name,
                // A quota that we do not know yet is taken for the widest one.
                reach: name.contains("tenant") ? .site : .app,
                limit: policy["q"], window: window.map { .seconds($0) }, remaining: state["r"],
                resetsAt: state["t"].map { now + .seconds(min($0, 86_400)) }, seenAt: now)
        }
    }

    /// The members of a header's list, with or without a prefix, by name.
    private static func members(_ headers: HTTPHeaders, _ name: String) -> [String: [String: Int]] {
        // What is enforced goes before what is announced.
        ["", "Beta-", "X-Beta-"].reduce(into: [:]) { found, prefix in
            found.merge(members(of: headers[prefix + name].joined(separator: ","))) { enforced, _ in enforced }
        }
    }

    /// Names with their parameters, those which are whole numbers and not negative:
    /// RFC 9651, section 3.1, as far as it is used here.
    private static func members(of list: String) -> [String: [String: Int]] {
        var members: [String: [String: Int]] = [:]
        for member in pieces(of: list[...], at: ",") {
            let parts = pieces(of: member, at: ";").map(trimmed)
            guard let name = parts.first?.trimming("\"").lowercased(), !name.isEmpty else { continue }
            var parameters: [String: Int] = [:]
            for part in parts.dropFirst() {
                guard let equals = part.firstIndex(of: "="),
                    let number = Int(trimmed(part[part.index(after: equals)...])), number >= 0
                else { continue }
                parameters[trimmed(part[..<equals]).lowercased()] = number
            }
            members[name] = parameters
        }
        return members
    }

    /// Cuts at a mark, except between quotation marks.
    private static func pieces(of text: Substring, at mark: Character) -> [Substring] {
        var isQuoted = false
        return text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == mark && !isQuoted
        }
    }

    private static func trimmed(_ text: Substring) -> String { String(text).trimming(" ") }
}

extension String {
    fileprivate func trimming(_ mark: Character) -> String {
        var rest = self[...]
        while rest.first == mark { rest.removeFirst() }
        while rest.last == mark { rest.removeLast() }
        return String(rest)
    }
}
