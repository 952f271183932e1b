import Synchronization
package import UsageModel

/// Generations that have been committed and are to be told to whoever keeps the ledger: of each account the newest only.
final class GenerationNews: Sendable {
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let newest = Mutex<[AccountID: Int]>([:])

    init() {
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ account: AccountID, _ generation: Int) {
        newest.withLock { $0[account] = generation }
        wake.yield()
    }

    func drop(_ account: AccountID) {
        newest.withLock { $0[account] = nil }
    }

    /// Ends `tell` once everything has been told.
    func close() {
        wake.finish()
    }

    func tell(_ note: (AccountID, Int) async -> Void) async {
        for await _ in wakes {
            let due = newest.withLock { newest in
                defer { newest = [:] }
                return newest
            }
            for (account, generation) in due { await note(account, generation) }
        }
    }
}

extension TokenVault {
    /// As `run()`, and tells of each generation that has been committed, those that the ledger lacked at the opening too.
    ///
    /// The ledger is written after the vault and not waited for: what a crash keeps from it is told at the next start.
    package func run(telling note: @escaping @Sendable (AccountID, Int) async -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.news.tell(note) }
            await run()
            news.close()
        }
    }
}
