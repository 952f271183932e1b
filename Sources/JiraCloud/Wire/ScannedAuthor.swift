import UsageModel

private enum AuthorMember: String, JSONMember {
    case accountId

    static let names = JSONNames<Self>()
}

extension JSONScanner {
    /// Who did something: of all that Atlassian tells of a person, the id. `nil` for nobody.
    mutating func author(_ accounts: inout AccountTable) throws(JSONFault) -> AccountID? {
        guard try !skipNull() else { return nil }
        var account: AccountID?
        var author = try object(AuthorMember.self)
        while let member = try next(of: &author) {
            switch member {
            case .accountId: account = try skipNull() ? nil : try self.account(&accounts)
            }
        }
        return account
    }

    private mutating func account(_ accounts: inout AccountTable) throws(JSONFault) -> AccountID? {
        let text = try text()
        return try accounts.account(utf8(text)) { () throws(JSONFault) in AccountID(rawValue: try string(text)) }
    }
}
