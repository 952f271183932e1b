import ControlProtocol
import Testing
import UsageCommands
import UsageModel

@Suite("What people see", .timeLimit(.minutes(5)))
struct RenderingTests {
    private func shows(_ run: Run, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(run.output == expected + "\n", sourceLocation: sourceLocation)
        #expect(run.errors.isEmpty, sourceLocation: sourceLocation)
    }

    @Test("A healthy status")
    func healthy() async throws {
        let report = try status()
        let run = try await jirausagectl("status") { _ in report.json }
        #expect(run.status == .done)
        shows(
            run,
            """
            jira-usaged 0.1.0: healthy

            Example (https://example.atlassian.net)
              connected  yes as Usage Reader, until 2027-11-01
              sync       idle, last complete 2026-11-23 11:45 UTC
              points     12,345 of 65,000 this hour, new ones at 12:00 UTC
              answers    the answer is complete from 2025-10-20 00:00 UTC to 2026-11-23 11:45 UTC
              read       2,000 users, 20,000 issues, 1 activity
            """)
    }

    @Test(
        "A first sync that waits for points says what it waits for, when it will be done, and what is missing till then"
    )
    func waiting() async throws {
        let report = try status(
            sync: try waitingSync(),
            holes: [
                .init(from: nil, until: nil, reason: .browseProjectsMissing),
                .init(
                    from: try moment("2023-11-23T00:00:00Z"), until: try moment("2025-10-20T00:00:00Z"),
                    reason: .backfill),
                .init(from: try moment("2026-11-23T11:45:00Z"), until: nil, reason: .notSynced),
                .init(from: nil, until: try moment("2026-11-23T10:00:00Z"), reason: .issuesPending, issues: 1200),
            ])
        shows(
            try await jirausagectl("status") { _ in report.json },
            """
            jira-usaged 0.1.0: healthy

            Example (https://example.atlassian.net)
              connected  yes as Usage Reader, until 2027-11-01
              sync       waiting, reading history, 30,000 of 120,000, this done about 2026-11-23 14:40 UTC, never complete yet, last error: the hour's points are spent
              waits      for the next hour's points, until 2026-11-23 12:00 UTC
              points     64,987 of 65,000 this hour, new ones at 12:00 UTC
              answers    the answer is complete from 2025-10-20 00:00 UTC to 2026-11-23 11:45 UTC
                         not for any time: the connected account may not browse projects
                         not from 2023-11-23 00:00 UTC to 2025-10-20 00:00 UTC: the reading of the site goes on
                         not since 2026-11-23 11:45 UTC: no sync has been completed since
                         not before 2026-11-23 10:00 UTC: of 1,200 issues the histories or comments are still to be read
              read       2,000 users, 20,000 issues, 1 activity
            """)
    }

    @Test("The sync of each site, with what it waits for, the points and the requests at once")
    func syncStatus() async throws {
        let report = SyncReport(sites: [
            .init(cloudId: example, name: "Example", sync: try waitingSync()),
            .init(cloudId: CloudID(rawValue: "c2"), name: "Other", sync: try idleSync()),
        ])
        shows(
            try await jirausagectl("sync", "status") { _ in report.json },
            """
            Example  waiting, reading history, 30,000 of 120,000, this done about 2026-11-23 14:40 UTC, never complete yet, last error: the hour's points are spent
                     waits for the next hour's points, until 2026-11-23 12:00 UTC
                     points: 64,987 of 65,000 this hour, new ones at 12:00 UTC
                     at most 6 requests at once
            Other    idle, last complete 2026-11-23 11:45 UTC
                     points: 12,345 of 65,000 this hour, new ones at 12:00 UTC
                     at most 8 requests at once
            """)
    }

