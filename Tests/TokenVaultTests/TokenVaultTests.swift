import Foundation
import Testing
import TokenVault
import UsageModel

@Suite("Handing out access tokens", .timeLimit(.minutes(5)))
struct TokenVaultTests {
    @Test("a token with more than a minute left comes from memory, one with less is refreshed")
    func refreshesInTime() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            try await bench.running(vault) {
                bench.clock.advance(by: .seconds(3539))
                try await expect("ACCESS-r0", from: vault, for: bench.alice)
                #expect(bench.server.sent.isEmpty)
                bench.clock.advance(by: .seconds(1))
                try await expect("ACCESS-1", from: vault, for: bench.alice)
                #expect(bench.server.sent == ["r0"])
            }
            let reopened = try bench.open()
            try await expect("ACCESS-1", from: reopened, for: bench.alice)
            #expect(await reopened.grants().first?.scopes == ["read:jira-user", "offline_access"])
            try await reopened.close()
        }
    }

    @Test("a hundred callers at once cost one exchange")
    func singleFlight() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            try await bench.running(vault) {
                let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<100 {
                        group.addTask { try await vault.accessToken(for: bench.alice).exposed }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(tokens == Array(repeating: "ACCESS-1", count: 100))
                #expect(bench.server.sent == ["r0"])
            }
        }
    }

    @Test("only the current token can be rejected: whoever comes late gets its successor")
    func rejecting() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            try await bench.running(vault) {
                let old = try await vault.accessToken(for: bench.alice)
                let new = try await vault.accessToken(for: bench.alice, rejecting: old)
                #expect(new.exposed == "ACCESS-1")
                try await expect("ACCESS-1", from: vault, for: bench.alice, rejecting: old)
                #expect(bench.server.sent == ["r0"])
            }
        }
    }

    @Test("cancelling a caller ends its wait and not the refresh")
    func cancelledCaller() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.hold()
            try await bench.running(vault) {
                let error = await withTaskGroup(of: VaultError?.self) { group in
                    group.addTask {
                        await refusal(by: vault, of: bench.alice)
                    }
                    await eventually { bench.server.heldRequests == 1 }
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(error == .cancelled)
                bench.server.release()
                try await expect("ACCESS-1", from: vault, for: bench.alice)
                #expect(bench.server.sent == ["r0"])
            }
        }
    }

    @Test("a lost answer: callers hear of it, and the same token brings the successor at the second try")
    func lostAnswer() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.misbehave(.loseAnswer)
            try await bench.running(vault) {
                for _ in 0..<2 {
                    #expect(
                        await refusal(by: vault, of: bench.alice) == .unavailable(bench.alice, retryAfter: .seconds(5)))
                }
                #expect(await vault.grants().map(\.state) == [.refreshing])
                await eventually { bench.clock.hasSleeper(for: .seconds(5)) }
                bench.clock.advance(by: .seconds(5))
                await eventually { await vault.grants().first?.state == .valid }
                try await expect("ACCESS-1", from: vault, for: bench.alice)
                #expect(bench.server.sent == ["r0", "r0"])
            }
        }
    }

    @Test("killed while the token is under way, the next start sends the same token again")
    func killedWhileSending() async throws {
        try await Bench.run { bench in
            let copy = bench.path + ".copy"
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.misbehave(.loseAnswer)
            bench.server.hold()
            try await bench.running(vault) {
                async let first = refusal(by: vault, of: bench.alice)
                await eventually { bench.server.heldRequests == 1 }
                try FileManager.default.copyItem(atPath: bench.path, toPath: copy)
                bench.server.release()
                #expect(await first != nil)
            }
            let restarted = try bench.open(path: copy)
            #expect(await restarted.grants().map(\.state) == [.refreshing])
            try await bench.running(restarted) {
                try await expect("ACCESS-1", from: restarted, for: bench.alice)
                #expect(bench.server.sent == ["r0", "r0"])
            }
        }
    }

    @Test("a refused token asks for a new consent, is still there, and a new consent heals it")
    func dead() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent("unknown"), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            try await bench.running(vault) {
                #expect(await refusal(by: vault, of: bench.alice) == .reauthorise(bench.alice))
            }
            let reopened = try bench.open()
            #expect(await reopened.grants().map(\.state) == [.reauthorise])
            try await reopened.keep(bench.server.consent("r0"), for: bench.alice)
            #expect(await reopened.grants().map(\.state) == [.valid])
            try await expect("ACCESS-r0", from: reopened, for: bench.alice)
            try await reopened.close()
        }
    }

    @Test("a refused client costs no consent")
    func clientRejected() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.misbehave(.refuse(.clientRejected))
            try await bench.running(vault) {
                for _ in 0..<3 {
                    #expect(await refusal(by: vault, of: bench.alice) == .clientRejected)
                }
                #expect(bench.server.sent == ["r0"])
                #expect(await vault.grants().map(\.state) == [.valid])
                bench.clock.advance(by: .seconds(60))
                try await expect("ACCESS-1", from: vault, for: bench.alice)
            }
        }
    }

    @Test("a consent given during a refresh wins over the refresh's answer")
    func consentDuringRefresh() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.hold()
            try await bench.running(vault) {
                async let waiting = vault.accessToken(for: bench.alice)
                await eventually { bench.server.heldRequests == 1 }
                try await vault.keep(bench.server.consent("r100"), for: bench.alice)
                #expect(try await waiting.exposed == "ACCESS-r100")
                bench.server.release()
                await eventually { bench.server.heldRequests == 0 }
            }
            let reopened = try bench.open()
            try await expect("ACCESS-r100", from: reopened, for: bench.alice)
            try await reopened.close()
        }
    }

    @Test("a removal during a refresh is not undone by the refresh's answer")
    func removalDuringRefresh() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.hold()
            try await bench.running(vault) {
                async let error = refusal(by: vault, of: bench.alice)
                await eventually { bench.server.heldRequests == 1 }
                try await vault.remove(bench.alice)
                #expect(await error == .noGrant(bench.alice))
                bench.server.release()
            }
            let reopened = try bench.open()
            #expect(await reopened.grants().isEmpty)
            try await reopened.close()
        }
    }

    @Test("a stop lets the exchange under way end, and keeps its answer")
    func stops() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .seconds(3600))
            bench.server.hold()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await vault.run() }
                group.addTask {
                    #expect(await refusal(by: vault, of: bench.alice) == .stopped)
                }
                await eventually { bench.server.heldRequests == 1 }
                vault.stop()
                await group.next()
                bench.server.release()
            }
            #expect(await refusal(by: vault, of: bench.alice, rejecting: Secret("ACCESS-1")) == .stopped)
            try await vault.close()
            let reopened = try bench.open()
            try await expect("ACCESS-1", from: reopened, for: bench.alice)
            try await reopened.close()
        }
    }

    @Test("a grant nobody uses is refreshed every week")
    func idle() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            bench.clock.advance(by: .days(7) - .seconds(1800))
            try await bench.running(vault) {
                await eventually { bench.clock.hasSleeper(for: .seconds(3600)) }
                #expect(bench.server.sent.isEmpty)
                bench.clock.advance(by: .seconds(3600))
                await eventually { await vault.grants().first?.refreshIssuedAt == bench.clock.wall }
                #expect(bench.server.sent == ["r0"])
            }
        }
    }

    @Test("two accounts refresh beside each other: one that gets no answer does not hold up the other")
    func accountsAreIndependent() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            try await vault.keep(bench.server.consent("unknown"), for: bench.bob)
            bench.clock.advance(by: .seconds(3600))
            bench.server.misbehave(.refuse(.rateLimited(retryAfter: .seconds(900))))
            try await bench.running(vault) {
                #expect(await refusal(by: vault, of: bench.bob) == .unavailable(bench.bob, retryAfter: .seconds(900)))
                try await expect("ACCESS-1", from: vault, for: bench.alice)
            }
        }
    }

    @Test("the end of a consent is warned of 30, 14 and 3 days before")
    func warnings() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            let grant = try await vault.grants().first.orThrow()
            let end = grant.idleExpiresAt
            #expect(grant.expiresAt == end)
            #expect(grant.warning(at: end - .days(31)) == nil)
            #expect(grant.warning(at: end - .days(30)) == .within30Days)
            #expect(grant.warning(at: end - .days(14)) == .within14Days)
            #expect(grant.warning(at: end - .days(3)) == .within3Days)
            #expect(grant.warning(at: end + .days(3)) == .within3Days)
            try await vault.close()
        }
    }
}
