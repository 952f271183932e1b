import Foundation
import GRDB
import TestSupport
import UsageModel

/// What can happen to a vault's file.
enum VaultDamage: CaseIterable {
    case flippedBits
    case flippedBitsInHeader
    case flippedBitsInPageHeader
    case truncated
    case zeroedPage
    case zeroedRange
    case swappedPages
    case repeatedPage
    case swappedAccounts
    case swappedGenerations
    case swappedColumns
    case renamedRow
    case wrongType
    case deletedNewest
    case deletedOlder
    case deletedAccount
    case deletedDataKey
    case droppedTable
    case changedSchema
    // A hot rollback journal beside the file.
    case flippedJournal
    case truncatedJournal
    case zeroedJournal
    case missingJournal

    var isOfJournal: Bool {
        switch self {
        case .flippedJournal, .truncatedJournal, .zeroedJournal, .missingJournal: true
        default: false
        }
    }

    /// Writes the damaged vault.
    func apply(to sample: VaultSample, at path: String, _ random: inout SplitMix64) throws {
        var (file, journal): ([UInt8], [UInt8]?) =
            isOfJournal ? (sample.hotFile, sample.hotJournal) : (sample.file, nil)
        change(&file, &journal, &random)
        for suffix in ["", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try VaultSample.write(file, to: path)
        if let journal { try VaultSample.write(journal, to: path + "-journal") }
        guard let sql = sql(sample, &random) else { return }
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { database in
            // The schema is read again afterwards, so that what follows may break it.
            try database.execute(sql: "PRAGMA writable_schema = ON; PRAGMA ignore_check_constraints = ON")
            try database.execute(sql: sql)
        }
        try queue.close()
    }

    private func change(_ file: inout [UInt8], _ journal: inout [UInt8]?, _ random: inout SplitMix64) {
        let page = 4096
        let pages = file.count / page
        let some = Int.random(in: 0..<pages, using: &random)
        let other = (some + Int.random(in: 1..<pages, using: &random)) % pages
        func range(_ index: Int) -> Range<Int> { index * page..<(index + 1) * page }
        switch self {
        case .flippedBits: flip(&file, 0..<file.count, &random)
        case .flippedBitsInHeader: flip(&file, 0..<100, &random)
        case .flippedBitsInPageHeader:
            let start = some * page + (some == 0 ? 100 : 0)
            flip(&file, start..<start + 24, &random)
        case .truncated: file.removeLast(Int.random(in: 1...file.count, using: &random))
        case .zeroedPage: file.replaceSubrange(range(some), with: Array(repeating: 0, count: page))
        case .zeroedRange:
            let start = Int.random(in: 0..<file.count - 64, using: &random)
            let length = Int.random(in: 1...64, using: &random)
            file.replaceSubrange(start..<start + length, with: Array(repeating: 0, count: length))
        case .swappedPages:
            let (first, second) = (Array(file[range(some)]), Array(file[range(other)]))
            file.replaceSubrange(range(some), with: second)
            file.replaceSubrange(range(other), with: first)
        case .repeatedPage: file.replaceSubrange(range(some), with: Array(file[range(other)]))
        case .flippedJournal:
            let isHeader = Bool.random(using: &random)
            edit(&journal) { flip(&$0, 0..<(isHeader ? 28 : $0.count), &random) }
        case .truncatedJournal:
            edit(&journal) { $0.removeLast(Int.random(in: 1...$0.count, using: &random)) }
        case .zeroedJournal:
            edit(&journal) { bytes in
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(start + Int.random(in: 1...8192, using: &random), bytes.count)
                bytes.replaceSubrange(start..<end, with: Array(repeating: 0, count: end - start))
            }
        case .missingJournal: journal = nil
        default: break
        }
    }

    private func edit(_ journal: inout [UInt8]?, _ body: (inout [UInt8]) -> Void) {
        guard var bytes = journal else { return }
        body(&bytes)
        journal = bytes
    }

    /// One bit, or several.
    private func flip(_ bytes: inout [UInt8], _ range: Range<Int>, _ random: inout SplitMix64) {
        let count = Bool.random(using: &random) ? 1 : Int.random(in: 2...64, using: &random)
        for _ in 0..<count {
            bytes[Int.random(in: range, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
    }

    private func sql(_ sample: VaultSample, _ random: inout SplitMix64) -> String? {
        let names = sample.accounts.map(\.rawValue).shuffled(using: &random)
        let number = Int.random(in: 1...2, using: &random)
        let one = "account = '\(names[0])' AND number = \(number)"
        func swap(_ columns: String, _ number: Int, with other: String) -> String {
            """
            CREATE TEMP TABLE held AS SELECT * FROM generation;
            UPDATE generation SET (\(columns)) = (SELECT \(columns) FROM held WHERE held.\(other))
            WHERE account = '\(names[0])' AND number = \(number);
            """
        }
        let wrong = [
            "tokens = NULL", "journal = NULL", "tokens = 7", "tokens = 'text'", "journal = 1.5", "journal = x''",
            "number = 'two'", "number = x'02'", "account = x'ff00ff'", "account = ''", "account = 12",
        ]
        let columns = ["tokens", "journal", "tokens, journal"].randomElement(using: &random) ?? "tokens"
        return switch self {
        case .swappedAccounts: swap(columns, number, with: "account = '\(names[1])' AND held.number = \(number)")
        case .swappedGenerations: swap(columns, number, with: "account = '\(names[0])' AND held.number = \(3 - number)")
        case .swappedColumns: "UPDATE generation SET tokens = journal, journal = tokens WHERE \(one)"
        case .renamedRow:
            "UPDATE generation SET number = \([0, -1, 3, 99].randomElement(using: &random) ?? 3) WHERE \(one)"
        case .wrongType:
            """
            CREATE TEMP TABLE kept AS SELECT sql FROM sqlite_schema WHERE name = 'generation';
            UPDATE sqlite_schema SET sql = replace(replace(sql, 'STRICT, ', ''), 'NOT NULL', '') WHERE name = 'generation';
            PRAGMA writable_schema = RESET;
            UPDATE generation SET \(wrong.randomElement(using: &random) ?? wrong[0]) WHERE \(one);
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = 'generation'
            """
        case .deletedNewest: "DELETE FROM generation WHERE account = '\(names[0])' AND number = 2"
        case .deletedOlder: "DELETE FROM generation WHERE account = '\(names[0])' AND number = 1"
        case .deletedAccount: "DELETE FROM generation WHERE account = '\(names[0])'"
        case .deletedDataKey: "DELETE FROM dataKey"
        case .droppedTable: "DROP TABLE \(["generation", "dataKey"].randomElement(using: &random) ?? "generation")"
        case .changedSchema:
            [
                "ALTER TABLE generation RENAME COLUMN tokens TO token",
                "ALTER TABLE generation RENAME TO generations",
                "UPDATE sqlite_schema SET sql = 'CREATE TABLE generation (' WHERE name = 'generation'",
                "UPDATE sqlite_schema SET rootpage = 77 WHERE name = 'generation'",
                "PRAGMA user_version = 0",
                "PRAGMA user_version = -5",
                "PRAGMA application_id = 3",
            ].randomElement(using: &random)
        default: nil
        }
    }
}
