package import UsageModel

/// What `StoreReader` reads, one thing at a time, each in a snapshot of its own.
extension UsageStore {
    package func find(_ text: String, on site: SiteKey?) async throws(StoreError) -> [(site: SiteKey, key: Int64)] {
        try await reading { try $0.find(text, on: site) }
    }

    package func summaries(
        matching filter: UserFilter, order: UserSort, asOf: Instant?, limit: Int
    ) async throws(StoreError) -> [UsageSummary] {
        try await reading { try $0.summaries(matching: filter, order: order, asOf: asOf, limit: limit) }
    }

    package func records(of accountKeys: [Int64], asOf: Instant?) async throws(StoreError) -> [UsageRecord] {
        try await reading { try $0.records(of: accountKeys, asOf: asOf) }
    }

    package func activities(
        of accountKey: Int64, since: Instant?, until: Instant?, after: Activity?, limit: Int
    ) async throws(StoreError) -> [ActivityRecord] {
        try await reading { try $0.activities(of: accountKey, since: since, until: until, after: after, limit: limit) }
    }

    package func seats(on site: SiteKey?, asOf: Instant?) async throws(StoreError) -> [StoreReader.Seat] {
        try await reading { try $0.seats(on: site, asOf: asOf) }
    }

    package func unreadPeople(on site: SiteKey?, asOf: Instant? = nil) async throws(StoreError) -> Int {
        try await reading { try $0.unreadPeople(on: site, asOf: asOf) }
    }

    package func sites() async throws(StoreError) -> [Site] {
        try await reading { try $0.sites() }
    }

    package func siteState(of site: SiteKey) async throws(StoreError) -> SiteState {
        try await reading { try $0.siteState(of: site) }
    }

    package func counts(of site: SiteKey) async throws(StoreError) -> (users: Int, issues: Int, activities: Int) {
        try await reading { try $0.counts(of: site) }
    }

    package func seatHistory(of accountKey: Int64, asOf: Instant?, limit: Int) async throws(StoreError) -> [SeatStretch]
    {
        try await reading { try $0.seatHistory(of: accountKey, asOf: asOf, limit: limit) }
    }

    package func pendingReads(on site: SiteKey) async throws(StoreError) -> (issues: Int, until: Instant)? {
        try await reading { try $0.pendingReads(on: site) }
    }

    package func disagreements(on site: SiteKey) async throws(StoreError) -> Int {
        try await reading { try $0.disagreements(on: site) }
    }

    package func export(
        _ account: AccountID, from position: ExportPosition, limit: Int
    ) async throws(StoreError) -> [ExportedRow] {
        try await reading { try $0.export(account, from: position, limit: limit) }
    }
}
