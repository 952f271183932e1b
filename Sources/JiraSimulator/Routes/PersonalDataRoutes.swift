import FoundationEssentials
import HTTPTypes

/// Reports of the accounts of which an application keeps personal data
/// (https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/).
enum PersonalDataRoutes {
    static let endpoints: [Endpoint] = [
        Endpoint(.post, "/app/report-accounts/", .origin(report)),
        Endpoint(.post, "/app/report-accounts", .origin(report)),
    ]

    /// Atlassian's test account that is always closed; its other one is active as every other unknown id.
    private static let closedTestAccount = "5be24ba3f91c106033269289"

    private struct Request: Decodable {
        var accounts: [Account]

        struct Account: Decodable {
            var accountId: String
            var updatedAt: String
        }
    }

    private static func report(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        guard try simulator.scopes(of: call).contains(.reportPersonalData) else { throw .wrongScope }
        let request: Request
        do {
            request = try JSONDecoder().decode(Request.self, from: call.body)
        } catch {
            throw malformed("The request body is not as expected: accounts with accountId and updatedAt.")
        }
        guard (1...90).contains(request.accounts.count) else {
            throw malformed("Between 1 and 90 accounts can be reported at once.")
        }
        var changed: [(id: String, status: String)] = []
        var reports: [AccountReport] = []
        let now = simulator.now
        for account in request.accounts {
            guard isAccountID(account.accountId) else { throw malformed("An accountId is not valid.") }
            guard let fetched = Moment(text: account.updatedAt) else {
                throw malformed("The updatedAt '\(account.updatedAt)' is not an RFC 3339 instant.")
            }
            let status = status(of: account.accountId, fetched: fetched, simulator)
            if let status { changed.append((account.accountId, status)) }
            reports.append(
                AccountReport(accountID: account.accountId, at: now, fetchedAt: fetched, status: status))
        }
        simulator.record(reports)
        var headers: [(name: String, value: String)] = []
        if let cycle = simulator.configuration.cyclePeriod { headers.append(("Cycle-Period", cycle)) }
        guard !changed.isEmpty else { return Reply(status: 204, body: "", headers: headers) }
        var reply = Reply.object { json in
            json.array("accounts") { json in
                for (id, status) in changed {
                    json.object { json in
                        json.member("accountId", id)
                        json.member("status", status)
                    }
                }
            }
        }
        reply.headers = headers
        return reply
    }

    /// `closed` for deleted accounts, `updated` for those that changed after their data were fetched.
    private static func status(of id: String, fetched: Moment, _ simulator: JiraSimulator) -> String? {
        if id == closedTestAccount || simulator.isClosed(id) { return "closed" }
        return simulator.profileChange(of: id).map { $0 > fetched } == true ? "updated" : nil
    }

    private static func isAccountID(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                let scalar = Unicode.Scalar(byte)
                return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                    || scalar == ":" || scalar == "-"
            }
    }

    private static func malformed(_ message: String) -> Refusal {
        let body = JSONText.object { json in
            json.member("errorType", "BAD_REQUEST")
            json.member("errorMessage", message)
        }
        return Refusal(reply: Reply(status: 400, body: body))
    }
}
