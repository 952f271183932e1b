import TestSupport

/// Accounts with names, standing, roles and groups as sites have them: most are people with a seat, some have left, some
/// are apps.
struct StorePeople {
    let file: SQLiteFile
    let size: StoreSize

    /// What the rest of the store needs to know, by account key; the first element is nobody's.
    struct Written {
        var isPerson = [false]
        /// From when on the account does nothing any more; 0 for one that never did anything.
        var quietSince: [Int64] = [0]
    }

    func write(using generator: inout SplitMix64) throws -> Written {
        let account = try file.prepare(
            """
            INSERT INTO account (accountKey, siteKey, accountId, accountType, isEnabled, isShown, seenAt, firstListedAt,
                                 listedAt, accessReadAt, isAccessDue, roleCount, changedIn)
            VALUES (?, 1, ?, ?, ?, 1, ?, ?, ?, ?, 0, ?, 1)
            """)
        let profile = try file.prepare("INSERT INTO profile VALUES (?, ?, ?, ?, NULL)")
        let standing = try file.prepare("INSERT INTO accountStanding VALUES (?, ?, ?, ?, ?)")
        let access = try file.prepare("INSERT INTO accountAccess VALUES (?, ?, ?, ?)")
        let role = try file.prepare("INSERT INTO accountRole VALUES (?, ?, ?, NULL)")
        let group = try file.prepare("INSERT INTO accountGroup VALUES (?, ?, ?, NULL)")
        let report = try file.prepare("INSERT INTO accountReport VALUES (?, ?, ?, ?)")
        let (now, beginning) = (MadeStore.now, MadeStore.now - StoreSite.history)
        var written = Written()
        for key in Int64(1)...Int64(size.accounts) {
            let person = Person(key: key, using: &generator)
            let id = Self.accountID(using: &generator)
            let roles = person.hasRoles ? 1 + Int64.random(in: 0..<2, using: &generator) : 0
            let change = beginning + Int64.random(in: 1..<StoreSite.history, using: &generator)
            try account.run(
                .number(key), .text(id), .text(person.type), .number(person.isEnabled ? 1 : 0), .number(now),
                .number(beginning), .number(now), .number(now), .number(roles))
            try profile.run(
                .number(key), .text(person.name),
                person.showsAddress ? .text("person.\(key)@example.com") : .null, .number(now))
            let standsSince = person.hasChanged ? change : beginning
            if person.hasChanged {
                try standing.run(
                    .number(key), .number(beginning), .number(change - 1), .text(person.type),
                    .number(person.isEnabled ? 0 : 1))
            }
            try standing.run(
                .number(key), .number(standsSince), .null, .text(person.type), .number(person.isEnabled ? 1 : 0))
            try access.run(.number(key), .number(beginning), .null, .number(roles))
            let firstRole = Int64.random(in: 0..<Int64(StoreSite.roles), using: &generator)
            for place in 0..<roles {
                try role.run(
                    .number(key), .number((firstRole + place) % Int64(StoreSite.roles) + 1), .number(beginning))
            }
            let firstGroup = Int64.random(in: 0..<Int64(StoreSite.groups), using: &generator)
            for place in 0..<Int64.random(in: 3...5, using: &generator) {
                try group.run(
                    .number(key), .number((firstGroup + 37 * place) % Int64(StoreSite.groups) + 1), .number(beginning))
            }
            try report.run(.text(id), .number(now), .number(now), .number(now))
            written.isPerson.append(person.type == "atlassian")
            written.quietSince.append(person.quietSince)
        }
        return written
    }

    /// In Atlassian's newer form: <https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>.
    private static func accountID(using generator: inout SplitMix64) -> String {
        let digits = "0123456789abcdef"
        func word(_ length: Int, _ generator: inout SplitMix64) -> String {
            String((0..<length).compactMap { _ in digits.randomElement(using: &generator) })
        }
        let words = [8, 4, 4, 4, 12].map { word($0, &generator) }
        return "712020:" + words.joined(separator: "-")
    }
}

extension StorePeople {
    /// What is drawn for one account.
    private struct Person {
        let name: String
        let type: String
        let isEnabled: Bool
        let hasRoles: Bool
        let showsAddress: Bool
        /// Whether it was enabled or disabled once.
        let hasChanged: Bool
        let quietSince: Int64

        private static let given = ["Ada", "Bela", "Chidi", "Dara", "Esra", "Femi", "Gita", "Hugo", "Ines", "João"]
        private static let family = ["Almeida", "Bauer", "Chen", "Diallo", "Eriksen", "Fischer", "Gupta", "Håkansson"]

        /// - Parameter key: the busy account's stands for somebody who is there and works.
        init(key: Int64, using generator: inout SplitMix64) {
            let dice = (0..<5).map { _ in Int.random(in: 0..<100, using: &generator) }
            let isBusy = key == MadeStore.busyKey
            name =
                "\(Self.given[dice[0] % Self.given.count]) \(Self.family[dice[1] % Self.family.count]) \(key)"
            type = isBusy || dice[2] < 92 ? "atlassian" : dice[2] < 97 ? "customer" : "app"
            isEnabled = isBusy || dice[3] < 90
            hasRoles = isBusy || (type == "atlassian" && dice[3] < 95)
            showsAddress = dice[0] < 30
            hasChanged = dice[1] < 10
            quietSince =
                switch dice[4] {
                case _ where isBusy: .max
                case 0..<70: .max
                case 70..<90: MadeStore.now - (100 + Int64(dice[1]) * 7) * MadeStore.day
                default: 0
                }
        }
    }
}
