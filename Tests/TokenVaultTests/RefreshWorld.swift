import TestSupport
import TokenVault
import UsageModel

/// A disk, a process that may die at any moment, its callers, and Atlassian behind a bad line: one seeded schedule.
///
/// Atlassian goes by true time, the process by a wall clock that is set now and then. The machine is the real one; the
/// shell around it is played here, so that a wrong one can be played too.
struct RefreshWorld {
    /// How the shell behaves. All but the first must break a law.
    enum Shell: CaseIterable {
        case correct
        /// Hands the access token out, then writes.
        case usesBeforeWrite
        /// Takes a lost answer for the end of the token.
        case forgetsOnLostAnswer
        /// Sends without having written that it will.
        case writesNoJournal
    }

    private struct Crash: Error {}

    private struct Tokens {
        let generation: Int
        let refresh: String
        let access: String
        /// By the wall clock.
        let expires: Instant
    }

    private(set) var events: Set<RefreshEvent> = []
    private(set) var refreshes = 0
    private(set) var needless = 0
    private(set) var needful = 0
    /// Access tokens used before their generation was on the disk.
    private(set) var usedTooEarly = 0
    private(set) var isLost = false

    // Atlassian.
    private(set) var server: RotationModel
    private var accessEnds: [String: Instant] = [:]
    private var isEndedByWrongToken = false

    // The disk.
    private var disk: Tokens
    private var journal = RefreshMachine.Journal.valid
    private var known: Set<String> = []
    private var durable: Set<String> = []

    // The process.
    private let shell: Shell
    private var memory: Tokens
    private var waiting = 0

    private var random: SplitMix64
    private var weather: Weather
    private var chance = RefreshChance()
    private var isRunning = true
    private var now = Instant(milliseconds: 1_700_000_000_000)
    private var wallOffset = Duration.zero
    private var wall: Instant { now + wallOffset }

    init(seed: UInt64, shell: Shell = .correct) {
        random = SplitMix64(seed: seed)
        self.shell = shell
        server = RotationModel(reuse: seed.isMultiple(of: 2) ? .sameSuccessor : .anotherSuccessor)
        weather = Weather(from: now, stormy: .seconds(Int.random(in: 7200...36000, using: &random)), &random)
        disk = Tokens(generation: 1, refresh: "r0", access: "a0", expires: now + .seconds(3600))
        memory = disk
        known = [disk.refresh]
        durable = [disk.access]
        accessEnds = [disk.access: now + .seconds(3600)]
    }

    /// The newest refresh token on the disk.
    var storedToken: String { disk.refresh }

    mutating func live(refreshes goal: Int) {
        while refreshes < goal, !isLost {
            (isRunning, waiting, memory) = (true, 0, disk)
            do {
                try runProcess(until: goal)
            } catch {
                isRunning = false
                beDown()
            }
        }
    }

    // MARK: - The shell

    private mutating func runProcess(until goal: Int) throws(Crash) {
        var machine = RefreshMachine(generation: disk.generation, journal: journal)
        if journal == .valid { try demand() }
        var event = RefreshMachine.Event.wanted
        while true {
            switch machine.handle(event, at: wall) {
            case .journal(let next):
                if next == .reauthorise { judge() }
                if shell == .writesNoJournal, next == .refreshing {
                    event = .written
                } else {
                    event = try write(RefreshEvent.Commit(next)) { $0.journal = next }
                }
            case .send:
                event = try send()
                if shell == .forgetsOnLostAnswer, case .refused(.ambiguous) = event {
                    judge()
                    isLost = true
                    return
                }
            case .keep(let tokens):
                let next = Tokens(
                    generation: disk.generation == memory.generation ? disk.generation + 1 : disk.generation,
                    refresh: tokens.refreshToken?.exposed ?? memory.refresh, access: tokens.accessToken.exposed,
                    expires: wall + tokens.expiresIn)
                if shell == .usesBeforeWrite { serve(next.access) }
                event = try write(.keep) { ($0.disk, $0.journal) = (next, .valid) }
                if case .written = event { memory = next }
            case .read:
                event = .read(generation: disk.generation)
            case .wait(let duration, _):
                waiting = 0
                try rest(duration)
                event = .wanted
            case .stop(.refreshed):
                refreshes += 1
                serve(memory.access)
                if refreshes == goal { return }
                try demand()
                event = .wanted
            case .stop(.failed(.reauthorise)):
                isLost = true
                return
            case .stop:
                waiting = 0
                pass(seconds: 1...120)
                try demand()
                event = .wanted
            }
        }
    }

    /// Lets callers come, two at once more often than not, until one of them has to wait for a refresh.
    private mutating func demand() throws(Crash) {
        while waiting == 0 {
            pass(seconds: 1...3600)
            setClock()
            try maybeCrash(.crashWhileWaiting)
            let current = memory.access
            if Int.random(in: 0..<4, using: &random) > 0 {
                events.insert(.twoCallers)
                ask()
                if Bool.random(using: &random) {
                    events.insert(.rejectsCurrent)
                    ask(rejecting: current)
                    continue
                }
            }
            ask()
        }
    }

    private mutating func ask(rejecting rejected: String? = nil) {
        if memory.expires - .seconds(60) > wall, rejected != memory.access {
            use(memory.access)
        } else {
            waiting += 1
        }
    }

    private mutating func serve(_ access: String) {
        for _ in 0..<waiting { use(access) }
        waiting = 0
        guard Bool.random(using: &random), memory.access == access else { return }
        events.insert(.rejectsLate)
        ask(rejecting: "an older one")
        waiting = 0
    }

