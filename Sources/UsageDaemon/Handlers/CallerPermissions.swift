import ControlProtocol
import ControlServer

/// Who may call what: root and the daemon's own user everything, the two groups as the configuration says, and
/// everybody what tells nothing of anybody.
struct CallerPermissions: Sendable {
    let access: @Sendable () -> DaemonSettings.Access
    let ownUser: UInt32
    let groups = GroupNumbers()

    /// The same as ``level(of:)`` where nobody has to be asked for it; otherwise `nil`.
    func knownLevel(of peer: Peer) -> AccessLevel? {
        if peer.uid == 0 || peer.uid == ownUser { return .admin }
        let access = access()
        let isKnown = groups.areKnown(access.readGroup, access.adminGroup)
        return isKnown ? level(of: peer) : nil
    }

    /// May block the thread while the system is asked for the numbers of the groups.
    func level(of peer: Peer) -> AccessLevel {
        let access = access()
        if peer.uid == 0 || peer.uid == ownUser || isMember(peer, of: access.adminGroup) { return .admin }
        return isMember(peer, of: access.readGroup) ? .read : .anyone
    }

    func refusal(of method: String, needing level: AccessLevel) -> ControlError {
        let group = level == .admin ? access().adminGroup : access().readGroup
        return ControlError(
            .notPermitted, "you may not call \(method): that takes root or a member of the group \(group)",
            hint: "Join it: sudo usermod -aG \(group) $USER, then log in again.")
    }

    private func isMember(_ peer: Peer, of group: String) -> Bool {
        groups[group].map(peer.isMember(of:)) ?? false
    }
}
