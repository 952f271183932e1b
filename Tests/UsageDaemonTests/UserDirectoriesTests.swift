import TestSupport
import Testing
import UsageDaemon

@Suite("A user's own daemon")
struct UserDirectoriesTests {
    private func directories(
        _ environment: [String: String], there: String = "/run/user/1000"
    ) throws(SettingsError) -> UserDirectories {
        try UserDirectories(environment: environment, user: 1000) { $0 == there }
    }

    @Test("keeps its files in the directories of the XDG specification, or in those that it says they are otherwise")
    func places() throws {
        let usual = try directories(["HOME": "/home/ada", "XDG_STATE_HOME": "relative"])
        #expect(usual.configuration == "/home/ada/.config/jira-usaged")
        #expect(usual.state == "/home/ada/.local/state/jira-usaged")
        #expect(usual.runtime == "/run/user/1000/jira-usaged")
        let named = try directories(
            ["XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/r"], there: "/r")
        #expect(named.file == ConfigurationFile(path: "/c/jira-usaged/config.toml", mustExist: false))
        #expect(named.state == "/s/jira-usaged")
        #expect(named.runtime == "/r/jira-usaged")
    }

    @Test("says what is missing where there is no session, or no home")
    func missing() {
        let outside = #expect(throws: SettingsError.self) { try directories(["HOME": "/home/ada"], there: "/other") }
        #expect(
            "\(outside.map(\.description) ?? "")".contains(
                "XDG_RUNTIME_DIR: is not set, and /run/user/1000, which does not"))
        let homeless = #expect(throws: SettingsError.self) { try directories([:]) }
        #expect("\(homeless.map(\.description) ?? "")".contains("HOME: is not set, nor is XDG_CONFIG_HOME"))
    }

    @Test("has its defaults there, and takes what systemd made, the file and the environment before them")
    func settings() async throws {
        let user = try directories(["HOME": "/home/ada"])
        let plain = try DaemonSettings.load(user.file, user: user, environment: [:])
        #expect(plain.stateDirectory == "/home/ada/.local/state/jira-usaged")
        #expect(plain.controlSocket == "/run/user/1000/jira-usaged/control.sock")
        #expect(plain.vault.keyFile == "/home/ada/.config/jira-usaged/vault-key")
        #expect(plain.vault.nextKeyFile == "/home/ada/.config/jira-usaged/vault-key.next")
        #expect(plain.oauth.clientSecretFile == "/home/ada/.config/jira-usaged/client-secret")
        #expect(plain.origins.isEmpty)
        let managed = try DaemonSettings.load(
            user.file, user: user,
            environment: [
                "STATE_DIRECTORY": "/made/state", "RUNTIME_DIRECTORY": "/made/run",
                "JIRA_USAGED_VAULT_KEY_FILE": "/key", "JIRA_USAGED_PAGER": "less",
            ])
        #expect(managed.stateDirectory == "/made/state")
        #expect(managed.controlSocket == "/made/run/control.sock")
        #expect(managed.vault.keyFile == "/key")
    }
}
