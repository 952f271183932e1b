import FoundationEssentials

/// How `nextPageToken` finds the page it stands for.
package enum PageTokens: String, Sendable, CaseIterable {
    /// By the row that was given out last: what moves meanwhile makes no other row be lost.
    case keyset
    /// By its number in the result as it is then: rows that move between requests make others be skipped or come twice.
    case offset
}

/// The opaque `nextPageToken` of searches: valid for seven days, and only with the query it came from.
enum PageToken {
    private static let lifetimeSeconds: Int64 = 7 * 86_400

    static func token(_ start: IssueSearch.Start, of jql: String, now: Moment) -> String {
        let place =
            switch start {
            case .row(let number): "r.\(number)"
            case .after(let cursor): "\(cursor.position).\(cursor.updated.milliseconds)"
            }
        let payload = "\(place).\(now.milliseconds)"
        let text = "\(payload).\(checksum(payload, jql))"
        return Data(text.utf8).base64EncodedString()
    }

    /// `nil` if the token is no token, is too old, or belongs to another query.
    static func start(_ token: String, of jql: String, now: Moment) -> IssueSearch.Start? {
        guard let data = Data(base64Encoded: token), let text = String(data: data, encoding: .utf8) else { return nil }
        let parts = text.split(separator: ".")
        guard parts.count == 4, let number = Int64(parts[1]), let issued = Int64(parts[2]),
            parts[3] == String(checksum(parts[0...2].joined(separator: "."), jql)),
            now < Moment(milliseconds: issued).advanced(bySeconds: lifetimeSeconds)
        else { return nil }
        if parts[0] == "r" { return .row(Int(number)) }
        guard let position = Int(parts[0]) else { return nil }
        return .after(IssueSearch.Cursor(updated: Moment(milliseconds: number), position: position))
    }

    /// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): enough to tell a made-up token.
    private static func checksum(_ payload: String, _ jql: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(payload)|\(jql)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return hash
    }
}
