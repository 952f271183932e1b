import UsageModel
import UsageStore

// Single writes, each in a transaction of its own with the state that is there.

extension UsageStore {
    func keep(_ writes: [SiteWrite], on site: SiteKey) async throws {
        try await keep(writes, state: try await siteState(of: site), for: site)
    }

    /// - Returns: how many activities there are more than before.
    func keep(_ activities: [Activity], on site: SiteKey) async throws -> Int {
        let before = try await counts(of: site).activities
        try await keep([.activities(activities)], on: site)
        return try await counts(of: site).activities - before
    }

    func keep(_ readings: [WorklogReading], on site: SiteKey) async throws {
        try await keep([.worklogs(readings)], on: site)
    }

    func keep(_ people: [Person], listedAt instant: Instant, on site: SiteKey) async throws {
        try await keep([.people(people, listedAt: instant)], on: site)
    }

    func keep(_ readings: [AccessReading], readAt instant: Instant, on site: SiteKey) async throws {
        try await keep(readings.map { .access($0, readAt: instant) }, on: site)
    }

    func keep(grants: [(role: String, groups: [Group])], readAt instant: Instant, on site: SiteKey) async throws {
        try await keep(grants.map { .grants(role: $0.role, groups: $0.groups, readAt: instant) }, on: site)
    }

    func finishRoster(startedAt instant: Instant, on site: SiteKey) async throws {
        try await keep([.rosterEnd(startedAt: instant)], on: site)
    }
}
