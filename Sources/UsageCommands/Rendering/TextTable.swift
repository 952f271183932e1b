/// A table for people: columns as wide as their widest cell.
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

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[Cell]] = []

    /// - Parameter columns: without titles (all of them empty) there is no heading.
    init(_ columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns
    }

    mutating func append(_ row: [Cell]) {
        rows.append(row)
    }

    func text(_ style: Style, indent: String = "") -> String {
        let heading = columns.map { Cell($0.title, .heading) }
        let lines = columns.allSatisfy(\.title.isEmpty) ? rows : [heading] + rows
        let widths = columns.indices.map { column in lines.map { displayWidth($0[column].text) }.max() ?? 0 }
        return lines.map { line in
            indent + self.line(line, widths: widths, style) + "\n"
        }.joined()
    }

    private func line(_ cells: [Cell], widths: [Int], _ style: Style) -> String {
        // Nothing stands behind the last text of a line, so that a narrow terminal does not wrap blanks.
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        return cells[...last].enumerated().map { column, cell in
            let blanks = String(repeating: " ", count: widths[column] - displayWidth(cell.text))
            let text = style.apply(cell.emphasis, to: cell.text)
            switch columns[column].alignment {
            case .right: return blanks + text
            case .left: return column == last ? text : text + blanks
            }
        }.joined(separator: "  ")
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
