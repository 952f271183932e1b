import Glibc
import Synchronization

/// Why there is no listening socket.
package enum ListenError: Error, Hashable, CustomStringConvertible {
    case pathTooLong(path: String, limit: Int)
    /// A process answers there: a second daemon is not started beside it.
    case inUse(path: String)
    /// Something that is no socket has the name.
    case notASocket(path: String)
    /// Others could replace the socket by one of their own.
    case unsafeDirectory(path: String)
    case failed(call: String, path: String, errno: Int32)

    package var description: String {
        switch self {
        case .pathTooLong(let path, let limit):
            "the socket path \(path) is longer than \(limit) bytes; choose a shorter control_socket"
        case .inUse(let path): "another daemon answers at \(path); stop it first"
        case .notASocket(let path): "\(path) exists and is no socket; remove it or choose another control_socket"
        case .unsafeDirectory(let path):
            "others may write to \(path), the control socket's directory; make it writable for the daemon only"
        case .failed(let call, let path, let errno): "\(call) \(path): \(String(cString: strerror(errno)))"
        }
    }
}

/// A Unix socket that accepts connections. Who owns it closes it; ``ControlServer/run()`` takes it over.
package struct ListeningSocket: Sendable {
    package let descriptor: CInt
    /// Connections that the kernel keeps until they are accepted: for a script that opens hundreds at once, and for whoever
    /// comes while somebody else opens one after the other.
    private static let backlog: CInt = 512

    /// The file that we made and shall remove.
    private var file: SocketFile?

    /// A socket that an earlier process has bound, and for which callers may be waiting. Its file is left to whoever keeps the
    /// socket.
    ///
    /// - Returns: `nil` where it is none that listens, or callers who go by `path` would not come to it. The descriptor is then
    ///   still the caller's.
    package init?(inherited descriptor: CInt, path: String) {
        var isListening: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1,
            Self.path(of: descriptor) == path, Self.kind(of: path) == S_IFSOCK
        else { return nil }
        self.descriptor = descriptor
        file = nil
    }

    /// Binds a path and listens. Everybody may connect (mode 0666): what a caller may do is decided for each
    /// method by who they are. A file left by a daemon that is gone is replaced.
    package init(path: String) throws(ListenError) {
        try Self.checkDirectory(of: path)
        try Self.removeStaleSocket(at: path)
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .failed(call: "socket for", path: path, errno: errno) }
        do throws(ListenError) {
            try Self.bind(descriptor, to: path)
            guard listen(descriptor, Self.backlog) == 0 else {
                throw .failed(call: "listen at", path: path, errno: errno)
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        file = SocketFile(path: path)
    }

    /// Removes the file of a listener that is given up for one at another path: who goes by the old one is to learn at once
    /// that nobody answers there any more.
    package static func removeFile(of descriptor: CInt, unlessAt path: String) {
        guard let old = Self.path(of: descriptor), old != path, kind(of: old) == S_IFSOCK else { return }
        unlink(old)
    }

    /// The same socket, with a file that stays: somebody else keeps the socket too, and hands it to the next process.
    package func leavingFile() -> ListeningSocket {
        var other = self
        other.file = nil
        return other
    }

    /// Removes the file, if it is still the one that was made here.
    func removeFile() {
        guard let file, file == SocketFile(path: file.path) else { return }
        unlink(file.path)
    }

    /// The mode is set by umask, not by chmod after the bind: there is no moment in which it is wrong. The mask is
    /// the process's, so nothing else may create files meanwhile; this happens before anything else runs.
    private static func bind(_ descriptor: CInt, to path: String) throws(ListenError) {
        try maskChange.withLock { (_) throws(ListenError) in
            let previous = umask(0o111)
            defer { umask(previous) }
            guard try withAddress(path, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
                throw .failed(call: "bind", path: path, errno: errno)
            }
        }
    }

    /// Two sockets that are made at once would give each other's mask back.
    private static let maskChange = Mutex(())

    private static func checkDirectory(of path: String) throws(ListenError) {
        var directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if directory.isEmpty { directory = "/" }
        var status = stat()
        guard stat(directory, &status) == 0 else { throw .failed(call: "stat", path: directory, errno: errno) }
        let othersMayWrite = status.st_mode & (S_IWGRP | S_IWOTH) != 0 && status.st_mode & S_ISVTX == 0
        guard !othersMayWrite, status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .unsafeDirectory(path: directory)
        }
    }

    private static func removeStaleSocket(at path: String) throws(ListenError) {
        guard let kind = kind(of: path) else { return }
        guard kind == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw .failed(call: "socket for", path: path, errno: errno) }
        defer { close(probe) }
        let isRefused = try withAddress(path) { connect(probe, $0, $1) != 0 && errno == ECONNREFUSED }
        guard isRefused else { throw .inUse(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw .failed(call: "remove", path: path, errno: errno) }
    }

    /// Which kind of file has the name; `nil` where there is none.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The path that a Unix socket is bound to.
    private static func path(of descriptor: CInt) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let bytes = withUnsafeBytes(of: address.sun_path) { Array($0.prefix { $0 != 0 }) }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Source: <https://man7.org/linux/man-pages/man7/unix.7.html> (108 bytes, the last of which is a zero).
    private static func withAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(ListenError) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { throw .pathTooLong(path: path, limit: capacity - 1) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafeBytes(of: address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { buffer in
                // The buffer is that of `address`, which is never empty.
                guard let start = buffer.baseAddress else { preconditionFailure("an address without bytes") }
                return body(start, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// Which file a path names: the same name may be another file later.
private struct SocketFile: Hashable {
    let path: String
    let device: dev_t
    let inode: ino_t

    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }
}
