import UsageModel

extension GetUser {
    package static let examples = [
        MethodExample(
            "What is known of Ann, as of a day", GetUser(who: "ann@example.com", asOf: Instant("2025-07-01")),
            result: #"""
                {"accountId":"60f1a2b3c4d5e6f708192a31","displayName":"Ann Kowalska","email":"ann@example.com",
                "accountType":"atlassian","enabled":true,"site":"1fc8071a-058f-4295-aaa3-f233800fcba9",
                "applicationRoles":[{"key":"jira-software","name":"Jira Software"}],
                "groups":[{"id":"0c1f6c5e-3a4b-4d2c-9e8f-102132435465","name":"jira-software-users","grants":[]}],
                "groupsLeftOut":null,"seat":true,"accessReadAt":"2026-11-28T10:25:29.685Z",
                "seatHistory":[{"from":"2026-11-28T10:25:29.685Z","until":null,"seat":true,
                "roles":["jira-software"]}],
                "lastActivity":{"at":"2025-06-27T16:40:00.000Z","kind":"edited","issueKey":"OPS-2",
                "issueId":"10002"},
                "activity":{"created":{"count":1,"lastAt":"2025-03-03T08:15:00.000Z"},
                "edited":{"count":1,"lastAt":"2025-06-27T16:40:00.000Z"},
                "transitioned":{"count":1,"lastAt":"2025-05-02T14:00:00.000Z"},
                "commented":{"count":0,"lastAt":null},"worklogged":{"count":0,"lastAt":null},
                "attached":{"count":0,"lastAt":null}},
                "verdict":{"state":"active","thresholdDays":90,"asOf":"2025-07-01T00:00:00.000Z",
                "completeSince":"2025-02-11T00:00:00.000Z","completeUntil":"2026-11-28T10:25:29.784Z",
                "reason":null,"proof":{"from":"2025-06-28T00:00:00.000Z","at":"2026-11-28T10:25:29.765Z",
                "outcome":"quiet"}},"erasedAt":null}
                """#),
        MethodExample("Two people have that name", GetUser(who: "Sam Reyes"), error: .ambiguous),
        MethodExample("Nobody is called that", GetUser(who: "nobody@example.com"), error: .notFound),
    ]
}

extension ListUsers {
    package static let examples = [
        MethodExample(
            "Seats to reclaim: who holds one and has done nothing for 90 days, longest ago first",
            ListUsers(
                verdict: .inactive, thresholdDays: 90, seat: true, asOf: Instant("2025-07-01"), sort: .oldest),
            result: #"""
                {"rows":[{"accountId":"60f1a2b3c4d5e6f708192a32","displayName":"Ben Ito","email":"ben@example.com",
                "accountType":"atlassian","enabled":true,"site":"1fc8071a-058f-4295-aaa3-f233800fcba9",
                "applicationRoles":[{"key":"jira-servicedesk","name":"Jira Service Management"},
                {"key":"jira-software","name":"Jira Software"}],
                "groups":[{"id":"7d2e8f90-1b2c-4c3d-8e4f-a0b1c2d3e4f5","name":"jira-servicedesk-users","grants":[]},
                {"id":"0c1f6c5e-3a4b-4d2c-9e8f-102132435465","name":"jira-software-users","grants":[]}],
                "groupsLeftOut":null,"seat":true,"accessReadAt":"2026-11-28T10:25:29.685Z","seatHistory":null,
                "lastActivity":{"at":"2025-02-11T10:20:00.000Z","kind":"commented","issueKey":"OPS-3","issueId":"10003"},
                "activity":{"created":{"count":2,"lastAt":"2025-02-11T10:00:00.000Z"},"edited":{"count":0,"lastAt":null},
                "transitioned":{"count":0,"lastAt":null},"commented":{"count":1,"lastAt":"2025-02-11T10:20:00.000Z"},
                "worklogged":{"count":0,"lastAt":null},"attached":{"count":0,"lastAt":null}},
                "verdict":{"state":"inactive","thresholdDays":90,"asOf":"2025-07-01T00:00:00.000Z",
                "completeSince":"2025-02-11T00:00:00.000Z","completeUntil":"2026-11-28T10:25:29.784Z","reason":null,
                "proof":{"from":"2025-02-12T00:00:00.000Z","at":"2026-11-28T10:25:29.765Z","outcome":"quiet"}},
                "erasedAt":null}],"next":null}
                """#),
        MethodExample(
            "Who has changed since a change number: nobody yet", ListUsers(changedSince: 1_000_000),
            result: #"{"rows":[],"next":null}"#),
        MethodExample("A role is misspelt", ListUsers(role: "jira-sofware"), error: .notFound),
        MethodExample(
            "A site that is not connected", ListUsers(site: "https://elsewhere.atlassian.net"), error: .notFound),
    ]
}

extension SummariseLicences {
    package static let examples = [
        MethodExample(
            "How many seats are paid for, and used", SummariseLicences(asOf: Instant("2025-07-01")),
            result: #"""
                {"asOf":"2025-07-01T00:00:00.000Z","thresholdDays":90,
                "roles":[{"key":"jira-servicedesk","name":"Jira Service Management","seats":3,"active":0,
                "inactive":1,"neverActive":2,"unknown":0},
                {"key":"jira-software","name":"Jira Software","seats":5,"active":3,"inactive":1,"neverActive":1,
                "unknown":0}],"usersNotRead":0,"usersReadLater":7}
                """#)
    ]
}

extension ListActivities {
    package static let examples = [
        MethodExample(
            "The last thing that Ben did, and where to go on", ListActivities(who: "ben@example.com", limit: 1),
            result: #"""
                {"rows":[{"at":"2025-02-11T10:20:00.000Z","kind":"commented","issueKey":"OPS-3",
                "issueId":"10003"}],"next":"1739269200000.5.10003.10102.0.60f1a2b3c4d5e6f708192a32"}
                """#),
        MethodExample(
            "What Ann did in a quarter",
            ListActivities(who: "ann@example.com", since: Instant("2025-04-01"), until: Instant("2025-07-01")),
            result: #"""
                {"rows":[{"at":"2025-06-27T16:40:00.000Z","kind":"edited","issueKey":"OPS-2","issueId":"10002"},
                {"at":"2025-05-02T14:00:00.000Z","kind":"transitioned","issueKey":"OPS-1","issueId":"10001"}],
                "next":null}
                """#),
        MethodExample(
            "All that Ben did, however much that is", ListActivities(who: "ben@example.com"),
            meta: RequestMeta(wantsStream: true),
            notified: [
                #"""
                [{"at":"2025-02-11T10:20:00.000Z","kind":"commented","issueKey":"OPS-3","issueId":"10003"},
                {"at":"2025-02-11T10:00:00.000Z","kind":"created","issueKey":"OPS-3","issueId":"10003"},
                {"at":"2025-01-15T09:30:00.000Z","kind":"created","issueKey":"OPS-1","issueId":"10001"}]
                """#
            ], result: #"{"rows":[],"next":null}"#),
    ]
}
