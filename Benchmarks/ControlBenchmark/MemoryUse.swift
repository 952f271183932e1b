import Measurement

extension Bench {
    /// MiB in the 40 MB that were wanted.
    private static let mostIdle = 40e6 / Double(1 << 20)

    func memoryUse() async throws -> Table {
        var table = Table(
            "control-memory",
            [
                "what": "what", "resident": "resident, MiB", "anonymous": "of it anonymous", "wanted": "wanted",
                "reached": "reached", "ratio": "ours : this",
            ])
        let idle = try await programs.withDaemon(on: store) { daemon in
            try await daemon.settle()
            let meter = daemon.meter
            let start = meter.residentMemory
            appendIdle("jira-usaged, idle after its start", meter, to: &table)
            try daemon.connect().ask(users.prefix(scale.lookups).map(Question.user), window: 32)
            let before = meter.residentMemory
            try meter.forgetPeak()
            for _ in 0..<3 { _ = try daemon.connect().readStream(stream) }
            let growth = meter.peakMemory - before
            table.append(
                [.text("jira-usaged, most while it streams, more than before"), .measure(growth), .none]
                    + Goal.cells(Goal(text: "≤ 8 MiB", isReached: growth <= 8)) + [.none])
            try await daemon.settle()
            try await Task.sleep(for: scale.calm)
            appendIdle(
                "jira-usaged, idle for \(scale.calm.components.seconds) s after that and lookups", meter, to: &table)
            return start
        }
        if let program = peers.redisServer {
            try await Redis.with(program, directory: "\(directory)/redis-idle") { redis in
                append("redis-server, empty", ProcessMeter(pid: redis.pid), idle: idle, to: &table)
            }
        }
        if let redis {
            append("redis-server, with users and rows", ProcessMeter(pid: redis.pid), idle: idle, to: &table)
        }
        if let chrony { append("chronyd", ProcessMeter(pid: chrony.pid), idle: idle, to: &table) }
        table.notes = [
            "Resident and anonymous: VmRSS and RssAnon; the most: VmHWM. 40 MB are 38.1 MiB.",
            "The store has \(store.mebibytes) MiB; 3 streams of \(Table.Cell.count(scale.rowsOfStream).text) rows after"
                + " \(Table.Cell.count(scale.lookups).text) lookups.",
        ]
        return table
    }

    private func appendIdle(_ what: String, _ meter: ProcessMeter, to table: inout Table) {
        let resident = meter.residentMemory
        table.append(
            [.text(what), .measure(resident), .measure(meter.anonymousMemory)]
                + Goal.cells(Goal(text: "≤ 40 MB", isReached: resident <= Self.mostIdle)) + [.none])
    }

    private func append(_ what: String, _ meter: ProcessMeter, idle: Double, to table: inout Table) {
        let resident = meter.residentMemory
        table.append(
            [.text(what), .measure(resident), .measure(meter.anonymousMemory), .none, .none, .measure(idle / resident)])
    }
}
