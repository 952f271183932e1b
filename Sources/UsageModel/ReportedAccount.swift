/// A stored account, as Atlassian is told of it.
package struct ReportedAccount: Hashable, Sendable {
    package let account: AccountID
    /// When the oldest of what is stored of it was fetched.
    package let fetchedAt: Instant

    package init(account: AccountID, fetchedAt: Instant) {
        self.account = account
        self.fetchedAt = fetchedAt
    }
}
