import Synchronization
import UsageModel

/// What nearly every answer needs and few commits change: the sites with how far each has been read, the names of roles
/// and groups, and which roles a group gives. Kept for one commit.
final class SiteCache: Sendable {
    private struct Contents {
        let commits: Int64
        var sites: [(Site, SiteState)]?
        var roles: [Int64: ApplicationRole] = [:]
        var groups: [Int64: AccessGroup] = [:]
        var grants: [Int64: [String]] = [:]
    }

    private let contents = Mutex(Contents(commits: -1))

    func sites(at commits: Int64, _ read: () throws -> [(Site, SiteState)]) rethrows -> [(Site, SiteState)] {
        try kept(at: commits, { $0.sites }, { $0.sites = $1 }, read)
    }

    func role(_ key: Int64, at commits: Int64, _ read: () throws -> ApplicationRole) rethrows -> ApplicationRole {
        try kept(at: commits, { $0.roles[key] }, { $0.roles[key] = $1 }, read)
    }

    func group(_ key: Int64, at commits: Int64, _ read: () throws -> AccessGroup) rethrows -> AccessGroup {
        try kept(at: commits, { $0.groups[key] }, { $0.groups[key] = $1 }, read)
    }

    func grants(of group: Int64, at commits: Int64, _ read: () throws -> [String]) rethrows -> [String] {
        try kept(at: commits, { $0.grants[group] }, { $0.grants[group] = $1 }, read)
    }

    private func kept<Value>(
        at commits: Int64, _ find: (Contents) -> Value?, _ keep: (inout Contents, Value) -> Void,
        _ read: () throws -> Value
    ) rethrows -> Value {
        if let value = contents.withLock({ $0.commits == commits ? find($0) : nil }) { return value }
        let value = try read()
        contents.withLock { contents in
            // What another commit left is of no use.
            if contents.commits != commits { contents = Contents(commits: commits) }
            keep(&contents, value)
        }
        return value
    }
}

/// A group, whoever is in it.
struct AccessGroup {
    var id = ""
    var name = ""
}
