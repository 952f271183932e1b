import Measurement
import TestInstallation

extension ControlLine {
    /// Waits for the first pass over the whole history to have been committed.
    func waitForWholeSync(of size: SiteSize) async throws -> Status.Site {
        try await wait { $0.isWhole(size) }
    }
}

extension Status.Site {
    func isWhole(_ size: SiteSize) -> Bool {
        sync.state == "idle" && sync.lastCompletedAt != nil && counts.issues >= size.issues
    }
}
