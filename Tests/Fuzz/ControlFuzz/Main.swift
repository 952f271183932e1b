import CLibFuzzer
@preconcurrency import Foundation
import Synchronization
import TestInstallation
import TestSupport
import WireOracles

/// Looks for input that crashes the daemon's reading, or breaks a promise of the wire's. `make fuzz` runs it.
///
/// Each input is first looked at by the oracles that plain tests ask too, then sent to a daemon inside this process,
/// which has no site and whose every instruction steers the fuzzer.
@main
enum Main {
    static func main() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await withThrowingTaskGroup { group in
                group.addTask { try await InnerDaemon.run(installation) }
                group.addTask { try await onThread { try Self.fuzz(installation.socketPath) } }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Blocks, and ends the process itself where it fuzzes.
    private static func fuzz(_ socketPath: String) throws {
        InnerDaemon.path.withLock { $0 = socketPath }
        InnerDaemon.waitUntilReady()
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        var count = CInt(arguments.count - 1)
        let status = arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { Main.test($0, $1) }
        }
        exit(status)
    }

    private static func test(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let input = Array(UnsafeBufferPointer(start: data, count: count))
        do {
            try WireOracle.check(input)
            try InnerDaemon.check(input)
        } catch {
            // A crash is what keeps the input.
            print("PROMISE BROKEN: \(error)")
            fflush(nil)
            abort()
        }
        return 0
    }
}
