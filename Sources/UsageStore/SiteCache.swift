import Synchronization

/// What nearly every answer needs and few commits change: the sites with how far each has been read, and which roles a
/// group gives. Kept for one commit.
final class SiteCache: Sendable {
    private struct Contents {
        let commits: Int64
        var sites: [(Site, SiteState)]?
        var grants: [Int64: [String]] = [:]
    }

    private let contents = Mutex(Contents(commits: -1))

    func sites(at commits: Int64, _ read: () throws -> [(Site, SiteState)]) rethrows -> [(Site, SiteState)] {
        if let sites = contents.withLock({ $0.commits == commits ? $0.sites : nil }) { return sites }
        let sites = try read()
        contents.withLock { contents in
            Self.turn(&contents, to: commits)
            contents.sites = sites
        }
        return sites
    }

    func grants(of group: Int64, at commits: Int64, _ read: () throws -> [String]) rethrows -> [String] {
        if let grants = contents.withLock({ $0.commits == commits ? $0.grants[group] : nil }) { return grants }
        let grants = try read()
        contents.withLock { contents in
            Self.turn(&contents, to: commits)
            contents.grants[group] = grants
        }
        return grants
    }

    /// What another commit left is of no use.
    private static func turn(_ contents: inout Contents, to commits: Int64) {
        if contents.commits != commits { contents = Contents(commits: commits) }
    }
}
