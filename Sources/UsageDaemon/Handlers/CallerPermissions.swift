import ControlProtocol
import ControlServer
@preconcurrency import Glibc

/// Who may call what: root and the daemon's own user everything, the two groups as the configuration says, and
/// everybody what tells nothing of anybody.
struct CallerPermissions: Sendable {
    let readGroup: String
    let adminGroup: String
    let ownUser: UInt32

    func level(of peer: Peer) -> AccessLevel {
        // Groups are looked up for each request, so that `groupadd` needs no restart.
        if peer.uid == 0 || peer.uid == ownUser || isMember(peer, of: adminGroup) { return .admin }
        return isMember(peer, of: readGroup) ? .read : .anyone
    }

    func refusal(of method: String, needing level: AccessLevel) -> ControlError {
        let group = level == .admin ? adminGroup : readGroup
        return ControlError(
            .notPermitted, "you may not call \(method): that takes root or a member of the group \(group)",
            hint: "Join it: sudo usermod -aG \(group) $USER, then log in again.")
    }

    private func isMember(_ peer: Peer, of group: String) -> Bool {
        Self.id(ofGroup: group).map(peer.isMember(of:)) ?? false
    }

    private static func id(ofGroup name: String) -> gid_t? {
        var (entry, found) = (Glibc.group(), UnsafeMutablePointer<Glibc.group>?.none)
        // Members of a large directory's group do not fit a small buffer, and ERANGE would read as "no such group".
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
