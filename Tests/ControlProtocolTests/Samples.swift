import ControlProtocol
import Testing
import UsageModel

/// One result of each type, with the JSON that it must be.
struct Sample: Sendable, CustomTestStringConvertible {
    let method: String
    let json: JSON
    /// Reads the JSON and writes it again.
    let again: @Sendable (JSON) throws -> JSON
    let golden: String

    init<Method: ControlMethod>(_: Method.Type, _ result: Method.Result, _ golden: String) {
        method = Method.method
        json = result.json
        again = { try Method.Result(json: $0).json }
        self.golden = golden.split(separator: "\n").joined()
    }

    var testDescription: String { method }
}

func moment(_ text: String) throws -> Instant { try #require(Instant(text)) }

func samples() throws -> [Sample] {
    let noon = try moment("2026-11-23T12:00:00Z")
    let site = CloudID(rawValue: "c1")
    let account = try #require(AccountID(rawValue: "5b10a"))
    let auth = AuthState(
        state: .valid, account: ConsentingAccount(accountId: account, displayName: "Reader"),
        scopes: ["read:jira-user"], expiresAt: nil)
    let aged = AuthState(
        state: .reauthorise, reason: .olderCopy, account: nil, scopes: [], expiresAt: noon,
        ages: .init(
            consentedAt: noon - .days(1), refreshedAt: nil, idleExpiresAt: noon, absoluteExpiresAt: noon + .days(1)))
    let sync = SyncState(
        state: .running, phase: "issues", startedAt: noon, lastCompletedAt: nil,
        progress: .init(done: 5, total: nil), eta: nil, lastError: nil,
        points: .init(used: 12345, limit: 65000, resetsAt: noon), waitingFor: .init(reason: .quota, until: noon),
        concurrency: 8)
    let coverage = CoverageState(
        completeSince: noon, completeUntil: noon,
        holes: [
            .init(from: noon, until: noon, reason: .backfill),
            .init(from: nil, until: nil, reason: .issuesPending, issues: 7),
        ])
    let authJSON =
        #"{"state":"valid","account":{"accountId":"5b10a","displayName":"Reader"},"scopes":["read:jira-user"],"expiresAt":null,"#
        + #""reason":null,"consentedAt":null,"refreshedAt":null,"idleExpiresAt":null,"absoluteExpiresAt":null}"#
    let agedJSON =
        #"{"state":"reauthorise","account":null,"scopes":[],"expiresAt":"2026-11-23T12:00:00.000Z","#
        + #""reason":"olderCopy","consentedAt":"2026-11-22T12:00:00.000Z","refreshedAt":null,"#
        + #""idleExpiresAt":"2026-11-23T12:00:00.000Z","absoluteExpiresAt":"2026-11-24T12:00:00.000Z"}"#
    let syncJSON =
        #"{"state":"running","phase":"issues","startedAt":"2026-11-23T12:00:00.000Z","lastCompletedAt":null,"#
        + #""progress":{"done":5,"total":null},"eta":null,"lastError":null,"#
        + #""points":{"used":12345,"limit":65000,"resetsAt":"2026-11-23T12:00:00.000Z"},"#
        + #""waitingFor":{"reason":"quota","until":"2026-11-23T12:00:00.000Z"},"concurrency":8}"#
    let syncReport = SyncReport(sites: [.init(cloudId: site, name: "Example", sync: sync)])
    let syncReportJSON = #"{"sites":[{"cloudId":"c1","name":"Example","sync":"# + syncJSON + "}]}"
    let seen = UserReport(
        accountId: account, displayName: "Ann", email: "ann@example.com", accountType: .atlassian, enabled: true,
        site: site, applicationRoles: [ApplicationRole(key: "jira-software", name: "Jira Software")],
        groups: [GroupMembership(id: "g1", name: "users", grants: ["jira-software"])], seat: true, accessReadAt: noon,
        seatHistory: [
            SeatStretch(from: noon, until: nil, holdsSeat: true, roles: ["jira-software"]),
            SeatStretch(from: noon - .days(2), until: noon - .days(1), holdsSeat: false, roles: []),
        ],
        lastActivity: LastActivity(at: noon, kind: .edited, issue: IssueID(rawValue: 10001), issueKey: "ABC-1"),
        activity: ActivityCounts([.edited: ActivityTally(count: 2, lastAt: noon)]),
        verdict: VerdictReport(
            state: .active, thresholdDays: 90, asOf: noon, completeSince: noon, completeUntil: noon, reason: nil,
            proof: nil))
    let unseen = UserReport(
        accountId: account, displayName: "", email: nil, accountType: .unknown, enabled: false, site: site,
        applicationRoles: [], groups: [], groupsLeftOut: 3, seat: false, accessReadAt: nil, lastActivity: nil,
        activity: ActivityCounts([:]),
        verdict: VerdictReport(
            state: .unknown, thresholdDays: 1, asOf: noon, completeSince: nil, completeUntil: nil,
            reason: .neverSynced, proof: Proof(from: nil, at: noon, outcome: .quiet)),
        erasedAt: noon)
    let seenJSON = """
        {"accountId":"5b10a","displayName":"Ann","email":"ann@example.com","accountType":"atlassian","enabled":true,
        "site":"c1","applicationRoles":[{"key":"jira-software","name":"Jira Software"}],
        "groups":[{"id":"g1","name":"users","grants":["jira-software"]}],"groupsLeftOut":null,"seat":true,
        "accessReadAt":"2026-11-23T12:00:00.000Z","seatHistory":[
        {"from":"2026-11-23T12:00:00.000Z","until":null,"seat":true,"roles":["jira-software"]},
        {"from":"2026-11-21T12:00:00.000Z","until":"2026-11-22T12:00:00.000Z","seat":false,"roles":[]}],
        "lastActivity":{"at":"2026-11-23T12:00:00.000Z","kind":"edited","issueKey":"ABC-1","issueId":"10001"},
        "activity":{"created":{"count":0,"lastAt":null},"edited":{"count":2,"lastAt":"2026-11-23T12:00:00.000Z"},
        "transitioned":{"count":0,"lastAt":null},"commented":{"count":0,"lastAt":null},
        "worklogged":{"count":0,"lastAt":null},"attached":{"count":0,"lastAt":null}},
        "verdict":{"state":"active","thresholdDays":90,"asOf":"2026-11-23T12:00:00.000Z",
        "completeSince":"2026-11-23T12:00:00.000Z","completeUntil":"2026-11-23T12:00:00.000Z","reason":null,"proof":null},
        "erasedAt":null}
        """
    let unseenJSON = """
        {"accountId":"5b10a","displayName":"","email":null,"accountType":"unknown","enabled":false,
        "site":"c1","applicationRoles":[],"groups":[],"groupsLeftOut":3,"seat":false,"accessReadAt":null,
        "seatHistory":null,"lastActivity":null,
        "activity":{"created":{"count":0,"lastAt":null},"edited":{"count":0,"lastAt":null},
        "transitioned":{"count":0,"lastAt":null},"commented":{"count":0,"lastAt":null},
        "worklogged":{"count":0,"lastAt":null},"attached":{"count":0,"lastAt":null}},
        "verdict":{"state":"unknown","thresholdDays":1,"asOf":"2026-11-23T12:00:00.000Z",
        "completeSince":null,"completeUntil":null,"reason":"neverSynced",
        "proof":{"from":null,"at":"2026-11-23T12:00:00.000Z","outcome":"quiet"}},
        "erasedAt":"2026-11-23T12:00:00.000Z"}
        """
    let place = SiteReference(cloudId: site, name: "Example", url: "https://example.atlassian.net")
    let placeJSON = #"{"cloudId":"c1","name":"Example","url":"https://example.atlassian.net"}"#
    let privacy = PrivacyReport(
        cycleSeconds: 604_800, accounts: 9, reported: 8, overdue: 1, nextDueAt: noon, lastReportedAt: nil, outdated: 2,
        erased: 3, wipePending: false, lastError: nil,
        days: [
            .init(
                day: noon, requests: 1, reported: 8, closed: 1, updated: 2, refused: 0, failures: 4,
                erased: .init(closed: 1, requested: 2, outdated: 3, unreported: 4, left: 5))
        ])
    let privacyJSON = """
        {"cycleSeconds":604800,"accounts":9,"reported":8,"overdue":1,"nextDueAt":"2026-11-23T12:00:00.000Z",
        "lastReportedAt":null,"outdated":2,"erased":3,"wipePending":false,"lastError":null,
        "days":[{"day":"2026-11-23T12:00:00.000Z","requests":1,"reported":8,"closed":1,"updated":2,"refused":0,
        "failures":4,"erased":{"closed":1,"requested":2,"outdated":3,"unreported":4,"left":5}}]}
        """
    return [
        Sample(CancelRequest.self, .init(isCancelled: true), #"{"cancelled":true}"#),
        Sample(WaitForChange.self, .init(change: 7), #"{"change":7}"#),
        Sample(Ping.self, .init(), #"{"pong":true}"#),
        Sample(GetVersion.self, .init(version: "1.2.3"), #"{"version":"1.2.3","protocol":1}"#),
        Sample(
            GetStatus.self,
            StatusReport(
                version: "1.2.3", state: .ready, health: .degraded,
                problems: [.init(kind: "permission", message: "m", hint: nil)],
                vault: VaultState(keyPlace: .file, isRekeyed: false),
                sites: [
                    .init(
                        cloudId: site, name: "Example", url: place.url, auth: auth, sync: sync, coverage: coverage,
                        counts: .init(users: 1, issues: 2, activities: 3))
                ]),
            """
            {"version":"1.2.3","state":"ready","health":"degraded","problems":[{"kind":"permission","message":"m","hint":null}],
            "vault":{"keyPlace":"file","rekeyPending":false},"sites":[{"cloudId":"c1","name":"Example","url":"https://example.atlassian.net","auth":\(authJSON),
            "sync":\(syncJSON),"coverage":{"completeSince":"2026-11-23T12:00:00.000Z",
            "completeUntil":"2026-11-23T12:00:00.000Z","holes":[{"from":"2026-11-23T12:00:00.000Z",
            "until":"2026-11-23T12:00:00.000Z","reason":"backfill","issues":null},
            {"from":null,"until":null,"reason":"issuesPending","issues":7}]},"counts":{"users":1,"issues":2,"activities":3}}],"change":null}
            """),
        Sample(GetUser.self, seen, seenJSON),
        Sample(GetUser.self, unseen, unseenJSON),
        Sample(
            ListUsers.self, Page(rows: [seen, unseen], next: "5b10a"),
            #"{"rows":["# + seenJSON + "," + unseenJSON + #"],"next":"5b10a"}"#),
        Sample(
            SummariseLicences.self,
            LicenceReport(
                asOf: noon, thresholdDays: 90,
                roles: [
                    .init(
                        key: "jira-software", name: "Jira Software", seats: 10, active: 4, inactive: 3, neverActive: 2,
                        unknown: 1)
                ], usersNotRead: 2, usersReadLater: 3),
            """
            {"asOf":"2026-11-23T12:00:00.000Z","thresholdDays":90,"roles":[{"key":"jira-software",
            "name":"Jira Software","seats":10,"active":4,"inactive":3,"neverActive":2,"unknown":1}],
            "usersNotRead":2,"usersReadLater":3}
            """),
        Sample(
            ListActivities.self,
            Page(
                rows: [ActivityRow(at: noon, kind: .commented, issueKey: nil, issueId: IssueID(rawValue: 7))], next: nil
            ),
            #"{"rows":[{"at":"2026-11-23T12:00:00.000Z","kind":"commented","issueKey":null,"issueId":"7"}],"next":null}"#
        ),
        Sample(RunSync.self, syncReport, syncReportJSON),
        Sample(GetSyncStatus.self, syncReport, syncReportJSON),
        Sample(
            BeginAuth.self, AuthInvitation(authorizationUrl: "https://a", redirectUri: "http://r", expiresAt: noon),
            #"{"authorizationUrl":"https://a","redirectUri":"http://r","expiresAt":"2026-11-23T12:00:00.000Z"}"#),
        Sample(
            CompleteAuth.self,
            AuthCompletion(
                sites: [place], selected: site, account: ConsentingAccount(accountId: account, displayName: nil)),
            #"{"sites":["# + placeJSON
                + #"],"selected":"c1","account":{"accountId":"5b10a","displayName":null}}"#),
        Sample(
            GetAuthStatus.self,
            AuthReport(
                asOf: noon, vault: VaultState(keyPlace: .credential, isRekeyed: true),
                sites: [
                    .init(cloudId: site, name: "Example", url: place.url, auth: auth),
                    .init(cloudId: site, name: "Old", url: "u", auth: aged),
                ]),
            #"{"asOf":"2026-11-23T12:00:00.000Z","vault":{"keyPlace":"credential","rekeyPending":true},"#
                + #""sites":[{"cloudId":"c1","name":"Example","url":"https://example.atlassian.net","auth":"#
                + authJSON + #"},{"cloudId":"c1","name":"Old","url":"u","auth":"# + agedJSON + "}]}"),
        Sample(
            Logout.self, SiteDeparture(site: place, isErased: true, keepsTokens: false),
            placeJSON.dropLast() + #","erased":true,"tokensKept":false}"#),
        Sample(GetPrivacyStatus.self, privacy, privacyJSON),
        Sample(ReportPersonalData.self, privacy, privacyJSON),
        Sample(
            ErasePerson.self, PersonErasure(accountId: account, erasedAt: noon),
            #"{"accountId":"5b10a","erasedAt":"2026-11-23T12:00:00.000Z"}"#),
        Sample(
            ExportPerson.self,
            Page(
                rows: [PersonalDataRow(site: site, record: "profile", data: ["displayName": "Ann", "email": nil])],
                next: "2.1"),
            #"{"rows":[{"site":"c1","record":"profile","data":{"displayName":"Ann","email":null}}],"next":"2.1"}"#),
        Sample(
            RekeyVault.self,
            VaultRekeying(
                nextKeyPlace: .file, nextKeyPath: "/n", keyPlace: .credential, keyPath: "/k", steps: ["a", "b"]),
            #"{"nextKeyPlace":"file","nextKeyPath":"/n","keyPlace":"credential","keyPath":"/k","steps":["a","b"]}"#),
        Sample(BackupStore.self, StoreBackup(bytes: 4096, change: 7), #"{"bytes":4096,"change":7}"#),
        Sample(
            CheckStore.self, StoreCheck(problems: ["a"], bytes: 4096),
            #"{"whole":false,"problems":["a"],"bytes":4096}"#),
    ]
}
