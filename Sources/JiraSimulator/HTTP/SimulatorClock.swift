import FoundationEssentials

/// The simulator's idea of now.
package enum SimulatorTime: Sendable, Equatable {
    /// The machine's clock.
    case real
    /// Begins there and runs on.
    case running(from: Moment)
    /// Moves only when it is told to.
    case frozen(at: Moment)
}

extension Moment {
    /// What the machine's clock says.
    package static var current: Moment {
        Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// A clock that can be moved on.
struct SimulatorClock: Sendable {
    private let time: SimulatorTime
    private let started = ContinuousClock.now
    private var advance: Int64 = 0

    init(_ time: SimulatorTime) {
        self.time = time
    }

    var now: Moment {
        let origin: Moment
        switch time {
        case .real: origin = .current
        case .frozen(let moment): origin = moment
        case .running(let moment):
            let elapsed = (ContinuousClock.now - started).components
            origin = moment.advanced(
                byMilliseconds: elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000)
        }
        return origin.advanced(byMilliseconds: advance)
    }

    mutating func advance(byMilliseconds milliseconds: Int64) {
        advance += milliseconds
    }
}
