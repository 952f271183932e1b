import TestSupport
import Testing
import UsageModel

@testable import UsageStore

extension PeopleSite {
    fileprivate func prove(
        _ name: String, from second: Int?, outcome: Proof.Outcome = .quiet, at: Int = 9000
    ) async throws {
        let proof = Proof(from: second.map(Self.at), at: Self.at(at), outcome: outcome)
        try await store.keep([.proof(proof, of: try Self.account(name))], on: site.key)
    }

    /// Another site in the same store.
    fileprivate func other() async throws -> PeopleSite {
        let other = try await store.connect(
            cloudID: CloudID(rawValue: "c2"), name: "Two", url: "https://two.atlassian.net",
            grantAccount: try Self.account("reader"), at: Self.beginning)
        return PeopleSite(store: store, site: other)
    }
}

@Suite("The store: who is quiet, and who is not")
struct QuietPeopleTests {
    // MARK: - A witness

    @Test(
        "a witness is somebody whose last activity of some kind lies in the stretch",
        arguments: [(99, false), (100, true), (199, true), (200, false)])
    func witness(second: Int, isWitness: Bool) async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 0)
            try await site.act("ann", at: second)
            let found = try await site.store.witness(
                from: PeopleSite.at(100), until: PeopleSite.at(200), on: site.site.key)
            #expect(found == (isWitness ? try PeopleSite.account("ann") : nil))
        }
    }

    @Test("neither apps nor customers nor strangers nor people of another site are witnesses")
    func noWitness() async throws {
        try await PeopleSite.with { site in
            try await site.list(
                ["bot": .init(type: .app), "guest": .init(type: .customer), "idle": .enabled], at: 0)
            for (number, name) in ["bot", "guest", "stranger"].enumerated() {
                try await site.act(name, at: 150 + number)
            }
            let other = try await site.other()
            try await other.list(["ann": .enabled], at: 0)
            try await other.act("ann", at: 150)
            let stretch = (from: PeopleSite.at(100), until: PeopleSite.at(200))
            #expect(try await site.store.witness(from: stretch.from, until: stretch.until, on: site.site.key) == nil)
            #expect(
                try await site.store.witness(from: stretch.from, until: stretch.until, on: other.site.key)
                    == (try PeopleSite.account("ann")))
        }
    }

    // MARK: - The unsettled

    @Test("people are unsettled who may hold a seat, did nothing since, and are not proven to have done nothing")
    func unsettled() async throws {
        try await PeopleSite.with { site in
            try await site.list(
                [
                    "quiet": .enabled, "older": .enabled, "busy": .enabled, "proven": .enabled, "ever": .enabled,
                    "late": .enabled, "later": .enabled, "open": .enabled, "gone": .disabled, "bot": .init(type: .app),
                    "guest": .init(type: .customer),
                ], at: 0)
            try await site.act("older", at: 999)
            try await site.act("busy", at: 1000)
            try await site.act("stranger", at: 10)
            try await site.prove("proven", from: 1000)
            try await site.prove("ever", from: nil)
            // From a day on that begins within the stretch a proof says too little.
            for name in ["late", "later"] { try await site.prove(name, from: 1001) }
            try await site.prove("open", from: 500, outcome: .disagrees)
            let store = site.store
            #expect(try await store.unsettledPeople(since: PeopleSite.at(1000), on: site.site.key) == 5)
            #expect(try await store.unsettledPeople(since: PeopleSite.at(1001), on: site.site.key) == 4)
            #expect(try await store.unsettledPeople(since: PeopleSite.at(999), on: site.site.key) == 5)
            #expect(
                try await store.unsettledPeople(since: PeopleSite.at(1000), on: try await site.other().site.key) == 0)
        }
    }

    // MARK: - Roles and groups that are still to be read

    @Test("accounts are due whose roles and groups were never read, and customers never")
    func unread() async throws {
        try await PeopleSite.with { site in
            try await site.list(
                [
                    "ann": .enabled, "ben": .enabled, "bot": .init(type: .app), "gone": .disabled,
                    "guest": .init(type: .customer),
                ], at: 0)
            try await site.act("stranger", at: 10)
            #expect(try await site.unread() == ["ann", "ben", "bot", "gone", "stranger"])
            try await site.read("ben", .init(roles: ["jira-software"]), at: 5)
            try await site.miss("stranger", at: 5)
            #expect(try await site.unread() == ["ann", "bot", "gone"])
        }
    }

    @Test("an account that has gone from the directory is due again, once a whole reading had it not")
    func gone() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "ben": .enabled], at: 0)
            for name in ["ann", "ben"] { try await site.read(name, .init(), at: 5) }
            try await site.list(["ann": .enabled], at: 10, isWhole: false)
            #expect(try await site.unread().isEmpty)
            try await site.list(["ann": .enabled], at: 20)
            #expect(try await site.unread() == ["ben"])
            try await site.miss("ben", at: 30)
            #expect(try await site.unread().isEmpty)
        }
    }

    @Test("of the due the quiet can be asked for alone")
    func unreadQuiet() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "ben": .enabled, "cid": .enabled, "dan": .enabled], at: 0)
            for (name, second) in [("ann", 99), ("ben", 100), ("cid", 50), ("cid", 300)] {
                try await site.act(name, at: second)
            }
            #expect(try await site.unread(quietSince: 100) == ["ann", "dan"])
            #expect(try await site.unread(quietSince: 99) == ["dan"])
            #expect(try await site.unread() == ["ann", "ben", "cid", "dan"])
        }
    }

    @Test(
        "page by page each of the due comes once, also where those before are read meanwhile", arguments: [1, 2, 5, 6])
    func unreadPages(limit: Int) async throws {
        try await PeopleSite.with { site in
            let names = ["a", "b", "c", "d", "e"]
            try await site.list(Dictionary(uniqueKeysWithValues: names.map { ($0, .enabled) }), at: 0)
            var (found, position) = ([String](), Int64?(0))
            while let start = position, found.count < 20 {
                let page = try await site.store.unreadAccounts(
                    quietSince: nil, after: start, limit: limit, on: site.site.key)
                found += page.accounts.map(\.rawValue)
                for account in page.accounts { try await site.read(account.rawValue, .init(), at: 5) }
                position = page.end
            }
            #expect(found == names)
        }
    }
}

extension PeopleSite {
    fileprivate func unread(quietSince second: Int? = nil) async throws -> [String] {
        let page = try await store.unreadAccounts(
            quietSince: second.map(Self.at), after: 0, limit: 100, on: site.key)
        #expect(page.end == nil)
        return page.accounts.map(\.rawValue).sorted()
    }
}
