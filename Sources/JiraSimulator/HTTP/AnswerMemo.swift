import FoundationEssentials
import HTTPTypes

/// Answers that were rendered before, to be given again to the same request as long as nothing has changed: so that who
/// measures a client twice measures the client the second time.
struct AnswerMemo: Sendable {
    /// What an answer rests on beside the request.
    struct Basis: Sendable, Equatable {
        let now: Moment
        /// How often the site was changed.
        let changes: UInt64
        /// How often the rules of what goes wrong were.
        let rules: UInt64
    }

    private struct Request: Hashable {
        let method: String
        let path: String
        let query: [String]
        let body: Data

        init(_ call: Call) {
            method = call.method.rawValue
            path = call.path
            query = call.query.map { "\($0.name)=\($0.value)" }
            body = call.body
        }
    }

    /// Of bodies kept. What comes when it is full is rendered each time.
    private static let capacity = 1 << 30

    private var answers: [Request: (basis: Basis, reply: Reply)] = [:]
    private var size = 0

    func reply(to call: Call, on basis: Basis) -> Reply? {
        guard let answer = answers[Request(call)], answer.basis == basis else { return nil }
        return answer.reply
    }

    mutating func keep(_ reply: Reply, to call: Call, on basis: Basis) {
        let request = Request(call)
        if let old = answers.removeValue(forKey: request) { size -= old.reply.body.utf8.count }
        guard size + reply.body.utf8.count <= Self.capacity else { return }
        size += reply.body.utf8.count
        answers[request] = (basis, reply)
    }
}
