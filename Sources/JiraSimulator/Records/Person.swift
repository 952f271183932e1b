/// Where a person stands in `People.all`.
typealias PersonIndex = Int

/// The kinds of account Jira tells apart (`accountType`).
package enum AccountKind: String, Sendable, Decodable {
    case atlassian, app, customer, unknown
}

/// An account, as `GET /user` shows it.
struct Person: Sendable {
    var accountID: String
    var kind: AccountKind
    /// The account is enabled. That says nothing about a licence.
    var isEnabled: Bool
    var displayName: String
    /// `nil` where the person's profile hides it, as most do.
    var email: String?
    var timeZone: String?
    var locale: String?
    /// Positions in `People.groups`.
    var groups: [Int] = []
    /// Positions in `People.roles`.
    var roles: [Int] = []
    /// What `size` says of the groups; a recorded site may tell the number without the names.
    var groupCount: Int
    var roleCount: Int

    /// One paid right at least: an enabled account of a human being with an application role.
    var holdsSeat: Bool {
        isEnabled && kind == .atlassian && roleCount > 0
    }
}

/// A group of users.
struct Group: Sendable {
    let id: String
    let name: String
    /// Keys of the application roles that membership grants.
    var applicationKeys: [String] = []
    /// What kind of access it grants, in the words of `GET /group/bulk?accessType=`.
    var access: Access?

    enum Access: String, Sendable {
        case user
        case admin
        case siteAdmin = "site-admin"
    }
}

/// A paid product of a site.
struct ApplicationRole: Sendable {
    let key: String
    let name: String

    /// The four of Jira Cloud.
    static let ofJira = [
        ApplicationRole(key: "jira-software", name: "Jira Software"),
        ApplicationRole(key: "jira-servicedesk", name: "Jira Service Management"),
        ApplicationRole(key: "jira-product-discovery", name: "Jira Product Discovery"),
        ApplicationRole(key: "jira-core", name: "Jira Work Management"),
    ]
}

/// Everybody whom a site knows.
struct People: Sendable {
    private(set) var all: [Person]
    /// The site's users, in the order in which Jira lists them; the others are only named by some event.
    private(set) var listed: [PersonIndex]
    private let unlisted: Range<PersonIndex>
    let groups: [Group]
    let roles: [ApplicationRole]
    /// Whose consent the tokens stand for.
    let caller: PersonIndex
    private var positions: [String: PersonIndex]

    /// - Parameter listedCount: so many of the first are users.
    init(all: [Person], listedCount: Int, groups: [Group], roles: [ApplicationRole], caller: PersonIndex) {
        self.all = all
        listed = Array(0..<listedCount)
        unlisted = listedCount..<all.count
        self.groups = groups
        self.roles = roles
        self.caller = caller
        positions = Dictionary(
            all.enumerated().map { ($0.element.accountID, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether an author is nobody: not told, or told without an account id.
    func isNobody(_ person: PersonIndex?) -> Bool {
        person.map { all[$0].accountID.isEmpty } ?? true
    }

    subscript(index: PersonIndex) -> Person { all[index] }

    func index(of accountID: String) -> PersonIndex? {
        positions[accountID]
    }

    /// A user of the site, as opposed to somebody who is only named by an event.
    func listedIndex(of accountID: String) -> PersonIndex? {
        index(of: accountID).flatMap { unlisted.contains($0) ? nil : $0 }
    }

    mutating func replace(_ index: PersonIndex, by person: Person) {
        all[index] = person
    }

    /// Adds a user at the end of the list.
    mutating func append(_ person: Person) {
        positions[person.accountID] = all.count
        listed.append(all.count)
        all.append(person)
    }
}
