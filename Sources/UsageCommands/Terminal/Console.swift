import Glibc

/// The three standard streams, and what is known of the terminal behind them.
package struct Console: Sendable {
    let input: CInt
    let output: CInt
    let errors: CInt
    /// Whether the process is the program's own, so that a command may look after signals.
    let handlesSignals: Bool

    package init(
        input: CInt = STDIN_FILENO, output: CInt = STDOUT_FILENO, errors: CInt = STDERR_FILENO,
        handlesSignals: Bool = false
    ) {
        self.input = input
        self.output = output
        self.errors = errors
        self.handlesSignals = handlesSignals
    }

    var outputIsTerminal: Bool { isatty(output) == 1 }
    var inputIsTerminal: Bool { isatty(input) == 1 }
    var errorsAreTerminal: Bool { isatty(errors) == 1 }
    /// Whether somebody sits there who can be asked.
    var isInteractive: Bool { inputIsTerminal && errorsAreTerminal }

    /// What became of something that was written.
    enum Writing {
        case done
        /// Whoever read has gone, which is no failure: `jirausagectl users | head`.
        case unread
        case failed(errno: CInt)
    }

    func print(_ text: String) -> Writing { Self.write(Array(text.utf8), to: output) }
    func print(_ bytes: [UInt8]) -> Writing { Self.write(bytes, to: output) }

    /// What cannot be written there is lost: there is nowhere left to say so.
    func printError(_ text: String) { _ = Self.write(Array(text.utf8), to: errors) }

    /// The next line of the input without its line feed; `nil` at its end.
    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(input, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// What has come on the input, once something has; empty at its end.
    func readBytes() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return Array(buffer.prefix(max(count, 0)))
        }
    }

    static func write(_ bytes: [UInt8], to descriptor: CInt) -> Writing {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return errno == EPIPE ? .unread : .failed(errno: errno) }
            rest = rest.dropFirst(count)
        }
        return .done
    }
}
