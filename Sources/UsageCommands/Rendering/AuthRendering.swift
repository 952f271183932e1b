import ControlProtocol
import UsageModel

extension AuthInvitation {
    /// What consent is asked for, and how to give it and bring the answer by hand.
    func explanation(_ style: Style) -> String {
        introduction(style, opening: "Open this address in that browser:") + """

            3. When you have consented, the browser goes to \(printable(redirectUri))… and most likely shows an error,
               because nothing listens there. That is fine: copy the whole address from its address bar.
               It is accepted until \(expiresAt.minute).

            """
    }

    /// As whom to sign in, where, and what consent is asked for.
    ///
    /// - Parameter opening: the sentence before the address.
    func introduction(_ style: Style, opening: String) -> String {
        """
        \(style.apply(.heading, to: "Connect Jira Cloud to jira-usaged"))

        1. Sign in to Atlassian as the service account, not as yourself. What that account may see bounds what
           jira-usaged can see: give it "Browse projects" in every project, and the global permission "Browse users
           and groups". Nothing is ever written to Jira.

        2. \(opening)

           \(printable(authorizationUrl))

           Atlassian asks for consent to:
             offline_access        stay connected without asking you again
             read:jira-user        names, groups and application roles: who holds a seat
             read:jira-work        who changed which issue when; the issues' texts are not kept
             report:personal-data  tell Atlassian which accounts are stored here, so that closed ones are erased

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
    /// The site that was connected, as people know it.
    var place: String {
        sites.first { $0.cloudId == selected }.map { "\($0.name) (\($0.url))" } ?? selected.rawValue
    }

    var text: String {
        let account = account.displayName.map { "\($0)\(self.account.accountId.map { " (\($0))" } ?? "")" }
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

extension AuthState {
    /// A person should act within 30 days, and must within three.
    func emphasis(at now: Instant) -> Style.Emphasis? {
        guard let left = expiresAt?.duration(since: now), left <= .days(30) else { return nil }
        return left <= .days(3) ? .bad : .warning
    }
}

extension AuthState.Ages {
    /// How old the consent is, and when it ends.
    func words(at now: Instant) -> String {
        let end =
            absoluteExpiresAt > now
            ? "ends \(distance(absoluteExpiresAt, from: now)) (\(absoluteExpiresAt.day)) at the latest"
            : "ended \(distance(absoluteExpiresAt, from: now)) (\(absoluteExpiresAt.day))"
        let refresh = refreshedAt.map { "last refreshed \(distance($0, from: now))" } ?? "never refreshed yet"
        var parts = ["consented \(distance(consentedAt, from: now))", end, refresh]
        // Only what refreshes no more comes near this end.
        if idleExpiresAt < absoluteExpiresAt, idleExpiresAt.duration(since: now) <= .days(30) {
            let ends = idleExpiresAt > now ? "forgotten by Atlassian" : "was to be forgotten by Atlassian"
            parts.append("\(ends) \(distance(idleExpiresAt, from: now)) (\(idleExpiresAt.day)) if not refreshed")
        }
        return parts.joined(separator: "; ")
    }

    /// In whole days: `in 325 days`, `40 days ago`.
    private func distance(_ instant: Instant, from now: Instant) -> String {
        let days = Int(instant.duration(since: now).components.seconds / 86_400)
        if days == 0 { return instant > now ? "within a day" : "less than a day ago" }
        return days > 0 ? "in \(counted(days, "day"))" : "\(counted(-days, "day")) ago"
    }
}

extension AuthReport {
    func text(_ style: Style) -> String {
        let isVaultLocked = vault == nil && asOf != nil
        let vault = vault?.text ?? (isVaultLocked ? "vault: locked; see jirausagectl status\n" : "")
        guard !sites.isEmpty else {
            return "No site is connected." + (isVaultLocked ? "" : " Connect one: jirausagectl auth login") + "\n"
                + vault
        }
        return sites.map { site in
            var table = TextTable([("", .left), ("", .left)])
            table.append(["connected", .init(site.auth.words(isVaultLocked: isVaultLocked))])
            if let asOf, let ages = site.auth.ages {
                table.append(["consent", .init(ages.words(at: asOf), site.auth.emphasis(at: asOf))])
            }
            table.append(["scopes", .init(site.auth.scopes.joined(separator: " "))])
            return style.apply(.heading, to: printable("\(site.name) (\(site.url))")) + "\n"
                + table.text(style, indent: "  ")
        }.joined(separator: "\n") + "\n" + vault
    }
}
