import Testing
import TokenVault
import UsageModel

@Suite("Refreshing under crashes, lost answers and clocks that are set", .timeLimit(.minutes(10)))
struct RefreshScheduleTests {
    @Test("ten thousand schedules: no needless consent, and no token used before it is on the disk")
    func laws() {
        var counts: [RefreshEvent: Int] = [:]
        var (refreshes, needful) = (0, 0)
        for seed in UInt64(0)..<10_000 {
            var world = RefreshWorld(seed: seed)
            world.live(refreshes: 6)
            #expect(world.needless == 0, "seed \(seed)")
            #expect(world.usedTooEarly == 0, "seed \(seed)")
            if world.isLost {
                #expect(world.needful > 0, "seed \(seed): a consent is given up that nobody judged")
            } else {
                #expect(world.refreshes == 6, "seed \(seed)")
                #expect(world.server.live.contains(world.storedToken), "seed \(seed)")
            }
            for event in world.events { counts[event, default: 0] += 1 }
            refreshes += world.refreshes
            needful += world.isLost ? 1 : 0
        }
        // What never happens proves nothing.
        for event in RefreshEvent.all {
            #expect(counts[event, default: 0] >= 100, "\(event): in \(counts[event, default: 0]) schedules")
        }
        let table = RefreshEvent.all.map { "\($0): \(counts[$0, default: 0])" }.joined(separator: ", ")
        print("10000 schedules, \(refreshes) refreshes, \(needful) consents lost for good reason; \(table)")
    }

    @Test(
        "a shell that is wrong breaks a law, so the laws can fail",
        arguments: RefreshWorld.Shell.allCases.filter { $0 != .correct })
    func controls(shell: RefreshWorld.Shell) {
        var (needless, usedTooEarly) = (0, 0)
        let seeds = 1000
        for seed in UInt64(0)..<UInt64(seeds) {
            var world = RefreshWorld(seed: seed, shell: shell)
            world.live(refreshes: 6)
            needless += world.needless > 0 ? 1 : 0
            usedTooEarly += world.usedTooEarly > 0 ? 1 : 0
        }
        print(
            "\(shell): of \(seeds) schedules \(needless) with a needless consent, \(usedTooEarly) with a use too early")
        #expect((shell == .usesBeforeWrite ? usedTooEarly : needless) > 100)
    }
}
