import Foundation
import Glibc
import Measurement
import TestSupport

extension Bench {
    /// What a well-behaved client has to bear when others are not.
    func hostileClients() async throws -> Table {
        try await programs.withDaemon(on: store) { daemon in
            try await daemon.settle()
            // Root may have all connections, others sixteen; ours and one more are left free.
            let stalled = (geteuid() == 0 ? 64 : 16) - Self.connections - 1
            let unread = String(decoding: stream.bytes, as: UTF8.self)
            let ours = try await annoy(
                daemon.socketPath, .line, [[.ping], users.map(Question.user)], stalled: stalled, unread: unread,
                meter: daemon.meter)
            let range = Question.command(["LRANGE", Self.redisRows, "0", "9999"])
            var theirs: [Suffering]?
            if let redis {
                theirs = try await annoy(
                    redis.socketPath, .resp, [[.redisPing], users.map(Question.redisUser)], stalled: stalled,
                    unread: String(decoding: range, as: UTF8.self), meter: ProcessMeter(pid: redis.pid))
            }
            var table = HostileTable()
            table.append("ping", ours, kind: 0, hasGoal: true)
            table.append("user.get", ours, kind: 1, hasGoal: true)
            if let theirs {
                table.append("Redis PING", theirs, kind: 0, hasGoal: false)
                table.append("Redis GET", theirs, kind: 1, hasGoal: false)
            }
            table.note(ours, of: "jira-usaged", stalled: stalled)
            if let theirs { table.note(theirs, of: "Redis", stalled: stalled) }
            return table.table
        }
    }

    private static let client = PacedClient(perSecond: 250, countsDelay: false)
    /// Whatever threads a server has, each has one of these.
    private static let connections = 4

    /// Goes through all manners, each beside a time of peace.
    private func annoy(
        _ socketPath: String, _ framing: BlockingClient.Framing, _ questions: [[Question]], stalled: Int,
        unread: String, meter: ProcessMeter
    ) async throws -> [Suffering] {
        var found = ([nil] + HostileCommand.Manner.allCases).map {
            Suffering(manner: $0, latencies: questions.map { _ in Latencies() })
        }
        let clients = try (0..<Self.connections).map { _ in try BlockingClient(socketPath, framing) }
        for client in clients { for question in questions.joined().prefix(1000) { try client.ask(question) } }
        for _ in 0..<scale.pacedRounds {
            for place in found.indices {
                let before = meter.residentMemory
                try meter.forgetPeak()
                let ask = { try Self.client.ask(questions, of: clients, seconds: scale.pacedSeconds) }
                guard let manner = found[place].manner else {
                    found[place].add(try ask())
                    continue
                }
                let (latencies, acts, seconds) = try await beside(
                    [manner.rawValue, socketPath, "--clients", "\(stalled)", "--question", unread],
                    untilCalm: manner == .stalled ? meter : nil, ask)
                found[place].add(latencies)
                found[place].add(acts: acts, seconds: seconds, growth: meter.peakMemory - before)
            }
        }
        return found
    }

    /// - Parameter meter: of the server that is to come to rest first.
    /// - Returns: what `body` found, and how often the hostile client did it in how many seconds.
    private func beside(
        _ arguments: [String], untilCalm meter: ProcessMeter?, _ body: () throws -> [Latencies]
    ) async throws -> ([Latencies], acts: Int, seconds: Double) {
        let program = Bundle.main.executableURL?.path ?? CommandLine.arguments[0]
        return try await withChildProcess(program, ["hostile"] + arguments, directory: directory) { child in
            _ = try await child.nextLine()
            // Stalled clients have all that they will get when nobody writes any more.
            try await meter?.settle(for: .milliseconds(500), within: .seconds(10))
            let watch = Stopwatch()
            let latencies = try body()
            child.send(line: "enough")
            let acts = Int(try await child.nextLine()) ?? 0
            return (latencies, acts, watch.seconds)
        }
    }
}

/// What was found beside one manner of hostile clients; `nil` for none.
private struct Suffering {
    let manner: HostileCommand.Manner?
    private(set) var latencies: [Latencies]
    private(set) var acts = 0
    private(set) var seconds = 0.0
    /// MiB.
    private(set) var growth = 0.0

    init(manner: HostileCommand.Manner?, latencies: [Latencies]) {
        self.manner = manner
        self.latencies = latencies
    }

    mutating func add(_ further: [Latencies]) {
        for kind in latencies.indices { latencies[kind].append(further[kind]) }
    }

    mutating func add(acts: Int, seconds: Double, growth: Double) {
        self.acts += acts
        self.seconds += seconds
        self.growth = max(self.growth, growth)
    }
}

private struct HostileTable {
    private(set) var table = Table(
        "control-hostile",
        [
            "what": "what", "beside": "beside", "p50": "p50, µs", "p99": "p99, µs", "longest": "longest, µs",
            "samples": "samples", "wanted": "wanted", "reached": "reached", "ratio": "p99 : alone",
        ])

    mutating func append(_ what: String, _ found: [Suffering], kind: Int, hasGoal: Bool) {
        let alone = found[0].latencies[kind]
        for suffering in found {
            let figure = suffering.latencies[kind]
            let ratio = figure.p99 / alone.p99
            let goal = suffering.manner == nil || !hasGoal ? nil : Goal(text: "p99 < 2 × alone", isReached: ratio < 2)
            table.append(
                [.text(what), .text(suffering.title)] + figure.cells(in: Latencies.microsecond) + Goal.cells(goal)
                    + [suffering.manner == nil ? .none : .measure(ratio)])
        }
    }

    mutating func note(_ found: [Suffering], of server: String, stalled: Int) {
        let parts = found.compactMap { suffering -> String? in
            let growth = "most memory \(Table.Cell.measure(suffering.growth).text) MiB more"
            let rate = Table.Cell.count(Int(Double(suffering.acts) / max(suffering.seconds, 1e-3))).text
            return switch suffering.manner {
            case nil: nil
            case .stalled?: "\(stalled) stalled clients, \(growth)"
            case .noise?: "\(rate) random lines/s, \(growth)"
            case .churn?: "\(rate) connections/s, \(growth)"
            }
        }
        table.notes.append("\(server): \(parts.joined(separator: "; ")).")
    }
}

extension Suffering {
    fileprivate var title: String {
        switch manner {
        case nil: "nobody"
        case .stalled?: "stalled clients"
        case .noise?: "random lines"
        case .churn?: "connecting and closing"
        }
    }
}
