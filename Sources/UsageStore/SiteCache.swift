import GRDB
import Synchronization

/// The sites and how far each has been read, as of the last commit that anybody asked about: nearly every answer needs them.
final class SiteCache: Sendable {
    private let cached = Mutex<(commits: Int64, sites: [(Site, SiteState)])?>(nil)

    /// As of the reader's snapshot, and of no other moment.
    func sites(_ reader: StoreReader) throws -> [(Site, SiteState)] {
        let commits = try reader.database.commits()
        if let cached = cached.withLock({ $0 }), cached.commits == commits { return cached.sites }
        let sites = try reader.sites().map { ($0, try reader.siteState(of: $0.key)) }
        cached.withLock { $0 = (commits, sites) }
        return sites
    }
}
