/// What we ask Atlassian for. The raw value names it in errors, logs and counters; it never holds an id or a query.
package enum Endpoint: String, CaseIterable, Hashable, Sendable {
    case token = "oauth/token"
    case accessibleResources = "oauth/token/accessible-resources"
    case myself
    case permissions = "mypermissions"
    case serverInfo
    case users = "users/search"
    case user
    case userGroups = "user/groups"
    case groups = "group/bulk"
    case projects = "project/search"
    case search = "search/jql"
    case count = "search/approximate-count"
    case issues = "issue/bulkfetch"
    case changelog = "changelog/bulkfetch"
    case comments = "issue/comment"
    case updatedWorklogs = "worklog/updated"
    case worklogs = "worklog/list"
    case accountReports = "app/report-accounts"
}
