import ArgumentParser
import ControlProtocol
import UsageModel

struct UserCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "One user: roles, groups, last activity with its evidence, verdict.")

    @Argument(help: "An e-mail address, an account id or an unambiguous display name.") var who: String
    @Option(help: .init("Days without activity before a licence counts as inactive, 1 to 36500.", valueName: "days"))
    var threshold: Days?
    @Option(help: .init("Activity up to then, roles and seats as they were; now if left out.", valueName: "date"))
    var asOf: Moment?
    @OptionGroup var site: SiteOption
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }
    var selector: Selector? { .person(who) }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        do {
            let answer = try session.call(request(site: site.site))
            switch session.format {
            case .json, .ndjson: return Outcome(answer.json)
            case .csv: return Outcome(try answer.value().csv)
            case nil: return Outcome(try answer.value().text(session.style))
            }
        } catch .candidates(let error) where error.meansSites {
            return try everySite(error.choices, session)
        }
    }

    /// The same person on each of the sites that know them.
    private func everySite(
        _ choices: [ControlError.Choice], _ session: Session
    ) throws(CommandFailure) -> Outcome {
        var answers: [Session.Answer<GetUser>] = []
        for choice in choices { answers.append(try session.call(request(site: choice.site))) }
        var users: [UserReport] = []
        switch session.format {
        case .json: return Outcome(["rows": .array(answers.map(\.json)), "next": nil])
        case .ndjson: return Outcome(answers.map { $0.json.text + "\n" }.joined())
        case .csv, nil: for answer in answers { users.append(try answer.value()) }
        }
        if session.format == .csv { return Outcome(UserReport.csvHeader + users.map(\.csvLine).joined()) }
        let sections = zip(choices, users).map { choice, user in
            session.style.apply(.heading, to: printable("On \(choice.name)")) + "\n" + user.text(session.style)
        }
        return Outcome(sections.joined(separator: "\n"))
    }

    private func request(site: String?) -> GetUser {
        GetUser(who: who, thresholdDays: threshold?.count, asOf: asOf?.instant, site: site)
    }
}

extension ControlError {
    /// Whether the choices are sites that know the same person, and not several persons.
    fileprivate var meansSites: Bool {
        kind == .ambiguous && choices.allSatisfy { $0.accountId == nil && $0.site != nil }
    }
}

struct UsersCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Users, all or those that match.",
        discussion: "For example the seats to look at: jirausagectl users --inactive 90d --sort oldest")

    @Option(help: "Only users of this verdict.")
    var verdict: VerdictState?
    @Option(
        help: .init(
            "Only users without activity for so long, 1d to 36500d; with --verdict, only the length of its window.",
            valueName: "days"))
    var inactive: Days?
    @Option(
        help: .init("Only users with the application role of this key.", valueName: "key"),
        completion: ValueCompletion.roles)
    var role: String?
    @Option(help: .init("Only members of this group.", valueName: "name"), completion: ValueCompletion.groups)
    var group: String?
    @Flag(
        name: [.long, .customLong("seat")], inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Only users who hold a seat, or who hold none.")
    var seats: Bool?
    @Option(help: .init("Activity up to then, roles and seats as they were; now if left out.", valueName: "date"))
    var asOf: Moment?
    @Option(help: "By name, or by last activity: oldest or newest first.") var sort: UserOrder?
    @Option(help: .init("How many users, at most; 1 or more.", valueName: "count")) var limit: RowCount?
    @OptionGroup var site: SiteOption
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }
    var selector: Selector? { .site(secret: nil) }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        try session.list(.users, limit: limit?.count) { (limit, after) in
            ListUsers(
                verdict: verdict ?? (inactive == nil ? nil : .inactive), thresholdDays: inactive?.count, role: role,
                group: group, seat: seats, asOf: asOf?.instant, sort: sort, limit: limit, after: after,
                site: site.site)
        }
    }
}

extension VerdictState: ExpressibleByArgument {}
extension UserOrder: ExpressibleByArgument {}

struct ActivityCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "activity", abstract: "The activities behind a verdict, newest first.")

    @Argument(help: "An e-mail address, an account id or an unambiguous display name.") var who: String
    @Option(help: .init("Only at or after this.", valueName: "date")) var since: Moment?
    @Option(help: .init("Only before this.", valueName: "date")) var until: Moment?
    @Option(help: .init("How many activities, at most; 1 or more.", valueName: "count")) var limit: RowCount?
    @OptionGroup var site: SiteOption
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }
    var selector: Selector? { .person(who) }

    func validate() throws {
        if let since, let until, since.instant >= until.instant {
            throw ValidationError("--since must be before --until: between them there is no time.")
        }
    }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        try session.list(.activities, limit: limit?.count) { (limit, after) in
            ListActivities(
                who: who, since: since?.instant, until: until?.instant, limit: limit, after: after, site: site.site)
        }
    }
}
