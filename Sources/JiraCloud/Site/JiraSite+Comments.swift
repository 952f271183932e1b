package import UsageModel

/// A comment, without what it says.
package struct Comment: Hashable, Sendable {
    package let id: Int64
    package let author: AccountID?
    package let created: Instant
    /// Whose the last edit is; the author's own where there was none.
    package let updateAuthor: AccountID?
    /// Equal to `created` where there was no edit.
    package let updated: Instant

    package init(id: Int64, author: AccountID?, created: Instant, updateAuthor: AccountID?, updated: Instant) {
        self.id = id
        self.author = author
        self.created = created
        self.updateAuthor = updateAuthor
        self.updated = updated
    }
}

package struct CommentPage: Hashable, Sendable {
    /// Oldest first.
    package let comments: [Comment]
    /// How many the issue has that the account which consented may see.
    package let total: Int
}

extension JiraSite {
    /// A page of an issue's comments, oldest first, so that what is added during the walk comes last.
    ///
    /// - Parameter limit: 1 to 100.
    package func comments(
        of issue: IssueID, startAt: Int, limit: Int = 100
    ) async throws(JiraError) -> CommentPage {
        let page = try await connection.scan(
            CommentPage.self, .comments, "/issue/\(issue)/comment",
            query: [("startAt", "\(startAt)"), ("maxResults", "\(limit)"), ("orderBy", "created")])
        connection.charge(.comments, rows: page.comments.count)
        return page
    }
}
