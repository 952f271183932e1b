import JiraCloud
import Testing
import UsageModel

@Suite("Reports of stored accounts", .timeLimit(.minutes(5)))
struct PersonalDataTests {
    private func account(_ id: String) throws -> ReportedAccount {
        ReportedAccount(account: try #require(AccountID(rawValue: id)), fetchedAt: ScriptedSite.midnight)
    }

    @Test("one request names the accounts with the time of their data; the answer is what is to be done")
    func report() async throws {
        let body =
            #"{"accounts":[{"accountId":"b","status":"closed"},{"accountId":"c","status":"updated"},"#
            + #"{"accountId":"stranger","status":"closed"},{"accountId":"a","status":"news"}]}"#
        try await ScriptedSite.run({ _ in .ok(body) }) { scripted in
            let answer = try await scripted.personalData.report(try ["a", "b", "c"].map(account))
            #expect(answer.closed.map(\.rawValue) == ["b"])
            #expect(answer.updated.map(\.rawValue) == ["c"])
            #expect(answer.cycle == nil && !answer.hasUnreadableCycle)
            let request = try #require(scripted.server.requests.first)
            #expect(scripted.server.requests.count == 1)
            #expect(request.method == "POST" && request.target == "/app/report-accounts/")
            #expect(request.headers["authorization"] == "Bearer token-1")
            #expect(
                request.body == #"{"accounts":[{"accountId":"a","updatedAt":"2027-01-15T08:00:00.000Z"},"#
                    + #"{"accountId":"b","updatedAt":"2027-01-15T08:00:00.000Z"},"#
                    + #"{"accountId":"c","updatedAt":"2027-01-15T08:00:00.000Z"}]}"#)
        }
    }

    @Test("204 means that nothing is to be done")
    func nothing() async throws {
        try await ScriptedSite.run({ _ in .answer(204, "") }) { scripted in
            let answer = try await scripted.personalData.report([try account("a")])
            #expect(answer.closed.isEmpty && answer.updated.isEmpty && answer.cycle == nil)
        }
    }

    @Test(
        "the cycle is read in each form that is known",
        arguments: [
            ("604800", 604_800), ("86400", 86_400), ("7", 604_800), ("7d", 604_800), ("7 days", 604_800),
            ("P7D", 604_800), ("p1w", 604_800), ("PT168H", 604_800), ("P1DT12H30M", 131_400), ("\"P14D\"", 1_209_600),
            ("PT0.5H", nil), ("P1M", nil), ("P", nil), ("PT", nil), ("P7", nil), ("soon", nil), ("-7", nil), ("0", nil),
            ("1e400", nil), ("99999999999999999999", nil), ("", nil), ("P1Y", nil), ("3599", nil),
        ] as [(String, Int?)])
    func cycle(text: String, seconds: Int?) async throws {
        try await ScriptedSite.run({ _ in .answer(204, headers: [("Cycle-Period", text)], "") }) { scripted in
            let answer = try await scripted.personalData.report([try account("a")])
            #expect(answer.cycle == seconds.map { .seconds($0) })
            #expect(answer.hasUnreadableCycle == (seconds == nil))
        }
    }

    @Test("what Atlassian refuses is told by what has to be done; only what passes is tried again")
    func failures() async throws {
        for (status, expected, requests) in [
            (400, JiraError.badRequest(.accountReports, message: nil), 1),
            (403, .forbidden(.accountReports, message: nil), 1),
            (401, .unauthorised(.accountReports), 2),
            (503, .unavailable(.accountReports, .status(503), until: nil), 4),
        ] {
            let account = try account("a")
            try await ScriptedSite.run({ _ in .answer(status, "") }) { scripted in
                let answer = await outcome { () async throws(JiraError) in
                    try await scripted.personalData.report([account])
                }
                guard case .failure(let error) = answer else { Issue.record("\(status) is no success"); return }
                #expect(error == expected)
                #expect(scripted.server.requests.count == requests)
            }
        }
    }

    @Test("a missing scope asks for no other token")
    func scope() async throws {
        let body = #"{"code":401,"message":"Unauthorized; scope does not match"}"#
        try await ScriptedSite.run({ _ in .answer(401, body) }) { scripted in
            let account = try account("a")
            let answer = await outcome { () async throws(JiraError) in
                try await scripted.personalData.report([account])
            }
            guard case .failure(let error) = answer else { Issue.record("401 is no success"); return }
            #expect(error == .scopeMissing(.accountReports))
            #expect(scripted.tokens.rejections == 0 && scripted.server.requests.count == 1)
        }
    }
}
