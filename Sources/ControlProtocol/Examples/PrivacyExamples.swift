extension GetPrivacyStatus {
    package static let examples = [
        MethodExample(
            "Before the first report", GetPrivacyStatus(),
            result: #"""
                {"cycleSeconds":604800,"accounts":9,"reported":0,"overdue":0,"nextDueAt":null,
                "lastReportedAt":null,"outdated":0,"erased":0,"wipePending":false,"lastError":null,"days":[]}
                """#)
    ]
}

extension ReportPersonalData {
    package static let examples = [
        MethodExample(
            "Report now", ReportPersonalData(),
            result: #"""
                {"cycleSeconds":604800,"accounts":9,"reported":9,"overdue":0,
                "nextDueAt":"2026-12-05T10:26:29.390Z","lastReportedAt":"2026-11-28T10:26:29.390Z","outdated":0,
                "erased":0,"wipePending":false,"lastError":null,
                "days":[{"day":"2026-11-28T00:00:00.000Z","requests":1,"reported":9,"closed":0,"updated":0,
                "refused":0,"failures":0,
                "erased":{"closed":0,"requested":0,"outdated":0,"unreported":0,"left":0}}]}
                """#)
    ]
}

extension ErasePerson {
    package static let examples = [
        MethodExample(
            "Somebody who holds a seat, without force", ErasePerson(who: "cleo@example.com"), error: .invalidParams),
        MethodExample(
            "Somebody who holds a seat", ErasePerson(who: "cleo@example.com", force: true),
            result: #"{"accountId":"60f1a2b3c4d5e6f708192a33","erasedAt":"2026-11-28T10:26:29.522Z"}"#),
    ]
}

extension ExportPerson {
    package static let examples = [
        MethodExample(
            "The first rows of what is kept of Cleo", ExportPerson(who: "cleo@example.com", limit: 2),
            result: #"""
                {"rows":[{"site":"1fc8071a-058f-4295-aaa3-f233800fcba9","record":"account",
                "data":{"accountId":"60f1a2b3c4d5e6f708192a33","accountType":"atlassian","isEnabled":true,
                "isShown":true,"seenAt":"2026-11-28T10:25:29.778Z","firstListedAt":"2026-11-28T10:25:29.635Z",
                "listedAt":"2026-11-28T10:25:29.778Z","accessReadAt":"2026-11-28T10:25:29.686Z","roleCount":1,
                "erasedAt":null}},
                {"site":"1fc8071a-058f-4295-aaa3-f233800fcba9","record":"profile",
                "data":{"displayName":"Cleo Martin","email":"cleo@example.com",
                "fetchedAt":"2026-11-28T10:25:29.778Z","outdatedAt":null}}],"next":"2.1"}
                """#)
    ]
}
