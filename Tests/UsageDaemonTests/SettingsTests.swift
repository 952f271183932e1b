import Foundation
import TestSupport
import Testing
import UsageDaemon
import UsageModel

@Suite("The settings")
struct SettingsTests {
    @Test("without a file at the standard place the defaults hold")
    func defaults() throws {
        let settings = try DaemonSettings.load(
            ConfigurationFile(path: "/nonexistent/config.toml", mustExist: false), environment: ["PATH": "/bin"])
        #expect(settings.origins.isEmpty)
        #expect(settings.stateDirectory == "/var/lib/jira-usaged")
        #expect(settings.controlSocket == "/run/jira-usaged/control.sock")
        #expect(settings.oauth.clientID == nil)
        #expect(settings.oauth.redirectURI == "http://127.0.0.1:8736/callback")
        #expect(settings.api.proxy == nil)
        #expect(settings.sync.interval == .seconds(900))
        #expect(settings.sync.history == .last(.days(400)))
        #expect(settings.sync.thresholdDays == 90)
        #expect(settings.sync.concurrency == 8)
        #expect(settings.sync.pointsPerHour == 65_000)
        #expect(settings.access.readGroup == "jira-usage")
        #expect(settings.access.adminGroup == "jira-usage-admin")
        #expect(ConfigurationFile.standard.path == "/etc/jira-usaged/config.toml")
    }

