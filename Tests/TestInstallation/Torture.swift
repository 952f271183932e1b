import Foundation
import Glibc
import TestSupport

/// A daemon that is killed (`kill -9`) again and again while Jira goes on, and what it knows in the end.
///
/// One site is tortured from its connection on: a life of the daemon ends at a seeded moment, sometimes before it is
/// up; between two lives people work on the site. Then it may finish, and what it tells is compared with the oracle.
/// The same site with the same work, but without a kill, says what the requests would have been.
package struct Torture: Sendable {
    package let seed: UInt64
    package let kills: Int
    /// Of the simulated site.
    package let users: Int
    package let issues: Int
    /// Of each answer, in milliseconds, so that a life seldom ends with all work done.
    package let latency: Int

    /// Requests in flight at a kill, at most: the daemon's `sync.concurrency`.
    package static let concurrency = 8
    /// Requests that a pass begins with, whatever there is to do: the site's clock and permissions, the search for
    /// what changed and its histories, the worklog feed, the first page of the directory and the empty one that ends it.
    package static let handful = 8
    /// A life ends before this many milliseconds; a quarter of them in the first of the two, in which it starts.
    private static let starting: UInt64 = 150
    private static let longest: UInt64 = 900

    package init(seed: UInt64, kills: Int, users: Int = 100, issues: Int = 3000, latency: Int = 50) {
        self.seed = seed
        self.kills = kills
        self.users = users
        self.issues = issues
        self.latency = latency
    }

    /// What the daemon was doing when it was killed.
    package enum Moment: String, CaseIterable, Sendable {
        case starting, syncing, idle
    }

    package struct Outcome {
        package let kills: [Moment: Int]
        package let comparison: Comparison
        package let requests: Int
        package let undisturbedRequests: Int

        /// Requests that would not have been necessary without the kills.
        package var extraRequests: Int { requests - undisturbedRequests }
        package var allowedExtraRequests: Int {
            kills.values.reduce(0, +) * (Torture.concurrency + Torture.handful)
        }
    }

    package func run() async throws -> Outcome {
        var generator = SplitMix64(seed: seed)
        let lives = (0..<kills).map { _ in Life(starting: Self.starting, longest: Self.longest, using: &generator) }
        let undisturbed = try await onASite { simulator, installation in
            try await installation.withDaemon { _ in
                try await installation.connect(to: simulator)
                try await installation.sync()
                for life in lives { try await work(life, on: simulator) }
                try await installation.sync()
            }
            return try await simulator.statistics().total
        }
        return try await onASite { simulator, installation in
            try await installation.withDaemon { daemon in
                try await installation.connect(to: simulator)
                daemon.signal(SIGKILL)
                _ = await daemon.exitCode()
            }
            var kills: [Moment: Int] = [:]
            for life in lives {
                kills[try await live(life, installation), default: 0] += 1
                try await work(life, on: simulator)
            }
            let comparison = try await installation.withDaemon { _ in
                try await installation.sync()
                return try await installation.compare(with: simulator)
            }
            return Outcome(
                kills: kills, comparison: comparison, requests: try await simulator.statistics().total,
                undisturbedRequests: undisturbed)
        }
    }

    // MARK: - One life

    private struct Life {
        let milliseconds: UInt64
        /// How many activities follow it, and the seed that says which.
        let activities: Int
        let activitySeed: UInt64

        init(starting: UInt64, longest: UInt64, using generator: inout SplitMix64) {
            let isShort = UInt64.random(in: 0..<4, using: &generator) == 0
            milliseconds = UInt64.random(in: 0..<(isShort ? starting : longest), using: &generator)
            activities = max(0, Int.random(in: -10...10, using: &generator))
            activitySeed = UInt64.random(in: 0..<1_000_000, using: &generator)
        }
    }

    private func live(_ life: Life, _ installation: Installation) async throws -> Moment {
        let daemon = try installation.startDaemon()
        // The moment of a kill is the one thing here that has to be time itself: what goes on then is not to be chosen.
        try await Task.sleep(for: .milliseconds(life.milliseconds))
        let moment = await moment(of: installation)
        daemon.signal(SIGKILL)
        guard await daemon.exitCode() == 128 + SIGKILL else {
            throw ChildProcess.Failure(description: "seed \(seed): the daemon ended by itself: \(daemon.errors)")
        }
        return moment
    }

    /// Asked just before the kill, in the daemon's own words.
    private func moment(of installation: Installation) async -> Moment {
        guard let line = try? SocketLine(path: installation.socketPath) else { return .starting }
        line.send(line: #"{"jsonrpc":"2.0","id":1,"method":"status"}"#)
        guard let answer = await line.receiveLine(),
            let reply = try? JSONDecoder().decode(Reply<Status>.self, from: Data(answer.utf8)),
            let site = reply.result?.sites.first
        else { return .starting }
        return site.sync.state == "running" ? .syncing : .idle
    }

    private func work(_ life: Life, on simulator: Simulator) async throws {
        guard life.activities > 0 else { return }
        try await simulator.post(
            "/_sim/activity", #"{"count":\#(life.activities),"seed":\#(life.activitySeed)}"#)
    }

    private func onASite<Value>(_ body: (Simulator, Installation) async throws -> Value) async throws -> Value {
        try await withTemporaryDirectory { directory in
            let size = [
                "--users", "\(users)", "--issues", "\(issues)", "--seed", "\(seed % 1_000_000)", "--latency",
                "\(latency)",
            ]
            return try await Simulator.withSimulator(size, directory: directory) { simulator in
                let settings = ["interval = \"1h\"", "concurrency = \(Self.concurrency)"]
                let installation = try Installation(
                    directory: directory, simulator: simulator, syncSettings: settings)
                return try await body(simulator, installation)
            }
        }
    }
}
