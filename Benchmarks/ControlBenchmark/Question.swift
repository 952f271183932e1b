/// One request as bytes, to the daemon or to Redis, and what a good reply to it looks like.
struct Question: Sendable {
    let bytes: [UInt8]
    let isAnswered: @Sendable (UnsafeRawBufferPointer) -> Bool

    static let ping = Question(method: "ping")

    static func user(_ account: String) -> Question {
        Question(method: "user.get", parameters: #"{"who":"\#(account)"}"#)
    }

    init(method: String, parameters: String = "{}") {
        bytes = Array(#"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":\#(parameters)}"#.utf8) + [10]
        // A long reply need not be searched to its end.
        isAnswered = { UnsafeRawBufferPointer(rebasing: $0.prefix(64)).contains("\"result\":") }
    }

    /// A command of Redis, in its own form.
    init(redis words: String...) {
        bytes = Self.command(words)
        isAnswered = { !$0.isEmpty && $0[0] != UInt8(ascii: "-") }
    }

    static func command(_ words: [String]) -> [UInt8] {
        words.reduce(into: Array("*\(words.count)\r\n".utf8)) { bytes, word in
            bytes += "$\(word.utf8.count)\r\n\(word)\r\n".utf8
        }
    }
}

extension BlockingClient {
    struct WrongAnswer: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks and waits for the answer.
    func ask(_ question: Question) throws {
        try send(question.bytes)
        try receiveAnswer(to: question)
    }

    func receiveAnswer(to question: Question) throws {
        guard let reply = try receive() else { throw WrongAnswer(description: "the connection was closed") }
        guard question.isAnswered(reply) else {
            let asked = String(decoding: question.bytes, as: UTF8.self)
            throw WrongAnswer(description: "\(asked): \(String(decoding: reply.prefix(400), as: UTF8.self))")
        }
    }

    /// Asks all, with at most `window` of them without an answer, which are topped up when half are answered.
    func ask(_ questions: [Question], window: Int) throws {
        var sent = 0
        for (answered, question) in questions.enumerated() {
            if sent - answered <= window / 2, sent < questions.count {
                let next = min(answered + window, questions.count)
                try send(Array(questions[sent..<next].map(\.bytes).joined()))
                sent = next
            }
            try receiveAnswer(to: question)
        }
    }
}
