import FoundationEssentials

/// The opaque `nextPageToken` of searches: valid for seven days, and only with the query it came from.
enum PageToken {
    private static let lifetimeSeconds: Int64 = 7 * 86_400

    static func token(_ cursor: IssueSearch.Cursor, of jql: String, now: Moment) -> String {
        let payload = "\(cursor.position).\(cursor.updated.milliseconds).\(now.milliseconds)"
        let text = "\(payload).\(checksum(payload, jql))"
        return Data(text.utf8).base64EncodedString()
    }

    /// `nil` if the token is no token, is too old, or belongs to another query.
    static func cursor(_ token: String, of jql: String, now: Moment) -> IssueSearch.Cursor? {
        guard let data = Data(base64Encoded: token), let text = String(data: data, encoding: .utf8) else { return nil }
        let parts = text.split(separator: ".")
        guard parts.count == 4, let position = Int(parts[0]), let updated = Int64(parts[1]),
            let issued = Int64(parts[2]), position >= 0,
            parts[3] == String(checksum(parts[0...2].joined(separator: "."), jql)),
            now < Moment(milliseconds: issued).advanced(bySeconds: lifetimeSeconds)
        else { return nil }
        return IssueSearch.Cursor(updated: Moment(milliseconds: updated), position: position)
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
