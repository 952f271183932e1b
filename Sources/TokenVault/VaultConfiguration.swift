import UsageModel

/// When tokens are refreshed, and how long Atlassian lets a consent live.
package struct VaultConfiguration: Sendable {
    /// An access token with less than this left is refreshed before it is handed out. 60 s.
    package var refreshBefore: Duration = .seconds(60)
    /// A grant nobody asks for is refreshed after this, so that the idle limit never comes near. 7 d.
    package var refreshIdleAfter: Duration = .days(7)
    /// A refresh token unused for this long is dead. 90 d, by
    /// <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>.
    package var idleLimit: Duration = .days(90)
    /// A consent ends this long after it was given, however often it was refreshed. 365 d, as Atlassian's staff have
    /// said; its documentation names no figure.
    package var absoluteLimit: Duration = .days(365)
    /// How many callers may wait for tokens at once; one more gets `busy`.
    package var waiterLimit = 1024

    package init() {}
}
