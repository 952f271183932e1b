import TestSupport
import Testing

/// Runs `body` beside a server for TLS on a loopback port, whose certificate, for `localhost`, nobody but itself vouches for.
func withSelfSignedServer(_ body: (_ port: Int, _ certificate: String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
        let (key, certificate) = ("\(directory)/key.pem", "\(directory)/certificate.pem")
        let made = try await runToEnd(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
                "-out", certificate,
            ], directory: directory)
        try #require(made.exitCode == 0, "\(made.errors)")
        let words = ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"]
        try await withChildProcess("openssl", words, directory: directory) { server in
            var line = ""
            repeat { line = try await server.nextLine() } while !line.hasPrefix("ACCEPT")
            let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
            try await body(port, certificate)
        }
    }
}
