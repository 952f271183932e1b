import ControlProtocol

/// Asks which of several sites is to be connected.
struct SiteQuestion {
    private static let attempts = 3

    let choices: [ControlError.Choice]
    let console: Console

    /// - Returns: the cloud id of the site; `nil` where nobody chose one.
    func ask() -> String? {
        var table = TextTable([("", .right), ("", .left), ("", .left)])
        for (number, choice) in zip(1..., choices) {
            table.append([.init("\(number)"), .init(choice.name), .init(choice.url ?? choice.site ?? "")])
        }
        console.printError("\nThe consent covers these sites:\n\n" + table.text(.plain, indent: "  ") + "\n")
        for _ in 0..<Self.attempts {
            console.printError("Which one is to be connected? [1-\(choices.count)] ")
            guard let line = console.readLine() else {
                console.printError("\n")
                return nil
            }
            if let number = Int(line.filter { !$0.isWhitespace }), choices.indices.contains(number - 1) {
                return choices[number - 1].site
            }
        }
        return nil
    }
}
