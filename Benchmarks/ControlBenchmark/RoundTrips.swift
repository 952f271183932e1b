import Measurement

extension Bench {
    /// One question after another on an open connection.
    func roundTrips() async throws -> Table {
        try await programs.withDaemon(on: store) { daemon in
            try await daemon.settle()
            var table = LatencyTable("control-round-trips", unit: Latencies.microsecond, named: "µs")
            let line = try daemon.connect()
            let server = try redis.map { try BlockingClient($0.socketPath, .resp) }
            var (pings, lookups, redisPings, gets) = (Latencies(), Latencies(), Latencies(), Latencies())
            // The first ones warm up, and are not counted.
            for round in -1..<scale.rounds {
                let some = (0..<scale.roundTrips).map { users[(max(round, 0) * scale.roundTrips + $0) % users.count] }
                let questions = some.map(Question.user)
                let isCounted = round >= 0
                pings.append(try Self.times(isCounted, some.map { _ in .ping }, line))
                if let server { redisPings.append(try Self.times(isCounted, some.map { _ in .redisPing }, server)) }
                lookups.append(try Self.times(isCounted, questions, line))
                if let server { gets.append(try Self.times(isCounted, some.map(Question.redisUser), server)) }
            }
            table.append(
                "ping", pings,
                Goal(
                    text: "p50 ≤ 50 µs, p99 ≤ 1 ms", isReached: pings.median <= 50e-6 && pings.p99 <= 1e-3))
            if server != nil { table.append(peer: "Redis PING", redisPings, ours: pings) }
            table.append("user.get", lookups)
            if server != nil { table.append(peer: "Redis GET of the same", gets, ours: lookups) }
            return table.table
        }
    }

    private static func times(_ isCounted: Bool, _ questions: [Question], _ client: BlockingClient) throws -> Latencies
    {
        var latencies = Latencies()
        for question in questions { try latencies.time { try client.ask(question) } }
        return isCounted ? latencies : Latencies()
    }
}
