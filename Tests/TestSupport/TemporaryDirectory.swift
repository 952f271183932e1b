import Foundation

/// Runs `body` with a folder of its own, which is gone afterwards. The path is short enough for a Unix socket in it.
package func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "ju-\(UInt32.random(in: .min ... .max))", directoryHint: .notDirectory)
    try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory.path)
}
