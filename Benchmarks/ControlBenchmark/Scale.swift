/// How much is measured.
struct Scale {
    let store: StoreSize
    /// Times that each program, question or list is gone through; between two of them come the peers.
    let rounds: Int
    /// In each round.
    let processes: Int
    /// In each round.
    let roundTrips: Int
    let lookups: Int
    let rowsOfStream: Int
    /// Of lookups and streams.
    let runs: Int
    let starts: Int
    /// Of a paced client in each round, in seconds.
    let pacedSeconds: Double
    let pacedRounds: Int
    /// After lookups and streams. Twice a minute the daemon looks whether its caches are still of use.
    let calm: Duration
    /// Of the simulated site whose first sync writes.
    let simulatedUsers: Int
    let simulatedIssues: Int

    static let full = Scale(
        store: .full, rounds: 10, processes: 50, roundTrips: 2000, lookups: 20_000, rowsOfStream: 1_000_000, runs: 5,
        starts: 15, pacedSeconds: 6, pacedRounds: 3, calm: .seconds(70), simulatedUsers: 2000, simulatedIssues: 40_000)
    /// To see that everything works.
    static let quick = Scale(
        store: .quick, rounds: 2, processes: 10, roundTrips: 300, lookups: 2000, rowsOfStream: 50_000, runs: 3,
        starts: 3, pacedSeconds: 2, pacedRounds: 1, calm: .zero, simulatedUsers: 300, simulatedIssues: 3000)
}
