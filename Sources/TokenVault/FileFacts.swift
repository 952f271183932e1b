import Glibc

/// What the kernel says of a file without its being opened: to open and close it would drop the locks that this process
/// may hold on it (fcntl_locking(2)).
struct FileFacts {
    private let path: String
    private let status: stat

    init(_ path: String) throws(VaultError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw .failed(path: path, message: String(cString: strerror(errno)))
        }
        (self.path, self.status) = (path, status)
    }

    var isEmpty: Bool { status.st_size == 0 }

    /// The file holds sealed rows only, but who can write it can put an older one in its place, or delete it.
    ///
    /// Between this look and the opening only somebody who can write its directory could exchange it, and that is the
    /// daemon's user alone.
    func refuseExposed(to user: uid_t) throws(VaultError) {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .noFile(path: path, isLink: status.st_mode & S_IFMT == S_IFLNK)
        }
        guard status.st_uid == user else { throw .owner(path: path, is: status.st_uid, mustBe: user) }
        guard status.st_mode & 0o077 == 0 else { throw .mode(path: path, is: status.st_mode & 0o7777) }
    }

    /// The process that holds a lock on the file, by proc_locks(5); `nil` where that cannot be told, and for our own.
    var lockHolder: Int32? {
        // Where locks come and go while the list is given out, a line may slip through.
        for _ in 0..<3 {
            let holder = Self.holder(
                in: Self.locks(), inode: UInt64(status.st_ino), device: UInt64(status.st_dev), own: getpid())
            if let holder { return holder }
        }
        return nil
    }

    /// The kernel gives the list out page by page, where Foundation would take the first for all there is.
    private static func locks() -> String {
        let descriptor = open("/proc/locks", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &page, page.count), count > 0 { text += page[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    /// A line is "1: POSIX  ADVISORY  WRITE 1234 08:01:5678 0 EOF": process, then device (in hexadecimal) and inode.
    static func holder(in locks: String, inode: UInt64, device: UInt64, own: Int32) -> Int32? {
        for line in locks.split(separator: "\n") {
            let words = line.split(separator: " ")
            // A waiting one has an arrow in the second place.
            guard words.count >= 8, words[1] == "POSIX", let process = Int32(words[4]), process > 0, process != own
            else { continue }
            let file = words[5].split(separator: ":")
            guard file.count == 3, let major = UInt64(file[0], radix: 16), let minor = UInt64(file[1], radix: 16),
                UInt64(file[2]) == inode, device == Self.device(major, minor)
            else { continue }
            return process
        }
        return nil
    }

    /// As makedev(3) does it, which is a macro.
    private static func device(_ major: UInt64, _ minor: UInt64) -> UInt64 {
        (major & 0xFFFF_F000) << 32 | (major & 0xFFF) << 8 | (minor & 0xFFFF_FF00) << 12 | (minor & 0xFF)
    }
}
