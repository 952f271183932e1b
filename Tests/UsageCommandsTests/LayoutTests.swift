import Testing

@testable import UsageCommands

@Suite("Text that fits a terminal")
struct LayoutTests {
    private static func style(_ width: Int?) -> Style { Style(usesColour: false, width: width) }

    private static var people: TextTable {
        var table = TextTable(
            [("NAME", .left), ("ROLES", .left), ("COUNT", .right)], cutting: [(1, 8), (0, 8), (2, 8)])
        table.append(["Ann Müller-Lüdenscheidt", "jira-software,jira-servicedesk", "12"])
        table.append(["李雷", "none", "7"])
        return table
    }

    @Test(
        "No line of a table is wider than the terminal, whatever its width", arguments: [10, 20, 30, 40, 60, 61, 200])
    func width(width: Int) {
        for line in Self.people.text(Self.style(width), indent: "  ").split(separator: "\n") {
            #expect(displayWidth(String(line)) <= width, "\(line)")
        }
    }

    @Test("Without a terminal nothing is cut")
    func unlimited() {
        #expect(
            Self.people.text(.plain) == """
                NAME                     ROLES                           COUNT
                Ann Müller-Lüdenscheidt  jira-software,jira-servicedesk     12
                李雷                     none                                7

                """)
    }

    @Test("The least important column gives way first, with an ellipsis")
    func order() {
        #expect(
            Self.people.text(Self.style(45)) == """
                NAME                     ROLES          COUNT
                Ann Müller-Lüdenscheidt  jira-softwar…     12
                李雷                     none               7

                """)
        #expect(
            Self.people.text(Self.style(33)) == """
                NAME              ROLES     COUNT
                Ann Müller-Lüde…  jira-so…     12
                李雷              none          7

                """)
    }

    @Test("What has a name before it goes on on the next line, under itself")
    func folding() {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["answers", "the answer is complete from one day to another"])
        table.append(["read", "2,000 users"])
        #expect(
            table.text(Self.style(40), indent: "  ") == """
                  answers  the answer is complete from
                           one day to another
                  read     2,000 users

                """)
    }

    @Test("A word that is longer than a line stays whole, so that it can be copied")
    func longWords() {
        #expect(
            fold("see https://example.atlassian.net/wiki now", to: 12) == [
                "see", "https://example.atlassian.net/wiki", "now",
            ])
    }

    @Test(
        "A text is cut by columns, not by letters",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("李雷李", 5, "李雷…"), ("李雷李", 4, "李…"), ("ab cd", 4, "ab…"),
            ("ab", 0, ""),
        ])
    func cutting(text: String, width: Int, result: String) {
        #expect(cut(text, to: width) == result)
    }

    @Test(
        "Colour is used on a terminal, unless somebody says otherwise",
        arguments: [
            (.auto, [:], true, true), (.auto, [:], false, false), (.never, [:], true, false),
            (.always, [:], false, true),
            (.auto, ["NO_COLOR": "1"], true, false), (.auto, ["NO_COLOR": ""], true, true),
            (.always, ["NO_COLOR": "1"], true, true), (.auto, ["TERM": "dumb"], true, false),
            (.auto, ["CLICOLOR": "0"], true, false), (.auto, ["CLICOLOR_FORCE": "1"], false, true),
            (.auto, ["CLICOLOR_FORCE": "0"], false, false), (.never, ["CLICOLOR_FORCE": "1"], false, false),
            (.auto, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], true, false),
            (.auto, ["CLICOLOR_FORCE": "1", "CLICOLOR": "0", "TERM": "dumb"], true, true),
        ] as [(ColorChoice, [String: String], Bool, Bool)])
    func colour(choice: ColorChoice, variables: [String: String], isTerminal: Bool, usesColour: Bool) {
        let style = Style(choice: choice, variables: variables, isTerminal: isTerminal, width: nil)
        #expect(style.usesColour == usesColour)
    }
}

@Suite("Which daemon is asked")
struct InstallationTests {
    private static let system = "/run/jira-usaged/control.sock"
    private static let users = "/run/user/1000/jira-usaged/control.sock"

    private func installation(
        _ settings: Settings, _ variables: [String: String] = [:], there: Set<String>
    ) throws(CommandFailure) -> Installation {
        try Installation(settings, variables: variables, user: 1000) { there.contains($0) }
    }

    @Test("The system's, or the user's own where the system has none")
    func choice() throws {
        #expect(try installation(Settings(), there: [Self.system, Self.users]).socket == Self.system)
        #expect(try installation(Settings(), there: []).socket == Self.system)
        let own = try installation(Settings(), there: [Self.users])
        #expect(own.socket == Self.users)
        #expect(own.service.begin.contains(": systemctl --user start jira-usaged; journalctl --user -u jira-usaged "))
    }

    @Test(
        "Where nothing was set up yet, that is what is said to be done",
        arguments: ["client-secret", "client-secret.cred"])
    func setUp(secret: String) throws {
        let bare = try installation(Settings(), there: []).service.begin
        #expect(
            bare.hasPrefix("Set it up: sudo jirausagectl setup; ") && bare.hasSuffix(" systemctl start jira-usaged"))
        let ready = try installation(Settings(), there: ["/etc/jira-usaged/\(secret)"]).service.begin
        #expect(ready.contains(": systemctl start jira-usaged; journalctl -u jira-usaged "))
    }

    @Test("--user means the user's own, wherever its runtime directory is")
    func user() throws {
        var settings = Settings()
        settings.isUsers = true
        #expect(try installation(settings, there: ["/run/user/1000", Self.system]).socket == Self.users)
        let variables = ["XDG_RUNTIME_DIR": "/x", "JIRA_USAGED_SOCKET": "/y"]
        #expect(try installation(settings, variables, there: ["/x"]).socket == "/x/jira-usaged/control.sock")
        #expect(throws: CommandFailure.self) { try installation(settings, there: [Self.system]) }
    }

    @Test("A socket that is named is asked, and none is looked for")
    func named() throws {
        var settings = Settings()
        #expect(try installation(settings, ["JIRA_USAGED_SOCKET": "/y"], there: [Self.system]).socket == "/y")
        #expect(try installation(settings, ["JIRA_USAGED_SOCKET": ""], there: [Self.system]).socket == Self.system)
        settings.socket = "/z"
        #expect(try installation(settings, ["JIRA_USAGED_SOCKET": "/y"], there: [Self.system]).socket == "/z")
    }
}
