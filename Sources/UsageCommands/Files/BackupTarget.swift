import Glibc
import UsageModel

/// Where a copy of the database goes.
enum BackupTarget {
    case file(NewFile, path: String, replaces: Bool)
    case output(Console)

    /// - Parameter path: `-` for standard output.
    init(_ path: String, replaces: Bool, _ console: Console) throws(CommandFailure) {
        guard path != "-" else {
            guard !console.outputIsTerminal else {
                throw .usage("the copy is no text for a terminal; name a file, or lead the output elsewhere")
            }
            self = .output(console)
            return
        }
        guard !path.isEmpty else { throw .usage("the name of the file is empty") }
        // Of a link, what it leads to is written.
        let path = SetupFiles.target(of: path)
        try Self.check(path, replaces: replaces)
        do throws(Errno) {
            self = .file(try NewFile(for: path, partial: "\(path).partial"), path: path, replaces: replaces)
        } catch {
            throw .data("\(path): \(String(cString: strerror(error.number)))")
        }
    }

    /// Refuses what is not to be written, or not to be replaced.
    private static func check(_ path: String, replaces: Bool) throws(CommandFailure) {
        guard !["-journal", "-wal", "-shm"].contains(where: path.hasSuffix) else {
            throw .usage("\(path) is named like what SQLite keeps beside a database; name another file")
        }
        let directory = ServiceWords.directory(of: path)
        guard !isStateDirectory(directory) else {
            throw .usage("\(path) is in the daemon's own directory, \(directory); name a file elsewhere")
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard !SetupFiles.isLink(path) else { throw .usage("\(path) is a symbolic link that leads nowhere") }
            // Not there, or not to be reached, which is told when it is made.
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            guard status.st_mode & S_IFMT != S_IFDIR else {
                let file = (path.hasSuffix("/") ? path : path + "/") + "usage.db"
                throw .usage("\(path) is a directory; name a file in it: jirausagectl store backup \(file.shellWord)")
            }
            throw .usage(
                "\(path) is no file that could be replaced; name one, or write to what it is: "
                    + "jirausagectl store backup - > \(path.shellWord)")
        }
        guard replaces else { throw .usage("\(path) is there already; name another file, or repeat with --force") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .data("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard !isInUse(descriptor) else { throw .usage("\(path) is in use, and is not replaced; name another file") }
        guard status.st_size == 0 || isCopy(descriptor) else {
            throw .usage("\(path) is no copy of the database, and is not replaced; name another file")
        }
    }

    /// Whether a daemon that runs keeps its databases there: by their names it knows its files, and some it removes.
    private static func isStateDirectory(_ directory: String) -> Bool {
        let descriptor = open("\(directory)/lock", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }

    /// Whether another process holds a lock on the file, as SQLite does on what it has open.
    private static func isInUse(_ descriptor: CInt) -> Bool {
        var lock = Glibc.flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }

    /// Whether it is a database of ours: a slip of the hand is to cost nobody another file, and what SQLite keeps beside a
    /// database it needs.
    private static func isCopy(_ descriptor: CInt) -> Bool {
        var header = [UInt8](repeating: 0, count: 72)
        guard pread(descriptor, &header, header.count, 0) == header.count else { return false }
        // https://www.sqlite.org/fileformat2.html#the_database_header: what it is, and the application id, "JUSA".
        return header.starts(with: "SQLite format 3\0".utf8) && header[68...].elementsEqual("JUSA".utf8)
    }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        switch self {
        case .output(let console):
            let writing = console.print(bytes)
            guard case .done = writing else { throw CommandFailure(writing) }
        case .file(let file, _, _):
            do throws(Errno) {
                try file.write(bytes)
            } catch {
                throw .unwritten(errno: error.number)
            }
        }
    }

    /// The copy is whole.
    func finish() throws(CommandFailure) {
        guard case .file(let file, let path, let replaces) = self else { return }
        do throws(Errno) {
            try file.commit(replaces: replaces)
        } catch {
            throw .data("\(path): \(String(cString: strerror(error.number)))")
        }
    }
}