    private mutating func use(_ access: String) {
        if !durable.contains(access) { usedTooEarly += 1 }
        // Jira's 401, where a clock set back has hidden the end of the token.
        if let end = accessEnds[access], now >= end { ask(rejecting: access) }
    }

    private mutating func rest(_ duration: Duration) throws(Crash) {
        setClock()
        if memory.expires - .seconds(60) > wall { use(memory.access) }
        waiting = 0
        let part = duration * Double.random(in: 0...1, using: &random)
        pass(part)
        try maybeCrash(.crashWhileWaiting)
        pass(duration - part)
    }

    // MARK: - The line

    private mutating func send() throws(Crash) -> RefreshMachine.Event {
        try maybeCrash(.crashBeforeArrival)
        pass(seconds: 0...1)
        let line = weather.line
        events.insert(.answered(line))
        switch line {
        case .clear:
            let tokens = rotate()
            try maybeCrash(.crashBeforeAnswer)
            pass(seconds: 0...1)
            return tokens.map { .answered($0) } ?? .refused(.dead)
        case .losesAnswers:
            _ = rotate()
            try maybeCrash(.crashBeforeAnswer)
            pass(seconds: 0...60)
            return .refused(.ambiguous)
        case .serverErrors:
            pass(seconds: 0...10)
            return .refused(.ambiguous)
        case .resets:
            if Bool.random(using: &random) { _ = rotate() }
            pass(seconds: 0...10)
            return .refused(.ambiguous)
        case .rateLimited:
            let after = Int.random(in: 0...1800, using: &random)
            return .refused(.rateLimited(retryAfter: after == 0 ? nil : .seconds(after)))
        case .refusesClient:
            return .refused(.clientRejected)
        }
    }

    private mutating func rotate() -> IssuedTokens? {
        let wasEnded = server.isEnded
        let successor = server.refresh(memory.refresh, at: now)
        if server.isEnded, !wasEnded, memory.refresh != disk.refresh { isEndedByWrongToken = true }
        guard let successor else { return nil }
        let access = "a\(accessEnds.count)"
        accessEnds[access] = now + .seconds(3600)
        return IssuedTokens(
            accessToken: Secret(access), expiresIn: .seconds(3600), refreshToken: Secret(successor), scopes: [])
    }

    /// A person is asked to consent again: did it have to be?
    private mutating func judge() {
        let isUsable = known.contains { server.isUsable($0, at: now) }
        if isUsable || chance.wasThere || isEndedByWrongToken { needless += 1 } else { needful += 1 }
    }

    // MARK: - The disk

    private mutating func write(
        _ commit: RefreshEvent.Commit, _ change: (inout RefreshWorld) -> Void
    ) throws(Crash) -> RefreshMachine.Event {
        // So rare that nothing would ever happen beside them.
        let isRare = commit == .reauthorise || commit == .restoring
        let oneIn = isRare ? 4 : 25
        try maybeCrash(.crashBefore(commit), oneIn: oneIn)
        if weather.diskFails || (isRare && Int.random(in: 0..<4, using: &random) == 0) {
            events.insert(.writeFailed(commit))
            if Int.random(in: 0..<4, using: &random) == 0 {
                events.insert(.writtenAllTheSame(commit))
                apply(change)
            }
            return .notWritten(.full(path: "vault.db"))
        }
        apply(change)
        try maybeCrash(.crashAfter(commit), oneIn: oneIn)
        return .written
    }

    private mutating func apply(_ change: (inout RefreshWorld) -> Void) {
        let before = disk.refresh
        change(&self)
        known.insert(disk.refresh)
        durable.insert(disk.access)
        if disk.refresh != before { chance.begin() }
    }

    // MARK: - Time

    private mutating func maybeCrash(_ event: RefreshEvent, oneIn: Int = 25) throws(Crash) {
        guard now < weather.calmFrom, Int.random(in: 0..<oneIn, using: &random) == 0 else { return }
        events.insert(event)
        throw Crash()
    }

    private mutating func beDown() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<15: pass(seconds: 0...60)
        case 15..<19: pass(seconds: 60...540)
        default: pass(seconds: 660...18000)
        }
        if setClock() { events.insert(.clockAcrossCrash) }
    }

    /// Now and then, by minutes to days.
    @discardableResult
    private mutating func setClock() -> Bool {
        guard Int.random(in: 0..<12, using: &random) == 0 else { return false }
        let minutes = Int.random(in: 1...(Bool.random(using: &random) ? 60 : 7200), using: &random)
        let isForward = Bool.random(using: &random)
        events.insert(isForward ? .clockForward : .clockBack)
        wallOffset += .seconds(isForward ? minutes * 60 : -minutes * 60)
        return true
    }

    private mutating func pass(seconds: ClosedRange<Int>) {
        pass(.seconds(Int.random(in: seconds, using: &random)))
    }

    private mutating func pass(_ duration: Duration) {
        let end = now + duration
        while true {
            chance.note(isFair: isRunning && weather.isFair, at: now)
            now = min(end, weather.until)
            let firstUse = server.firstUse(of: disk.refresh)
            chance.passed(to: now, firstUse: firstUse)
            if let firstUse, now > firstUse + RotationModel.leeway { events.insert(.leewayPassed) }
            if now == weather.until { weather.change(at: now, &random) }
            if now == end { break }
        }
        chance.note(isFair: isRunning && weather.isFair, at: now)
    }
}
