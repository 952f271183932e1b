package import ArgumentParser
import Foundation

/// Where results go beside standard output.
package struct Output: ParsableArguments {
    @Option(help: "Append the results to this file as lines of JSON.")
    package var lines: String?

    @Option(help: "Put the table into this Markdown document, between <!-- NAME --> and <!-- /NAME -->.")
    package var document: String?

    package init() {}

    package func write(_ table: Table) throws {
        let run = Run.current
        let text = "\(table.plain)\n\n\(run.date), \(run.machine)\n\(run.command)\n\n"
        // Not by `print`, which keeps it back where what tells of progress overtakes it.
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        if let lines {
            let handle = try Self.appending(to: lines)
            try handle.write(contentsOf: Data(try table.lines(run).utf8))
            try handle.close()
        }
        if let document {
            let text = try String(contentsOfFile: document, encoding: .utf8)
            try Self.replacing(table, run, in: text).write(toFile: document, atomically: true, encoding: .utf8)
        }
    }

    private static func appending(to path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        return handle
    }

    private static func replacing(_ table: Table, _ run: Run, in text: String) throws -> String {
        let (begin, end) = ("<!-- \(table.name) -->", "<!-- /\(table.name) -->")
        guard let start = text.range(of: begin), let stop = text.range(of: end, range: start.upperBound..<text.endIndex)
        else { throw ValidationError("The document has no place for the table: \(begin) and \(end).") }
        let section = "\n\(table.markdown)\n\n\(run.date), \(run.machine): `\(run.command)`\n"
        return text.replacingCharacters(in: start.upperBound..<stop.lowerBound, with: section)
    }
}

/// Tells whoever waits how far it is.
package func progress(_ text: String) {
    // Nobody may be there to read it.
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}
