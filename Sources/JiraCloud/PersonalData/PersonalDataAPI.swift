import FoundationEssentials
package import Logging
import NIOHTTP1
package import UsageModel

/// Where Atlassian is told of which accounts personal data is stored.
///
/// Source: <https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>. The tokens of any
/// account that consented serve for every account that is stored.
package struct PersonalDataAPI: Sendable {
    /// How many accounts one report may name.
    package static let mostAccounts = 90

    private let connection: JiraConnection

    /// - Parameters:
    ///   - accessToken: as for `JiraSite`.
    ///   - clock: measures the waits between tries.
    ///   - generator: the jitter of those waits.
    ///   - now: the wall clock, for dates in answers.
    package init(
        transport: HTTPTransport,
        clock: any Clock<Duration> = ContinuousClock(),
        generator: some RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        now: @escaping @Sendable () -> Instant,
        logger: Logger,
        accessToken: @escaping @Sendable (_ rejected: Secret?) async throws(AccessTokenError) -> Secret
    ) {
        connection = JiraConnection(
            transport: transport, base: transport.configuration.apiBase,
            timing: Timing(clock: clock, generator: generator, now: now), logger: logger, accessToken: accessToken)
    }

    /// Reports accounts, 1 to 90 of them, and says of which of them something is to be done.
    ///
    /// - Throws: `badRequest` where Atlassian does not accept one of them and does not say which; `forbidden` or
    ///   `scopeMissing` where the app is not entitled to report.
    package func report(_ accounts: [ReportedAccount]) async throws(JiraError) -> ReportAnswer {
        precondition((1...Self.mostAccounts).contains(accounts.count), "1 to 90 accounts a report")
        let answer = try await connection.answer(
            .accountReports, "/app/report-accounts/", body: WireReport(accounts: accounts.map(WireReport.Account.init)))
        let cycle = answer.headers.first(name: "Cycle-Period")
        // 204: nothing is to be done.
        let rows =
            answer.body.isEmpty ? [] : try decoded(WireReportAnswer.self, from: answer.body, .accountReports).accounts
        let sent = Set(accounts.map(\.account))
        func answered(_ status: String) -> [AccountID] {
            rows.filter { $0.status?.lowercased() == status }
                .compactMap { $0.accountId.flatMap(AccountID.init(rawValue:)) }.filter(sent.contains)
        }
        return ReportAnswer(
            closed: answered("closed"), updated: answered("updated"), cycle: cycle.flatMap(CyclePeriod.init)?.duration,
            hasUnreadableCycle: cycle != nil && cycle.flatMap(CyclePeriod.init) == nil)
    }
}

/// What is to be done about reported accounts.
package struct ReportAnswer: Hashable, Sendable {
    /// All that is stored of these is to be erased.
    package let closed: [AccountID]
    /// What is stored of these is out of date: it is to be erased, or fetched again.
    package let updated: [AccountID]
    /// How often each account is to be reported, where Atlassian says so.
    package let cycle: Duration?
    /// Atlassian said how often, in a form that is not known here.
    package let hasUnreadableCycle: Bool
}

// MARK: - Wire

private struct WireReport: Encodable {
    struct Account: Encodable {
        let accountId: String
        /// RFC 3339.
        let updatedAt: String

        init(_ account: ReportedAccount) {
            accountId = account.account.rawValue
            updatedAt = account.fetchedAt.description
        }
    }

    let accounts: [Account]
}

private struct WireReportAnswer: Decodable {
    struct Account: Decodable {
        let accountId: String?
        let status: String?
    }

    let accounts: [Account]
}
