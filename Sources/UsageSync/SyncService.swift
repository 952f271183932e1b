package import UsageModel
import UsageStore

/// The syncs of all connected sites, each in a task of its own: one broken site does not hold up another.
package actor SyncService {
    private struct Member: Sendable {
        let sync: SiteSync
        let stop = Doorbell()
        let ended = Doorbell()
    }

    private var members: [CloudID: Member] = [:]
    private let added: AsyncStream<Member>
    private let adding: AsyncStream<Member>.Continuation
    private var isRunning = true

    package init() {
        (added, adding) = AsyncStream.makeStream()
    }

    /// All syncs, in no order.
    package var syncs: [SiteSync] { members.values.map(\.sync) }

    package func sync(of site: CloudID) -> SiteSync? { members[site]?.sync }

    /// Takes a site in. One that is there already is replaced once its pass has been stopped.
    package func add(_ sync: SiteSync) async {
        let cloudID = sync.site.cloudID
        while members[cloudID] != nil { await remove(cloudID) }
        let member = Member(sync: sync)
        members[cloudID] = member
        adding.yield(member)
    }

    /// Stops the sync of a site; when this returns, nothing of it runs any more.
    package func remove(_ site: CloudID) async {
        guard let member = members.removeValue(forKey: site), isRunning else { return }
        member.stop.ring()
        await member.ended.wait()
    }

    /// Runs all syncs until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await member in added {
                group.addTask { await Self.run(member) }
            }
        }
        // Whoever still waits for one to end waits for nothing.
        isRunning = false
        for member in members.values { member.ended.ring() }
    }

    private static func run(_ member: Member) async {
        await withTaskGroup { group in
            group.addTask { await member.sync.run() }
            group.addTask { await member.stop.wait() }
            await group.next()
            group.cancelAll()
        }
        member.ended.ring()
    }
}
