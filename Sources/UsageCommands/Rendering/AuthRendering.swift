import ControlProtocol
import UsageModel

extension AuthInvitation {
    /// What consent is asked for, and how to give it.
    func explanation(_ style: Style) -> String {
        """
        \(style.apply(.heading, to: "Connect Jira Cloud to jira-usaged"))

        1. Sign in to Atlassian as the service account, not as yourself. What that account may see bounds what
           jira-usaged can see: give it "Browse projects" in every project, and the global permission "Browse users
           and groups". Nothing is ever written to Jira.

        2. Open this address in that browser:

           \(printable(authorizationUrl))

           Atlassian asks for consent to:
             offline_access        stay connected without asking you again
             read:jira-user        names, groups and application roles: who holds a seat
             read:jira-work        who changed which issue when; the issues' texts are not kept
             report:personal-data  tell Atlassian which accounts are stored here, so that closed ones are erased

        3. When you have consented, the browser goes to \(printable(redirectUri))… and most likely shows an error,
           because nothing listens there. That is fine: copy the whole address from its address bar.
           It is accepted until \(expiresAt.minute).

        """
    }

    var nextStep: String {
        """

        4. Hand it over, in quotes:

           jirausagectl auth complete 'PASTE THE ADDRESS HERE'

        """
    }
}

extension AuthCompletion {
    var text: String {
        let account = account.displayName.map { "\($0)\(self.account.accountId.map { " (\($0))" } ?? "")" }
        let site = sites.first { $0.cloudId == selected }
        let place = site.map { "\($0.name) (\($0.url))" } ?? selected.rawValue
        return printable("\(account ?? "The account") gave consent. \(place) is connected.") + "\n"
            + "The first sync has begun; see how far it is: jirausagectl status\n"
    }
}

extension SiteDeparture {
    var text: String {
        let name = printable("\(site.name) (\(site.url))")
        let tokens =
            keepsTokens ? "Its account's tokens are kept, for another site rests on them." : "Its tokens are deleted."
        let data =
            isErased
            ? "All that was collected there is erased."
            : printable("What was collected there is kept; erase it with: jirausagectl auth logout \(site.url) --erase")
        return """
            \(name) is disconnected. \(tokens)
            \(data)
            At Atlassian the consent stands until it is withdrawn there: id.atlassian.com, Connected apps.

            """
    }
}

extension AuthReport {
    func text(_ style: Style) -> String {
        let vault = vault?.text ?? (asOf == nil ? "" : "vault: locked; see jirausagectl status\n")
        guard !sites.isEmpty else { return "No site is connected. Connect one: jirausagectl auth login\n" + vault }
        return sites.map { site in
            var table = TextTable([("", .left), ("", .left)])
            table.append(["connected", .init(site.auth.words)])
            table.append(["scopes", .init(site.auth.scopes.joined(separator: " "))])
            return style.apply(.heading, to: printable("\(site.name) (\(site.url))")) + "\n"
                + table.text(style, indent: "  ")
        }.joined(separator: "\n") + "\n" + vault
    }
}
