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
        @Flag(help: "Replace an earlier copy that is there.") var force = false
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
