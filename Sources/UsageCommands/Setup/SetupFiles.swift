import Glibc
import UsageModel

/// The files that `setup` reads and writes.
enum SetupFiles {
    /// Far more than a secret or a configuration has.
    private static let sizeLimit = 1 << 20

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// When a file last became what it is here; `nil` where there is none. One that was put back is as old as ever by the
    /// time of its last writing.
    static func changedAt(_ path: String) -> Instant? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let time = status.st_ctim
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// All that a file holds.
    ///
    /// - Throws: errno(3), `ENOENT` where there is none.
    static func read(_ path: String) throws(Errno) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw Errno() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Errno() }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= sizeLimit else { throw Errno(EFBIG) }
        }
    }

    /// Makes a directory in which everybody may look, where there is none.
    static func makeDirectory(_ path: String) throws(SetupFailure) {
        if mkdir(path, 0o755) == 0 {
            // The daemon's user reads the configuration, whatever mask root has.
            chmod(path, 0o755)
        } else if errno != EEXIST {
            throw .file(path: path, errno: errno)
        }
    }

    enum Kind {
        /// For root's eyes. Where it does not replace, a file that is there is never lost.
        case secret(replaces: Bool)
        /// For everybody's, unless the one that is there has another mode; that one's owner stays too.
        case configuration
    }

    /// Puts a whole file into its place, or leaves what is there: it is never half there, not after a power cut either.
    static func write(_ bytes: [UInt8], to path: String, as kind: Kind) throws(SetupFailure) {
        do throws(Errno) {
            // Of a link, what it leads to is replaced.
            let path = target(of: path)
            let directory = ServiceWords.directory(of: path)
            let file = try NewFile(
                for: path, partial: "\(directory)/.\(path.dropFirst(directory.count + 1)).setup")
            if case .configuration = kind { try giveAway(file, like: path) }
            try file.write(bytes)
            if case .secret(replaces: false) = kind {
                try file.commit(replaces: false)
            } else {
                try file.commit(replaces: true)
            }
        } catch {
            throw .file(path: path, errno: error.number)
        }
    }

    /// What a path leads to in the end; the path itself where that is not there.
    static func target(of path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// With the owner and the mode of the one that is there, or for everybody to read.
    private static func giveAway(_ file: NewFile, like old: String) throws(Errno) {
        var (mode, status) = (mode_t(0o644), stat())
        if stat(old, &status) == 0 {
            guard fchown(file.descriptor, status.st_uid, status.st_gid) == 0 else { throw Errno() }
            mode = status.st_mode & 0o7777
        }
        guard fchmod(file.descriptor, mode) == 0 else { throw Errno() }
    }
}

/// Keeps a second `setup` from the directory in which one is at work; the end of the process frees it too.
struct SetupLock: ~Copyable {
    private let descriptor: CInt

    init(_ directory: String) throws(SetupFailure) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: directory, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            throw number == EAGAIN ? .running(directory: directory) : .file(path: directory, errno: number)
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
