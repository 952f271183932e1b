import Foundation
import Measurement

extension Bench {
    /// Questions that are not waited for one by one.
    private static let window = 32

    func pipelinedLookups() async throws -> Table {
        try await programs.withDaemon(on: store) { daemon in
            try await daemon.settle()
            let some = Array(users.prefix(scale.lookups))
            let shell = try peers.sqlite.map { try sqliteLookups(of: some, by: $0) }
            // Of one user the file's pages are at hand, so that this is what the daemon itself costs.
            let same = Array(repeating: users[0], count: some.count)
            var (ours, ofOne, gets, selects) = (Rates(), Rates(), Rates(), Rates())
            for run in -1..<scale.runs {
                let seconds = try Self.seconds {
                    try daemon.connect().ask(some.map(Question.user), window: Self.window)
                }
                let secondsOfOne = try Self.seconds {
                    try daemon.connect().ask(same.map(Question.user), window: Self.window)
                }
                let redisSeconds = try redis.map { redis in
                    try Self.seconds {
                        try BlockingClient(redis.socketPath, .resp)
                            .ask(some.map(Question.redisUser), window: Self.window)
                    }
                }
                let shellSeconds = try shell.map { shell in try Self.seconds { try shell.run() } }
                guard run >= 0 else { continue }
                ours.append(some.count, in: seconds)
                ofOne.append(same.count, in: secondsOfOne)
                if let redisSeconds { gets.append(some.count, in: redisSeconds) }
                if let shellSeconds { selects.append(some.count, in: shellSeconds) }
            }
            var table = RateTable("control-lookups", of: "users")
            table.append("user.get, pipelined", ours, atLeast: 20_000, "20,000/s")
            table.append("the same of one user", ofOne, atLeast: 20_000, "20,000/s")
            if redis != nil { table.append(peer: "Redis GET, pipelined", gets, ours: ours) }
            if shell != nil { table.append(peer: "sqlite3, a file of SELECTs", selects, ours: ours) }
            table.note(
                "\(Table.Cell.count(some.count).text) different users in a random order, or one of them as often; "
                    + "\(Self.window) questions at a time."
            )
            return table.table
        }
    }

    private func sqliteLookups(of users: [String], by program: String) throws -> ProgramRun {
        let file = "\(directory)/lookups.sql"
        try users.map(PeerSQL.user).joined().write(toFile: file, atomically: false, encoding: .utf8)
        return ProgramRun(words: [program] + PeerSQL.options + [store.path, ".read \(file)"])
    }

    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let watch = Stopwatch()
        try body()
        return watch.seconds
    }
}
