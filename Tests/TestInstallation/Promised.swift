// What the control socket and the simulator's oracle promise, read by tests and benchmarks alone: types of their own, so that a
// renamed member fails here.

package struct Named: Decodable, Hashable {
    package let key: String?
    package let id: String?
    package let name: String
}

package struct LastActivity: Decodable, Hashable {
    package let at: String
    package let kind: String
    package let issueKey: String
    package let issueId: String
}

package struct Tally: Decodable, Hashable {
    package let count: Int
    package let lastAt: String?
}

/// A row of `user.list`, or a user of the oracle.
package struct User: Decodable, Hashable {
    package let accountId: String
    package let displayName: String
    package let accountType: String
    package let enabled: Bool
    package let seat: Bool
    package let applicationRoles: [Named]
    package let groups: [Named]
    package let lastActivity: LastActivity?
    package let activity: [String: Tally]
    package let verdict: String

    private enum Member: String, CodingKey {
        case accountId, displayName, accountType, enabled, seat, applicationRoles, groups, lastActivity, activity,
            verdict
    }

    private struct Verdict: Decodable {
        let state: String
    }

    package init(from decoder: any Decoder) throws {
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

package struct Role: Decodable, Hashable {
    package let key: String
    package let name: String
    package let seats: Int
    package let active: Int
    package let inactive: Int
    package let neverActive: Int
    /// Missing in the oracle's table: it knows everything.
    package let unknown: Int?

    package var known: [Int] { [seats, active, inactive, neverActive, unknown ?? 0] }
}

package struct Oracle: Decodable {
    package struct Counts: Decodable {
        package let users: Int
        package let issues: Int
        package let activities: Int
    }

    package let users: [User]
    package let roles: [Role]
    package let counts: Counts
}

package struct UserPage: Decodable {
    package let rows: [User]
    package let next: String?
}

package struct LicenceSummary: Decodable {
    package let asOf: String
    package let thresholdDays: Int
    package let roles: [Role]
}

package struct Status: Decodable {
    package struct Site: Decodable {
        package struct Coverage: Decodable {
            package struct Hole: Decodable {
                package let from: String?
                package let until: String?
                package let reason: String
            }

            package let completeSince: String?
            package let completeUntil: String?
            package let holes: [Hole]
        }

        package struct Auth: Decodable {
            package struct Account: Decodable {
                package let accountId: String
            }

            package let state: String
            package let account: Account?
        }

        package struct Sync: Decodable {
            package struct Points: Decodable {
                package let used: Int
                package let limit: Int
                package let resetsAt: String
            }

            package struct Waiting: Decodable {
                package let reason: String
                package let until: String?
            }

            package let state: String
            package let phase: String?
            package let startedAt: String?
            package let lastCompletedAt: String?
            package let points: Points
            package let waitingFor: Waiting?
            package let concurrency: Int?
        }

        package struct Counts: Decodable, Hashable {
            package let users: Int
            package let issues: Int
            package let activities: Int
        }

        package let cloudId: String
        package let auth: Auth
        package let sync: Sync
        package let coverage: Coverage
        package let counts: Counts
    }

    package struct Problem: Decodable {
        package let kind: String
        package let message: String
    }

    package let state: String
    package let health: String
    package let problems: [Problem]
    package let sites: [Site]
}

package struct Reply<Result: Decodable>: Decodable {
    package struct Failure: Decodable {
        package struct Detail: Decodable {
            package let kind: String
            package let retryable: Bool
        }

        package let code: Int
        package let message: String
        package let data: Detail?
    }

    package let result: Result?
    package let error: Failure?
}

package struct Invitation: Decodable {
    package let authorizationUrl: String
}

package struct Completion: Decodable {
    package let selected: String
}
