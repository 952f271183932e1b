import ArgumentParser
import UsageModel

/// A command that has something to say. It neither prints nor exits: ``CommandLineTool`` does.
///
/// Each has a `commandName` in its configuration: the parser asks every command for its name at each start, and what it
/// makes of a type's name takes as long as all the rest of its work.
protocol UsageCommand: ParsableCommand {
    /// The global options, wherever they stood.
    var settings: Settings { get }
    /// What says which one is meant where the daemon finds several; `nil` where that cannot be.
    var selector: Selector? { get }
    func perform(_ session: Session) throws(CommandFailure) -> Outcome
}

extension UsageCommand {
    var selector: Selector? { nil }
}

/// A command that only holds others.
protocol CommandGroup: ParsableCommand {}

/// The command of all commands; its own part is the options that stand before the command's name.
struct Root: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "jirausagectl",
        abstract: "Tells who uses Jira, and which paid seats nobody uses.",
        discussion: """
            It asks jira-usaged, which reads your Jira Cloud site. WHO is an e-mail address, an account id or an \
            unambiguous display name. Reading leaves no trace in Jira: "no activity seen" means nothing written.
            """,
        version: "jirausagectl \(programVersion)",
        subcommands: [
            StatusCommand.self, UserCommand.self, UsersCommand.self, ActivityCommand.self, LicencesCommand.self,
            SyncCommand.self, SetupCommand.self, AuthCommand.self, PrivacyCommand.self, VaultCommand.self,
            StoreCommand.self, CallCommand.self, CompletionCommand.self,
        ])

    @OptionGroup var options: GlobalOptions<BeforeCommand>

    func settings(_ after: GlobalOptions<AfterCommand>) -> Settings {
        var settings = Settings()
        settings.apply(options)
        settings.apply(after)
        return settings
    }

    /// For a command inside a group, whose name options may follow too.
    func settings(_ group: GlobalOptions<AfterGroup>, _ after: GlobalOptions<AfterCommand>) -> Settings {
        var settings = Settings()
        settings.apply(options)
        settings.apply(group)
        settings.apply(after)
        return settings
    }
}

/// The options that say which site is meant.
struct SiteOption: ParsableArguments {
    @Option(
        help: .init("The site, by URL or cloud id, where several are connected.", valueName: "url"),
        completion: ValueCompletion.sites)
    var site: String?
}
