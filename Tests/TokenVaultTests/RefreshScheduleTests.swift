import TestSupport
import Testing
import TokenVault
import UsageModel

@Suite("Refreshing under crashes and lost answers")
struct RefreshScheduleTests {
    @Test("no schedule whose faults end within seven minutes costs a consent", .timeLimit(.minutes(5)))
    func noNeedlessLogin() {
        for seed in UInt64(0)..<10_000 {
            var world = World(seed: seed, faultsLast: .seconds(420))
            world.live(refreshes: 6)
            #expect(!world.isLost, "seed \(seed)")
            #expect(world.refreshes == 6, "seed \(seed)")
            #expect(world.server.live.contains(world.disk.token), "seed \(seed)")
        }
    }

    @Test("faults that outlast Atlassian's leeway cost a consent in some schedule, so the law above can fail")
    func lawCanFail() {
        let lost = (UInt64(0)..<200).filter { seed in
            var world = World(seed: seed, faultsLast: .seconds(3600))
            world.live(refreshes: 6)
            return world.isLost
        }
        #expect(!lost.isEmpty)
    }
}

/// A disk, a process that may die at any moment, and Atlassian behind a bad line.
private struct World {
    private(set) var disk: (generation: Int, journal: RefreshMachine.Journal, token: String) = (1, .valid, "r0")
    private(set) var server: RotationModel
    private(set) var refreshes = 0
    private(set) var isLost = false

    private var random: SplitMix64
    private let faultsLast: Duration
    private var now = Instant(milliseconds: 1_700_000_000_000)

    init(seed: UInt64, faultsLast: Duration) {
        random = SplitMix64(seed: seed)
        server = RotationModel(reuse: seed.isMultiple(of: 2) ? .sameSuccessor : .anotherSuccessor)
        self.faultsLast = faultsLast
    }

    mutating func live(refreshes goal: Int) {
        while refreshes < goal, !isLost {
            var machine = RefreshMachine(generation: disk.generation, journal: disk.journal)
            if disk.journal == .valid { pass(seconds: 0...3600) }
            run(&machine, until: goal)
        }
    }

    /// One process, until it has refreshed enough or dies.
    private mutating func run(_ machine: inout RefreshMachine, until goal: Int) {
        var event = RefreshMachine.Event.wanted
        while true {
            if crashes() { return }
            let action = machine.handle(event, at: now)
            if crashes() { return }
            switch action {
            case .journal(let journal):
                event = write { $0.journal = journal }
            case .send:
                event = send()
            case .keep(let tokens):
                event = write { disk in
                    disk = (disk.generation + 1, .valid, tokens.refreshToken?.exposed ?? disk.token)
                }
            case .read:
                event = .read(generation: disk.generation)
            case .wait(let duration, _):
                now = now + duration
                event = .wanted
            case .stop(.refreshed):
                refreshes += 1
                if refreshes == goal { return }
                pass(seconds: 1...3600)
                event = .wanted
            case .stop(.failed(.reauthorise)):
                isLost = true
                return
            case .stop:
                pass(seconds: 1...120)
                event = .wanted
            }
        }
    }

    private mutating func send() -> RefreshMachine.Event {
        let mayFail = mayFail
        switch mayFail ? Int.random(in: 0..<10, using: &random) : 9 {
        case 0:
            pass(seconds: 0...60)
            return .refused(.ambiguous)
        case 1...3:
            _ = server.refresh(disk.token, at: now)
            pass(seconds: 0...60)
            return .refused(.ambiguous)
        case 4:
            return .refused(.rateLimited(retryAfter: .seconds(Int.random(in: 1...900, using: &random))))
        case 5:
            return .refused(.clientRejected)
        default:
            pass(seconds: 0...(mayFail ? 30 : 2))
            guard let successor = server.refresh(disk.token, at: now) else { return .refused(.dead) }
            return .answered(
                IssuedTokens(
                    accessToken: Secret("a"), expiresIn: .seconds(3600), refreshToken: Secret(successor), scopes: []))
        }
    }

    private mutating func write(
        _ change: (inout (generation: Int, journal: RefreshMachine.Journal, token: String)) -> Void
    ) -> RefreshMachine.Event {
        if mayFail, Int.random(in: 0..<10, using: &random) == 0 { return .notWritten(.full(path: "vault.db")) }
        change(&disk)
        return .written
    }

    private mutating func crashes() -> Bool {
        guard mayFail, Int.random(in: 0..<12, using: &random) == 0 else { return false }
        pass(seconds: 0...60)
        return true
    }

    /// Faults end some time after Atlassian has first seen the token that is still the newest on the disk.
    private var mayFail: Bool {
        server.firstUse(of: disk.token).map { now < $0 + faultsLast } ?? true
    }

    private mutating func pass(seconds: ClosedRange<Int>) {
        now = now + .seconds(Int.random(in: seconds, using: &random))
    }
}
