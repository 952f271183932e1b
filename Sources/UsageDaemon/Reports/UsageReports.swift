import ControlProtocol
import UsageModel
import UsageStore

/// Answers who uses what: reads the store, and judges by the coverage of the site that a person is on.
///
/// It works in our own types; what goes over the socket is the handlers' to make.
struct UsageReports: Sendable {
    let store: UsageStore
    /// Our clock; a site's own is this plus the offset measured in its last pass.
    let now: @Sendable () -> Instant
    /// As in `SiteView`.
    let staleAfter: @Sendable () -> Duration

    /// Reads, in one snapshot, what takes microseconds; on the caller's thread.
    func lookup<Value>(_ body: (ReportSnapshot) throws -> Value) throws(ControlError) -> Value {
        do {
            return try store.lookup { try body(ReportSnapshot(reader: $0, now: now(), staleAfter: staleAfter())) }
        } catch {
            throw ControlError(reading: error)
        }
    }

    /// Reads, in one snapshot, what may take longer.
    func snapshot<Value: Sendable>(
        _ body: @Sendable (ReportSnapshot) throws -> Value
    ) async throws(ControlError) -> Value {
        do {
            return try await store.snapshot {
                try body(ReportSnapshot(reader: $0, now: now(), staleAfter: staleAfter()))
            }
        } catch {
            throw ControlError(reading: error)
        }
    }
}

extension Site {
    /// Whether a request means this site.
    func isNamed(_ name: String) -> Bool { Self.isNamed(name, cloudID: cloudID, url: url) }

    /// A site goes by its cloud id, its URL, or the URL's host.
    static func isNamed(_ name: String, cloudID: CloudID, url: String) -> Bool {
        let name = name.lowercased()
        let trimmed = name.hasSuffix("/") ? String(name.dropLast()) : name
        return trimmed == cloudID.rawValue.lowercased() || trimmed == url.lowercased()
            || "https://\(trimmed)" == url.lowercased()
    }
}
