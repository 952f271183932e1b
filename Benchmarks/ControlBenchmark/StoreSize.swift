/// How much there is in the made store.
struct StoreSize {
    let accounts: Int
    let activities: Int
    let issues: Int
    /// Of `activities`, those of the one busy account, at least.
    let busy: Int

    static let full = StoreSize(accounts: 100_000, activities: 22_000_000, issues: 1_000_000, busy: 1_000_000)
    static let quick = StoreSize(accounts: 3000, activities: 300_000, issues: 20_000, busy: 50_000)
}
