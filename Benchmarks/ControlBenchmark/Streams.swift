import Measurement

extension Bench {
    func streams() async throws -> Table {
        try await programs.withDaemon(on: store) { daemon in
            try await daemon.settle()
            var (ours, ranges, selects) = (Rates(), Rates(), Rates())
            var bytes = 0
            for run in -1..<scale.runs {
                var watch = Stopwatch()
                let streamed = try daemon.connect().readStream(stream)
                let rate = (streamed.rows, watch.seconds)
                try expectAllRows(streamed.rows)
                bytes = streamed.bytes
                if run >= 0 { ours.append(rate.0, in: rate.1) }
                if let redis {
                    watch = Stopwatch()
                    let read = try BlockingClient(redis.socketPath, .resp)
                        .readArray(Question(redis: "LRANGE", Self.redisRows, "0", "-1"))
                    let seconds = watch.seconds
                    try expectAllRows(read.rows)
                    if run >= 0 { ranges.append(read.rows, in: seconds) }
                }
                if let sqlite = peers.sqlite {
                    watch = Stopwatch()
                    let sql = PeerSQL.activities(of: MadeStore.busyKey, limit: scale.rowsOfStream)
                    let read = try ProgramRun(words: [sqlite] + PeerSQL.options + [store.path, sql])
                        .run { try BlockingClient(reading: $0, .line).readLines() }
                    let seconds = watch.seconds
                    try expectAllRows(read.rows)
                    if run >= 0 { selects.append(read.rows, in: seconds) }
                }
            }
            var table = RateTable("control-streams", of: "rows")
            table.append("activity.list, streamed", ours, atLeast: 150_000, "150,000/s")
            if redis != nil { table.append(peer: "Redis LRANGE of the same rows", ranges, ours: ours) }
            if peers.sqlite != nil { table.append(peer: "sqlite3, SELECT json_object(…)", selects, ours: ours) }
            table.note(
                "\(Table.Cell.count(scale.rowsOfStream).text) rows of one account, \(bytes >> 20) MiB from the daemon.")
            return table.table
        }
    }

    private func expectAllRows(_ rows: Int) throws {
        guard rows == scale.rowsOfStream else {
            throw BlockingClient.WrongAnswer(description: "\(rows) rows, not \(scale.rowsOfStream)")
        }
    }
}
