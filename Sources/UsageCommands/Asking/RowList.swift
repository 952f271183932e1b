import ControlClient
import ControlProtocol

/// A list of rows, as far as the forms in which it is printed have to know it.
struct RowList<Row: JSONConvertible> {
    /// What names the columns of CSV, and the fields of a row; `nil` where the rows are of too many kinds.
    let csv: (header: [String], fields: (Row) -> [String])?
    /// For people: the empty table, and the cells of a row.
    let table: (empty: TextTable, cells: (Row) -> [TextTable.Cell])?
    /// What stands in the place of a table without rows.
    let nothing: String
}

extension Session {
    /// Reads a list to its end, or up to a limit, and prints it.
    ///
    /// NDJSON and CSV are printed row by row as they come, so that a list of any length takes no memory while somebody reads
    /// it; a failure before the first row leaves standard output empty.
    ///
    /// - Parameter page: the request for so many rows, from a place on.
    func list<Method: ControlMethod, Row: JSONConvertible>(
        _ form: RowList<Row>, limit: Int?, _ page: (_ limit: Int?, _ after: String?) -> Method
    ) throws(CommandFailure) -> Outcome where Method.Result == Page<Row> {
        switch format {
        case .ndjson:
            _ = try printRows(limit: limit, page) { rows, _ in
                rows.reduce(into: [UInt8]()) { text, row in text += row.bytes + [UInt8(ascii: "\n")] }
            }
            return Outcome("")
        case .csv:
            guard let columns = form.csv else {
                throw .usage("rows of many kinds are no CSV; take --json or --ndjson")
            }
            let header = CSV.line(columns.header)
            let count = try printRows(limit: limit, page) { (rows, isFirst) throws(CommandFailure) in
                let lines = try values(rows, of: Method.self).map { CSV.line(columns.fields($0)) }
                return Array(((isFirst ? header : "") + lines.joined()).utf8)
            }
            return Outcome(count == 0 ? header : "")
        case nil where form.table != nil:
            guard let (empty, cells) = form.table else { return Outcome("") }
            var table = empty
            var count = 0
            _ = try readRows(limit: limit, page, countsAlways: true) { (rows) throws(CommandFailure) in
                for row in try values(rows, of: Method.self) { table.append(cells(row)) }
                count += rows.count
            }
            return Outcome(count == 0 ? form.nothing : table.text(style), isPaged: true)
        case .json, nil:
            // As text, which takes a fraction of the memory that the values would.
            var text = Array(#"{"rows":["#.utf8)
            var isEmpty = true
            let next = try readRows(limit: limit, page, countsAlways: true) { rows in
                for row in rows {
                    if !isEmpty { text.append(UInt8(ascii: ",")) }
                    text += row.bytes
                    isEmpty = false
                }
            }
            text += Array("],\"next\":\(next.json.text)}\n".utf8)
            return Outcome(String(decoding: text, as: UTF8.self))
        }
    }

    private func values<Method: ControlMethod, Row: JSONConvertible>(
        _ rows: [JSON], of _: Method.Type
    ) throws(CommandFailure) -> [Row] where Method.Result == Page<Row> {
        do {
            return try [Row](json: .array(rows))
        } catch {
            throw .unreadable(method: Method.method, error.inside("rows"))
        }
    }

    /// Prints rows as they come.
    ///
    /// - Returns: how many there were.
    private func printRows<Method: ControlMethod, Row: JSONConvertible>(
        limit: Int?, _ page: (_ limit: Int?, _ after: String?) -> Method,
        _ text: ([JSON], _ isFirst: Bool) throws(CommandFailure) -> [UInt8]
    ) throws(CommandFailure) -> Int where Method.Result == Page<Row> {
        var count = 0
        var printer = PatientPrinter(console)
        func check(_ writing: Console.Writing) throws(CommandFailure) {
            guard case .done = writing else { throw CommandFailure(writing) }
        }
        do throws(CommandFailure) {
            _ = try readRows(limit: limit, page, countsAlways: false) { (rows) throws(CommandFailure) in
                try check(printer.print(try text(rows, count == 0)))
                count += rows.count
            }
        } catch .unread {
            throw .unread
        } catch {
            guard count > 0 else { throw error }
            try check(printer.finish())
            throw .incomplete(rows: count, error)
        }
        try check(printer.finish())
        return count
    }

    /// - Parameters:
    ///   - countsAlways: whether a terminal that shows errors is free for a count of the rows, though standard output is the
    ///     same terminal.
    ///   - take: takes some rows, at least one.
    /// - Returns: where the list goes on behind the limit; `nil` where it was told to its end.
    private func readRows<Method: ControlMethod, Row: JSONConvertible>(
        limit: Int?, _ page: (_ limit: Int?, _ after: String?) -> Method, countsAlways: Bool,
        _ take: ([JSON]) throws(CommandFailure) -> Void
    ) throws(CommandFailure) -> String? where Method.Result == Page<Row> {
        var count = 0
        var after: String?
        var failure: CommandFailure?
        var progress = ProgressLine(console, isWanted: countsAlways || !console.outputIsTerminal)
        defer { progress.erase() }
        repeat {
            let left = limit.map { min($0 - count, ParameterRange.limit.upperBound) }
            var taken = 0
            let manner = Manner(wantsStream: true, mayAskAgain: { count == 0 })
            func taking(_ rows: [JSON]) {
                let rows = left.map { Array(rows.prefix($0 - taken)) } ?? rows
                guard !rows.isEmpty else { return }
                do throws(CommandFailure) {
                    try take(rows)
                    count += rows.count
                    taken += rows.count
                    progress.show("\(counted(count, "row")) so far")
                } catch {
                    failure = error
                }
            }
            do throws(CommandFailure) {
                let answer = try call(page(left, after), manner) { notification in
                    if notification.kind == .rows { taking(notification.value.array ?? []) }
                    return failure == nil ? .goOn : .stop
                }
                taking(answer.json["rows"]?.array ?? [])
                after = answer.json["next"]?.string
            } catch .client(.stopped) {
                throw failure ?? .unread
            }
            if let failure { throw failure }
        } while after != nil && count < limit ?? .max
        return after
    }
}
