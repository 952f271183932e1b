import JiraCloud
import Synchronization
import TestSupport
import Testing
import UsageModel

@Suite("The gate lets through as many as its limit says", .timeLimit(.minutes(5)))
struct ConcurrencyGateTests {
    /// Tasks inside a gate that stay until they are let out, and the order in which they came in.
    private final class Room: Sendable {
        private struct State {
            var entered: [Int] = []
            var exits: [Int: CheckedContinuation<AdaptiveLimit.Sign, Never>] = [:]
        }

        private let state = Mutex(State())
        private let entrance: AsyncStream<Int>.Continuation
        /// Who came in, in this order. For one reader.
        let entries: AsyncStream<Int>

        init() {
            (entries, entrance) = AsyncStream.makeStream()
        }

        var entered: [Int] { state.withLock { $0.entered } }

        func stay(_ guest: Int) async -> AdaptiveLimit.Sign {
            await withCheckedContinuation { continuation in
                state.withLock {
                    $0.entered.append(guest)
                    $0.exits[guest] = continuation
                }
                entrance.yield(guest)
            }
        }

        func leave(_ guest: Int, _ sign: AdaptiveLimit.Sign) {
            state.withLock { $0.exits.removeValue(forKey: guest) }?.resume(returning: sign)
        }
    }

    /// Counts who is inside, and how many were at most.
    private final class Crowd: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func enter() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }

        func leave() { state.withLock { $0.now -= 1 } }
    }

    private let good = AdaptiveLimit.Sign.answered(.init(.count, bytes: 11), latency: .milliseconds(100))

    @Test("a limit that rises lets more in, one that falls lets nobody follow, and all keep their order")
    func order() async throws {
        let (gate, room) = (ConcurrencyGate(AdaptiveLimit(ceiling: 4)), Room())
        await withTaskGroup(of: Void.self) { group in
            var entries = room.entries.makeAsyncIterator()
            func send(_ guest: Int) {
                group.addTask {
                    let sign = try? await gate.withPermit(sign: { $0 }) { await room.stay(guest) }
                    #expect(sign != nil)
                }
            }
            for guest in 0..<2 {
                send(guest)
                #expect(await entries.next() == guest)
            }
            // One after the other, so that it is known who stands where in the queue.
            for guest in 2..<10 {
                send(guest)
                while gate.waiting < guest - 1 { await Task.yield() }
            }
            room.leave(0, good)
            #expect(await entries.next() == 2)
            // The second good answer ends the round: three may be inside.
            room.leave(1, good)
            #expect(await entries.next() == 3)
            #expect(await entries.next() == 4)
            #expect(gate.limit == 3)
            // Three are inside and one may be: two leave and nobody follows.
            room.leave(2, .overloaded)
            while gate.limit != 1 { await Task.yield() }
            room.leave(3, .nothing)
            while gate.inside != 1 { await Task.yield() }
            #expect(room.entered == [0, 1, 2, 3, 4])
            room.leave(4, .nothing)
            for guest in 5..<10 {
                #expect(await entries.next() == guest)
                room.leave(guest, .nothing)
            }
            await group.waitForAll()
        }
        #expect(gate.inside == 0 && gate.waiting == 0)
    }

    @Test("whoever is cancelled while waiting leaves the queue, and takes no permit along", arguments: 0..<20)
    func cancellation(seed: UInt64) async {
        var generator = SplitMix64(seed: seed)
        let gate = ConcurrencyGate(AdaptiveLimit(ceiling: Int.random(in: 1...4, using: &generator)))
        let crowd = Crowd()
        let ran = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                let isCancelled = Bool.random(using: &generator)
                let yields = Int.random(in: 0..<5, using: &generator)
                let sign = [good, .overloaded, .nothing].randomElement(using: &generator) ?? .nothing
                group.addTask {
                    await withTaskGroup(of: Bool.self) { inner in
                        inner.addTask {
                            let result: Void? = try? await gate.withPermit(sign: { sign }) {
                                crowd.enter()
                                for _ in 0..<yields { await Task.yield() }
                                crowd.leave()
                            }
                            return result != nil
                        }
                        for _ in 0..<yields { await Task.yield() }
                        if isCancelled { inner.cancelAll() }
                        return await inner.next() ?? false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(ran > 0)
        #expect(crowd.most <= 4)
        #expect(gate.inside == 0 && gate.waiting == 0, "seed \(seed)")
        // All permits are back.
        let value = try? await gate.withPermit { 1 }
        #expect(value == 1)
    }
}
