import ArgumentParser
import ControlProtocol

struct AuthCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "Connect a site, see what is connected, disconnect it.",
        subcommands: [Begin.self, Complete.self, Login.self, Status.self, Logout.self])

    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterGroup>

    func settings(_ options: GlobalOptions<AfterCommand>) -> Settings {
        root.settings(self.options, options)
    }

    struct Begin: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "begin", abstract: "Get the URL at which consent is given, and what it is given for.")

        @ParentCommand var group: AuthCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(BeginAuth())
            return try session.present(answer.json) { (style) throws(CommandFailure) in
                let invitation = try answer.value()
                return invitation.explanation(style) + invitation.nextStep
            }
        }
    }

    struct Complete: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "complete", abstract: "Hand over the URL that the browser was redirected to.",
            discussion: "With - as URL it is read from standard input, where no other user can see it.")

        @Argument(help: "The whole URL from the browser's address bar, or - for standard input.") var url: String
        @OptionGroup var site: SiteOption
        @ParentCommand var group: AuthCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }
        var selector: Selector? { .site(secret: url) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            try complete(url == "-" ? session.console.readLine() ?? "" : url, site: site.site, session)
        }
    }

    struct Login: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "login",
            abstract: "Connect a site in one go: consent in a browser, which comes back by itself.",
            discussion: """
                Until the browser is back, the address that it was sent to can also be pasted. A browser is opened where \
                there is one: in a graphical session, and not over SSH.
                """)

        @OptionGroup var site: SiteOption
        @Flag(help: "Open no browser; only print the address.") var noBrowser = false
        @ParentCommand var group: AuthCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }
        var selector: Selector? { .site(secret: nil) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let dialogue = LoginDialogue(session: session, mayOpenBrowser: !noBrowser, site: site.site)
            let answer = try dialogue.perform()
            return try session.present(answer.json) { (_) throws(CommandFailure) in try answer.value().text }
        }
    }

    struct Status: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Which sites are connected, by whose consent, until when.")

        @ParentCommand var group: AuthCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            let answer = try session.call(GetAuthStatus())
            return try session.present(answer.json) { (style) throws(CommandFailure) in
                try answer.value().text(style)
            }
        }
    }

    struct Logout: UsageCommand {
        static let configuration = CommandConfiguration(
            commandName: "logout",
            abstract: "Leave a site: delete its tokens, and with --erase everything collected there.")

        @Argument(help: "The site, by URL or cloud id.", completion: ValueCompletion.sites) var site: String
        @Flag(help: "Erase everything that was collected there too, for good.") var erase = false
        @ParentCommand var group: AuthCommand
        @OptionGroup var options: GlobalOptions<AfterCommand>

        var settings: Settings { group.settings(options) }

        func perform(_ session: Session) throws(CommandFailure) -> Outcome {
            // A large site takes longer to erase than a look into the database.
            let answer = try session.call(
                ControlProtocol.Logout(site: site, erase: erase ? true : nil), .patient)
            return try session.present(answer.json) { (_) throws(CommandFailure) in try answer.value().text }
        }
    }
}

/// The code in the URL is exchanged at Atlassian, which may take longer than a look into the database.
private func complete(_ url: String, site: String?, _ session: Session) throws(CommandFailure) -> Outcome {
    let url = url.filter { !$0.isWhitespace }
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
        throw .data("that is no URL: copy the whole address that the browser shows, from http to its end")
    }
    let answer = try session.call(CompleteAuth(redirectUrl: url, site: site), .patient)
    return try session.present(answer.json) { (_) throws(CommandFailure) in try answer.value().text }
}
