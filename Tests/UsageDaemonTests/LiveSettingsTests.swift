import ControlProtocol
import Foundation
import TestSupport
import Testing
import UsageModel

@testable import UsageDaemon

@Suite("The settings of a running daemon")
struct LiveSettingsTests {
    /// What an administrator may write for each key, other than the default.
    private static let others = [
        "state_directory": "\"/srv/state\"", "control_socket": "\"/srv/s\"", "oauth.client_id": "\"app\"",
        "oauth.client_secret_file": "\"/srv/secret\"", "oauth.redirect_uri": "\"http://127.0.0.1:1/callback\"",
        "oauth.authorization_server": "\"http://127.0.0.1:2\"", "api.base_url": "\"http://127.0.0.1:3\"",
        "api.proxy": "\"http://127.0.0.1:4\"", "vault.key_file": "\"/srv/key\"",
        "vault.next_key_file": "\"/srv/next\"", "sync.interval": "\"2h\"",
        "sync.history": "\"500d\"", "sync.threshold": "\"30d\"", "sync.concurrency": "3",
        "sync.points_per_hour": "1234", "retention.activity": "\"600d\"", "retention.seats": "\"60d\"",
        "retention.log": "\"70d\"", "retention.unreported": "\"80d\"", "access.read_group": "\"readers\"",
        "access.admin_group": "\"admins\"",
    ]

    private static let live: Set = [
        "sync.interval", "sync.history", "sync.threshold", "retention.activity", "retention.seats", "retention.log",
        "retention.unreported", "access.read_group", "access.admin_group",
    ]

    private func load(_ lines: [String]) async throws -> DaemonSettings {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.toml"
            try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
            return try DaemonSettings.load(ConfigurationFile(path: path), environment: [:])
        }
    }

    @Test("each key takes effect at a reload, or is told to wait for a restart", arguments: Setting.all.map(\.path))
    func key(_ path: String) async throws {
        let settings = LiveSettings(try await load([]))
        let next = try await load(["\(path) = \(try #require(Self.others[path]))"])
        let reload = settings.take(next)
        #expect(reload.taken == (Self.live.contains(path) ? [path] : []))
        #expect(reload.waiting == (Self.live.contains(path) ? [] : [path]))
        #expect(settings.problems.map(\.kind) == (Self.live.contains(path) ? [] : ["restartNeeded"]))
        #expect(settings.problems.allSatisfy { $0.message.contains(path) })
        // Who takes it back needs no restart.
        _ = settings.take(try await load([]))
        #expect(settings.problems.isEmpty)
    }

    @Test("no restart is advised where the daemon could not write what the configuration says")
    func unwritable() async throws {
        try await withTemporaryDirectory { directory in
            let socket = "control_socket = \"\(directory)/s\""
            let settings = LiveSettings(try await load([socket]))
            for (state, isPossible) in [("\(directory)/new", true), ("\(directory)/none/new", false)] {
                _ = settings.take(try await load([socket, "state_directory = \"\(state)\""]))
                let problem = try #require(settings.problems.first)
                #expect(problem.kind == "restartNeeded")
                #expect(problem.hint?.contains("systemctl restart") == isPossible)
                #expect(problem.hint?.contains("\(state): No such file or directory: create it") == !isPossible)
            }
        }
    }

    @Test("what was taken is what is asked for, and a configuration that cannot be read changes none of it")
    func values() async throws {
        let settings = LiveSettings(try await load([]))
        _ = settings.take(
            try await load([
                "sync.interval = \"2h\"", "sync.threshold = \"30d\"", "sync.concurrency = 3",
                "access.read_group = \"readers\"", "retention.log = \"70d\"",
            ]))
        #expect(settings.sync.interval == .seconds(7200))
        #expect(settings.thresholdDays == 30)
        #expect(settings.staleAfter == .seconds(8 * 3600))
        #expect(settings.sync.concurrency == 8)
        #expect(settings.access.readGroup == "readers")
        #expect(settings.retention.log == .days(70))
        do {
            _ = try await load(["sync.threshold = 30", "sync.nonsense = 1"])
            Issue.record("was taken")
        } catch let error as SettingsError {
            settings.refuse(error)
        }
        #expect(settings.thresholdDays == 30)
        let problem = try #require(settings.problems.first)
        #expect(problem.kind == "configurationNotTaken")
        #expect(problem.message.contains("sync.threshold") && problem.message.contains("sync.nonsense"))
        #expect(!problem.message.contains("\n"))
        // A restart would read the configuration that cannot be read, so that none is advised.
        let waiting = try #require(settings.problems.last)
        #expect(waiting.kind == "restartNeeded" && waiting.hint?.contains("systemctl") == false)
        _ = settings.take(try await load(["sync.threshold = \"40d\""]))
        #expect(settings.problems.isEmpty)
        #expect(settings.thresholdDays == 40)
    }
}
