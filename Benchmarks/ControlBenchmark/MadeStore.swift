import Foundation
import Measurement
import TestSupport
import UsageStore

/// A `usage.db` of a large site that is read completely, made from a seed and kept between runs.
///
/// It is written around the store's own code, which would take an hour: into the schema that the migrations make, with
/// triggers and the large index dropped meanwhile and what they keep in step written by hand.
struct MadeStore {
    let path: String
    let size: StoreSize

    /// The site's clock when it was last read completely: 2026-11-01T00:00:00Z, whenever the store is made.
    static let now: Int64 = 1_793_491_200_000
    static let day: Int64 = 86_400_000
    static let cloudID = "3f0e4e5a-7f5b-4b8a-9c7a-0d5c1b2a3e4f"
    /// The account with the most activities.
    static let busyKey: Int64 = 1

    private static let seed: UInt64 = 2026
    /// Another recipe makes another store.
    private static let recipe = 2

    /// Makes the store, or finds the one that was made before with this schema.
    ///
    /// - Parameter directory: where stores are kept; others of the same size are removed from it.
    static func inside(_ directory: String, size: StoreSize) throws -> MadeStore {
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let family = "usage-\(size.accounts)-\(size.activities)-"
        let unfinished = "\(directory)/\(family)unfinished.db"
        try removeFiles(beginning: "\(family)unfinished", in: directory)
        try UsageStore(path: unfinished).close()
        let schema = try SQLiteFile(unfinished).texts(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        let name = "\(family)\(String(hash(schema), radix: 36))-\(recipe).db"
        let store = MadeStore(path: "\(directory)/\(name)", size: size)
        if files.fileExists(atPath: store.path) {
            try removeFiles(beginning: "\(family)unfinished", in: directory)
        } else {
            try removeFiles(beginning: family, in: directory, but: "\(family)unfinished")
            progress("making a store of \(Table.Cell.count(size.activities).text) activities")
            let watch = Stopwatch()
            var maker = StoreMaker(file: try SQLiteFile(unfinished), size: size, seed: seed)
            try maker.make()
            try files.moveItem(atPath: unfinished, toPath: store.path)
            progress("  \(store.mebibytes) MiB in \(Int(watch.seconds)) s")
        }
        try store.stamp()
        return store
    }

    var mebibytes: Int {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0) >> 20
    }

    /// Sets the site's clock so that it is now what it was when everything had just been read, and says that Atlassian
    /// has just been told of everybody.
    private func stamp() throws {
        let file = try SQLiteFile(path)
        let ours = Int64(Date().timeIntervalSince1970 * 1000)
        try file.execute(
            """
            UPDATE syncState SET clockOffset = \(Self.now + 1000 - ours);
            UPDATE accountReport SET storedAt = \(ours), reportedAt = \(ours), dueAt = \(ours + 6 * Self.day);
            PRAGMA wal_checkpoint(TRUNCATE);
            """)
    }

    /// Account ids in an order that the seed says.
    func accounts(_ count: Int) throws -> [String] {
        var generator = SplitMix64(seed: Self.seed)
        let all = try SQLiteFile(path).texts("SELECT accountId FROM account ORDER BY accountKey")
        return Array(all.shuffled(using: &generator).prefix(count))
    }

    func busyAccount() throws -> String {
        try SQLiteFile(path).texts("SELECT accountId FROM account WHERE accountKey = \(Self.busyKey)").first ?? ""
    }

    private static func removeFiles(beginning prefix: String, in directory: String, but kept: String? = nil) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: directory)
        where name.hasPrefix(prefix) && !(kept.map(name.hasPrefix) ?? false) {
            try files.removeItem(atPath: "\(directory)/\(name)")
        }
    }

    /// FNV-1a (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
    private static func hash(_ texts: [String]) -> UInt64 {
        texts.joined(separator: "\n").utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
