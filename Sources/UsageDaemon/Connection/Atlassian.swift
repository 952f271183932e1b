import JiraCloud
import TokenVault
import UsageModel

/// Our registration at Atlassian and the way there: makes the clients, or says why it cannot.
struct Atlassian: Sendable {
    let oauth: OAuthClient
    /// A client for one site, with tokens of the given account's consent.
    let site: @Sendable (CloudID, @escaping AccessTokens) -> JiraSite
    /// A client for reports of stored accounts, with tokens of any account's consent.
    let personalData: @Sendable (@escaping AccessTokens) -> PersonalDataAPI

    /// Gives a token for a request, another one where the last was rejected.
    typealias AccessTokens = @Sendable (_ rejected: Secret?) async throws(AccessTokenError) -> Secret
}
