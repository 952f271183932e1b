import Testing
import TokenVault
import UsageModel

@Suite("The refresh machine")
struct RefreshMachineTests {
    private let start = Instant(milliseconds: 1_700_000_000_000)
    private let tokens = IssuedTokens(
        accessToken: Secret("a"), expiresIn: .seconds(3600), refreshToken: Secret("r"), scopes: [])

    @Test("nothing is sent before the journal says so, and nothing is used before its successor is kept")
    func order() {
        var machine = RefreshMachine(generation: 1)
        #expect(machine.handle(.wanted, at: start).isJournal(.refreshing))
        #expect(machine.handle(.written, at: start).isSend)
        #expect(machine.state == .refreshing)
        #expect(machine.handle(.answered(tokens), at: start).isKeep)
        #expect(machine.handle(.written, at: start).stop == "refreshed")
        #expect(machine.generation == 2)
        #expect(machine.state == .valid)
    }

    @Test("a journal that cannot be written lets nothing be sent")
    func journalFails() {
        var machine = RefreshMachine(generation: 1)
        _ = machine.handle(.wanted, at: start)
        let action = machine.handle(.notWritten(.full(path: "vault.db")), at: start)
        #expect(action.stop == "failed(storage)")
        #expect(machine.state == .valid)
    }

    @Test("lost answers: the same token goes out at least five times inside nine minutes", arguments: [0, 1, 30, 60])
    func resends(seconds: Int) {
        var machine = sending()
        var (now, sendings) = (start, 1)
        while true {
            now = now + .seconds(seconds)
            guard let pause = machine.handle(.refused(.ambiguous), at: now).wait else {
                Issue.record("gave up")
                return
            }
            now = now + pause
            guard now.duration(since: start) <= .seconds(540) else { break }
            #expect(machine.handle(.wanted, at: now).isSend)
            sendings += 1
        }
        #expect(sendings >= 5)
        #expect(machine.handle(.wanted, at: now).isSend, "slowly, but it goes on")
    }

    @Test("an answer that the disk does not take is written again, and asked for no second time")
    func diskFull() {
        var machine = sending()
        _ = machine.handle(.answered(tokens), at: start)
        #expect(machine.handle(.notWritten(.full(path: "vault.db")), at: start).wait == RefreshMachine.keepInterval)
        #expect(machine.handle(.wanted, at: start).isKeep)
        #expect(machine.handle(.written, at: start).stop == "refreshed")
    }

    @Test("a start in the middle of a refresh sends at once")
    func recovers() {
        var machine = RefreshMachine(generation: 4, journal: .refreshing)
        #expect(machine.state == .refreshing)
        #expect(machine.handle(.wanted, at: start).isSend)
    }

    @Test("a dead token ends the grant only if it is still the newest")
    func dead() {
        var machine = sending()
        #expect(machine.handle(.refused(.dead), at: start).isRead)
        #expect(machine.handle(.read(generation: 1), at: start).isJournal(.reauthorise))
        #expect(machine.handle(.written, at: start).stop == "failed(reauthorise)")
        #expect(machine.state == .reauthorise)

        var overtaken = sending()
        _ = overtaken.handle(.refused(.dead), at: start)
        #expect(overtaken.handle(.read(generation: 2), at: start).stop == "superseded")
        #expect(overtaken.state != .reauthorise)
        #expect(overtaken.handle(.wanted, at: start).isRead, "asked again, it looks again and sends nothing")
    }

    @Test("however long answers have been lost, or the clock is set, the token goes out once a minute")
    func neverSlower() {
        for leap in [Duration.zero, .days(2), .days(-2)] {
            var (machine, now) = (sending(), start)
            for sending in 1...100 {
                let pause = machine.handle(.refused(.ambiguous), at: now).wait
                #expect(pause.map { $0 <= .seconds(60) } == true, "sending \(sending)")
                now = now + (pause ?? .zero) + (sending == 3 ? leap : .zero)
                #expect(machine.handle(.wanted, at: now).isSend)
            }
        }
    }

    @Test("a rejected client changes nothing, and is not tried again within a minute")
    func clientRejected() {
        var machine = sending()
        #expect(machine.handle(.refused(.clientRejected), at: start).isJournal(.valid))
        #expect(machine.handle(.written, at: start).stop == "failed(clientRejected)")
        #expect(machine.state == .valid)
        #expect(machine.handle(.wanted, at: start + .seconds(59)).stop == "failed(clientRejected)")
        #expect(machine.handle(.wanted, at: start + .seconds(60)).isJournal(.refreshing))
    }

    @Test("a client rejected after a lost answer does not make the token forget that it may have been used")
    func clientRejectedAfterLoss() {
        var machine = sending()
        _ = machine.handle(.refused(.ambiguous), at: start)
        _ = machine.handle(.wanted, at: start + .seconds(5))
        let action = machine.handle(.refused(.clientRejected), at: start + .seconds(6))
        #expect(action.wait == RefreshMachine.rejectionInterval)
        #expect(machine.state == .refreshing)
    }

    @Test("a rate limit is waited for, but never past the leeway of a lost answer")
    func rateLimited() {
        var machine = sending()
        let limit = ExchangeError.rateLimited(retryAfter: .seconds(1800))
        #expect(machine.handle(.refused(limit), at: start).wait == .seconds(1800))

        var lost = sending()
        _ = lost.handle(.refused(.ambiguous), at: start)
        _ = lost.handle(.wanted, at: start + .seconds(5))
        let wait = lost.handle(.refused(limit), at: start + .seconds(5)).wait
        #expect(wait == .seconds(15))
    }

    @Test("a wall clock that is set back does not stretch a wait")
    func clockSetBack() {
        var machine = sending()
        let wait = machine.handle(.refused(.ambiguous), at: start - .days(3)).wait
        #expect(wait == .seconds(5))
    }

    /// A machine whose token has just been sent at `start`.
    private func sending() -> RefreshMachine {
        var machine = RefreshMachine(generation: 1)
        _ = machine.handle(.wanted, at: start)
        _ = machine.handle(.written, at: start)
        return machine
    }
}

extension RefreshMachine.Action {
    fileprivate func isJournal(_ expected: RefreshMachine.Journal) -> Bool {
        if case .journal(expected) = self { true } else { false }
    }

    fileprivate var isSend: Bool { if case .send = self { true } else { false } }
    fileprivate var isKeep: Bool { if case .keep = self { true } else { false } }
    fileprivate var isRead: Bool { if case .read = self { true } else { false } }

    fileprivate var wait: Duration? {
        if case .wait(let duration, _) = self { duration } else { nil }
    }

    fileprivate var stop: String? {
        guard case .stop(let outcome) = self else { return nil }
        return switch outcome {
        case .refreshed: "refreshed"
        case .superseded: "superseded"
        case .failed(.storage): "failed(storage)"
        case .failed(let failure): "failed(\(failure))"
        }
    }
}
