import ArgumentParser
import ControlClient
import ControlProtocol

struct SyncCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Read the site now, or see how far reading is.",
        subcommands: [Run.self, Status.self])

    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterGroup>

    func settings(_ options: GlobalOptions<AfterCommand>) -> Settings {
        root.settings(self.options, options)
    }

    struct Run: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Start a pass.",
            discussion:
                "With --wait it ends when a pass that began after the request is complete, however long it takes.")

        @Flag(help: "Wait until the pass is complete.") var wait = false
        @OptionGroup var site: SiteOption
        @ParentCommand var group: SyncCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }
        var selector: Selector? { .site(secret: nil) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            var progress = ProgressLine(session.console, isWanted: wait)
            defer { progress.erase() }
            let manner = Session.Manner(isPatient: wait, wantsProgress: wait && progress.isShown)
            let answer = try session.call(RunSync(wait: wait ? true : nil, site: site.site), manner) { notification in
                if let report = try? SyncReport(json: notification.value) {
                    progress.show(report.progress, isUrgent: true)
                }
                return .goOn
            }
            progress.erase()
            let heading = wait ? "A pass is complete." : "A pass has been started."
            return try session.present(answer.json) { (style) throws(CommandFailure) in
                heading + "\n" + (try answer.value().text(style))
            }
        }
    }

    struct Status: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "How far each site has been read.")

        @ParentCommand var group: SyncCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(GetSyncStatus())
            return try session.present(answer.json) { (style) throws(CommandFailure) in
                try answer.value().text(style)
            }
        }
    }
}
