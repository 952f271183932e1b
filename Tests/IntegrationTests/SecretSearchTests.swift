import CSQLite
import Foundation
import TestInstallation
import TestSupport
import Testing

/// The search itself: what it must find, and what it must not. That nothing is found after each test with the programs is
/// seen to by `Simulator.withSimulator`.
@Suite("The search for secrets", .timeLimit(.minutes(5)))
struct SecretSearchTests {
    private static let token = Planted(
        kind: "accessToken",
        value: "eyJhbGciOiJSUzI1NiJ9.a.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")

    private func hits(_ directory: String) async throws -> [SecretSearch.Hit] {
        let others = (0..<3000).map { Planted(kind: "code", value: "other-\($0)-0123456789abcdef") }
        return try await SecretSearch(others + [Self.token]).hits(below: directory)
    }

    @Test(
        "a planted token is found however it was written down, with its place",
        arguments: [
            ("plain", "request failed: Bearer {} (401)"), ("percent", "GET /callback?code={}&state=x"),
            ("base64", "{}"), ("base64", "a{}"), ("base64", "ab{} and more"), ("hexadecimal", "{}"),
        ])
    func forms(form: String, line: String) async throws {
        try await withTemporaryDirectory { directory in
            var text = line.replacing("{}", with: Self.token.value)
            switch form {
            case "base64": text = Data(text.utf8).base64EncodedString()
            case "hexadecimal": text = text.utf8.map { String($0, radix: 16) }.joined()
            case "percent": text = text.replacing(".", with: "%2E")
            default: break
            }
            try FileManager.default.createDirectory(atPath: "\(directory)/deep", withIntermediateDirectories: false)
            try "first line\n\(text)\n".write(
                toFile: "\(directory)/deep/daemon.err", atomically: false, encoding: .utf8)
            let found = try await hits(directory)
            #expect(found.map(\.file) == ["deep/daemon.err"] && found.map(\.kind) == ["accessToken"])
            #expect(found.map(\.form) == [form])
            #expect(found.allSatisfy { !$0.description.contains("0123456789abcdef") }, "a hit does not tell the secret")
        }
    }

    @Test("a planted token is found in a database, and in the log of one that nobody has closed")
    func databases() async throws {
        try await withTemporaryDirectory { directory in
            var handle: OpaquePointer?
            #expect(sqlite3_open("\(directory)/usage.db", &handle) == SQLITE_OK)
            defer { sqlite3_close(handle) }
            let sql = """
                PRAGMA journal_mode = WAL; CREATE TABLE t (a TEXT, b BLOB);
                INSERT INTO t VALUES ('x\(Self.token.value)y', zeroblob(5000));
                """
            #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
            let inLog = try await hits(directory).map(\.file)
            #expect(inLog == ["usage.db-wal"])
            #expect(sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE)", nil, nil, nil) == SQLITE_OK)
            let inDatabase = try await hits(directory).map(\.file)
            #expect(inDatabase == ["usage.db"])
        }
    }

    @Test("where nothing stands nothing is found, and a part of a secret is none")
    func nothing() async throws {
        try await withTemporaryDirectory { directory in
            try String(Self.token.value.dropLast(8)).write(
                toFile: "\(directory)/x", atomically: false, encoding: .utf8)
            let found = try await hits(directory)
            #expect(found.isEmpty)
        }
    }

    @Test("a test whose daemon printed a token would fail: one is planted in what the simulator issued")
    func planted() async throws {
        await #expect(throws: ChildProcess.Failure.self) {
            try await withTemporaryDirectory { directory in
                try await Simulator.withSimulator(["--users", "5", "--issues", "5"], directory: directory) {
                    simulator in
                    try await simulator.post("/_sim/token", "{}")
                    let token = try #require(try await simulator.issuedSecrets().last { $0.kind == "accessToken" })
                    try "oops \(token.value)".write(
                        toFile: "\(directory)/jira-usaged-1.err", atomically: false, encoding: .utf8)
                }
            }
        }
    }
}
