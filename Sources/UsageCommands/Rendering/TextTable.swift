/// A table for people: columns as wide as their widest cell, and on a terminal no line wider than that.
struct TextTable {
    enum Alignment {
        case left, right
    }

    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let emphasis: Style.Emphasis?

        init(_ text: String, _ emphasis: Style.Emphasis? = nil) {
            self.text = printable(text)
            self.emphasis = emphasis
        }

        init(_ number: Int) {
            self.init(grouped(number))
        }

        init(stringLiteral value: String) {
            self.init(value)
        }
    }

    private static let gap = 2

    private let columns: [(title: String, alignment: Alignment)]
    /// The columns in the order in which they give way where there is not enough room, and what is left of each before the
    /// next does.
    private let cutting: [(column: Int, least: Int)]
    private var rows: [[Cell]] = []

    /// - Parameters:
    ///   - columns: without titles (all of them empty) there is no heading, and the last column's texts go on on the next
    ///     line where there is not enough room, instead of being cut.
    ///   - cutting: every column, the one that gives way first before the others, with the width that it keeps; the last
    ///     column first if nothing is said.
    init(_ columns: [(title: String, alignment: Alignment)], cutting: [(column: Int, least: Int)]? = nil) {
        self.columns = columns
        self.cutting = cutting ?? columns.indices.reversed().map { ($0, Self.leastColumn) }
    }

    mutating func append(_ row: [Cell]) {
        rows.append(row)
    }

    func text(_ style: Style, indent: String = "") -> String {
        let heading = columns.map { Cell($0.title, .heading) }
        let hasTitles = !columns.allSatisfy(\.title.isEmpty)
        let lines = hasTitles ? [heading] + rows : rows
        let natural = columns.indices.map { column in lines.map { displayWidth($0[column].text) }.max() ?? 0 }
        let room = style.width.map { $0 - indent.utf8.count - Self.gap * (columns.count - 1) }
        guard hasTitles else {
            let last = room.map { max($0 - natural.dropLast().reduce(0, +), Self.narrowestText) }
            return lines.map { folded($0, natural, last: last, style, indent: indent) }.joined()
        }
        let widths = fit(natural, into: room)
        return lines.map { line($0, widths: widths, style, indent: indent) }.joined()
    }

    // MARK: - Room

    private static let leastColumn = 8
    /// Narrower, a text that goes on on the next line is no easier to read than one that the terminal breaks.
    private static let narrowestText = 24

    /// - Parameter room: for all columns, without the gaps.
    private func fit(_ natural: [Int], into room: Int?) -> [Int] {
        guard let room else { return natural }
        var widths = natural
        // First what each can spare, then what must be.
        for steps in [cutting, cutting.map { ($0.column, 1) }] {
            for (column, least) in steps {
                let excess = widths.reduce(0, +) - room
                guard excess > 0 else { return widths }
                widths[column] = min(widths[column], max(widths[column] - excess, least))
            }
        }
        return widths
    }

    // MARK: - Lines

    private func line(_ cells: [Cell], widths: [Int], _ style: Style, indent: String) -> String {
        // Nothing stands behind the last text of a line, so that a narrow terminal does not wrap blanks.
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        let line = cells[...last].enumerated().map { column, cell in
            let shown = cut(cell.text, to: widths[column])
            let blanks = String(repeating: " ", count: widths[column] - displayWidth(shown))
            let text = style.apply(cell.emphasis, to: shown)
            switch columns[column].alignment {
            case .right: return blanks + text
            case .left: return column == last ? text : text + blanks
            }
        }
        return indent + line.joined(separator: String(repeating: " ", count: Self.gap)) + "\n"
    }

    /// A line whose last text may take several.
    private func folded(_ cells: [Cell], _ widths: [Int], last: Int?, _ style: Style, indent: String) -> String {
        guard let last, let text = cells.last, displayWidth(text.text) > last else {
            return line(cells, widths: widths, style, indent: indent)
        }
        let pieces = fold(text.text, to: last)
        let blanks = cells.dropLast().map { _ in Cell("") }
        return pieces.enumerated().map { index, piece in
            let before = index == 0 ? Array(cells.dropLast()) : Array(blanks)
            return line(before + [Cell(piece, text.emphasis)], widths: widths, style, indent: indent)
        }.joined()
    }
}

/// A number with its thousands apart: `12,345`.
func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// `1 user`, `2 users`.
func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
}
