/// Who may have one more connection: decided from how many there are, whose, and which of them do nothing.
package struct Admission {
    package typealias ConnectionID = Int

    package enum Decision: Hashable, Sendable {
        /// `evicting` is one that has been idle for long, and is to be closed for the new one.
        case admitted(ConnectionID, evicting: ConnectionID?)
        case refused
    }

    private struct Entry {
        let uid: UInt32
        /// Since when it has no request under way, by a clock that nobody sets; `nil` while it has one.
        var idleSince: Duration?
    }

    private let limits: ControlServer.Limits
    private var entries: [ConnectionID: Entry] = [:]
    private var last = 0

    package init(limits: ControlServer.Limits) {
        self.limits = limits
    }

    /// Counts one more connection of that user, unless there is no room for it.
    package mutating func admit(uid: UInt32, at now: Duration) -> Decision {
        var evicted: ConnectionID?
        if isFull(for: uid) {
            guard let idle = longestIdle(for: uid, at: now) else { return .refused }
            let entry = entries.removeValue(forKey: idle)
            guard !isFull(for: uid) else {
                entries[idle] = entry
                return .refused
            }
            evicted = idle
        }
        last += 1
        entries[last] = Entry(uid: uid, idleSince: now)
        return .admitted(last, evicting: evicted)
    }

    /// Gives back what ``admit(uid:at:)`` counted; nothing where it was closed for another one.
    package mutating func release(_ id: ConnectionID) {
        entries[id] = nil
    }

    package mutating func note(_ id: ConnectionID, isBusy: Bool, at now: Duration) {
        entries[id]?.idleSince = isBusy ? nil : now
    }

    private func isFull(for uid: UInt32) -> Bool {
        isFullForAll(uid) || isFullForUser(uid)
    }

    private func isFullForAll(_ uid: UInt32) -> Bool {
        entries.count >= (uid == 0 ? limits.connections : limits.connections - limits.connectionsKeptForRoot)
    }

    private func isFullForUser(_ uid: UInt32) -> Bool {
        uid != 0 && entries.values.count { $0.uid == uid } >= limits.connectionsPerUser
    }

    /// Root's connections are closed for root only.
    private func longestIdle(for uid: UInt32, at now: Duration) -> ConnectionID? {
        entries
            .filter { _, entry in
                guard let since = entry.idleSince, now - since >= limits.idle else { return false }
                return isFullForUser(uid) ? entry.uid == uid : uid == 0 || entry.uid != 0
            }
            .min { ($0.value.idleSince ?? now, $0.key) < ($1.value.idleSince ?? now, $1.key) }?.key
    }
}
