import TestSupport
import Testing

@Suite("The real vault under kills, faults and a clock that is set", .timeLimit(.minutes(10)))
struct VaultScheduleTests {
    /// In a process of its own, for it limits the size of files.
    @Test("three hundred schedules on a real file keep both laws")
    func laws() async {
        await #expect(processExitsWith: .success) {
            var fates: [ScheduledServer.Fate: Int] = [:]
            var (refreshes, kills, hotJournals, lost) = (0, 0, 0, 0)
            for seed in UInt64(0)..<300 {
                try await withTemporaryDirectory(inMemory: true) { directory in
                    let life = try VaultLife(seed: seed, directory: directory)
                    try await life.live(refreshes: 4)
                    #expect(life.faults.isEmpty, "seed \(seed): \(life.faults)")
                    for fate in life.fates { fates[fate, default: 0] += 1 }
                    refreshes += life.refreshes
                    kills += life.kills
                    hotJournals += life.hotJournals
                    lost += life.isLost ? 1 : 0
                }
            }
            for fate in ScheduledServer.Fate.allCases {
                #expect(fates[fate, default: 0] >= 50, "\(fate): in \(fates[fate, default: 0]) schedules")
            }
            #expect(hotJournals >= 50 && lost >= 5, "\(hotJournals) hot journals, \(lost) leeways passed")
            print(
                "300 schedules, \(refreshes) refreshes, \(kills) kills, \(hotJournals) hot journals, \(lost) leeways passed;"
                    + " \(fates)")
        }
    }
}