    @Test("A status with problems exits with 1 and says what to do")
    func problems() async throws {
        let report = try status(
            .degraded,
            problems: [
                .init(
                    kind: "browseProjectsMissing", message: "The account may not browse projects.",
                    hint: "Give it the permission Browse projects.")
            ])
        let run = try await jirausagectl("status") { _ in report.json }
        #expect(run.status == .no)
        #expect(
            run.output.hasPrefix(
                """
                jira-usaged 0.1.0: working, with problems
                  ! The account may not browse projects.
                    Give it the permission Browse projects.
                """))
    }

    @Test("A status without a site says how to connect one")
    func unconnected() async throws {
        let report = StatusReport(version: "0.1.0", state: .ready, health: .failing, problems: [], sites: [])
        let run = try await jirausagectl("status") { _ in report.json }
        shows(
            run,
            """
            jira-usaged 0.1.0: not working
            No site is connected. Connect one: jirausagectl auth login
            """)
    }

    @Test("A user with evidence")
    func user() async throws {
        let report = try ann()
        let run = try await jirausagectl("user", "ann@example.com") { _ in report.json }
        shows(
            run,
            """
            Ann Müller
              account        5b10a
              e-mail         ann@example.com
              type           atlassian
              seat           yes, as of 2026-11-23 11:40 UTC
              roles          Jira Software (jira-software) through jira-users
              groups         jira-users, staff, "all"
              last activity  2026-11-20 09:30 UTC, edited ABC-1
              verdict        active
                             90 days up to 2026-11-23 12:00 UTC; the record is complete since 2025-10-20 00:00 UTC

              KIND          COUNT  LAST
              created           0  -
              transitioned      0  -
              edited        1,234  2026-11-20 09:30 UTC
              attached          0  -
              worklogged        0  -
              commented         5  2026-10-01 08:00 UTC
            """)
    }

    @Test("A user whose seat came and went: the stretches, below the counts")
    func seatHistory() async throws {
        let report = try ann(seatHistory: [
            SeatStretch(
                from: try moment("2026-06-01T10:00:00Z"), until: nil, holdsSeat: true,
                roles: ["jira-servicedesk", "jira-software"]),
            SeatStretch(
                from: try moment("2026-01-05T10:00:00Z"), until: try moment("2026-05-31T10:00:00Z"), holdsSeat: false,
                roles: []),
        ])
        let run = try await jirausagectl("user", "ann@example.com") { _ in report.json }
        #expect(
            run.output.hasSuffix(
                """
                  commented         5  2026-10-01 08:00 UTC

                  SEAT SEEN FROM        UNTIL                 SEAT  ROLES
                  2026-06-01 10:00 UTC  -                     yes   jira-servicedesk,jira-software
                  2026-01-05 10:00 UTC  2026-05-31 10:00 UTC  no    -

                """))
    }

    @Test("A user with several roles: a line each, with the groups that each comes from")
    func severalRoles() async throws {
        let report = UserReport(
            accountId: try #require(AccountID(rawValue: "5b10a")), displayName: "Ann", email: nil,
            accountType: .atlassian, enabled: true, site: example,
            applicationRoles: [
                ApplicationRole(key: "jira-servicedesk", name: "Service Desk"),
                ApplicationRole(key: "jira-software", name: "Jira Software"),
            ],
            groups: [
                GroupMembership(id: "g1", name: "admins", grants: ["jira-software", "jira-servicedesk"]),
                GroupMembership(id: "g2", name: "jira-users", grants: ["jira-software"]),
            ], seat: true, accessReadAt: try moment("2026-11-23T11:40:00Z"), lastActivity: nil,
            activity: ActivityCounts([:]), verdict: try verdict(.active))
        let run = try await jirausagectl("user", "ann") { _ in report.json }
        #expect(
            run.output.contains(
                """
                  roles          Service Desk (jira-servicedesk) through admins
                                 Jira Software (jira-software) through admins, jira-users
                  groups         admins, jira-users
                """))
    }

    @Test("Of somebody whose roles were never read neither a seat nor its absence is told")
    func notRead() async throws {
        let report = UserReport(
            accountId: try #require(AccountID(rawValue: "5b10a")), displayName: "Ann", email: nil,
            accountType: .atlassian, enabled: true, site: example, applicationRoles: [], groups: [], seat: false,
            accessReadAt: nil, seatHistory: [], lastActivity: nil, activity: ActivityCounts([:]),
            verdict: try verdict(.active))
        let user = try await jirausagectl("user", "ann") { _ in report.json }
        #expect(user.output.contains("seat           not known: roles and groups have not been read yet\n"))
        let users = try await jirausagectl("users") { _ in Page(rows: [report], next: nil).json }
        #expect(users.output.contains("not read yet") && !users.output.contains("no seat"))
    }

    @Test("Licences say how many users are counted by later readings, and how many by none")
    func licencesInDoubt() async throws {
        let report = LicenceReport(
            asOf: try moment("2026-11-23T12:00:00Z"), thresholdDays: 90,
            roles: [
                .init(key: "a", name: "A", seats: 2, active: 1, inactive: 1, neverActive: 0, unknown: 0)
            ], usersNotRead: 1, usersReadLater: 2)
        let run = try await jirausagectl("licences", "--as-of", "2026-03-01") { _ in report.json }
        #expect(
            run.output.hasSuffix(
                """
                Counted as first read later, for want of an earlier reading: 2 users.
                Not complete: the roles of 1 user have not been read yet.

                """))
    }

    @Test("Every verdict in words")
    func verdicts() async throws {
        let seen = try moment("2026-03-01T10:00:00Z")
        let users = [
            try ann(), try bo(try verdict(.inactive), lastAt: seen), try bo(try verdict(.inactive)),
            try bo(try verdict(.neverActive)), try bo(try verdict(.unknown, reason: .backfill)),
        ]
        let run = try await jirausagectl("users") { _ in Page(rows: users, next: nil).json }
        let name = "王小明 \u{FFFD}[31m"
        shows(
            run,
            """
            NAME          ACCOUNT          ROLES          LAST ACTIVITY                    VERDICT
            Ann Müller    ann@example.com  jira-software  2026-11-20 edited ABC-1          active
            \(name)  712020:b0        jira-software  2026-03-01 commented on issue 7  no activity seen since 2026-03-01
            \(name)  712020:b0        jira-software  -                                no activity seen since 2025-10-20
            \(name)  712020:b0        jira-software  -                                no activity ever seen
            \(name)  712020:b0        jira-software  -                                unknown: the reading of the site has not got back that far yet
            """)
    }

    @Test("What Jira's own search said of an absence stands below the verdict")
    func proofs() async throws {
        let asked = try moment("2026-11-22T10:00:00Z")
        let quiet = Proof(from: try moment("2026-03-02T00:00:00Z"), at: asked, outcome: .quiet)
        let ever = Proof(from: nil, at: asked, outcome: .quiet)
        let other = Proof(from: nil, at: asked, outcome: .disagrees)
        let told: [(VerdictReport, String?)] = [
            (
                try verdict(.inactive, proof: quiet),
                "confirmed by Jira's search on 2026-11-22, for the time since 2026-03-02"
            ),
            (try verdict(.neverActive, proof: ever), "confirmed by Jira's search on 2026-11-22, for all time"),
            (try verdict(.unknown, reason: .unproven), "not yet confirmed: Jira's search has not been asked"),
            (
                try verdict(.unknown, reason: .unproven, proof: ever),
                "not yet confirmed: Jira's search was last asked on 2026-11-22, for all time"
            ),
            (
                try verdict(.unknown, reason: .probeDisagrees, proof: other),
                "Jira's search was asked on 2026-11-22, for all time"
            ),
            (try verdict(.unknown, reason: .backfill, proof: quiet), nil), (try verdict(.active, proof: quiet), nil),
            (try verdict(.inactive), nil),
        ]
        for (verdict, words) in told {
            let report = try bo(verdict)
            let run = try await jirausagectl("user", "bo") { _ in report.json }
            #expect(run.output.contains("search") == (words != nil || verdict.reason == .probeDisagrees))
            if let words { #expect(run.output.contains("\n                 \(words)\n"), "\(run.output)") }
        }
    }

    @Test("Licences with a total")
    func licences() async throws {
        let report = LicenceReport(
            asOf: try moment("2026-11-23T12:00:00Z"), thresholdDays: 90,
            roles: [
                .init(
                    key: "jira-software", name: "Jira Software", seats: 1480, active: 1000, inactive: 400,
                    neverActive: 70, unknown: 10),
                .init(
                    key: "jira-servicedesk", name: "Service Desk", seats: 20, active: 20, inactive: 0, neverActive: 0,
                    unknown: 0),
            ], usersNotRead: 0, usersReadLater: 0)
        let expected = """
            ROLE                             SEATS  ACTIVE  INACTIVE  NEVER  UNKNOWN
            Jira Software (jira-software)    1,480   1,000       400     70       10
            Service Desk (jira-servicedesk)     20      20         0      0        0
            total                            1,500   1,020       400     70       10
            Inactive: no activity seen in the 90 days up to 2026-11-23 12:00 UTC.
            """
        shows(try await jirausagectl("licences") { _ in report.json }, expected)
        shows(try await jirausagectl("licenses", "--threshold", "90d") { _ in report.json }, expected)
        let csv = try await jirausagectl("licences", "--csv") { _ in report.json }
        #expect(
            csv.output == "key,name,seats,active,inactive,neverActive,unknown\r\n"
                + "jira-software,Jira Software,1480,1000,400,70,10\r\n"
                + "jira-servicedesk,Service Desk,20,20,0,0,0\r\n")
    }

    @Test("A user as CSV: quoted where RFC 4180 asks for it, otherwise unchanged")
    func csv() async throws {
        let report = try ann()
        let run = try await jirausagectl("user", "ann", "--csv") { _ in report.json }
        #expect(
            run.output == #"""
                accountId,displayName,email,accountType,enabled,site,applicationRoles,groups,seat,lastActivityAt,\#
                lastActivityKind,lastActivityIssueKey,lastActivityIssueId,createdCount,createdLastAt,\#
                transitionedCount,transitionedLastAt,editedCount,editedLastAt,attachedCount,attachedLastAt,\#
                workloggedCount,workloggedLastAt,commentedCount,commentedLastAt,verdict,thresholdDays,asOf,\#
                completeSince,reason,accessReadAt,completeUntil,proofFrom,proofAt,proofOutcome\#r
                5b10a,Ann Müller,ann@example.com,atlassian,true,c1,jira-software,"jira-users;staff, ""all""",true,\#
                2026-11-20T09:30:00.000Z,edited,ABC-1,10001,0,,0,,1234,2026-11-20T09:30:00.000Z,0,,0,,5,\#
                2026-10-01T08:00:00.000Z,active,90,2026-11-23T12:00:00.000Z,2025-10-20T00:00:00.000Z,,\#
                2026-11-23T11:40:00.000Z,2026-11-23T12:00:00.000Z,,,\#r

                """#)
    }

    @Test("Activities as a table, as CSV and a line each")
    func activities() async throws {
        let row = ActivityRow(
            at: try moment("2026-11-20T09:30:00Z"), kind: .commented, issueKey: "ABC-1", issueId: IssueID(rawValue: 7))
        let page = Page(rows: [row], next: nil)
        shows(
            try await jirausagectl("activity", "ann") { _ in page.json },
            """
            TIME                  KIND       ISSUE
            2026-11-20 09:30 UTC  commented  ABC-1
            """)
        let csv = try await jirausagectl("activity", "ann", "--csv") { _ in page.json }
        #expect(csv.output == "at,kind,issueKey,issueId\r\n2026-11-20T09:30:00.000Z,commented,ABC-1,7\r\n")
        let lines = try await jirausagectl("activity", "ann", "--ndjson") { _ in page.json }
        #expect(lines.output == row.json.text + "\n")
    }

    @Test("Colour only where it is asked for or a terminal takes it")
    func colour() async throws {
        let report = try status()
        let coloured = try await jirausagectl("status", "--color", "always") { _ in report.json }
        #expect(coloured.output.contains("\u{1B}[32mhealthy\u{1B}[0m"))
        for choice in ["auto", "never"] {
            let plain = try await jirausagectl("status", "--color", choice) { _ in report.json }
            #expect(!plain.output.contains("\u{1B}"))
        }
    }

    @Test("What consent is asked for is said in words, with the address and what to do afterwards")
    func consent() async throws {
        let invitation = AuthInvitation(
            authorizationUrl: "https://auth.atlassian.com/authorize?x=1", redirectUri: "http://127.0.0.1:8736/callback",
            expiresAt: try moment("2026-11-23T12:10:00Z"))
        let run = try await jirausagectl("auth", "begin") { _ in invitation.json }
        shows(
            run,
            """
            Connect Jira Cloud to jira-usaged

            1. Sign in to Atlassian as the service account, not as yourself. What that account may see bounds what
               jira-usaged can see: give it "Browse projects" in every project, and the global permission "Browse users
               and groups". Nothing is ever written to Jira.

            2. Open this address in that browser:

               https://auth.atlassian.com/authorize?x=1

               Atlassian asks for consent to:
                 offline_access        stay connected without asking you again
                 read:jira-user        names, groups and application roles: who holds a seat
                 read:jira-work        who changed which issue when; the issues' texts are not kept
                 report:personal-data  tell Atlassian which accounts are stored here, so that closed ones are erased

            3. When you have consented, the browser goes to http://127.0.0.1:8736/callback… and most likely shows an error,
               because nothing listens there. That is fine: copy the whole address from its address bar.
               It is accepted until 2026-11-23 12:10 UTC.

            4. Hand it over, in quotes:

               jirausagectl auth complete 'PASTE THE ADDRESS HERE'
            """)
    }
}
