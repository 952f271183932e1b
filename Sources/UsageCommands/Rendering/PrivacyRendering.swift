import ControlProtocol
import UsageModel

extension PrivacyReport {
    func text(_ style: Style) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["cycle", .init("every account once in \(span(cycleSeconds))")])
        table.append(["accounts", .init("\(accounts) stored, \(reported) reported within the cycle")])
        table.append(["overdue", .init(String(overdue), overdue > 0 ? .warning : nil)])
        table.append(["last report", .init(lastReportedAt?.minute ?? "none yet")])
        table.append(["next due", .init(nextDueAt?.minute ?? "-")])
        table.append(["outdated", .init("\(outdated) to be fetched again")])
        table.append(["erased", .init("\(counted(erased, "account")) kept as a bare id only")])
        if wipePending {
            table.append(["", .init("traces of what was erased are still to be removed from the files", .warning)])
        }
        if let lastError { table.append(["last error", .init(lastError, .warning)]) }
        return style.apply(.heading, to: "Personal data") + "\n" + table.text(style, indent: "  ") + days.table(style)
    }

    private func span(_ seconds: Int) -> String {
        seconds.isMultiple(of: 86_400) ? counted(seconds / 86_400, "day") : counted(seconds, "second")
    }
}

extension [PrivacyReport.Day] {
    fileprivate func table(_ style: Style) -> String {
        guard !isEmpty else { return "" }
        var table = TextTable([
            ("DAY", .left), ("REQUESTS", .right), ("REPORTED", .right), ("CLOSED", .right), ("UPDATED", .right),
            ("REFUSED", .right), ("FAILURES", .right), ("ERASED", .right),
        ])
        for day in self {
            table.append([
                .init(day.day.day), .init(day.requests), .init(day.reported), .init(day.closed), .init(day.updated),
                .init(day.refused), .init(day.failures), .init(day.erased.sum),
            ])
        }
        return "\n" + table.text(style, indent: "  ")
    }
}

extension PrivacyReport.Erasures {
    fileprivate var sum: Int { closed + requested + outdated + unreported + left }
}
