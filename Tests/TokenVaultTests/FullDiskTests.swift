import Glibc
import Testing
import TokenVault
import UsageModel

/// Each test limits the size of files for its whole process, and so has one of its own.
@Suite("A vault on a full disk", .timeLimit(.minutes(5)))
struct FullDiskTests {
    @Test("nothing is sent that could not be noted, and nothing is lost")
    func beforeSending() async {
        await #expect(processExitsWith: .success) {
            try await Bench.run { bench in
                let vault = try bench.open()
                try await vault.keep(bench.server.consent(), for: bench.alice)
                bench.clock.advance(by: .seconds(3600))
                try await bench.running(vault) {
                    limitFiles(to: 0)
                    #expect(await refusal(by: vault, of: bench.alice) == .full(path: bench.path))
                    #expect(bench.server.sent.isEmpty)
                    limitFiles(to: rlim_t.max)
                    try await expect("ACCESS-1", from: vault, for: bench.alice)
                }
            }
        }
    }

    @Test("an answer that does not fit is not used, and kept as soon as it does; the token is sent once")
    func afterSending() async {
        await #expect(processExitsWith: .success) {
            try await Bench.run { bench in
                let vault = try bench.open()
                try await vault.keep(bench.server.consent(), for: bench.alice)
                bench.clock.advance(by: .seconds(3600))
                bench.server.hold()
                try await bench.running(vault) {
                    async let error = refusal(by: vault, of: bench.alice)
                    await eventually { bench.server.heldRequests == 1 }
                    limitFiles(to: 0)
                    bench.server.release()
                    #expect(await error == .full(path: bench.path))
                    limitFiles(to: rlim_t.max)
                    await eventually { bench.clock.hasSleeper(for: RefreshMachine.keepInterval) }
                    bench.clock.advance(by: RefreshMachine.keepInterval)
                    await eventually { await vault.grants().first?.state == .valid }
                    try await expect("ACCESS-1", from: vault, for: bench.alice)
                    #expect(bench.server.sent == ["r0"])
                }
            }
        }
    }
}

/// Writes beyond this size fail as on a full disk, by setrlimit(2).
func limitFiles(to size: rlim_t) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: size, rlim_max: rlim_t.max)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
}
