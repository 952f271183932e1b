import Glibc
import TestSupport
import Testing

@testable import UsageCommands

@Suite("Printing to a reader who takes a break")
struct PatientPrinterTests {
    /// A pipe, both of whose ends are the caller's to close.
    private func openPipe() throws -> (reading: CInt, console: Console) {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], Console(output: ends[1]))
    }

    @Test("What nobody takes is kept, and printed in order with what comes next and at the end")
    func kept() async throws {
        // The first, more than a pipe holds; the last, too, when it has been emptied in between.
        let pieces = (0..<40).map { piece in Array(repeating: UInt8(piece), count: 5000) }
        let (reading, console) = try openPipe()
        var printer = PatientPrinter(console, patience: .zero)
        for piece in pieces[..<30] { #expect(printer.print(piece).isDone) }
        var taken = [UInt8](repeating: 0, count: 50_000)
        taken.removeLast(taken.count - read(reading, &taken, taken.count))
        for piece in pieces[30...] { #expect(printer.print(piece).isDone) }
        async let rest = onThread {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(reading, &buffer, buffer.count)
                guard count > 0 else { return bytes }
                bytes += buffer[..<count]
            }
        }
        let last = printer.finish()
        close(console.output)
        let all = try await taken + rest
        close(reading)
        #expect(last.isDone)
        #expect(all == pieces.flatMap(\.self))
    }

    @Test("A reader who has gone is told of at once")
    func gone() throws {
        signal(SIGPIPE, SIG_IGN)
        let (reading, console) = try openPipe()
        close(reading)
        defer { close(console.output) }
        var printer = PatientPrinter(console)
        let isUnread = if case .unread = printer.print([1]) { true } else { false }
        #expect(isUnread)
    }
}

extension Console.Writing {
    fileprivate var isDone: Bool {
        if case .done = self { true } else { false }
    }
}
