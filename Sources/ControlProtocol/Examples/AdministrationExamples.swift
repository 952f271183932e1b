private let idle = #"""
    {"sites":[{"cloudId":"1fc8071a-058f-4295-aaa3-f233800fcba9","name":"simulated",
    "sync":{"state":"idle","phase":null,"startedAt":null,"lastCompletedAt":"2026-11-28T10:26:29.738Z",
    "progress":{"done":0,"total":null},"eta":null,"lastError":null,
    "points":{"used":157,"limit":65000,"resetsAt":"2026-11-28T11:00:00.000Z"},
    "waitingFor":null,"concurrency":8}}]}
    """#

extension RunSync {
    package static let examples = [
        MethodExample("A whole pass now, and what it came to", RunSync(wait: true), result: idle),
        MethodExample(
            "The same, and how far it is meanwhile; a pass as short as this one has nothing to tell",
            RunSync(wait: true), meta: RequestMeta(wantsProgress: true), result: idle),
        MethodExample(
            "A site that is not connected", RunSync(site: "https://elsewhere.atlassian.net"), error: .notFound),
    ]
}

extension GetSyncStatus {
    package static let examples = [MethodExample("How far each site is", GetSyncStatus(), result: idle)]
}

extension BeginAuth {
    package static let examples = [
        MethodExample(
            "Where to consent", BeginAuth(),
            result: #"""
                {"authorizationUrl":"https://auth.atlassian.com/authorize?audience=api.atlassian.com&client_id=…",
                "redirectUri":"http://127.0.0.1:8736/callback","expiresAt":"2026-11-28T10:35:30.362Z"}
                """#)
    ]
}

extension CompleteAuth {
    package static let examples = [
        MethodExample(
            "The URL that the browser came back to",
            CompleteAuth(redirectUrl: "http://127.0.0.1:8736/callback?code=…&state=…"),
            result: #"""
                {"sites":[{"cloudId":"1fc8071a-058f-4295-aaa3-f233800fcba9","name":"simulated",
                "url":"https://simulated.atlassian.net"}],"selected":"1fc8071a-058f-4295-aaa3-f233800fcba9",
                "account":{"accountId":"60f1a2b3c4d5e6f708192a30","displayName":"Jira Usage Service"}}
                """#),
        MethodExample(
            "One that answers no consent that was asked for here",
            CompleteAuth(redirectUrl: "http://127.0.0.1:8736/callback?code=old&state=unknown"), error: .badRedirect),
    ]
}

extension GetAuthStatus {
    package static let examples = [
        MethodExample(
            "Which sites are connected, and by whom", GetAuthStatus(),
            result: #"""
                {"asOf":"2026-11-28T10:25:30.177Z","vault":{"keyPlace":"file","rekeyPending":false},
                "sites":[{"cloudId":"1fc8071a-058f-4295-aaa3-f233800fcba9","name":"simulated",
                "url":"https://simulated.atlassian.net","auth":{"state":"valid",
                "account":{"accountId":"60f1a2b3c4d5e6f708192a30","displayName":"Jira Usage Service"},
                "scopes":["offline_access","read:jira-user","read:jira-work","report:personal-data"],
                "expiresAt":"2027-02-26T10:25:29.601Z","reason":null,"consentedAt":"2026-11-28T10:25:29.601Z",
                "refreshedAt":null,"idleExpiresAt":"2027-02-26T10:25:29.601Z",
                "absoluteExpiresAt":"2027-11-28T10:25:29.601Z"}}]}
                """#)
    ]
}

extension Logout {
    package static let examples = [
        MethodExample(
            "Leave a site, and keep what was collected", Logout(site: "https://simulated.atlassian.net"),
            result: #"""
                {"cloudId":"1fc8071a-058f-4295-aaa3-f233800fcba9","name":"simulated",
                "url":"https://simulated.atlassian.net","erased":false,"tokensKept":false}
                """#),
        MethodExample(
            "A site that is not connected", Logout(site: "https://elsewhere.atlassian.net"), error: .notFound),
    ]
}

extension RekeyVault {
    package static let examples = [
        MethodExample(
            "With a next key in its place", RekeyVault(),
            result: #"""
                {"nextKeyPlace":"file","nextKeyPath":"/etc/jira-usaged/vault-key.next","keyPlace":"file",
                "keyPath":"/etc/jira-usaged/vault-key",
                "steps":["Move the key into place: mv /etc/jira-usaged/vault-key.next /etc/jira-usaged/vault-key",
                "Restart the daemon: systemctl restart jira-usaged","See that the old key is dropped, …"]}
                """#),
        MethodExample("Without one", RekeyVault(), error: .badConfiguration),
    ]
}