    @Test("a file that was named must exist")
    func missing() {
        #expect(throws: SettingsError.unreadable(path: "/nonexistent/a.toml", reason: "No such file or directory")) {
            try DaemonSettings.load(ConfigurationFile(path: "/nonexistent/a.toml"), environment: [:])
        }
    }

    @Test("every key of a file is taken")
    func everyKey() async throws {
        let settings = try await load(
            """
            state_directory = "/srv/state"
            control_socket  = "/srv/control.sock"   # a comment
            [oauth]
            client_id            = "app"
            client_secret_file   = "/srv/secret"
            redirect_uri         = "https://example.org/callback?via=proxy"
            authorization_server = "http://127.0.0.1:8080/"
            [api]
            base_url             = "http://[::1]:8080"
            proxy                = "http://proxy.example.org:3128"
            [vault]
            key_file             = "/srv/key"
            [sync]
            interval             = "30s"
            history              = "all"
            threshold            = "48h"
            concurrency          = 32
            points_per_hour      = 1000
            [access]
            read_group           = "readers"
            admin_group          = "domain admins"
            """)
        #expect(settings.stateDirectory == "/srv/state")
        #expect(settings.controlSocket == "/srv/control.sock")
        #expect(settings.oauth.clientID == "app")
        #expect(settings.oauth.clientSecretFile == "/srv/secret")
        #expect(settings.oauth.redirectURI == "https://example.org/callback?via=proxy")
        #expect(settings.oauth.authorizationServer == "http://127.0.0.1:8080")
        #expect(settings.api.baseURL == "http://[::1]:8080")
        #expect(settings.api.proxy?.host == "proxy.example.org")
        #expect(settings.api.proxy?.port == 3128)
        #expect(settings.vault.keyFile == "/srv/key")
        #expect(settings.sync.interval == .seconds(30))
        #expect(settings.sync.history == .all)
        #expect(settings.sync.thresholdDays == 2)
        #expect(settings.sync.concurrency == 32)
        #expect(settings.sync.pointsPerHour == 1000)
        #expect(settings.access.readGroup == "readers")
        #expect(settings.access.adminGroup == "domain admins")
    }

    @Test("every fault of file and environment is reported at once, on its line")
    func everyFault() async throws {
        let text = """
            state_directory = 7
            colour = "blue"
            oauth.client_secret = "hunter2"
            sync.interval = "15 minutes"

            [access]
            read_group = ""
            "a key" = 1
            interval = "1m"

            [elsewhere]
            key = 1
            """
        let error = await failure(text, environment: ["JIRA_USAGED_SYNC_CONCURRENCY": "many", "JIRA_USAGED_X": "1"])
        #expect(
            error == """
                config.toml:1: state_directory: is an integer, and must be a string
                config.toml:2: colour: is not a key
                config.toml:3: oauth.client_secret: is not a key: a secret has a file of its own; name it as \
                oauth.client_secret_file
                config.toml:4: sync.interval: "15 minutes" is not a duration; write 90d, 12h, 15m or 30s
                config.toml:7: access.read_group: must be the name of a group
                config.toml:8: access."a key": is not a key
                config.toml:9: access.interval: is not a key; did you mean sync.interval?
                config.toml:11: elsewhere: is not a key
                environment: JIRA_USAGED_SYNC_CONCURRENCY: must be a whole number from 1 to 32
                environment: JIRA_USAGED_X: is not a setting
                """)
    }

    @Test(
        "a value that cannot be used is refused with what would be right",
        arguments: [
            (#"sync.interval = "29s""#, "must be from 30s to 30d"),
            (#"sync.interval = 15"#, "is an integer, and must be a string"),
            (#"sync.interval = "99999999999999999999d""#, "is not a duration"),
            (#"sync.interval = "-5m""#, "is not a duration"),
            (#"sync.interval = "all""#, "is not a duration; write 90d, 12h, 15m or 30s"),
            (#"sync.history = "1y""#, #"is not a duration; write 90d, 12h, 15m or 30s, or "all""#),
            (#"sync.history = "12h""#, "must be from 1d to 36500d"),
            (#"sync.threshold = "12h""#, "must be from 1d to 36500d"),
            (#"sync.threshold = "36h""#, "must be whole days"),
            (#"sync.concurrency = 0"#, "must be a whole number from 1 to 32"),
            (#"sync.concurrency = 33"#, "must be a whole number from 1 to 32"),
            (#"sync.concurrency = 8.0"#, "is a floating-point number, and must be a whole number"),
            (#"sync.concurrency = true"#, "is a bool, and must be a whole number"),
            (#"sync.points_per_hour = 999"#, "must be a whole number from 1000 to 10000000"),
            (#"sync = 1"#, "is a section: write [sync]"),
            (#"sync.interval = { value = "1m" }"#, "is a table, and must be a string"),
            (#"state_directory = "state""#, "must be an absolute path"),
            ("control_socket = \"/\(String(repeating: "a", count: 107))\"", "is 108 bytes long"),
            (#"oauth.client_id = """#, "must be the client id"),
            (#"api.base_url = "http://10.0.0.1""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://127.0.0.1.example.org""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://127.0.0.1@example.org""#, "must be a URL"),
            (#"api.base_url = "http://127.1""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://0.0.0.0""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://localhost.""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://127.0.0.+1""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://127.0.0.08""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://[::ffff:127.0.0.1]""#, "may use http for a loopback address only"),
            (#"api.base_url = "http://user@127.0.0.1""#, "must be a URL"),
            (#"api.base_url = "https://api.atlassian.com?x=1""#, "must be a URL"),
            (#"api.base_url = "api.atlassian.com""#, "must be a URL"),
            (#"api.base_url = "https://host:99999""#, "must be a URL"),
            (#"api.proxy = "https://proxy:3128""#, "must be http://host:port, with nothing after it"),
            (#"api.proxy = "socks5://proxy:1080""#, "must be http://host:port"),
            (#"api.proxy = "proxy:3128""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy""#, "must be http://host:port"),
            (#"api.proxy = "http://:3128""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:0""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:+1""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:65536""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:1:2""#, "must be http://host:port"),
            (#"api.proxy = "http://::1:3128""#, "must be http://host:port"),
            (#"api.proxy = "http://[::1]""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:3128/""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:3128/path""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:3128?x""#, "must be http://host:port"),
            (#"api.proxy = "http://proxy:3128#x""#, "must be http://host:port"),
            (#"api.proxy = "http://pro xy:3128""#, "must be http://host:port"),
            (#"api.proxy = """#, "must be http://host:port"),
            (#"api.proxy = 3128"#, "is an integer, and must be a string"),
            (#"api.proxy = "http://user@proxy:3128""#, "may hold no user or password"),
            (#"oauth.authorization_server = "ftp://localhost""#, "must be a URL"),
            (#"oauth.redirect_uri = "http://example.org/callback""#, "may use http for a loopback address only"),
            (#"oauth.redirect_uri = "https://example.org/callback#part""#, "must be a URL"),
        ])
    func refused(line: String, reason: String) async {
        let error = await failure("# first line\n" + line)
        #expect(error?.hasPrefix("config.toml:2: ") == true, "\(error ?? "accepted")")
        #expect(error?.contains(reason) == true, "\(error ?? "accepted")")
    }

    @Test(
        "http is for loopback addresses, however they are written",
        arguments: [
            "http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:80", "http://LOCALHOST:8080", "https://a.b/c",
        ])
    func addresses(url: String) async throws {
        #expect(try await load("api.base_url = \"\(url)\"").api.baseURL == url)
    }

    @Test(
        "a proxy is a host and a port, and the report writes it as it was written",
        arguments: [
            ("http://192.0.2.10:3128", "192.0.2.10", 3128), ("http://proxy.example.org:80", "proxy.example.org", 80),
            ("http://localhost:65535", "localhost", 65_535), ("http://[2001:db8::1]:8080", "2001:db8::1", 8080),
        ])
    func proxies(text: String, host: String, port: Int) async throws {
        let settings = try await load("api.proxy = \"\(text)\"")
        #expect(settings.api.proxy?.host == host)
        #expect(settings.api.proxy?.port == port)
        #expect(settings.report.contains("\nproxy = \"\(text)\"  # line 1\n"))
    }

    @Test("a file that is no TOML is refused with line and column")
    func syntax() async {
        #expect(await failure("[sync]\ninterval = \n")?.hasPrefix("config.toml:2:") == true)
        #expect(await failure("a = 1\na = 2\n")?.hasPrefix("config.toml:2:") == true)
    }

    @Test(
        "a file that is no text is refused, and none of it is believed", arguments: [[0xFF, 0x0A], [0x23, 0, 0x0A]])
    func noText(bytes: [UInt8]) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.toml"
            try Data(bytes).write(to: URL(filePath: path))
            #expect(throws: SettingsError.unreadable(path: path, reason: "is not UTF-8 text")) {
                try DaemonSettings.load(ConfigurationFile(path: path), environment: [:])
            }
        }
    }

    @Test("the environment wins over the file, the file over systemd, systemd over the defaults")
    func precedence() async throws {
        let systemd = ["STATE_DIRECTORY": "/s1:/s2", "RUNTIME_DIRECTORY": "/r1:/r2", "CREDENTIALS_DIRECTORY": "/c"]
        let bySystemd = try await load("", environment: systemd)
        #expect(bySystemd.stateDirectory == "/s1")
        #expect(bySystemd.controlSocket == "/r1/control.sock")
        #expect(bySystemd.clientSecret.credentialPath == "/c/client-secret")

        let file = "state_directory = \"/f\"\nsync.interval = \"5m\""
        #expect(try await load(file, environment: systemd).stateDirectory == "/f")

        let overrides = ["JIRA_USAGED_STATE_DIRECTORY": "/e", "JIRA_USAGED_SYNC_INTERVAL": "1m"]
        let byEnvironment = try await load(file, environment: systemd.merging(overrides) { $1 })
        #expect(byEnvironment.stateDirectory == "/e")
        #expect(byEnvironment.sync.interval == .seconds(60))
    }

    @Test("every key has its variable")
    func variables() async throws {
        let settings = try await load(
            "",
            environment: [
                "JIRA_USAGED_OAUTH_CLIENT_SECRET_FILE": "/a", "JIRA_USAGED_OAUTH_CLIENT_ID": "app",
                "JIRA_USAGED_SYNC_POINTS_PER_HOUR": "2000", "JIRA_USAGED_SYNC_HISTORY": "all",
                "JIRA_USAGED_API_BASE_URL": "http://127.0.0.1:1",
                "JIRA_USAGED_API_PROXY": "http://127.0.0.1:2", "JIRA_USAGED_SOCKET": "the client's",
            ])
        #expect(settings.oauth.clientSecretFile == "/a")
        #expect(settings.oauth.clientID == "app")
        #expect(settings.sync.pointsPerHour == 2000)
        #expect(settings.sync.history == .all)
        #expect(settings.api.baseURL == "http://127.0.0.1:1")
        #expect(settings.api.proxy?.port == 2)
    }

    @Test("a secret in the environment or in a path's place is refused, and not repeated")
    func secretsAreNotRepeated() async {
        let inEnvironment = await failure("", environment: ["JIRA_USAGED_OAUTH_CLIENT_SECRET": "hunter2"])
        #expect(inEnvironment?.contains("JIRA_USAGED_OAUTH_CLIENT_SECRET_FILE") == true)
        #expect(inEnvironment?.contains("hunter2") == false)
        let inPath = await failure("vault.key_file = \"hunter2\"\noauth.client_secret_file = \"hunter2\"")
        #expect(inPath?.contains("absolute path") == true)
        #expect(inPath?.contains("hunter2") == false)
        let inProxy = await failure("api.proxy = \"http://me:hunter2@proxy:3128\"")
        #expect(inProxy?.contains("may hold no user or password") == true)
        #expect(inProxy?.contains("hunter2") == false)
    }

    @Test("lines are found past strings of several lines, quoted keys and dotted headers")
    func lines() async {
        let error = await failure(
            """
            state_directory = \"""/srv/
            [sync]
            interval = "bad"
            \"""
            [ "sync" ]   # the real one
              'interval' = "bad"
            """)
        #expect(error?.contains("config.toml:1: state_directory:") == true)
        #expect(error?.contains("config.toml:6: sync.interval:") == true)
    }

    @Test("the report is a configuration that says the same, with where each value came from")
    func report() async throws {
        let environment = ["JIRA_USAGED_SYNC_INTERVAL": "90m"]
        let settings = try await load(#"oauth.client_id = "a\"b""#, environment: environment)
        let report = settings.report
        #expect(report.contains(#"client_id = "a\"b"  # line 1"#))
        #expect(report.contains(#"interval = "90m"  # JIRA_USAGED_SYNC_INTERVAL"#))
        #expect(report.contains(#"threshold = "90d"  # default"#))
        let again = try await load(report)
        #expect(again.oauth == settings.oauth)
        #expect(again.sync == settings.sync)
        #expect(try await load("").report.contains("# client_id is not set"))
    }

    // MARK: - Loading a text

    private func load(_ text: String, environment: [String: String] = [:]) async throws -> DaemonSettings {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.toml"
            try Data(text.utf8).write(to: URL(filePath: path))
            return try DaemonSettings.load(ConfigurationFile(path: path), environment: environment)
        }
    }

    /// What is reported, with the file's name in place of its path; `nil` where the text is accepted.
    private func failure(_ text: String, environment: [String: String] = [:]) async -> String? {
        do {
            _ = try await load(text, environment: environment)
            return nil
        } catch {
            return String(describing: error).split(separator: "\n").map { line in
                line.range(of: "config.toml:").map { String(line[$0.lowerBound...]) } ?? String(line)
            }.joined(separator: "\n")
        }
    }
}
