import Foundation
import Synchronization
import TestSupport

/// A well-behaved client beside the others: asks one thing after the other, and looks at what it is told.
final class HostileBystander: Sendable {
    struct Service: Sendable {
        var answers = 0
        var faults: [String] = []
        /// Of each request to its reply.
        var latencies: [Duration] = []

        /// 99 of 100 replies came sooner.
        var p99: Duration { latencies.sorted().dropLast(latencies.count / 100).last ?? .zero }
    }

    private let connection: LineConnection
    private let isEnough = Mutex(false)

    init(socketPath: String) throws {
        connection = try LineConnection(path: socketPath)
    }

    /// Asks until ``stop()`` is called, and `least` times in any case. Blocks.
    func askOn(least: Int) throws -> Service {
        var service = Service()
        while service.answers < least || !isEnough.withLock(\.self) { try ask(&service) }
        return service
    }

    func stop() { isEnough.withLock { $0 = true } }

    private func ask(_ service: inout Service) throws {
        let number = service.answers
        let (method, member) = [("ping", "pong"), ("version", "protocol"), ("status", "health")][number % 3]
        let begin = ContinuousClock.now
        connection.send(line: #"{"jsonrpc":"2.0","id":\#(number),"method":"\#(method)"}"#)
        let line = try connection.readLine() ?? []
        service.latencies.append(begin.duration(to: .now))
        service.answers += 1
        let reply = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        guard reply?["id"] as? Int == number, (reply?["result"] as? [String: Any])?[member] != nil else {
            service.faults.append("\(method) was answered \(String(decoding: line.prefix(300), as: UTF8.self))")
            return
        }
    }
}

/// Runs `body`, with a bystander served all the while.
///
/// - Returns: how they were served, beside what `body` returns. Nothing of theirs is looked at yet.
func withBystander<Value: Sendable>(
    socketPath: String, least: Int = 20, _ body: @escaping @Sendable () throws -> Value
) async throws -> (Value, HostileBystander.Service) {
    let bystander = try HostileBystander(socketPath: socketPath)
    async let service = onThread { try bystander.askOn(least: least) }
    let outcome: Result<Value, any Error>
    do {
        outcome = .success(try await onThread(body))
    } catch {
        outcome = .failure(error)
    }
    bystander.stop()
    let served = try await service
    return (try outcome.get(), served)
}

/// What a process takes of the machine's memory, in bytes.
struct ResidentMemory: CustomStringConvertible {
    let now: Int
    let highest: Int

    init(of pid: pid_t) throws {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        func kibibytes(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line.flatMap { Int($0.split(whereSeparator: { !$0.isNumber }).first ?? "") } ?? .max >> 10
        }
        now = kibibytes("VmRSS") << 10
        highest = kibibytes("VmHWM") << 10
    }

    var description: String { "\(now >> 20) MiB, at most \(highest >> 20) MiB" }
}
