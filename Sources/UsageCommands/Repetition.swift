import ControlProtocol
import UsageModel

/// A command line as it has to be typed again, for one of several that it may have meant.
struct Repetition {
    let arguments: [String]
    let command: any UsageCommand

    /// - Returns: `nil` where the command does not say how one is named.
    func line(for choice: ControlError.Choice) -> String? {
        guard let selector = command.selector else { return nil }
        var words = arguments
        switch selector {
        case .person(let who):
            guard let account = choice.accountId else { return site(choice).map { line(words + ["--site", $0]) } }
            guard let place = words.lastIndex(of: who) else { return nil }
            words[place] = account
        case .site(let secret):
            guard let site = site(choice) else { return nil }
            // What could be used by others is not repeated where they may see it.
            if let place = secret.flatMap({ words.lastIndex(of: $0) }) { words[place] = "-" }
            words += ["--site", site]
        }
        return line(words)
    }

    private func line(_ words: [String]) -> String {
        (["jirausagectl"] + words).map(\.shellWord).joined(separator: " ")
    }

    /// As people know it, if they can.
    private func site(_ choice: ControlError.Choice) -> String? { choice.url ?? choice.site }
}

/// What of a command's words says which one of several is meant.
enum Selector {
    /// This word, which may stand for several people; and `--site`, where one person is known on several sites.
    case person(String)
    /// `--site`. A word that is a secret is read from standard input instead.
    case site(secret: String?)
}
