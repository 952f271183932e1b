import Foundation

/// Runs `body` with a folder of its own, which is gone afterwards. The path is short enough for a Unix socket in it.
///
/// - Parameter inMemory: where the system has a place for files in memory, for tests that synchronise them all the time.
package func withTemporaryDirectory<Value>(
    inMemory: Bool = false, _ body: (String) async throws -> Value
) async throws -> Value {
    let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
    let isThere = inMemory && FileManager.default.isWritableFile(atPath: memory.path)
    let directory = (isThere ? memory : FileManager.default.temporaryDirectory)
        .appending(path: "ju-\(UInt32.random(in: .min ... .max))", directoryHint: .notDirectory)
    try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory.path)
}
