import ControlClient
import ControlProtocol
import ControlServer
import Glibc
import TestSupport
import Testing

@Suite("The client", .timeLimit(.minutes(5)))
struct ControlClientTests {
    /// Answers each connection, one after another, with what stands there, and closes it.
    private func calling(
        _ answers: [String?], timeout: Duration = .seconds(60)
    ) async throws -> Result<Result<JSON, ControlError>, ClientError> {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let listener = try ListeningSocket(path: path)
            defer { close(listener.descriptor) }
            async let served: Void = onThread {
                let descriptor = accept(listener.descriptor, nil, nil)
                defer { close(descriptor) }
                for answer in answers {
                    guard let answer else {
                        // Says nothing until the client has gone.
                        var byte: UInt8 = 0
                        while recv(descriptor, &byte, 1, 0) > 0 {}
                        return
                    }
                    let bytes = Array(answer.utf8)
                    send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
                }
                // What was asked is read first, so that closing does not throw the answer away.
                shutdown(descriptor, CInt(SHUT_WR))
                var byte: UInt8 = 0
                while recv(descriptor, &byte, 1, 0) > 0 {}
            }
            let result = try await onThread { () -> Result<Result<JSON, ControlError>, ClientError> in
                do throws(ClientError) {
                    var connection = try ControlConnection(path: path, timeout: timeout)
                    return .success(try connection.call(Ping(), waiting: Waiting(limit: timeout)))
                } catch {
                    return .failure(error)
                }
            }
            try await served
            return result
        }
    }

    @Test("A reply that comes in pieces is put together")
    func pieces() async throws {
        let reply = try await calling([#"{"jsonrpc":"#, #""2.0","id":1,"#, #""result":{"pong":true}}"#, "\n{\"more\""])
        #expect(reply == .success(.success(["pong": true])))
    }

    @Test(
        "What is no reply is told apart from no reply",
        arguments: [
            (["nonsense\n"], .badReply(reason: "it must be JSON")),
            (["{\"id\":1}\n"], .badReply(reason: "it must be an object with a result or an error")),
            (["{\"id\":2,\"result\":1}\n"], .badReply(reason: "the reply to another request")),
            (
                ["{\"id\":1,\"error\":{\"code\":4711,\"message\":\"m\"}}\n"],
                .badReply(reason: "error.data.kind must be a kind of error that this version knows")
            ),
            ([String(repeating: "x", count: 62_000)], .badReply(reason: "a line of more than 61440 bytes")),
            (["{\"id\":1"], .closedEarly), ([], .closedEarly),
        ] as [([String], ClientError)])
    func badReplies(answers: [String], error: ClientError) async throws {
        #expect(try await calling(answers) == .failure(error))
    }

    @Test("A daemon that says nothing is waited for as long as was said")
    func timeout() async throws {
        #expect(try await calling([nil], timeout: .milliseconds(50)) == .failure(.timedOut(after: .milliseconds(50))))
    }

    @Test("A socket that nobody serves, and a path that no socket can have")
    func unreachable() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            #expect(throws: ClientError.noSocket(path: path)) { try connect(path) }
            close(try ListeningSocket(path: path).descriptor)
            #expect(throws: ClientError.refused(path: path)) { try connect(path) }
            let long = String(repeating: "x", count: 200)
            #expect(throws: ClientError.pathTooLong(path: long)) { try connect(long) }
        }
    }

    private func connect(_ path: String) throws(ClientError) {
        _ = try ControlConnection(path: path, timeout: .seconds(60))
    }
}
