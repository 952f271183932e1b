/// A site of Jira Cloud, by the `id` that Atlassian's `accessible-resources` gives it (its *cloud id*, a UUID).
///
/// Source: <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>.
package struct CloudID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    package static func < (lhs: CloudID, rhs: CloudID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// An Atlassian account, the same on every site: 1 to 128 characters of `[A-Za-z0-9:-]`.
///
/// Opaque, and no personal data by itself. It is the only key for a person: an e-mail address is hidden from us
/// more often than not.
package struct AccountID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` for the empty text and for `unknown`, which Atlassian writes where nobody is meant, and for what
    /// cannot be an account id.
    package init?(rawValue: String) {
        guard (1...128).contains(rawValue.utf8.count), rawValue != "unknown",
            rawValue.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    package static func < (lhs: AccountID, rhs: AccountID) -> Bool { lhs.rawValue < rhs.rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// An issue, by the number that stays when its key changes (an issue that moves to another project gets a new key).
package struct IssueID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package static func < (lhs: IssueID, rhs: IssueID) -> Bool { lhs.rawValue < rhs.rawValue }
}
