import Glibc

/// Who is at the other end of a connection, as the kernel says: as they were when they connected.
///
/// Source: `SO_PEERCRED` and `SO_PEERGROUPS` in <https://man7.org/linux/man-pages/man7/unix.7.html>.
package struct Peer: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    package let pid: Int32
    /// The supplementary groups; `gid` is not always among them.
    package let groups: Set<UInt32>

    package init(uid: UInt32, gid: UInt32, pid: Int32, groups: Set<UInt32>) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.groups = groups
    }

    package func isMember(of group: UInt32) -> Bool { gid == group || groups.contains(group) }

    /// `nil` where the kernel does not say, which is no Unix socket then.
    init?(descriptor: CInt) {
        // `struct ucred`, which Glibc's module does not show: pid, uid and gid, 32 bits each.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(credentials.count * MemoryLayout<UInt32>.stride)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        guard let groups = Self.groups(descriptor: descriptor) else { return nil }
        self.init(uid: credentials[1], gid: credentials[2], pid: Int32(bitPattern: credentials[0]), groups: groups)
    }

    private static func groups(descriptor: CInt) -> Set<UInt32>? {
        var groups = [gid_t](repeating: 0, count: 64)
        // At most twice: when the list was too short, the kernel has said how long it must be.
        for _ in 0..<2 {
            var length = socklen_t(groups.count * MemoryLayout<gid_t>.stride)
            if getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 {
                return Set(groups.prefix(Int(length) / MemoryLayout<gid_t>.stride))
            }
            guard errno == ERANGE else { return nil }
            groups = [gid_t](repeating: 0, count: Int(length) / MemoryLayout<gid_t>.stride)
        }
        return nil
    }
}
