import Foundation

/// What a benchmark has found.
package struct Table {
    package struct Column {
        /// The member's name in a line of JSON.
        package let key: String
        package let title: String
    }

    package enum Cell {
        case text(String)
        case count(Int)
        /// Rounded to what can be read.
        case measure(Double)
        /// A share, 1 being all of it.
        case share(Double)
        case none
    }

    /// Stands in the document's comments and in each line of JSON.
    package let name: String
    package let columns: [Column]
    package private(set) var rows: [[Cell]] = []
    /// What has to be known to read it.
    package var notes: [String] = []

    package init(_ name: String, _ columns: KeyValuePairs<String, String>) {
        self.name = name
        self.columns = columns.map { Column(key: $0.key, title: $0.value) }
    }

    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row of another table")
        rows.append(row)
    }
}

extension Table.Cell {
    package var text: String {
        switch self {
        case .text(let text): text
        case .count(let count): Self.grouped(count)
        case .measure(let value) where abs(value) >= 100: Self.grouped(Int(value.rounded()))
        case .measure(let value): String(format: abs(value) >= 10 ? "%.1f" : "%.2f", value)
        case .share(let share): String(format: "%.1f %%", share * 100)
        case .none: "–"
        }
    }

    var isNumber: Bool { if case .text = self { false } else { true } }

    private static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits[...]] + groups).joined(separator: ",")
    }
}

// MARK: - For people

extension Table {
    /// Columns side by side, numbers to the right.
    var plain: String {
        let cells = [columns.map(\.title)] + rows.map { $0.map(\.text) }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        let lines = cells.enumerated().map { index, line in
            columns.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - line[column].count)
                return isNumeric(column) ? padding + line[column] : line[column] + padding
            }.joined(separator: "  ")
        }
        return (lines + notes.map { "  \($0)" }).joined(separator: "\n")
    }

    var markdown: String {
        let head = "| " + columns.map(\.title).joined(separator: " | ") + " |"
        let rule = "|" + columns.indices.map { isNumeric($0) ? " ---: |" : " --- |" }.joined()
        let body = rows.map { "| " + $0.map(\.text).joined(separator: " | ") + " |" }
        let remarks = notes.isEmpty ? [] : [""] + notes.map { "- \($0)" }
        return ([head, rule] + body + remarks).joined(separator: "\n")
    }

    private func isNumeric(_ column: Int) -> Bool {
        rows.contains { $0[column].isNumber } && !rows.contains { !$0[column].isNumber }
    }
}

// MARK: - For programs

extension Table {
    /// One object a row, with when, where and how it was measured.
    func lines(_ run: Run) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try rows.map { row in
            var members: [String: Value] = [
                "benchmark": .text(name), "date": .text(run.date), "machine": .text(run.machine),
                "command": .text(run.command),
            ]
            for (column, cell) in zip(columns, row) { members[column.key] = Value(cell) }
            return String(decoding: try encoder.encode(members), as: UTF8.self) + "\n"
        }.joined()
    }

    private enum Value: Encodable {
        case text(String)
        case count(Int)
        case number(Double)
        case null

        init(_ cell: Cell) {
            self =
                switch cell {
                case .text(let text): .text(text)
                case .count(let count): .count(count)
                case .measure(let value), .share(let value): .number(value)
                case .none: .null
                }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .count(let count): try container.encode(count)
            case .number(let number): try container.encode((number * 10_000).rounded() / 10_000)
            case .null: try container.encodeNil()
            }
        }
    }
}
