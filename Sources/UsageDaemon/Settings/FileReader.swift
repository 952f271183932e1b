import Glibc

/// A regular file, opened once and looked at through its descriptor, so that what was checked is what is read.
struct FileReader: ~Copyable {
    enum Failure: Error, CustomStringConvertible {
        /// errno(3).
        case system(Int32)
        case symbolicLink
        case notRegular
        case tooLarge

        var description: String {
            switch self {
            case .system(let code): String(cString: strerror(code))
            case .symbolicLink: "is a symbolic link"
            case .notRegular: "is not a regular file"
            case .tooLarge: "is too large"
            }
        }
    }

    private let descriptor: Int32
    /// Permission bits of chmod(2).
    let mode: mode_t
    let owner: uid_t

    init(path: String, followsLinks: Bool) throws(Failure) {
        // Without O_NONBLOCK a FIFO would hold us up until somebody writes to it.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followsLinks ? 0 : O_NOFOLLOW)
        let descriptor = Glibc.open(path, flags)
        guard descriptor >= 0 else { throw errno == ELOOP && !followsLinks ? .symbolicLink : .system(errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notRegular
        }
        self.descriptor = descriptor
        mode = status.st_mode & 0o7777
        owner = status.st_uid
    }

    deinit {
        close(descriptor)
    }

    func read(limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw .tooLarge }
            bytes += buffer[..<count]
        }
    }
}
