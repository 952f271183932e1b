import Glibc

/// A plain client of a Unix socket: write, then read until the reply is whole. The same code asks the daemon and Redis.
final class BlockingClient {
    enum Framing {
        /// One line a reply.
        case line
        /// RESP, as Redis speaks it: <https://redis.io/docs/latest/develop/reference/protocol-spec/>. Of an array, its
        /// head is one reply and each element another.
        case resp
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private let framing: Framing
    private let room: UnsafeMutableRawBufferPointer
    /// What has been read and not been taken.
    private var (start, end) = (0, 0)

    /// Twice as long as the longest reply.
    private static let capacity = 1 << 18

    init(_ path: String, _ framing: Framing) throws {
        descriptor = try Self.connect(path)
        self.framing = framing
        room = .allocate(byteCount: Self.capacity, alignment: 64)
    }

    /// - Parameter descriptor: taken over.
    init(reading descriptor: Int32, _ framing: Framing) {
        self.descriptor = descriptor
        self.framing = framing
        room = .allocate(byteCount: Self.capacity, alignment: 64)
    }

    deinit {
        close(descriptor)
        room.deallocate()
    }

    static func connect(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            room.copyBytes(from: path.utf8.prefix(room.count - 1))
        }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(description: "\(path): \(reason)")
        }
        return descriptor
    }

    func send(_ bytes: some Collection<UInt8>) throws {
        let sent: Void? = try bytes.withContiguousStorageIfAvailable { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
                rest = .init(rebasing: rest[count...])
            }
        }
        if sent == nil { try send(Array(bytes)) }
    }

    /// The next reply, without what ends it. It is there until the next call.
    ///
    /// - Returns: `nil` at the end.
    func receive() throws -> UnsafeRawBufferPointer? {
        while true {
            let unread = UnsafeRawBufferPointer(rebasing: room[start..<end])
            if let (reply, rest) = framing.split(unread) {
                start = end - rest
                return reply
            }
            guard try fill() else { return nil }
        }
    }

    private func fill() throws -> Bool {
        if start > 0 {
            let unread = UnsafeRawBufferPointer(rebasing: room[start..<end])
            room.copyMemory(from: unread)
            (start, end) = (0, unread.count)
        }
        guard end < room.count else { throw Failure(description: "a reply is longer than \(room.count) bytes") }
        let free = UnsafeMutableRawBufferPointer(rebasing: room[end...])
        let count = read(descriptor, free.baseAddress, free.count)
        guard count >= 0 else { throw Failure(description: "read: \(String(cString: strerror(errno)))") }
        end += count
        return count > 0
    }
}

extension BlockingClient.Framing {
    /// - Returns: the first reply, and how many bytes come after it; `nil` where it is not whole.
    fileprivate func split(_ bytes: UnsafeRawBufferPointer) -> (reply: UnsafeRawBufferPointer, rest: Int)? {
        guard let line = bytes.length(before: UInt8(ascii: "\n")) else { return nil }
        guard self == .resp else { return (.init(rebasing: bytes[..<line]), bytes.count - line - 1) }
        guard bytes[0] == UInt8(ascii: "$") else {
            return (.init(rebasing: bytes[..<(line - 1)]), bytes.count - line - 1)
        }
        var length = 0
        for digit in bytes[1..<(line - 1)] {
            // A missing value is `$-1`.
            guard digit != UInt8(ascii: "-") else { return (.init(rebasing: bytes[..<0]), bytes.count - line - 1) }
            length = length * 10 + Int(digit - UInt8(ascii: "0"))
        }
        let end = line + 1 + length
        guard bytes.count >= end + 2 else { return nil }
        return (.init(rebasing: bytes[(line + 1)..<end]), bytes.count - end - 2)
    }
}

extension UnsafeRawBufferPointer {
    func length(before byte: UInt8) -> Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(byte), count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    func contains(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard let base = baseAddress, count >= length else { return false }
        return (0...(count - length)).contains { memcmp(base + $0, text.utf8Start, length) == 0 }
    }

    func occurrences(of byte: UInt8) -> Int {
        var count = 0
        for other in self { count &+= other == byte ? 1 : 0 }
        return count
    }
}
