import Foundation
import Measurement
import TestInstallation
import TestSupport

extension Bench {
    /// From the start of the program until it is of use: `READY=1`, or Redis's first PONG.
    func coldStarts() async throws -> Table {
        var (cold, coldest, warm, loaded) = (Latencies(), Latencies(), Latencies(), Latencies())
        let dump = "\(directory)/redis-cold"
        if let redis {
            try redis.save()
            try FileManager.default.createDirectory(atPath: dump, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: redis.dumpPath, toPath: "\(dump)/dump.rdb")
        }
        for _ in 0..<scale.starts {
            PageCache.drop(store.path)
            cold.append(try await secondsUntilReady())
            PageCache.drop(store.path)
            PageCache.drop(programs.daemon)
            coldest.append(try await secondsUntilReady())
            warm.append(try await secondsUntilReady())
            if redis != nil, let program = peers.redisServer {
                PageCache.drop("\(dump)/dump.rdb")
                let watch = Stopwatch()
                try await Redis.with(program, directory: dump) { _ in loaded.append(watch.seconds) }
            }
        }
        var table = LatencyTable("control-starts", unit: Latencies.millisecond, named: "ms")
        table.append("jira-usaged, its store not in memory", cold, .p50(cold, atMost: 0.25, "250 ms"))
        table.append("jira-usaged, nor its program", coldest)
        table.append("jira-usaged, both in memory", warm)
        if loaded.count > 0 { table.append(peer: "redis-server, until it has loaded its dump", loaded, ours: cold) }
        table.note(
            "The store has \(store.mebibytes) MiB, Redis's dump \(Self.mebibytes("\(dump)/dump.rdb")) MiB;"
                + " what is not in memory was dropped from the page cache.")
        return table.table
    }

    private func secondsUntilReady() async throws -> Double {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try FileManager.default.createSymbolicLink(
                atPath: "\(installation.statePath)/usage.db", withDestinationPath: store.path)
            let watch = Stopwatch()
            return try await programs.withDaemon(installation) { _ in watch.seconds }
        }
    }

    private static func mebibytes(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0) >> 20
    }
}
