/// Turns recorded payloads into records.
struct RecordingReader {
    private(set) var projects: [Project]
    private var persons: [Person]
    private var positions: [String: PersonIndex]
    private let listedCount: Int
    private let groups: [Group]
    private let roles: [ApplicationRole]

    struct Problem: Error {
        let reason: String
    }

    init(users: [RecordedPayload.User], projects: [RecordedPayload.Project]) {
        self.projects = projects.map(Self.project)
        var groups: [Group] = []
        var roles: [ApplicationRole] = []
        var persons: [Person] = []
        for user in users {
            var person = Self.person(user)
            for item in user.groups?.items ?? [] {
                let id = item.groupId ?? item.name
                if !groups.contains(where: { $0.id == id }) { groups.append(Group(id: id, name: item.name)) }
                person.groups += groups.indices.filter { groups[$0].id == id }
            }
            for item in user.applicationRoles?.items ?? [] {
                if !roles.contains(where: { $0.key == item.key }) {
                    roles.append(ApplicationRole(key: item.key, name: item.name ?? item.key))
                }
                person.roles += roles.indices.filter { roles[$0].key == item.key }
            }
            persons.append(person)
        }
        self.groups = groups
        self.roles = roles
        self.persons = persons
        listedCount = persons.count
        positions = Dictionary(
            persons.enumerated().map { ($0.element.accountID, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The users, and after them those who are only named by an event. The caller is the first enabled person.
    var people: People {
        let caller = persons.prefix(listedCount).firstIndex { $0.isEnabled && $0.kind == .atlassian }
        return People(all: persons, listedCount: listedCount, groups: groups, roles: roles, caller: caller ?? 0)
    }

    private static func person(_ user: RecordedPayload.User) -> Person {
        Person(
            accountID: user.accountId, kind: user.accountType ?? .unknown, isEnabled: user.active ?? false,
            displayName: user.displayName ?? "", email: user.emailAddress, timeZone: user.timeZone,
            locale: user.locale, groupCount: user.groups?.size ?? user.groups?.items?.count ?? 0,
            roleCount: user.applicationRoles?.size ?? user.applicationRoles?.items?.count ?? 0)
    }

    private static func project(_ payload: RecordedPayload.Project) -> Project {
        Project(
            id: Int64(payload.id.text) ?? 0, key: payload.key, name: payload.name ?? payload.key,
            typeKey: payload.projectTypeKey ?? "software")
    }

    private mutating func index(_ user: RecordedPayload.User?) -> PersonIndex? {
        guard let user else { return nil }
        if let known = positions[user.accountId] { return known }
        positions[user.accountId] = persons.count
        persons.append(Self.person(user))
        return persons.count - 1
    }

    // MARK: - Issues

    mutating func issue(_ payload: RecordedPayload.Issue) throws(Problem) -> Issue {
        let fields = payload.fields
        let id = try id(payload.id)
        var issue = Issue(
            id: id, project: try project(of: payload), key: payload.key, creator: index(fields.creator),
            reporter: index(fields.reporter), assignee: index(fields.assignee), created: try moment(fields.created),
            updated: try moment(fields.updated), status: named(fields.status), type: named(fields.issuetype),
            priority: named(fields.priority), summary: fields.summary ?? "", secondsSpent: fields.timespent,
            secondsEstimated: fields.timeestimate)
        if fields.resolution != nil { issue.resolution = named(fields.resolution) }
        if let date = fields.resolutiondate { issue.resolved = try moment(date) }
        for history in payload.changelog?.histories ?? [] { issue.histories.append(try self.history(history)) }
        for comment in fields.comment?.comments ?? [] { issue.comments.append(try self.comment(comment)) }
        for worklog in fields.worklog?.worklogs ?? [] { issue.worklogs.append(try self.worklog(worklog, of: id)) }
        for file in fields.attachment ?? [] { issue.attachments.append(try attachment(file)) }
        issue.histories.sort { ($0.created, $0.id) < ($1.created, $1.id) }
        issue.comments.sort { ($0.created, $0.id) < ($1.created, $1.id) }
        issue.worklogs.sort { ($0.created, $0.id) < ($1.created, $1.id) }
        return issue
    }

    private mutating func project(of payload: RecordedPayload.Issue) throws(Problem) -> Int {
        let key = payload.key.split(separator: "-").dropLast().joined(separator: "-")
        if let index = projects.firstIndex(where: { $0.key == key }) { return index }
        guard let project = payload.fields.project else {
            throw Problem(reason: "the project of \(payload.key) is not among the projects.")
        }
        projects.append(Self.project(project))
        return projects.count - 1
    }

    private mutating func history(_ payload: RecordedPayload.History) throws(Problem) -> History {
        History(
            id: try id(payload.id), author: index(payload.author), created: try moment(payload.created),
            items: payload.items.map { item in
                ChangeItem(
                    field: item.field, fieldType: item.fieldtype ?? "jira", fieldID: item.fieldId, from: item.from,
                    fromText: item.fromString, to: item.to, toText: item.toString)
            })
    }

    private mutating func comment(_ payload: RecordedPayload.Comment) throws(Problem) -> Comment {
        Comment(
            id: try id(payload.id), author: index(payload.author), updateAuthor: index(payload.updateAuthor),
            created: try moment(payload.created), updated: try moment(payload.updated ?? payload.created), text: "",
            isPublic: payload.jsdPublic ?? true)
    }

    private mutating func worklog(
        _ payload: RecordedPayload.Worklog, of issue: Int64
    ) throws(Problem) -> Worklog {
        Worklog(
            id: try id(payload.id), issueID: issue, author: index(payload.author),
            updateAuthor: index(payload.updateAuthor), created: try moment(payload.created),
            updated: try moment(payload.updated ?? payload.created),
            started: try moment(payload.started ?? payload.created), secondsSpent: payload.timeSpentSeconds ?? 0)
    }

    private mutating func attachment(_ payload: RecordedPayload.File) throws(Problem) -> Attachment {
        Attachment(
            id: try id(payload.id), name: payload.filename ?? "", author: index(payload.author),
            created: try moment(payload.created), size: payload.size ?? 0)
    }

    private func named(_ value: RecordedPayload.Value?) -> Named {
        Named(id: value?.id?.text ?? "", name: value?.name ?? "")
    }

    private func id(_ id: LenientID) throws(Problem) -> Int64 {
        guard let number = Int64(id.text) else { throw Problem(reason: "the id “\(id.text)” is not a number.") }
        return number
    }

    private func moment(_ text: String) throws(Problem) -> Moment {
        guard let moment = Moment(text: text) else { throw Problem(reason: "“\(text)” is not an instant.") }
        return moment
    }
}
