import ControlProtocol
import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("Every example of the description is literally true", .timeLimit(.minutes(5)))
struct ExampleTests {
    static let site = Bundle.module.bundleURL.appending(path: "ExampleSite").path

    /// These change what others tell, and come last, in this order.
    private static let disturbing = ["privacy.report", "privacy.erase", "vault.rekey", "auth.complete", "auth.logout"]

    private static var inOrder: [MethodDescription] {
        ControlCall.methods.filter { !disturbing.contains($0.name) }
            + disturbing.compactMap(MethodDescription.named)
    }

    @Test("on the site that the examples are of, each brings what it says")
    func examples() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(["--site", Self.site], directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                let nextKey = directory + "/vault-key.next"
                try installation.write(
                    installation.configuration(for: simulator)
                        .replacing("[vault]", with: "[vault]\nnext_key_file = \"\(nextKey)\""),
                    to: installation.configPath, mode: 0o644)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    let line = try SocketLine(path: installation.socketPath)
                    for method in Self.inOrder {
                        // What fails changes nothing.
                        for example in method.examples where example.failure != nil {
                            try await expect(example, of: method, on: line)
                        }
                        if method.name == "vault.rekey" {
                            let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
                            try installation.write(key.base64EncodedString() + "\n", to: nextKey, mode: 0o600)
                        }
                        for example in method.examples where example.failure == nil {
                            var given: [String: JSON] = [:]
                            if method.name == "auth.complete" {
                                let invitation = try await installation.ask(Invitation.self, "auth", "begin")
                                let url = try await simulator.consent(invitation.authorizationUrl)
                                given["redirectUrl"] = .string(url)
                            }
                            try await expect(example, of: method, on: line, given: given)
                        }
                    }
                }
            }
        }
    }

    @Test("What is asked in one breath is answered in order, whatever way each answer takes")
    func inOneBreath() async throws {
        let asked: [(line: String, code: Int?)] = [
            (#"{"id":1,"method":"user.get","params":{"who":"ann@example.com"}}"#, nil),
            (#"{"id":2,"method":"ping"}"#, nil),
            (#"{"id":3,"method":"user.get","params":{"who":"nobody@example.com"}}"#, 1020),
            (#"{"id":4,"method":"user.get","params":{"whom":"ann@example.com"}}"#, -32602), (#"{"id":5"#, -32700),
            (#"{"id":6,"method":"user.get","params":{"who":"ann@example.com"}}"#, nil),
            (#"{"id":7,"method":"user.get","params":{"who":"ann@example.com","asOf":"2025-07-01"}}"#, nil),
            (#"{"id":8,"method":"version"}"#, nil), (#"{"id":9,"method":"status"}"#, nil),
            (#"{"id":10,"method":"user.get","params":{"who":"ann@example.com"}}"#, nil),
            (#"{"id":11,"method":"ping"}"#, nil),
        ]
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(["--site", Self.site], directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    let replies = try await onThread {
                        let connection = try LineConnection(path: installation.socketPath)
                        connection.send(Array(asked.map { $0.line + "\n" }.joined().utf8))
                        connection.endInput()
                        return try connection.readLines().map { try ControlReply(line: $0) }
                    }
                    let ids = (1...11).map { $0 == 5 ? RequestID.null : .integer(Int64($0)) }
                    #expect(replies.map(\.id) == ids)
                    let codes = replies.map { reply -> Int? in
                        if case .failure(let error) = reply.outcome { error.kind.code } else { nil }
                    }
                    #expect(codes == asked.map(\.code))
                    let people = try [0, 5, 6, 9].map { try replies[$0].outcome.get()["accountId"]?.string }
                    #expect(people == Array(repeating: "60f1a2b3c4d5e6f708192a31", count: 4))
                }
            }
        }
    }

    /// - Parameter given: parameters that cannot be known beforehand.
    private func expect(
        _ example: MethodExample, of method: MethodDescription, on line: SocketLine, given: [String: JSON] = [:]
    ) async throws {
        let params = example.params.map { JSON.Member($0.name, given[$0.name] ?? $0.value) }
        let request: JSON = [
            "jsonrpc": "2.0", "id": 7, "method": .string(method.name), "params": .object(params),
        ]
        line.send(line: request.text)
        var notified: [JSON] = []
        var reply: JSON = nil
        while let text = await line.receiveLine() {
            let json = try JSON(parsing: Array(text.utf8))
            guard let notification = ControlNotification(json: json) else {
                reply = json
                break
            }
            #expect(Conformance.violations(by: notification) == [], "\(method.name): \(example.title)")
            notified.append(notification.value)
        }
        let place: Comment = "\(method.name): \(example.title): \(reply.text.prefix(2000))"
        #expect(reply["id"] == 7, place)
        switch example.outcome {
        case .error(let kind):
            let error = try #require(reply["error"], place)
            let read = try ControlError(json: error)
            #expect(read.kind == kind, place)
            #expect(Conformance.violations(by: read) == [], place)
        case .result(let written):
            let result = try #require(reply["result"], place)
            #expect(Conformance.violations(of: method.result, by: result) == [], place)
            let documented = try JSON(parsing: written.bytes)
            #expect(
                Difference.all(from: documented, to: result, isAbbreviated: example.isAbbreviated) == [], place)
        }
        // A pass may be too short to tell anything of.
        guard !example.notifications.isEmpty else { return }
        let documented = try example.notifications.map { try JSON(parsing: $0.bytes) }
        #expect(Difference.all(from: .array(documented), to: .array(notified)) == [], place)
    }
}

extension MethodExample {
    fileprivate var failure: ControlError.Kind? {
        guard case .error(let kind) = outcome else { return nil }
        return kind
    }
}

/// Where an answer is not the documented one, apart from what is another each time.
private struct Difference: Equatable, CustomStringConvertible {
    let description: String

    /// Members of which only the type is compared.
    private static let anew: Set = [
        "version", "used", "change", "position", "authorizationUrl", "nextKeyPath", "keyPath", "steps", "bytes",
    ]

    static func all(
        from documented: JSON, to actual: JSON, isAbbreviated: Bool = false, at path: String = ""
    ) -> [Difference] {
        switch (documented, actual) {
        case (.object(let members), .object(let found)):
            let names = found.map(\.name)
            let missing = isAbbreviated ? [] : names.filter { documented[$0] == nil }
            return missing.map { Difference(description: "\(path).\($0) is not documented") }
                + members.flatMap { member in
                    let path = "\(path).\(member.name)"
                    guard let value = actual[member.name] else { return [Difference(description: "\(path): missing")] }
                    if anew.contains(member.name), member.value.isText == value.isText { return [Difference]() }
                    return all(from: member.value, to: value, isAbbreviated: isAbbreviated, at: path)
                }
        case (.array(let elements), .array(let found)):
            if isAbbreviated, elements.isEmpty { return [] }
            guard elements.count == found.count else {
                return [Difference(description: "\(path): \(elements.count) became \(found.count)")]
            }
            return zip(elements, found).enumerated().flatMap { index, pair in
                all(from: pair.0, to: pair.1, isAbbreviated: isAbbreviated, at: "\(path)[\(index)]")
            }
        case (.string(let text), .string(let found)) where text != found && isOfNow(found) && instant(text) != nil:
            return []
        default:
            guard documented != actual else { return [] }
            return [Difference(description: "\(path): \(documented.text) is \(actual.text)")]
        }
    }

    private static func instant(_ text: String) -> Date? {
        try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Of the test's own day, or what lies ahead of it: an end of a consent, for example.
    private static func isOfNow(_ text: String) -> Bool {
        instant(text).map { $0.timeIntervalSinceNow > -86_400 } ?? false
    }
}

extension JSON {
    fileprivate var isText: Bool { string != nil }
}
