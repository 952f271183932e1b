/// The parts of Jira's payloads that a recorded site is read from.
enum RecordedPayload {
    struct User: Decodable {
        var accountId: String
        var accountType: AccountKind?
        var active: Bool?
        var displayName: String?
        var emailAddress: String?
        var timeZone: String?
        var locale: String?
        var groups: SizedList<GroupName>?
        var applicationRoles: SizedList<Role>?
    }

    struct SizedList<Item: Decodable>: Decodable {
        var size: Int?
        var items: [Item]?
    }

    struct GroupName: Decodable {
        var name: String
        var groupId: String?
    }

    struct Role: Decodable {
        var key: String
        var name: String?
    }

    struct Project: Decodable {
        var id: LenientID
        var key: String
        var name: String?
        var projectTypeKey: String?
    }

    struct Issue: Decodable {
        var id: LenientID
        var key: String
        var fields: Fields
        var changelog: Changelog?
    }

    struct Fields: Decodable {
        var created: String
        var updated: String
        var creator: User?
        var reporter: User?
        var assignee: User?
        var project: Project?
        var issuetype: Value?
        var status: Value?
        var priority: Value?
        var resolution: Value?
        var resolutiondate: String?
        var summary: String?
        var timespent: Int?
        var timeestimate: Int?
        var comment: Comments?
        var worklog: Worklogs?
        var attachment: [File]?
    }

    struct Value: Decodable {
        var id: LenientID?
        var name: String?
    }

    struct Changelog: Decodable {
        var histories: [History]
    }

    struct History: Decodable {
        var id: LenientID
        var author: User?
        var created: String
        var items: [Item]
    }

    struct Item: Decodable {
        var field: String
        var fieldtype: String?
        var fieldId: String?
        var from: String?
        var fromString: String?
        var to: String?
        var toString: String?
    }

    struct Comments: Decodable {
        var comments: [Comment]
    }

    struct Comment: Decodable {
        var id: LenientID
        var author: User?
        var updateAuthor: User?
        var created: String
        var updated: String?
        var jsdPublic: Bool?
    }

    struct Worklogs: Decodable {
        var worklogs: [Worklog]
    }

    struct Worklog: Decodable {
        var id: LenientID
        var author: User?
        var updateAuthor: User?
        var created: String
        var updated: String?
        var started: String?
        var timeSpentSeconds: Int?
    }

    struct File: Decodable {
        var id: LenientID
        var filename: String?
        var author: User?
        var created: String
        var size: Int?
    }
}
