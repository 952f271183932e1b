import Glibc
import UsageModel

/// Asks the person at the terminal for what only they know.
struct SetupQuestions {
    private static let attempts = 3

    let console: Console

    func clientID() throws(SetupFailure) -> String {
        for _ in 0..<Self.attempts {
            console.printError("Client id: ")
            guard let line = console.readLine() else {
                console.printError("\n")
                break
            }
            let text = line.withoutOuterBlanks
            guard let refusal = ConfigurationKey.clientID.refusal(of: text) else { return text }
            console.printError("jirausagectl: it \(refusal)\n")
        }
        throw .unanswered(what: "client id")
    }

    /// Asks for the client secret, which the terminal does not show.
    func clientSecret() throws(SetupFailure) -> Secret {
        for _ in 0..<Self.attempts {
            guard let text = try hiddenLine("Client secret (it is not shown): ") else { break }
            if SetupSecret.clientSecret.accepts(text) { return Secret(text) }
            console.printError("jirausagectl: give \(SetupSecret.clientSecret.description)\n")
        }
        throw .unanswered(what: "client secret")
    }

    /// - Returns: `nil` where the input has ended, or the terminal is not ours to use.
    private func hiddenLine(_ prompt: String) throws(SetupFailure) -> String? {
        // In this order, so that the terminal is put back when a signal at last ends the program.
        var signals = console.handlesSignals ? SignalWatch() : nil
        defer { signals?.end() }
        guard let terminal = SilentTerminal(console.input) else { return nil }
        defer { terminal.restore() }
        console.printError(prompt)
        defer { console.printError("\n") }
        var reader = PasteReader(isTerminal: true)
        while true {
            var entries = [pollfd(fd: console.input, events: Int16(POLLIN), revents: 0)]
            if let signals { entries.append(pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)) }
            poll(&entries, nfds_t(entries.count), -1)
            if entries.count > 1, entries[1].revents != 0 {
                signals?.take()
                if signals?.ending != nil { throw .interrupted }
            }
            guard entries[0].revents != 0 else { continue }
            let bytes = console.readBytes()
            // The terminal has gone, and the person with it.
            if bytes.isEmpty { return nil }
            switch reader.append(bytes).first {
            case .line(let text): return text.withoutOuterBlanks
            case .tooLong: return ""
            case .end: return nil
            case nil: continue
            }
        }
    }
}

extension String {
    /// A blank at an end comes with what was copied. One within is part of something that was not meant, and for whoever
    /// looks at the text to refuse.
    fileprivate var withoutOuterBlanks: String {
        var text = Substring(self).drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
