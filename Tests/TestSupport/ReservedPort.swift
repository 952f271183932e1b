import Glibc

/// A free port of 127.0.0.1 that stays free: nobody is given it by chance, and nobody listens there until somebody asks for
/// this very port.
///
/// It is bound without listening, with `SO_REUSEADDR`. Linux gives such a port to others who name it and set the same
/// option, and to nobody else.
package final class ReservedPort: Sendable {
    package let number: UInt16
    private let descriptor: Int32

    package init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutableBytes(of: &address) { bytes in
            let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, address, size) == 0
                && address.map { getsockname(descriptor, $0, &size) } == 0
        }
        guard isBound else {
            close(descriptor)
            throw ChildProcess.Failure(description: "no free port: \(String(cString: strerror(errno)))")
        }
        number = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }

    /// Takes the port for itself, as any other program could.
    package func occupy() {
        listen(descriptor, 1)
    }
}
