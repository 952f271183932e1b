import Foundation
import Measurement
import TestInstallation

/// Starts the peers and gives them what the daemon answers, so that both tell the same.
struct Preparation {
    let scale: Scale
    let programs: ProgramsUnderTest
    let peers: PeerPrograms
    let store: MadeStore
    let directory: String

    func withBench(_ body: (Bench) async throws -> Void) async throws {
        try await withRedis { redis in
            try await withChrony { chrony in
                let bench = Bench(
                    scale: scale, programs: programs, peers: peers, store: store,
                    users: try store.accounts(scale.store.accounts), busyAccount: try store.busyAccount(),
                    redis: redis, chrony: chrony, directory: directory)
                try await programs.withDaemon(on: store) { daemon in
                    try await expectVerdicts(daemon)
                    if let redis { try fill(redis, from: daemon, bench) }
                }
                try await body(bench)
            }
        }
    }

    /// A made store in which nobody can be judged would be answered from more cheaply than a real one.
    private func expectVerdicts(_ daemon: RunningDaemon) async throws {
        let summary = try await ControlLine(daemon.installation).ask(LicenceSummary.self, "licence.summary")
        let (seats, unknown) = summary.roles.reduce((0, 0)) { ($0.0 + $1.seats, $0.1 + ($1.unknown ?? 0)) }
        let judged = summary.roles.map { "\($0.key) \($0.active)/\($0.inactive)/\($0.neverActive)" }
        progress("\(seats) seats, active/inactive/never: \(judged.joined(separator: ", "))")
        guard seats > 0, unknown == 0 else {
            throw SQLiteFile.Failure(description: "\(unknown) of \(seats) verdicts on the made store are unknown")
        }
    }

    private func fill(_ redis: Redis, from daemon: RunningDaemon, _ bench: Bench) throws {
        progress("filling Redis")
        let (source, target) = (try daemon.connect(), try BlockingClient(redis.socketPath, .resp))
        for account in bench.users {
            try source.send(Question.user(account).bytes)
            guard let answer = try source.receive() else { break }
            try target.ask(Question(redis: "SET", account, String(decoding: answer, as: UTF8.self)))
        }
        let streamed = try source.readStream(bench.stream) { line in
            let rows = Self.rows(line).map { String(decoding: $0, as: UTF8.self) }
            try target.send(Question.command(["RPUSH", Bench.redisRows] + rows))
            try target.receiveAnswer(to: .redisPing)
        }
        progress("  \(bench.users.count) users, \(streamed.rows) rows")
    }

    /// The objects in a line of rows, none of which has another in it.
    private static func rows(_ line: UnsafeRawBufferPointer) -> [Slice<UnsafeRawBufferPointer>] {
        guard let array = line.firstIndex(of: UInt8(ascii: "[")) else { return [] }
        var rows: [Slice<UnsafeRawBufferPointer>] = []
        var place = array + 1
        while let start = line[place...].firstIndex(of: UInt8(ascii: "{")),
            let end = line[start...].firstIndex(of: UInt8(ascii: "}"))
        {
            rows.append(line[start...end])
            place = end + 1
        }
        return rows
    }

    private func withRedis(_ body: (Redis?) async throws -> Void) async throws {
        guard let program = peers.redisServer else { return try await body(nil) }
        try await Redis.with(program, directory: "\(directory)/redis") { try await body($0) }
    }

    private func withChrony(_ body: (Chrony?) async throws -> Void) async throws {
        guard let program = peers.chronyDaemon else { return try await body(nil) }
        try await Chrony.with(program, directory: "\(directory)/chrony") { try await body($0) }
    }
}
