import ArgumentParser
import ControlClient
import ControlProtocol
import Glibc
import UsageModel

struct StoreCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "The database of activity: copy it, test it.",
        subcommands: [Backup.self, Check.self])

    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterGroup>

    func settings(_ options: GlobalOptions<AfterCommand>) -> Settings {
        root.settings(self.options, options)
    }

    struct Backup: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup", abstract: "Write a copy of the database to a file, while it is used.",
            discussion: """
                The copy is of one moment, and holds what the database holds: names and activity of people, and no tokens. \
                How to put it back: jira-usaged(8), BACKUP AND RESTORE.
                """)

        @Argument(help: "The file to write, or - for standard output.", completion: .file()) var file: String
        @Flag(help: "Replace a file that is there.") var force = false
        @ParentCommand var group: StoreCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let target = try BackupTarget(file, replaces: force, session.console)
            var progress = ProgressLine(session.console)
            defer { progress.erase() }
            var (count, failure) = (0, CommandFailure?.none)
            let manner = Session.Manner(isPatient: true, wantsStream: true, mayAskAgain: { count == 0 })
            func take(_ notification: ControlNotification) throws(CommandFailure) {
                guard notification.kind == .rows else { return }
                do {
                    for part in try [StoreBackupPart](json: notification.value) {
                        try target.write(part.bytes)
                        count += part.bytes.count
                    }
                } catch let mismatch as JSONMismatch {
                    throw .unreadable(method: BackupStore.method, mismatch)
                } catch let failure as CommandFailure {
                    throw failure
                } catch {
                    throw .data(String(describing: error))
                }
                progress.show("\(sized(count)) so far")
            }
            progress.show("copying the database", isUrgent: true)
            do throws(CommandFailure) {
                let answer = try session.call(BackupStore(), manner) { notification in
                    do throws(CommandFailure) {
                        try take(notification)
                        return .goOn
                    } catch {
                        failure = error
                        return .stop
                    }
                }
                let backup = try answer.value()
                guard backup.bytes == count else {
                    throw .data("the copy is not whole: \(count) bytes came of \(backup.bytes)")
                }
                try target.finish()
                progress.erase()
                return try outcome(backup, session)
            } catch {
                throw failure ?? error
            }
        }

        /// What is left to say; nothing on a standard output that is the copy itself.
        private func outcome(_ backup: StoreBackup, _ session: Session) throws(CommandFailure) -> Outcome {
            guard file != "-" else { return Outcome("") }
            let json: JSON = ["file": .string(file), "bytes": backup.bytes.json, "change": backup.change.json]
            return try session.present(json) { _ in
                """
                Copied the database to \(printable(file)) (\(sized(backup.bytes))). It holds names of people and what they did; \
                keep it as you keep the database itself.

                """
            }
        }
    }

    struct Check: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Read all of the database, while it is used, and say whether it is whole.",
            discussion: "Exits with 74 where it is not.")

        @ParentCommand var group: StoreCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(CheckStore(), .patient)
            let check = try answer.value()
            return try session.present(answer.json, status: check.isWhole ? .done : .storage) { _ in
                if check.isWhole { return "The database is whole (\(sized(check.bytes))).\n" }
                return """
                    The database is damaged:
                    \(check.problems.map { "  \(printable($0))\n" }.joined())\
                    At the next start it is set aside, and everything is read again from Jira: systemctl restart jira-usaged

                    """
            }
        }
    }
}

/// Where a copy of the database goes.
private enum BackupTarget {
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
        let path = try Self.target(of: path, replaces: replaces)
        do throws(Errno) {
            self = .file(try NewFile(for: path, partial: "\(path).partial"), path: path, replaces: replaces)
        } catch {
            throw .data("\(path): \(String(cString: strerror(error.number)))")
        }
    }

    /// The file itself, where a link leads to it.
    private static func target(of path: String, replaces: Bool) throws(CommandFailure) -> String {
        var status = stat()
        guard !path.isEmpty else { throw .usage("the name of the file is empty") }
        guard stat(path, &status) == 0 else {
            guard lstat(path, &status) != 0 else { throw .usage("\(path) is a symbolic link that leads nowhere") }
            // Not there, or not to be reached, which is told when it is made.
            return path
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
        guard !isInUse(path) else {
            throw .usage("\(path) is a database in use, and is not replaced; name another file")
        }
        return SetupFiles.target(of: path)
    }

    /// Whether another process holds a lock on the file, as SQLite does on what it has open: the daemon's own databases
    /// are nobody's copies.
    private static func isInUse(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
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

/// A number of bytes for people: `1.2 GiB`.
private func sized(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var (tenths, unit) = (bytes * 10, 0)
    while tenths >= 10_240, unit < units.count - 1 {
        tenths /= 1024
        unit += 1
    }
    return unit == 0 ? "\(bytes) bytes" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
