import Glibc

/// What a streaming reader took in.
struct StreamedRows {
    var rows = 0
    var bytes = 0
}

extension BlockingClient {
    /// Asks for a stream and reads it to its final reply.
    ///
    /// - Parameter each: given every line with rows.
    func readStream(_ question: Question, each: (UnsafeRawBufferPointer) throws -> Void = { _ in }) throws
        -> StreamedRows
    {
        try send(question.bytes)
        var streamed = StreamedRows()
        while let line = try receive() {
            streamed.bytes += line.count + 1
            guard UnsafeRawBufferPointer(rebasing: line.prefix(64)).contains("\"method\":\"$/rows\"") else {
                guard question.isAnswered(line) else {
                    throw WrongAnswer(description: String(decoding: line.prefix(400), as: UTF8.self))
                }
                return streamed
            }
            // The line is an object with one in it, and a row is one without any.
            streamed.rows += line.occurrences(of: UInt8(ascii: "{")) - 2
            try each(line)
        }
        throw WrongAnswer(description: "the connection was closed in a stream")
    }

    /// Reads an array of Redis.
    func readArray(_ question: Question) throws -> StreamedRows {
        try send(question.bytes)
        guard let head = try receive(), head.first == UInt8(ascii: "*"),
            let count = Int(String(decoding: head.dropFirst(), as: UTF8.self))
        else { throw WrongAnswer(description: "not an array") }
        var streamed = StreamedRows(rows: count)
        for _ in 0..<count {
            guard let element = try receive() else { throw WrongAnswer(description: "the array was cut") }
            streamed.bytes += element.count
        }
        return streamed
    }

    /// Reads lines to the end of the input.
    func readLines() throws -> StreamedRows {
        var streamed = StreamedRows()
        while let line = try receive() {
            streamed.rows += 1
            streamed.bytes += line.count + 1
        }
        return streamed
    }
}
