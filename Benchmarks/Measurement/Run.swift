import Foundation

/// When, where and how something was measured.
struct Run {
    let date: String
    let machine: String
    let command: String

    static var current: Run {
        var words = Array(CommandLine.arguments.dropFirst())
        // Where results go says nothing about how they came about.
        for option in ["--lines", "--document"] {
            if let place = words.firstIndex(of: option) {
                words.removeSubrange(place...min(place + 1, words.count - 1))
            }
        }
        let program = URL(filePath: CommandLine.arguments[0]).lastPathComponent
        return Run(
            date: String(Date().ISO8601Format().prefix(10)), machine: Self.describeMachine(),
            command: ([program] + words).joined(separator: " "))
    }

    private static func describeMachine() -> String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let memory = Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)
        return "\(cores) cores of \(processor), \(String(format: "%.0f", memory)) GiB"
    }

    private static var processor: String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let name = lines.first { $0.hasPrefix("model name") || $0.hasPrefix("Processor") }
        return name?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "an unknown model"
    }
}
