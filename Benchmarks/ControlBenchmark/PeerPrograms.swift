import Foundation

/// Where the programs of others are: installed, or unpacked by `scripts/deps bench`.
struct PeerPrograms {
    let redisServer: String?
    let redisClient: String?
    let chronyDaemon: String?
    let chronyClient: String?
    let sqlite: String?
    let systemctl: String?

    static var path: String { ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin" }

    /// - Parameter unpacked: the root of packages that are not installed.
    init(unpacked: String) {
        // Debian's redis-server is a link to this program, in the package that brings no service along.
        redisServer = Self.find("redis-server", below: unpacked) ?? Self.find("redis-check-rdb", below: unpacked)
        redisClient = Self.find("redis-cli", below: unpacked)
        chronyDaemon = Self.find("chronyd", below: unpacked)
        chronyClient = Self.find("chronyc", below: unpacked)
        sqlite = Self.find("sqlite3", below: unpacked)
        systemctl = Self.find("systemctl", below: unpacked)
    }

    /// Whether the service manager of this machine can be asked.
    static var runsSystemd: Bool { FileManager.default.fileExists(atPath: "/run/systemd/system") }

    private static func find(_ name: String, below unpacked: String) -> String? {
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        return (directories + ["\(unpacked)/usr/bin", "\(unpacked)/usr/sbin"]).map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }
}
