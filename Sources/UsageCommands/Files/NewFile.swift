import Glibc

/// A file on its way into its place: it is there when it is whole, and not before, not after a power cut either. One that is
/// not committed leaves nothing behind.
final class NewFile {
    /// For whoever gives it an owner or a mode. It is made for its owner alone (mode 0600).
    let descriptor: CInt
    private let path: String
    private let partial: String
    private var isCommitted = false

    /// - Parameters:
    ///   - path: where it belongs.
    ///   - partial: what it is called until then, in the same directory, and always the same: so what a run that was stopped
    ///     has left is not left for ever.
    init(for path: String, partial: String) throws(Errno) {
        self.path = path
        self.partial = partial
        unlink(partial)
        descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Errno() }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(partial) }
    }

    func write(_ bytes: [UInt8]) throws(Errno) {
        if case .failed(let errno) = Console.write(bytes, to: descriptor) { throw Errno(errno) }
    }

    /// - Parameter replaces: whether a file that is there gives way; otherwise it is never lost.
    func commit(replaces: Bool) throws(Errno) {
        guard fsync(descriptor) == 0 else { throw Errno() }
        if replaces {
            guard rename(partial, path) == 0 else { throw Errno() }
        } else {
            guard link(partial, path) == 0 else { throw Errno() }
            unlink(partial)
        }
        isCommitted = true
        try synchronise(ServiceWords.directory(of: path))
    }

    private func synchronise(_ directory: String) throws(Errno) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Errno() }
    }
}

/// An error of the system's: errno(3).
struct Errno: Error {
    let number: CInt

    /// The last one.
    init(_ number: CInt = errno) {
        self.number = number
    }
}
