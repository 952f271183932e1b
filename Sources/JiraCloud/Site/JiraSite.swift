package import Logging
package import UsageModel

/// One site's REST API, version 3, as far as we use it. All of it only reads.
///
/// Source of every endpoint: <https://developer.atlassian.com/cloud/jira/platform/rest/v3/>. Copies share what they
/// count and what they wait for.
package struct JiraSite: Sendable {
    package let cloudID: CloudID
    let connection: JiraConnection

    /// - Parameters:
    ///   - accessToken: asked before each try. After a 401 it is given the rejected token and must return another one,
    ///     which is the current one where that has changed meanwhile.
    ///   - clock: measures the waits between tries.
    ///   - generator: the jitter of those waits.
    ///   - now: the wall clock, for dates in answers.
    package init(
        cloudID: CloudID,
        transport: HTTPTransport,
        clock: any Clock<Duration> = ContinuousClock(),
        generator: some RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        now: @escaping @Sendable () -> Instant,
        logger: Logger,
        accessToken: @escaping @Sendable (_ rejected: Secret?) async throws(AccessTokenError) -> Secret
    ) {
        self.cloudID = cloudID
        var logger = logger
        logger[metadataKey: "jira.site"] = "\(cloudID)"
        connection = JiraConnection(
            transport: transport,
            base: "\(transport.configuration.apiBase)/ex/jira/\(percentEncoded(cloudID.rawValue))/rest/api/3",
            timing: Timing(clock: clock, generator: generator, now: now), logger: logger, accessToken: accessToken)
    }

    /// What the site has been asked since this value was made, and what it last said about limits.
    package var usage: SiteUsage { connection.usage }

    /// How many requests may be in flight to the site now: what it was found to bear, from 1 to the configured
    /// concurrency, which all sites share.
    package var concurrencyLimit: Int { connection.state.gate.limit }
}
