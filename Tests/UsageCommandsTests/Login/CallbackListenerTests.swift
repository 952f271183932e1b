import ControlProtocol
import Glibc
import TestSupport
import Testing
import UsageModel

@testable import UsageCommands

/// A listener on a free port, driven by hand: its clock stands still, and it moves only where a test lets it.
private final class ListenerBench {
    let port: ReservedPort
    let listener: CallbackListener
    var time = Duration.zero
    /// By how much the clock moves each time that somebody looks.
    var step = Duration.zero
    private(set) var answers: [String] = []

    init(host: String = "127.0.0.1") throws {
        port = try ReservedPort()
        let gate = try CallbackGate(invitation(redirectUri: "http://\(host):\(port.number)/callback"))
        let address = try #require(gate.address)
        var now = { Duration.zero }
        listener = try CallbackListener(address, gate: gate) { now() }
        now = { [unowned self] in
            time += step
            return time
        }
    }

    func request(_ target: String, _ method: String = "GET") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port.number)\r\n\r\n"
    }

    func client() throws -> LoopbackClient { try LoopbackClient(port: port.number) }

    /// Lets the listener work until `isDone`; half a minute without anything to do is a failure.
    func run(until isDone: () -> Bool) throws {
        while !isDone() {
            var entries = listener.entries
            try #require(poll(&entries, nfds_t(entries.count), 30_000) > 0, "nothing happens")
            answers += listener.advance().map { [$0.exposed] } ?? []
        }
    }

    /// What a client is answered, to the end of the connection.
    func exchange(_ text: String) throws -> String {
        let client = try client()
        client.send(text)
        try run { client.hasNews }
        return try #require(client.readToEnd())
    }

    /// Lets the listener take what has come, though nothing can be seen of it from outside.
    func settle(connections: Int) throws {
        try run { listener.entries.count > connections }
        answers += listener.advance().map { [$0.exposed] } ?? []
    }
}

@Suite("Waiting for the browser", .timeLimit(.minutes(5)))
struct CallbackListenerTests {
    private static let good = "/callback?code=1&state=s%20t"

    @Test(
        "what is not the answer gets its page, and the waiting goes on until the answer comes, which gets the last page"
    )
    func whole() throws {
        let bench = try ListenerBench()
        #expect(try bench.exchange(bench.request("/favicon.ico")).hasPrefix("HTTP/1.1 404 "))
        #expect(try bench.exchange(bench.request("/callback?code=1&state=2")).hasPrefix("HTTP/1.1 400 "))
        #expect(try bench.exchange(bench.request(Self.good, "POST")).hasPrefix("HTTP/1.1 404 "))
        #expect(
            try bench.exchange("GET \(Self.good) HTTP/1.1\r\nHost: evil.example\r\n\r\n").hasPrefix("HTTP/1.1 421 "))
        #expect(try bench.exchange("\u{16}\u{3}\u{1}").hasPrefix("HTTP/1.1 400 "))
        #expect(bench.answers.isEmpty)

        let browser = try bench.client()
        browser.send(bench.request(Self.good))
        try bench.run { !bench.answers.isEmpty }
        #expect(bench.answers == ["http://127.0.0.1:\(bench.port.number)\(Self.good)"])
        #expect(!browser.hasNews)
        #expect(try bench.exchange(bench.request(Self.good)).hasPrefix("HTTP/1.1 400 "), "it serves once")
        #expect(bench.answers.count == 1)

        // The browser does not close its end as long as nobody reads its page here.
        bench.step = .milliseconds(100)
        bench.listener.finish(with: .undecided)
        #expect(try #require(browser.readToEnd()).hasPrefix("HTTP/1.1 200 OK"))
        #expect(throws: UnixSocketClientError.self) { try bench.client() }
    }

    @Test("connections that say nothing, or half of something, keep nobody waiting, and are given up after their time")
    func slow() throws {
        let bench = try ListenerBench()
        let (silent, slow) = (try bench.client(), try bench.client())
        slow.send("GET /callback HTTP/1.1\r\nHos")
        try bench.settle(connections: 2)
        #expect(try bench.exchange(bench.request("/")).hasPrefix("HTTP/1.1 404 "))

        bench.time = CallbackConnection.patience - .milliseconds(1)
        _ = bench.listener.advance()
        #expect(bench.listener.timeLeft == .milliseconds(1))
        #expect(!silent.hasNews && !slow.hasNews)
        bench.time += .milliseconds(1)
        _ = bench.listener.advance()
        #expect(silent.readToEnd() ?? "" == "")
        #expect(slow.readToEnd() ?? "" == "")
        #expect(bench.listener.timeLeft == nil)
    }

    @Test("a request of more than 16 KiB is refused, and one that breaks off is forgotten")
    func bounds() throws {
        let bench = try ListenerBench()
        let answer = try bench.exchange("GET /" + String(repeating: "x", count: RequestReader.limit))
        #expect(answer.hasPrefix("HTTP/1.1 431 "))
        do {
            let broken = try bench.client()
            broken.send("GET /callback")
            try bench.settle(connections: 1)
        }
        try bench.run { bench.listener.timeLeft == nil }
    }

    @Test("a request that follows the first on the same connection is not answered, and its page is not lost")
    func pipelined() throws {
        let bench = try ListenerBench()
        let answer = try bench.exchange(
            bench.request("/") + bench.request(Self.good) + String(repeating: "x", count: 9000))
        #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.matches(of: #/HTTP/1.1/#).count == 1)
        #expect(answer.hasSuffix("</html>\n"))
        #expect(bench.answers.isEmpty)
    }

    @Test("however many sit there in silence, the next is answered")
    func crowd() throws {
        let bench = try ListenerBench()
        var crowd: [LoopbackClient] = []
        for count in 1...CallbackListener.connectionLimit {
            crowd.append(try bench.client())
            try bench.settle(connections: count)
        }
        #expect(try bench.exchange(bench.request("/")).hasPrefix("HTTP/1.1 404 "))
        #expect(crowd.first?.readToEnd() == "")
        #expect(crowd.last?.hasNews == false)
    }

    @Test("a port that somebody else listens on is not taken, on either family")
    func taken() throws {
        let port = try ReservedPort()
        port.occupy()
        for host in ["127.0.0.1", "localhost"] {
            let authority = "\(host):\(port.number)"
            let gate = try CallbackGate(invitation(redirectUri: "http://\(authority)/callback"))
            let address = try #require(gate.address)
            #expect(throws: CallbackListener.Refusal(authority: authority, errno: EADDRINUSE)) {
                _ = try CallbackListener(address, gate: gate)
            }
        }
    }
}
