import ArgumentParser
import ControlProtocol
import UsageModel

struct PrivacyCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "privacy", abstract: "Personal data: what was reported to Atlassian, export, erase.",
        subcommands: [Status.self, Report.self, Erase.self, Export.self])

    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterGroup>

    func settings(_ options: GlobalOptions<AfterCommand>) -> Settings {
        root.settings(self.options, options)
    }

    struct Status: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "How many accounts were reported, what Atlassian answered, what was erased.")

        @ParentCommand var group: PrivacyCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(GetPrivacyStatus())
            return try session.present(answer.json) { (style) throws(CommandFailure) in
                try answer.value().text(style)
            }
        }
    }

    struct Report: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "report", abstract: "Report stored accounts to Atlassian now.",
            discussion:
                "Those reported within the last half cycle are left out. By itself each is reported once a cycle.")

        @ParentCommand var group: PrivacyCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(ReportPersonalData(), .patient)
            return try session.present(answer.json) { (style) throws(CommandFailure) in
                try answer.value().text(style)
            }
        }
    }

    struct Erase: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "erase", abstract: "Erase all that is kept of a person but the bare account id.",
            discussion: """
                On all sites and for good: the account is not read any more. What Jira itself keeps is not touched. A name is \
                not enough: give the account id or the e-mail address.
                """)

        @Argument(help: "Account id or e-mail address.") var who: String
        @Flag(help: "Erase even somebody who holds a seat; it is then counted no more.") var force = false
        @ParentCommand var group: PrivacyCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }
        var selector: Selector? { .person(who) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(ErasePerson(who: who, force: force ? true : nil), .patient)
            return try session.present(answer.json) { (_) throws(CommandFailure) in
                let erasure = try answer.value()
                return
                    "Nothing is kept of \(erasure.accountId) any more but this id, since \(erasure.erasedAt.minute).\n"
            }
        }
    }

    struct Export: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print all that is kept of a person, as JSON.",
            discussion: "With --ndjson one stored row a line, which suits people with a long history.")

        @Argument(help: "E-mail address, account id, or display name.") var who: String
        @ParentCommand var group: PrivacyCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }
        var selector: Selector? { .person(who) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            try session.list(RowList<PersonalDataRow>(csv: nil, table: nil, nothing: ""), limit: nil) { limit, after in
                ExportPerson(who: who, limit: limit, after: after)
            }
        }
    }
}
