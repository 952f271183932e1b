import TestSupport
import Testing
import UsageModel

@testable import UsageSync

@Suite("The watch over our clock")
struct ClockWatchTests {
    private let start = Instant(milliseconds: 1_800_000_000_000)

    @Test(
        "a clock that goes as time goes was not set; one that jumps was, either way",
        arguments: [(900, false), (903, false), (897, false), (906, true), (894, true), (-6300, true), (8100, true)])
    func drift(seconds: Int, wasSet: Bool) {
        let clock = ManualClock()
        var watch = ClockWatch(clock: clock)
        var told = [watch.wasSet(now: start)]
        for later in [seconds, seconds + 900] {
            clock.advance(by: .seconds(900))
            told.append(watch.wasSet(now: start + .seconds(later)))
        }
        // Nothing is known before the first look, and what was told once is not told again.
        #expect(told == [true, wasSet, false])
    }

    @Test("after a look that came to nothing it is told again")
    func forget() {
        var watch = ClockWatch(clock: ManualClock())
        var told = [watch.wasSet(now: start), watch.wasSet(now: start)]
        watch.forget()
        told.append(watch.wasSet(now: start))
        #expect(told == [true, false, true])
    }
}
