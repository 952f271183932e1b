import ArgumentParser
import Foundation
import Glibc
import TestSupport

/// Clients that mean no good, in a process of their own: they are at it once a line is printed, and until one is read.
struct HostileCommand: ParsableCommand {
    enum Manner: String, ExpressibleByArgument, CaseIterable {
        /// Ask for much and read nothing.
        case stalled
        /// One that sends random lines as fast as it can.
        case noise
        /// One that connects and closes all the time.
        case churn
    }

    static let configuration = CommandConfiguration(
        commandName: "hostile", abstract: "Be a nuisance to a socket until a line is read.", shouldDisplay: false)

    @Argument var manner: Manner
    @Argument var socketPath: String
    @Option(help: "How many stalled ones.") var clients = 1
    @Option(help: "What a stalled one asks.") var question = ""

    func run() throws {
        switch manner {
        case .stalled: try stall()
        case .noise: try makeNoise()
        case .churn: try churn()
        }
    }

    private func stall() throws {
        let open = try (0..<clients).map { _ in
            let client = try BlockingClient(socketPath, .line)
            try client.send(Array(question.utf8))
            return client
        }
        say("\(open.count)")
        withExtendedLifetime(open) { _ = readLine() }
        say("\(open.count)")
    }

    private func makeNoise() throws {
        var generator = SplitMix64(seed: 1)
        var lines: [UInt8] = []
        var count = 0
        while lines.count < 1 << 18 {
            for _ in 0..<Int.random(in: 1...200, using: &generator) {
                // Everything but what ends a line.
                lines.append(UInt8.random(in: 32...255, using: &generator))
            }
            lines.append(UInt8(ascii: "\n"))
            count += 1
        }
        say("\(count)")
        var sent = 0
        var answers = [UInt8](repeating: 0, count: 1 << 18)
        while !isOver() {
            let descriptor = try BlockingClient.connect(socketPath)
            defer { close(descriptor) }
            var place = 0
            while !isOver() {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
                poll(&entry, 1, 100)
                if entry.revents & Int16(POLLIN | POLLHUP) != 0,
                    recv(descriptor, &answers, answers.count, Int32(MSG_DONTWAIT)) == 0
                {
                    break
                }
                guard entry.revents & Int16(POLLOUT) != 0 else { continue }
                let some = lines[place..<min(place + 65_536, lines.count)]
                let written = some.withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
                }
                guard written > 0 else {
                    if errno == EAGAIN { continue }
                    break
                }
                sent += some.prefix(written).count { $0 == UInt8(ascii: "\n") }
                place = (place + written) % lines.count
            }
        }
        say("\(sent)")
    }

    private func churn() throws {
        say("0")
        var count = 0
        while !isOver() {
            close(try BlockingClient.connect(socketPath))
            count += 1
        }
        say("\(count)")
    }

    /// Whether a line has come.
    private func isOver() -> Bool {
        var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }
}
