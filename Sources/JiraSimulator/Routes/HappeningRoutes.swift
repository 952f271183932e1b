import HTTPTypes

/// The simulator's own paths by which things happen to issues, projects and people.
enum HappeningRoutes {
    static let endpoints: [Endpoint] = [
        Endpoint(.post, "/_sim/issues", .origin(issues)),
        Endpoint(.post, "/_sim/projects", .origin(projects)),
        Endpoint(.post, "/_sim/people", .origin(people)),
    ]

    private struct IssueRequest: Decodable {
        var issueId: LenientID
        var delete: Bool?
        var moveTo: String?
        var accountId: String?
        var cloudId: String?
    }

    private static func issues(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let request = try SimulatorRoutes.body(call, IssueRequest.self)
        let issue = request.issueId.text
        guard (request.delete == true) != (request.moveTo != nil) else {
            throw .simulator(400, "Say one of \"delete\": true and \"moveTo\": a project's key.")
        }
        do {
            guard let project = request.moveTo else {
                try simulator.deleteIssue(issue, cloudID: request.cloudId)
                return .object { _ in }
            }
            let moved = try simulator.moveIssue(
                issue, toProject: project, by: request.accountId, cloudID: request.cloudId)
            return .object { SimulatorRoutes.write(moved, &$0) }
        } catch {
            throw .simulator(400, error.description)
        }
    }

    private struct ProjectRequest: Decodable {
        var key: String
        var hidden: Bool
        var cloudId: String?
    }

    private static func projects(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let request = try SimulatorRoutes.body(call, ProjectRequest.self)
        do {
            try simulator.setHidden(request.hidden, project: request.key, cloudID: request.cloudId)
        } catch {
            throw .simulator(400, error.description)
        }
        return .object { _ in }
    }

    private struct PersonRequest: Decodable {
        var accountId: String?
        var displayName: String?
        /// Of a new account.
        var accountType: AccountKind?
        var enabled: Bool?
        var grantRoles: [String]?
        var withdrawRoles: [String]?
        var joinGroups: [String]?
        var leaveGroups: [String]?
        /// The person deletes the account: it is disabled and loses its name.
        var closed: Bool?
        var cloudId: String?

        var changes: [PersonChange] {
            var changes: [PersonChange] = []
            if closed == true { changes += [.deactivate, .rename("Former user")] }
            if let enabled { changes.append(enabled ? .reactivate : .deactivate) }
            changes += (withdrawRoles ?? []).map { .withdraw(role: $0) }
            changes += (leaveGroups ?? []).map { .leave(group: $0) }
            changes += (grantRoles ?? []).map { .grant(role: $0) }
            changes += (joinGroups ?? []).map { .join(group: $0) }
            return changes
        }
    }

    /// Without an account id there comes a new account.
    private static func people(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let request = try SimulatorRoutes.body(call, PersonRequest.self)
        do {
            var changes = request.changes
            let accountID: String
            if let known = request.accountId {
                accountID = known
                if let name = request.displayName { changes.append(.rename(name)) }
            } else {
                let account = NewAccount(
                    displayName: request.displayName ?? "New Account", kind: request.accountType ?? .atlassian)
                accountID = try simulator.addAccount(account, cloudID: request.cloudId)
            }
            try simulator.changePerson(accountID, changes, cloudID: request.cloudId)
            if request.closed == true { simulator.closeAccount(accountID) }
            return .object { $0.member("accountId", accountID) }
        } catch {
            throw .simulator(400, error.description)
        }
    }
}
