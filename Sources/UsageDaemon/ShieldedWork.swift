/// Work that must not stop half way because the one who asked for it went away: a consent's code serves once, and a
/// site that is left must be left whole.
struct ShieldedWork: Sendable {
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let adding: AsyncStream<@Sendable () async -> Void>.Continuation

    init() {
        (jobs, adding) = AsyncStream.makeStream()
    }

    /// Performs what is handed in, side by side, until the task is cancelled; what has begun is then cancelled too.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
        }
    }

    /// Has `body` performed by `run()` and waits for its result, whatever becomes of the caller's own task.
    ///
    /// A caller who gave up is answered by the server meanwhile.
    func perform<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            adding.yield {
                do throws(Failure) {
                    continuation.resume(returning: .success(try await body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
