import Testing

@testable import UsageDaemon

@Suite("Work that outlives the one who asked for it", .timeLimit(.minutes(5)))
struct ShieldedWorkTests {
    private struct Refused: Error {}

    @Test("the result, or the error, comes back")
    func results() async throws {
        let work = ShieldedWork()
        await withTaskGroup { group in
            group.addTask { await work.run() }
            #expect(await work.perform { 42 } == 42)
            await #expect(throws: Refused.self) { try await work.perform { throw Refused() } }
            group.cancelAll()
        }
    }

    @Test("a caller who is cancelled does not cancel it")
    func callerCancelled() async {
        let work = ShieldedWork()
        await withTaskGroup { group in
            group.addTask { await work.run() }
            await withTaskGroup { callers in
                callers.addTask {
                    let wasCancelled = await work.perform {
                        await Task.yield()
                        return Task.isCancelled
                    }
                    #expect(!wasCancelled)
                    #expect(Task.isCancelled)
                }
                callers.cancelAll()
            }
            group.cancelAll()
        }
    }
}
