extension Ping {
    package static let examples = [MethodExample("Is somebody there", Ping(), result: #"{"pong":true}"#)]
}

extension GetVersion {
    package static let examples = [
        MethodExample(
            "Which daemon, and which protocol", GetVersion(), result: #"{"version":"0.1.0","protocol":1}"#)
    ]
}

extension GetStatus {
    package static let examples = [
        MethodExample(
            "A healthy daemon with one site", GetStatus(),
            result: #"""
                {"version":"0.1.0","state":"ready","health":"ok","problems":[],
                "vault":{"keyPlace":"file","rekeyPending":false},
                "sites":[{"cloudId":"1fc8071a-058f-4295-aaa3-f233800fcba9","name":"simulated",
                "url":"https://simulated.atlassian.net",
                "auth":{"state":"valid",
                "account":{"accountId":"60f1a2b3c4d5e6f708192a30","displayName":"Jira Usage Service"},
                "scopes":["offline_access","read:jira-user","read:jira-work","report:personal-data"],
                "expiresAt":"2027-02-26T10:25:29.601Z","reason":null,"consentedAt":"2026-11-28T10:25:29.601Z",
                "refreshedAt":null,"idleExpiresAt":"2027-02-26T10:25:29.601Z",
                "absoluteExpiresAt":"2027-11-28T10:25:29.601Z"},
                "sync":{"state":"idle","phase":null,"startedAt":null,"lastCompletedAt":"2026-11-28T10:25:29.801Z",
                "progress":{"done":0,"total":null},"eta":null,"lastError":null,
                "points":{"used":130,"limit":65000,"resetsAt":"2026-11-28T11:00:00.000Z"},
                "waitingFor":null,"concurrency":8},
                "coverage":{"completeSince":"2025-02-11T00:00:00.000Z",
                "completeUntil":"2026-11-28T10:25:29.784Z","holes":[]},
                "counts":{"users":9,"issues":4,"activities":10}}],"change":12}
                """#)
    ]
}

extension Discover {
    package static let examples = [
        MethodExample(
            "This document", Discover(), isAbbreviated: true,
            result: #"{"openrpc":"1.3.2","info":{"title":"jira-usaged control socket"},"methods":[],"components":{}}"#)
    ]
}
