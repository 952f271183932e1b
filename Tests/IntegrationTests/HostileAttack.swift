import Foundation
import TestSupport

/// Many lines of ``RandomLines`` on connections of their own, with requests among them whose replies are known.
struct HostileAttack: Sendable {
    let seed: UInt64
    let lines: Int
    let socketPath: String

    /// Lines on one connection.
    private static let linesPerConnection = 10_000
    /// After so many random lines stands a request whose reply is known.
    fileprivate static let knownEvery = 20

    struct Outcome: Sendable {
        var lines = 0
        var replies = 0
        /// What is not as it must be.
        var faults: [String] = []
    }

    /// Blocks until all is answered.
    func run() throws -> Outcome {
        var (outcome, number) = (Outcome(), 0)
        while outcome.lines < lines {
            let count = min(Self.linesPerConnection, lines - outcome.lines)
            // The seed of one connection is enough to send the same again.
            try talk(seed &+ UInt64(number), count, &outcome)
            number += 1
        }
        return outcome
    }

    private func talk(_ seed: UInt64, _ count: Int, _ outcome: inout Outcome) throws {
        let connection = try LineConnection(path: socketPath)
        let sender = Sender(seed: seed, count: count, connection: connection)
        Thread.detachNewThread { sender.send() }
        var known: [String: Int] = [:]
        var replies = 0
        while let line = try connection.readLine() {
            guard let reply = HostileReply(line) else {
                outcome.faults.append("seed \(seed): \(String(decoding: line.prefix(300), as: UTF8.self))")
                continue
            }
            guard !reply.isNotification else { continue }
            replies += 1
            if let id = reply.knownID, reply.isPong { known[id, default: 0] += 1 }
        }
        let expected = sender.lines
        if replies != expected { outcome.faults.append("seed \(seed): \(expected) lines, \(replies) replies") }
        for number in stride(from: 0, to: count, by: Self.knownEvery) where known["known \(number)"] != 1 {
            outcome.faults.append("seed \(seed): \(known["known \(number)"] ?? 0) replies to \(number)")
        }
        outcome.lines += count
        outcome.replies += replies
    }

    /// The writing half, on a thread of its own: whoever does not read while he writes may wait for ever.
    private final class Sender: Sendable {
        let lines: Int
        private let bytes: [UInt8]
        private let connection: LineConnection

        init(seed: UInt64, count: Int, connection: LineConnection) {
            var (random, bytes, lines) = (RandomLines(seed: seed), [UInt8](), 0)
            for number in 0..<count {
                var line = random.next()
                if number % HostileAttack.knownEvery == 0 {
                    line = Array(#"{"jsonrpc":"2.0","id":"known \#(number)","method":"ping"}"#.utf8)
                }
                // A line of blanks is no request, and nobody answers it.
                if line.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) { lines += 1 }
                bytes += line + [UInt8(ascii: "\n")]
            }
            (self.lines, self.bytes, self.connection) = (lines, bytes, connection)
        }

        func send() {
            connection.send(bytes)
            connection.endInput()
        }
    }
}

/// A line of the daemon's, read by nothing of ours.
struct HostileReply {
    /// As the contract promises it, line feed included.
    static let longest = 60 * 1024

    let knownID: String?
    let code: Int?
    let kind: String?
    let isPong: Bool
    let isNotification: Bool

    /// `nil` for what is no reply by JSON-RPC 2.0, or too long.
    init?(_ line: [UInt8]) {
        // What is no JSON is no reply.
        guard line.count < Self.longest,
            let object = try? JSONSerialization.jsonObject(with: Data(Self.readable(line))) as? [String: Any],
            object["jsonrpc"] as? String == "2.0"
        else { return nil }
        isNotification = object["method"] is String && object["id"] == nil
        let (result, error) = (object["result"], object["error"] as? [String: Any])
        guard isNotification || (object["id"] != nil && (result == nil) != (object["error"] == nil)) else { return nil }
        knownID = object["id"] as? String
        isPong = (result as? [String: Any])?["pong"] as? Bool == true
        code = error?["code"] as? Int
        kind = (error?["data"] as? [String: Any])?["kind"] as? String
        if object["error"] != nil, code == nil || kind == nil || !(error?["message"] is String) { return nil }
    }
    /// With 0 instead of an id that is a number: it comes back as it was sent, and Foundation reads none beyond 1e308.
    private static func readable(_ line: [UInt8]) -> [UInt8] {
        let start = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
        guard line.starts(with: start) else { return line }
        let rest = line.dropFirst(start.count)
        let number = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.eE".utf8.contains($0) }
        return number.isEmpty ? line : start + [UInt8(ascii: "0")] + rest.dropFirst(number.count)
    }
}
