package import UsageModel

/// The account that consented.
package struct Myself: Hashable, Sendable {
    package let account: AccountID
    package let displayName: String
    /// An IANA name: the zone in which Jira reads this account's dates in JQL. `nil` where Jira does not tell.
    package let timeZone: String?
}

/// What a site says of itself.
package struct ServerInfo: Hashable, Sendable {
    /// What the site's clock showed when it answered.
    package let serverTime: Instant?
    /// An IANA name: the zone in which the site writes instants.
    package let timeZone: String?
    package let baseURL: String?
    package let title: String?
}

extension JiraSite {
    package func myself() async throws(JiraError) -> Myself {
        let user = try await connection.get(WireUser.self, .myself, "/myself")
        connection.charge(.myself, rows: 1, each: 2)
        guard let account = user.account else { throw .malformed(.myself, "accountId is no account's") }
        return Myself(account: account, displayName: user.displayName ?? "", timeZone: user.timeZone)
    }

    /// Whether the account has each of the permissions, by key; at least one key. `BROWSE_PROJECTS` is true where it
    /// holds in *some* project. A key that Jira does not know is a bad request.
    package func permissions(_ keys: [String]) async throws(JiraError) -> [String: Bool] {
        let answer = try await connection.get(
            WirePermissions.self, .permissions, "/mypermissions",
            query: [("permissions", keys.joined(separator: ","))])
        connection.charge(.permissions, rows: answer.permissions.count, each: 2)
        return answer.permissions.mapValues(\.havePermission)
    }

    package func serverInfo() async throws(JiraError) -> ServerInfo {
        let info = try await connection.get(WireServerInfo.self, .serverInfo, "/serverInfo")
        return ServerInfo(
            serverTime: info.serverTime?.value, timeZone: info.serverTimeZone, baseURL: info.baseUrl,
            title: info.serverTitle)
    }
}

private struct WirePermissions: Decodable {
    struct Permission: Decodable {
        let havePermission: Bool
    }

    let permissions: [String: Permission]
}

private struct WireServerInfo: Decodable {
    let serverTime: WireInstant?
    let serverTimeZone: String?
    let baseUrl: String?
    let serverTitle: String?
}
