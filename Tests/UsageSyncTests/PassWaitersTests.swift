import Testing

@testable import UsageSync

@Suite("Waiting for a pass", .timeLimit(.minutes(5)))
struct PassWaitersTests {
    private let failure = SyncFailure(kind: .unavailable, message: "down")

    @Test("whoever comes to wait when the pass has ended already is answered at once, and not by the next")
    func late() async {
        let waiters = PassWaiters()
        waiters.answer(upTo: 2, with: failure)
        #expect(await waiters.wait(for: 1) == failure)
        #expect(await waiters.wait(for: 2) == failure)
    }

    @Test("whoever asked before a pass began is answered by it, whoever asked later is not")
    func tickets() async {
        let waiters = PassWaiters()
        await withTaskGroup { group in
            group.addTask { #expect(await waiters.wait(for: 1) == failure) }
            group.addTask { #expect(await waiters.wait(for: 2) == nil) }
            waiters.answer(upTo: 1, with: failure)
            await group.next()
            waiters.answer(upTo: 2, with: nil)
        }
    }

    @Test("a waiter who is cancelled, before or while waiting, goes away at once")
    func cancellation() async {
        let waiters = PassWaiters()
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { #expect(await waiters.wait(for: 1)?.kind == .stopping) } }
            await Task.yield()
            group.cancelAll()
        }
    }

    @Test("when the sync has ended everybody is told, and whoever comes later")
    func closing() async {
        let waiters = PassWaiters()
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { #expect(await waiters.wait(for: 1)?.kind == .stopping) } }
            await Task.yield()
            waiters.close()
        }
        #expect(await waiters.wait(for: 1)?.kind == .stopping)
    }

    @Test("a bell that rang before anybody waited is heard, once")
    func bell() async {
        let bell = Doorbell()
        bell.ring()
        bell.ring()
        await bell.wait()
        await withTaskGroup { group in
            group.addTask { await bell.wait() }
            bell.ring()
            await group.waitForAll()
        }
        bell.ring()
        bell.silence()
        await withTaskGroup { group in
            group.addTask { await bell.wait() }
            group.cancelAll()
        }
    }
}
