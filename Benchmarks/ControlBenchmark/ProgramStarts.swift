import Measurement
import TestInstallation

extension Bench {
    /// What a script pays for one question: a program from its start to its end.
    func programStarts() async throws -> Table {
        try await programs.withDaemon(on: store) { daemon in
            try await daemon.settle()
            // Nobody has consented, and the status says so by its exit code.
            let status = ProgramRun(
                words: [programs.client, "status"], environment: ["JIRA_USAGED_SOCKET": daemon.socketPath],
                exitCodes: [0, 1])
            let others = peerPrograms
            var (ours, theirs) = (Latencies(), others.map { _ in Latencies() })
            for program in [status] + others.map(\.1) { try program.run() }
            for _ in 0..<scale.rounds {
                for _ in 0..<scale.processes { try ours.time { try status.run() } }
                for (place, (_, program)) in others.enumerated() {
                    for _ in 0..<scale.processes { try theirs[place].time { try program.run() } }
                }
            }
            var table = LatencyTable("control-programs", unit: Latencies.millisecond, named: "ms")
            table.append("jirausagectl status", ours, .p50(ours, atMost: 0.005, "5 ms"))
            for ((name, _), figure) in zip(others, theirs) { table.append(peer: name, figure, ours: ours) }
            return table.table
        }
    }

    private var peerPrograms: [(String, ProgramRun)] {
        var found: [(String, ProgramRun)] = []
        if let redis, let client = peers.redisClient {
            found.append(("redis-cli ping", ProgramRun(words: [client, "-s", redis.socketPath, "ping"])))
        }
        if let chrony, let client = peers.chronyClient {
            found.append(
                ("chronyc -n tracking", ProgramRun(words: [client, "-h", chrony.socketPath, "-n", "tracking"])))
        }
        if let systemctl = peers.systemctl {
            found.append(
                PeerPrograms.runsSystemd
                    ? ("systemctl is-active", ProgramRun(words: [systemctl, "is-active", "-.mount"]))
                    : ("systemctl --version", ProgramRun(words: [systemctl, "--version"])))
        }
        return found + [("true", ProgramRun(words: ["true"]))]
    }
}
