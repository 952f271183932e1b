import ControlProtocol
import Testing
import UsageModel

@Suite("Requests and replies")
struct ControlRequestTests {
    private func refusal(_ line: String) -> RefusedRequest? {
        #expect(throws: RefusedRequest.self) { try ControlRequest(line: Array(line.utf8)) }
    }

    @Test("A request without jsonrpc and id is served, with id null")
    func lenient() throws {
        let request = try ControlRequest(line: Array(#"{"method":"status"}"#.utf8))
        #expect(request == ControlRequest(id: .null, method: "status"))
    }

    @Test(
        "The reply carries the request's id as it was",
        arguments: [#""a""#, "1", "-5", "1.5", "123456789012345678901234567890", "null"])
    func ids(id: String) throws {
        let request = try ControlRequest(line: Array(#"{"id":\#(id),"method":"ping"}"#.utf8))
        let reply = ControlReply(id: request.id, outcome: .success(["pong": true]))
        #expect(
            String(decoding: reply.line, as: UTF8.self) == #"{"jsonrpc":"2.0","id":\#(id),"result":{"pong":true}}"#
                + "\n")
    }

    @Test(
        "What is no request is refused with the right code",
        arguments: [
            ("nonsense", -32700), ("{\"method\":", -32700), ("[]", -32600), (#"[{"method":"ping"}]"#, -32600),
            ("1", -32600), ("{}", -32600), (#"{"method":1}"#, -32600), (#"{"method":"a","method":"b"}"#, -32600),
            (#"{"jsonrpc":"1.0","method":"ping"}"#, -32600), (#"{"id":{},"method":"ping"}"#, -32600),
            (#"{"id":true,"method":"ping"}"#, -32600), (#"{"method":"ping","params":[1]}"#, -32602),
            (#"{"method":"ping","params":null}"#, -32602),
        ])
    func refused(line: String, code: Int) {
        #expect(refusal(line)?.error.kind.code == code)
    }

    @Test("A refused request's id is in the reply where it had one")
    func idOfRefused() {
        #expect(refusal(#"{"id":7,"method":1}"#)?.id == .integer(7))
    }

    @Test("A parameter that the method does not have is refused and named")
    func unknownParameter() throws {
        let request = ControlRequest(id: .null, method: "user.get", params: [.init("who", "x"), .init("treshold", 3)])
        let error = #expect(throws: ControlError.self) { try ControlCall(request) }
        #expect(error?.kind == .invalidParams)
        #expect(error?.message == #"user.get has no parameter "treshold""#)
        #expect(error?.hint == "It takes who, thresholdDays, asOf, site.")
    }

    @Test(
        "A parameter of the wrong type or range is refused and named",
        arguments: [
            (#"{"who":1}"#, "user.get: who must be a string"), ("{}", "user.get: who is missing; it must be a string"),
            (#"{"who":""}"#, "user.get: who must be a text that is not empty"),
            (
                #"{"who":"a","thresholdDays":0}"#,
                "user.get: thresholdDays must be a whole number from 1 to 36500"
            ),
            (
                #"{"who":"a","asOf":"yesterday"}"#,
                "user.get: asOf must be a date or an instant such as 2026-11-23T15:00:02.000Z"
            ),
        ])
    func badParameter(params: String, message: String) throws {
        let line = #"{"method":"user.get","params":\#(params)}"#
        let request = try ControlRequest(line: Array(line.utf8))
        let error = #expect(throws: ControlError.self) { try ControlCall(request) }
        #expect(error?.message == message)
    }

    @Test("An empty role or group, as a variable that is not set leaves it, is refused", arguments: ["role", "group"])
    func emptyName(parameter: String) throws {
        let request = try ControlRequest(
            line: Array(#"{"method":"user.list","params":{"\#(parameter)":""}}"#.utf8))
        let error = #expect(throws: ControlError.self) { try ControlCall(request) }
        #expect(error?.message == "user.list: \(parameter) must be a text that is not empty")
    }

    @Test("license.summary is licence.summary")
    func alias() throws {
        let call = try ControlCall(ControlRequest(id: .null, method: "license.summary"))
        #expect(call.name == "licence.summary")
        #expect(call.access == .read)
    }

    @Test("Parameters that are not given are not sent, and come back as they were")
    func parameters() throws {
        let call = ListUsers(verdict: .inactive, thresholdDays: 90, sort: .oldest, limit: 5)
        let request = ControlRequest(id: .integer(1), call: call)
        #expect(
            String(decoding: request.line, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":1,"method":"user.list","params":{"verdict":"inactive","thresholdDays":90,"#
                + #""sort":"oldest","limit":5}}"# + "\n")
        let again: ListUsers = try request.decode()
        #expect(again.params == call.params)
    }

    @Test("Only what waits and has an id runs aside")
    func runsAside() {
        let wait = [JSON.Member("wait", true)]
        #expect(ControlRequest(id: .integer(1), method: "sync.run", params: wait).runsAside)
        #expect(!ControlRequest(id: .null, method: "sync.run", params: wait).runsAside)
        #expect(!ControlRequest(id: .integer(1), method: "sync.run").runsAside)
        #expect(!ControlRequest(id: .integer(1), method: "sync.status", params: wait).runsAside)
        #expect(!ControlRequest(id: .null, call: SubscribeEvents()).runsAside)
        #expect(ControlRequest(id: .integer(1), call: SubscribeEvents()).runsAside)
    }

    @Test("A reply that is longer than a line becomes an internal error with the same id")
    func longReply() throws {
        let fitting = ControlReply(id: .integer(3), outcome: .success(.string(String(repeating: "x", count: 61_000))))
        #expect(fitting.line.count <= LineSplitter.longestReply)
        let long = ControlReply(id: .integer(3), outcome: .success(.string(String(repeating: "x", count: 62_000))))
        let reply = try ControlReply(line: long.line.dropLast())
        #expect(reply.id == .integer(3))
        guard case .failure(let error) = reply.outcome else {
            Issue.record("no error")
            return
        }
        #expect(error.kind == .internalError)
    }
}

@Suite("Errors")
struct ControlErrorTests {
    @Test("Every kind has a code of its own: a standard one or one from 1000 upwards")
    func codes() {
        let codes = ControlError.Kind.allCases.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0 >= 1000 || (-32768 ... -32000).contains($0) })
    }

    @Test("An error comes back as it was", arguments: ControlError.Kind.allCases)
    func roundTrip(kind: ControlError.Kind) throws {
        let error = ControlError(
            kind, "message", hint: "hint",
            choices: [.init(site: "s", name: "n", url: nil, accountId: "a"), .init(site: nil, name: "m")])
        let reply = ControlReply(id: .string("x"), error: error)
        #expect(try ControlReply(line: reply.line.dropLast()) == reply)
    }

    @Test("An error on the wire")
    func golden() {
        let error = ControlError(.rateLimited, "Atlassian asks to wait", hint: nil)
        #expect(
            error.json.text == #"{"code":1031,"message":"Atlassian asks to wait","#
                + #""data":{"kind":"rateLimited","retryable":true,"hint":null}}"#)
    }
}
