import Synchronization

/// What was found wrong, from wherever it is found.
final class Findings: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ some: [String]) {
        lines.withLock { $0 += some }
    }

    var all: [String] { lines.withLock { $0 } }
}
