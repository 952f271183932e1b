import JiraCloud
import JiraSimulator
import Logging
import Testing
import UsageModel

@testable import UsageSync

/// Twelve o'clock.
private let noon = Instant(milliseconds: 1_800_000_000_000)
private let one = noon + .seconds(3600)

/// The points of one site's steps, and the site that they are spent on.
private struct Spending {
    let cloudID: CloudID
    let jira: JiraSite
    let budget: PointsBudget
    let quota: StepQuota

    static func with(pointsPerHour: Int, _ body: (Spending) async throws -> Void) async throws {
        try await withJiraSimulator(SimulatorConfiguration(users: 5, issues: 5, seed: 31)) { running in
            let simulator = running.simulator
            let transport = HTTPTransport(try JiraConfiguration(of: running))
            let cloudID = CloudID(rawValue: try #require(simulator.cloudIDs.first))
            let access = SimulatedAccess(simulator)
            let jira = JiraSite(
                cloudID: cloudID, transport: transport, now: { noon },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                accessToken: { await access.token(rejected: $0) })
            let budget = PointsBudget(perHour: pointsPerHour)
            let outcome: Result<Void, any Error>
            do {
                try await body(
                    Spending(
                        cloudID: cloudID, jira: jira, budget: budget,
                        quota: StepQuota(cloudID: cloudID, jira: jira, budget: budget)))
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            try await transport.shutdown()
            try outcome.get()
        }
    }

    func permit(for step: Step) throws -> StepQuota.Permit {
        switch quota.permit(for: step, now: noon) {
        case .granted(let permit): permit
        case .refused(let failure): throw failure
        }
    }
}

@Suite("Points are set aside for each step", .timeLimit(.minutes(5)))
struct StepQuotaTests {
    @Test("what a step may cost is set aside, and what it has cost is booked")
    func booking() async throws {
        try await Spending.with(pointsPerHour: 1000) { spending in
            let permit = try spending.permit(for: .readFacts)
            #expect(spending.budget.reserved == Step.readFacts.price.points)
            #expect(spending.budget.used(now: noon) == 0)
            _ = try await spending.jira.serverInfo()
            _ = try await spending.jira.myself()
            let spent = spending.jira.usage.total.points
            #expect(spent > 0 && spent <= Step.readFacts.price.points)
            permit.settle(now: noon)
            #expect(spending.budget.reserved == 0 && spending.budget.used(now: noon) == spent)
            permit.settle(now: noon)
            #expect(spending.budget.used(now: noon) == spent, "nothing is booked twice")
        }
    }

    @Test("of steps at once all is booked once, whichever ends first", arguments: [[0, 1], [1, 0]])
    func atOnce(order: [Int]) async throws {
        try await Spending.with(pointsPerHour: 1000) { spending in
            let permits = [try spending.permit(for: .readFacts), try spending.permit(for: .readFacts)]
            for number in order {
                _ = try await spending.jira.myself()
                permits[number].settle(now: noon)
                #expect(spending.budget.used(now: noon) == spending.jira.usage.total.points)
            }
            #expect(spending.budget.reserved == 0)
        }
    }

    @Test("a step that came to nothing gives its points back")
    func nothing() async throws {
        try await Spending.with(pointsPerHour: 1000) { spending in
            try spending.permit(for: .findOldest).settle(now: noon)
            #expect(spending.budget.reserved == 0 && spending.budget.used(now: noon) == 0)
        }
    }

    @Test("where the points are spent a step is refused until the next hour, and what is looked up in the store is not")
    func spent() async throws {
        try await Spending.with(pointsPerHour: 100) { spending in
            let last = 100 - Step.readFacts.price.points + 1
            #expect(spending.budget.spend(last, now: noon) == nil)
            guard case .refused(let failure) = spending.quota.permit(for: .readFacts, now: noon) else {
                Issue.record("granted")
                return
            }
            #expect(failure.kind == .rateLimited && failure.retryAt == one)
            #expect(failure.message.contains("sync.points_per_hour") && failure.message.contains(one.description))
            try spending.permit(for: .listRoles).settle(now: noon)
            #expect(spending.budget.used(now: noon) == last && spending.budget.reserved == 0)
        }
    }

    @Test(
        "a step that may cost more than an hour has is asked for with half of one",
        arguments: [(50, true), (51, false)])
    func tooMuch(used: Int, isGranted: Bool) async throws {
        try await Spending.with(pointsPerHour: 100) { spending in
            let step = Step.readWorklogs(since: noon, knownUntil: nil, isOlder: false)
            try #require(step.price.points > 100)
            _ = spending.budget.spend(used, now: noon)
            switch spending.quota.permit(for: step, now: noon) {
            case .granted: #expect(isGranted && spending.budget.reserved == 100 - used)
            case .refused(let failure): #expect(!isGranted && failure.retryAt == one)
            }
        }
    }

    @Test(
        "Jira's refusal for a quota holds for all sites or for this one; one for a burst for none",
        arguments: [
            (RateLimitReason.globalQuota, false, false), (.tenantQuota, false, true), (.burst, true, true),
            (.unstated, true, true),
        ])
    func refusal(reason: RateLimitReason, isOpenHere: Bool, isOpenElsewhere: Bool) async throws {
        try await Spending.with(pointsPerHour: 1000) { spending in
            let until = noon + .seconds(1200)
            spending.quota.note(JiraError.rateLimited(.search, reason, until: until), now: noon)
            spending.quota.note(JiraError.malformed(.search, "no issues"), now: noon)
            #expect(spending.budget.available(for: spending.cloudID, now: noon) == (isOpenHere ? 1000 : 0))
            let other = CloudID(rawValue: "other")
            #expect(spending.budget.available(for: other, now: noon) == (isOpenElsewhere ? 1000 : 0))
            guard case .refused(let failure) = spending.quota.permit(for: .readFacts, now: noon) else {
                #expect(isOpenHere)
                return
            }
            #expect(!isOpenHere && failure.retryAt == until)
        }
    }
}
