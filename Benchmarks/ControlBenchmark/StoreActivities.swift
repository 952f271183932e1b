import Measurement
import TestSupport

/// What the people of the store did, in the order in which SQLite wants it.
struct StoreActivities {
    let file: SQLiteFile
    let size: StoreSize
    let people: StorePeople.Written

    static let kinds = 6
    /// Of what everybody does but creating issues, in tenths: transitions, edits, attachments, worklogs, comments.
    private static let shares = [2, 4, 1, 1, 2]

    /// Counts and last instants by account and kind.
    struct Tallies {
        private(set) var counts: [Int32]
        /// 0 where there is nothing.
        private(set) var last: [Int64]

        init(accounts: Int) {
            counts = Array(repeating: 0, count: (accounts + 1) * StoreActivities.kinds)
            last = Array(repeating: 0, count: counts.count)
        }

        func place(account: Int, kind: Int) -> Int { account * StoreActivities.kinds + kind }

        func last(of account: Int) -> Int64 {
            let start = place(account: account, kind: 0)
            return last[start..<(start + StoreActivities.kinds)].max() ?? 0
        }

        mutating func count(account: Int, kind: Int, at: Int64) {
            let place = place(account: account, kind: kind)
            counts[place] += 1
            last[place] = max(last[place], at)
        }
    }

    func write(using generator: inout SplitMix64) throws -> Tallies {
        let statement = try file.prepare("INSERT INTO activity VALUES (1, ?, ?, ?, ?, ?, ?)")
        var tallies = Tallies(accounts: size.accounts)
        let others = size.activities - size.issues
        var written = 0
        for kind in 0..<Self.kinds {
            let count =
                switch kind {
                case 0: size.issues
                case Self.kinds - 1: size.activities - written
                default: others * Self.shares[kind - 1] / 10
                }
            for number in 1...Int64(count) {
                // Ids are given out in the order of time, but for what Jira's clusters do.
                let age = StoreSite.history * (Int64(count) - number) / Int64(count)
                let at = MadeStore.now - age - Int64.random(in: 0..<MadeStore.day, using: &generator)
                let account = account(at: at, using: &generator)
                let issue = kind == 0 ? 10_000 + number : issue(at: number, of: Int64(count), using: &generator)
                try statement.run(
                    numbers: (
                        Int64(kind), kind == 0 ? issue : 100_000 + number, kind == 4 ? at * 2 : 0, Int64(account),
                        issue, at
                    ))
                tallies.count(account: account, kind: kind, at: at)
            }
            written += count
            progress("  \(Table.Cell.count(written).text) activities")
        }
        return tallies
    }

    /// One of those that are there by then: of all that people do, half is about the youngest eighth.
    private func issue(at number: Int64, of count: Int64, using generator: inout SplitMix64) -> Int64 {
        let youngest = Int64(size.issues) * number / count
        let draw = Double.random(in: 0..<1, using: &generator)
        return 10_000 + max(1, youngest - Int64(Double(youngest) * draw * draw * draw))
    }

    /// Some do much and many do little, and who is quiet by then does nothing.
    private func account(at instant: Int64, using generator: inout SplitMix64) -> Int {
        if Int.random(in: 0..<size.activities, using: &generator) < size.busy / 100 * 105 {
            return Int(MadeStore.busyKey)
        }
        while true {
            let draw = Double.random(in: 0..<1, using: &generator)
            let account = 1 + Int(draw * draw * Double(size.accounts))
            if instant < people.quietSince[account] { return account }
        }
    }
}
