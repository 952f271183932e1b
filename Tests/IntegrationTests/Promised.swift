// What the control socket and the simulator's oracle promise, read by these tests alone: types of their own, so that a
// renamed member fails here.

struct Named: Decodable, Hashable {
    let key: String?
    let id: String?
    let name: String
}

struct LastActivity: Decodable, Hashable {
    let at: String
    let kind: String
    let issueKey: String
    let issueId: String
}

struct Tally: Decodable, Hashable {
    let count: Int
    let lastAt: String?
}

/// A row of `user.list`, or a user of the oracle.
struct User: Decodable, Hashable {
    let accountId: String
    let displayName: String
    let accountType: String
    let enabled: Bool
    let seat: Bool
    let applicationRoles: [Named]
    let groups: [Named]
    let lastActivity: LastActivity?
    let activity: [String: Tally]
    let verdict: String

    private enum Member: String, CodingKey {
        case accountId, displayName, accountType, enabled, seat, applicationRoles, groups, lastActivity, activity,
            verdict
    }

    private struct Verdict: Decodable {
        let state: String
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Member.self)
        accountId = try object.decode(String.self, forKey: .accountId)
        displayName = try object.decode(String.self, forKey: .displayName)
        accountType = try object.decode(String.self, forKey: .accountType)
        enabled = try object.decode(Bool.self, forKey: .enabled)
        seat = try object.decode(Bool.self, forKey: .seat)
        applicationRoles = try object.decode([Named].self, forKey: .applicationRoles)
            .sorted { ($0.key ?? "") < ($1.key ?? "") }
        groups = try object.decode([Named].self, forKey: .groups).sorted { ($0.id ?? "") < ($1.id ?? "") }
        // Absent facts are promised to be `null`, not to be missing.
        lastActivity = try object.decode(LastActivity?.self, forKey: .lastActivity)
        activity = try object.decode([String: Tally].self, forKey: .activity)
        // The oracle has the word alone.
        verdict =
            try (try? object.decode(String.self, forKey: .verdict))
            ?? object.decode(Verdict.self, forKey: .verdict).state
    }
}

struct Role: Decodable, Hashable {
    let key: String
    let name: String
    let seats: Int
    let active: Int
    let inactive: Int
    let neverActive: Int
    /// Missing in the oracle's table: it knows everything.
    let unknown: Int?

    var known: [Int] { [seats, active, inactive, neverActive, unknown ?? 0] }
}

struct Oracle: Decodable {
    struct Counts: Decodable {
        let users: Int
        let issues: Int
        let activities: Int
    }

    let users: [User]
    let roles: [Role]
    let counts: Counts
}

struct UserPage: Decodable {
    let rows: [User]
    let next: String?
}

struct LicenceSummary: Decodable {
    let asOf: String
    let thresholdDays: Int
    let roles: [Role]
}

struct Status: Decodable {
    struct Site: Decodable {
        struct Coverage: Decodable {
            let completeSince: String?
            let completeUntil: String?
        }

        struct Auth: Decodable {
            struct Account: Decodable {
                let accountId: String
            }

            let state: String
            let account: Account?
        }

        struct Counts: Decodable, Hashable {
            let users: Int
            let issues: Int
            let activities: Int
        }

        let cloudId: String
        let auth: Auth
        let coverage: Coverage
        let counts: Counts
    }

    struct Problem: Decodable {
        let kind: String
        let message: String
    }

    let state: String
    let health: String
    let problems: [Problem]
    let sites: [Site]
}

struct Reply<Result: Decodable>: Decodable {
    struct Failure: Decodable {
        struct Detail: Decodable {
            let kind: String
            let retryable: Bool
        }

        let code: Int
        let message: String
        let data: Detail?
    }

    let result: Result?
    let error: Failure?
}

struct Invitation: Decodable {
    let authorizationUrl: String
}

struct Completion: Decodable {
    let selected: String
}
