import Glibc

/// A socket as a service manager opens it for `NOTIFY_SOCKET`.
struct NotifySocket: ~Copyable {
    struct Failed: Error {
        let errno: Int32
    }

    private let descriptor: Int32

    /// - Parameter path: short enough for unix(7).
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(errno: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw Failed(errno: code)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Whether the message that has arrived brought an open file along.
    func messageWithFile() -> (text: String, descriptor: Int32)? {
        var text = [UInt8](repeating: 0, count: 4096)
        // Room for one descriptor: a header of 16 bytes and 4 of its own, in units of 8 (cmsg(3)).
        var control = [UInt64](repeating: 0, count: 3)
        return text.withUnsafeMutableBytes { text in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: text.baseAddress, iov_len: text.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var header = msghdr()
                    header.msg_iov = vector
                    header.msg_iovlen = 1
                    header.msg_control = control.baseAddress
                    header.msg_controllen = control.count
                    let count = recvmsg(descriptor, &header, Int32(MSG_DONTWAIT))
                    guard count >= 0, header.msg_controllen >= 20 else { return nil }
                    let file = control.load(fromByteOffset: 16, as: Int32.self)
                    return (String(decoding: text[..<count], as: UTF8.self), file)
                }
            }
        }
    }

    /// The message that has arrived; `nil` where none has.
    func message() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
