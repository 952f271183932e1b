import JiraCloud
import Synchronization
import UsageModel
import UsageStore

/// Performs a plan: has as many steps under way at once as it may, and writes what comes of them, all that has come by
/// then in one transaction.
struct SitePass: Sendable {
    let reader: SiteReader
    let quota: StepQuota
    let concurrency: Int
    let ourNow: @Sendable () -> Instant
    /// Told of the plan whenever it has moved on.
    let progress: @Sendable (SyncPlan) -> Void

    /// What steps have come to, until the one loop takes it.
    private final class Inbox: Sendable {
        private let ended = Mutex<[(Step, Result<SiteReader.Outcome, any Error>)]>([])

        func put(_ step: Step, _ result: Result<SiteReader.Outcome, any Error>) {
            ended.withLock { $0.append((step, result)) }
        }

        func takeAll() -> [(Step, Result<SiteReader.Outcome, any Error>)] {
            ended.withLock { ended in
                defer { ended = [] }
                return ended
            }
        }
    }

    /// Runs a plan to its end. Where a step fails nothing new is begun; what is under way is waited for and kept.
    func run(_ plan: SyncPlan) async throws {
        var plan = plan
        var failure: (any Error)?
        /// Waits for points that others have set aside.
        var held: Step?
        let inbox = Inbox()
        try await withThrowingTaskGroup { group in
            while true {
                while failure == nil, plan.underWay.count < concurrency || held != nil {
                    guard let step = held ?? plan.next(now: ourNow() + plan.state.clockOffset) else { break }
                    held = step
                    guard let permit = permit(for: step, isAlone: plan.underWay == [step], &failure) else { break }
                    held = nil
                    let offset = plan.state.clockOffset
                    group.addTask { inbox.put(step, await perform(step, permit, offset: offset)) }
                }
                progress(plan)
                guard try await group.next() != nil else { break }
                try await take(inbox.takeAll(), into: &plan, failure: &failure)
            }
        }
        if let failure { throw failure }
        try await reader.store.keep([], state: plan.state, for: reader.site.key)
    }

    /// - Parameter isAlone: whether nothing else is under way whose points might be given back.
    private func permit(for step: Step, isAlone: Bool, _ failure: inout (any Error)?) -> StepQuota.Permit? {
        switch quota.permit(for: step, now: ourNow()) {
        case .granted(let permit): return permit
        case .refused(let refusal):
            if isAlone { failure = refusal }
            return nil
        }
    }

    private func perform(
        _ step: Step, _ permit: StepQuota.Permit, offset: Duration
    ) async -> Result<SiteReader.Outcome, any Error> {
        let result: Result<SiteReader.Outcome, any Error>
        do {
            result = .success(try await reader.perform(step, ourNow: ourNow, now: ourNow() + offset))
        } catch {
            result = .failure(error)
        }
        permit.settle(now: ourNow())
        return result
    }

    private func take(
        _ ended: [(Step, Result<SiteReader.Outcome, any Error>)], into plan: inout SyncPlan,
        failure: inout (any Error)?
    ) async throws {
        guard !ended.isEmpty else { return }
        var writes: [SiteWrite] = []
        for (step, result) in ended {
            switch result {
            case .success(let outcome):
                writes += outcome.writes
                writes += plan.take(outcome.answer, of: step, now: ourNow() + plan.state.clockOffset)
            case .failure(let error):
                plan.drop(step)
                quota.note(error, now: ourNow())
                failure = failure ?? error
            }
        }
        writes.append(.spent(quota.spent(now: ourNow())))
        try await reader.store.keep(writes, state: plan.state, for: reader.site.key)
    }
}
