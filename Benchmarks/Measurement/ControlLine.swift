import Foundation
package import TestInstallation
import TestSupport

/// One connection to the daemon's socket, for questions that are asked often.
package struct ControlLine {
    private let line: SocketLine

    package struct NoAnswer: Error, CustomStringConvertible {
        package let description: String
    }

    package init(_ installation: Installation) throws {
        line = try SocketLine(path: installation.socketPath)
    }

    package func ask<Value: Decodable>(_ type: Value.Type, _ method: String, _ parameters: String = "{}") async throws
        -> Value
    {
        line.send(line: #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(parameters)}"#)
        guard let answer = await line.receiveLine() else { throw NoAnswer(description: "\(method): no answer") }
        let reply = try JSONDecoder().decode(Reply<Value>.self, from: Data(answer.utf8))
        guard let result = reply.result else { throw NoAnswer(description: "\(method): \(answer)") }
        return result
    }

    /// The one connected site; `nil` before there is one.
    package func site() async throws -> Status.Site? {
        try await ask(Status.self, "status").sites.first
    }

    /// Asks again and again until the site is as wanted, and tells now and then how far it is.
    package func wait(
        every pause: Duration = .milliseconds(50), until isReached: (Status.Site) async throws -> Bool
    ) async throws -> Status.Site {
        var (told, last) = (ContinuousClock.now, "")
        while true {
            if let site = try await site() {
                if try await isReached(site) { return site }
                if ContinuousClock.now - told > .seconds(10), site.summary != last {
                    (told, last) = (.now, site.summary)
                    progress("  \(last)")
                }
            }
            try await Task.sleep(for: pause)
        }
    }
}

extension Status.Site {
    fileprivate var summary: String {
        "\(sync.state) \(sync.phase ?? ""), \(counts.users) users, \(counts.issues) issues,"
            + " complete since \(coverage.completeSince ?? "never")"
    }
}
