import ControlProtocol
import Foundation
import Synchronization
import TestInstallation
import TestSupport
import UsageDaemon
import WireOracles

/// The daemon in the fuzzer's own process, from its socket to its empty store.
enum InnerDaemon {
    /// Of its socket: libFuzzer calls a plain function, which has nowhere else to know it from.
    static let path = Mutex("")

    static func run(_ installation: Installation) async throws {
        let status = await DaemonProgram.run(arguments: ["--config", installation.configPath], environment: [:])
        throw BrokenPromise("the daemon ended with \(status)")
    }

    /// Asks again and again: the daemon inside has no other way to say that it is ready, and this is no test.
    static func waitUntilReady() {
        while (try? answers(to: [], path.withLock(\.self))) == nil { usleep(10_000) }
    }

    /// Sends the input on a connection of its own. What has no request in it is refused line by line, which the oracles
    /// have looked at: most inputs cost no connection.
    static func check(_ input: [UInt8]) throws {
        let requests = WireOracle.requests(in: input)
        guard !requests.isEmpty, !requests.contains(where: { $0.id == last }) else { return }
        // What comes behind a subscription without an id waits for its end, which does not come.
        guard !requests.contains(where: { $0.method == "events.subscribe" && $0.id == .null }) else { return }
        let answers = try answers(to: input, path.withLock(\.self))
        for request in requests where request.id != .null && !request.isAnsweredAside {
            // One that is answered aside may have the same id.
            let expected = requests.count { $0.id == request.id && !$0.isAnsweredAside }
            let found = answers.count { $0.id == request.id }
            guard found >= expected else {
                throw BrokenPromise("\(request.id): \(expected) requests, \(found) replies")
            }
        }
        let lines = input.split(separator: UInt8(ascii: "\n"))
            .count { line in line.contains { ![0x20, 0x09, 0x0D].contains($0) } }
        let aside = requests.count(where: \.isAnsweredAside)
        guard (lines - aside...lines).contains(answers.count) else {
            throw BrokenPromise("\(lines) lines, \(aside) of them answered aside, \(answers.count) replies")
        }
    }

    private static let last = RequestID.string("the last one of this connection")

    /// The replies that come before that to a last request of ours.
    private static func answers(to input: [UInt8], _ path: String) throws -> [ControlReply] {
        let connection = try LineConnection(path: path)
        connection.send(input + [UInt8(ascii: "\n")] + ControlRequest(id: last, call: Ping()).line)
        var answers: [ControlReply] = []
        while let line = try connection.readLine() {
            guard line.count < LineSplitter.longestReply else { throw BrokenPromise("a line of \(line.count) bytes") }
            // The one long reply is always the same, and takes longest.
            guard line.count > 8192 || PlainJSON(line) == .accepted else {
                throw BrokenPromise("a line that is \(PlainJSON(line))")
            }
            // What has a method is a notification.
            if try JSON(parsing: line)["method"] != nil { continue }
            let reply = try ControlReply(line: line)
            if reply.id == last { return answers }
            answers.append(reply)
        }
        throw BrokenPromise("closed after \(answers.count) replies")
    }
}

extension ControlRequest {
    /// Whether its reply may come later than those to the requests after it.
    fileprivate var isAnsweredAside: Bool {
        runsAside || id != .null && (method == CancelRequest.method || meta != RequestMeta())
    }
}
