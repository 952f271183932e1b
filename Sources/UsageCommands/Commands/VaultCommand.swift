import ArgumentParser
import ControlProtocol

struct VaultCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "The key that seals the tokens.", subcommands: [Rekey.self])

    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterGroup>

    func settings(_ options: GlobalOptions<AfterCommand>) -> Settings {
        root.settings(self.options, options)
    }

    struct Rekey: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "rekey",
            abstract: "Let the vault be opened by the next key too, and say how to put that key into place.",
            discussion: """
                The daemon reads the next key itself: from its credential vault-key-next, else from the file of \
                vault.next_key_file (/etc/jira-usaged/vault-key.next). The present key opens the vault until the daemon \
                has been started with the next one.
                """)

        @ParentCommand var group: VaultCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(RekeyVault())
            return try session.present(answer.json) { (_) throws(CommandFailure) in try answer.value().text }
        }
    }
}
