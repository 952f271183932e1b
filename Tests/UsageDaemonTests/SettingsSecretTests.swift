import Foundation
import TestSupport
import Testing
import UsageDaemon
import UsageModel

@Suite("Secrets")
struct SettingsSecretTests {
    private let key = Data(repeating: 7, count: 32).base64EncodedString()

    @Test("a file of mode 600 or 400 is read, without its last line end", arguments: [0o600, 0o400])
    func readsFile(mode: Int) async throws {
        try await withFolder { folder in
            try folder.write("hunter2\n", to: "secret", mode: mode)
            let found = try folder.settings().clientSecret.read()
            #expect(found.value.exposed == "hunter2")
            #expect(found.origin == .file(path: folder.path("secret")))
        }
    }

    @Test(
        "a file that others can reach is refused with the command that mends it",
        arguments: [0o640, 0o604, 0o700, 0o660])
    func exposed(mode: Int) async throws {
        try await withFolder { folder in
            try folder.write("hunter2", to: "secret", mode: mode)
            let path = folder.path("secret")
            let error = try folder.clientSecretError()
            #expect(error == .mode(path: path, is: UInt32(mode)))
            #expect(error?.description.contains("`chmod 0600 \(path)`") == true)
        }
    }

    @Test("a file of another user is refused with the command that mends it")
    func foreign() async throws {
        try await withFolder { folder in
            try folder.write("hunter2", to: "secret")
            let path = folder.path("secret")
            let error = try folder.clientSecretError(as: 4711)
            #expect(error == .owner(path: path, is: geteuid(), mustBe: 4711))
            #expect(error?.description.contains("`chown 4711 \(path)`") == true)
            // Given to root, it would be refused to the unit.
            let asRoot = SecretError.owner(path: path, is: 4711, mustBe: 0).description
            #expect(!asRoot.contains("chown") && asRoot.hasSuffix("systemctl start jira-usaged"))
        }
    }

    @Test("a symbolic link is refused, and so is what is no file")
    func noFile() async throws {
        try await withFolder { folder in
            try folder.write("hunter2", to: "real")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("secret"), withDestinationPath: folder.path("real"))
            #expect(
                try folder.clientSecretError()
                    == .unreadable(path: folder.path("secret"), reason: "is a symbolic link"))
            try FileManager.default.removeItem(atPath: folder.path("secret"))
            try #require(mkfifo(folder.path("secret"), 0o600) == 0)
            #expect(
                try folder.clientSecretError()
                    == .unreadable(path: folder.path("secret"), reason: "is not a regular file"))
        }
    }

    @Test("without credential and file the error says where either is looked for")
    func missing() async throws {
        try await withFolder { folder in
            let error = try folder.clientSecretError()
            #expect(
                error
                    == .missing(
                        name: "client-secret", path: folder.path("secret"), setting: "oauth.client_secret_file"))
        }
    }

    @Test("a credential comes before the file, whatever its mode")
    func credential() async throws {
        try await withFolder { folder in
            try folder.write("from the file", to: "secret")
            try folder.write("from-systemd", to: "client-secret", mode: 0o444)
            let settings = try folder.settings(credentials: folder.directory)
            let found = try settings.clientSecret.read()
            #expect(found.value.exposed == "from-systemd")
            #expect(found.origin == .credential(path: folder.path("client-secret")))
        }
    }

    @Test("where there is no credential of that name the file is read, and has to be its owner's alone")
    func otherCredential() async throws {
        try await withFolder { folder in
            try folder.write("from-the-file", to: "secret")
            try folder.write("another", to: "client-secret.old", mode: 0o444)
            let settings = try folder.settings(credentials: folder.directory)
            let found = try settings.clientSecret.read()
            #expect(found.value.exposed == "from-the-file")
            #expect(found.origin == .file(path: folder.path("secret")))
            try folder.write("from-the-file", to: "secret", mode: 0o644)
            #expect(throws: SecretError.mode(path: folder.path("secret"), is: 0o644)) {
                try settings.clientSecret.read()
            }
        }
    }

    @Test("an empty credential is an error, and not a reason to look at the file")
    func emptyCredential() async throws {
        try await withFolder { folder in
            try folder.write("hunter2", to: "secret")
            try folder.write("\n", to: "client-secret")
            let settings = try folder.settings(credentials: folder.directory)
            let error = SecretError.empty(name: "client-secret", .credential(path: folder.path("client-secret")))
            #expect(throws: error) { try settings.clientSecret.read() }
            #expect(error.description.contains("the credential client-secret holds no client-secret: encrypt"))
        }
    }

    @Test("a vault-key is 32 bytes in base64")
    func vaultKey() async throws {
        try await withFolder { folder in
            try folder.write(key + "\n", to: "key")
            #expect(try folder.settings().vaultKey.read().origin == .file(path: folder.path("key")))
            for wrong in ["short", Data(repeating: 7, count: 33).base64EncodedString(), String(key.dropLast(4))] {
                try folder.write(wrong, to: "key")
                #expect(throws: SecretError.malformed(name: "vault-key", .file(path: folder.path("key")))) {
                    try folder.settings().vaultKey.read()
                }
            }
        }
    }

    @Test("the next key has a credential, a file and checks of its own, and its errors say how to make one")
    func nextKey() async throws {
        try await withFolder { folder in
            let path = folder.path("next")
            func error() throws -> SecretError? {
                let source = try folder.settings().nextVaultKey
                return #expect(throws: SecretError.self) { try source.read() }
            }
            let missing = try #require(try error())
            #expect(missing == .missing(name: "vault-key-next", path: path, setting: "vault.next_key_file"))
            #expect(missing.description.contains("/dev/urandom | base64 > \(path)"))
            try folder.write("short", to: "next")
            #expect(try error() == .malformed(name: "vault-key-next", .file(path: path)))
            try folder.write(key, to: "next", mode: 0o644)
            #expect(try error() == .mode(path: path, is: 0o644))
            try folder.write(key, to: "next")
            #expect(try folder.settings().nextVaultKey.read().origin == .file(path: path))
            try folder.write(key, to: "vault-key-next")
            let credential = try folder.settings(credentials: folder.directory).nextVaultKey.read()
            #expect(credential.origin == .credential(path: folder.path("vault-key-next")))
        }
    }

    @Test("no error repeats what a file holds")
    func silent() async throws {
        try await withFolder { folder in
            for (text, mode) in [("hunter2 with blanks", 0o600), ("hunter2", 0o644), ("hunter2\nhunter2", 0o600)] {
                try folder.write(text, to: "secret", mode: mode)
                let error = try folder.clientSecretError()
                #expect(error?.description.contains("hunter2") == false)
            }
        }
    }

    private func withFolder(_ body: (Folder) throws -> Void) async throws {
        try await withTemporaryDirectory { try body(Folder(directory: $0)) }
    }
}

private struct Folder {
    let directory: String

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    func settings(credentials: String? = nil) throws -> DaemonSettings {
        var environment = [
            "JIRA_USAGED_OAUTH_CLIENT_SECRET_FILE": path("secret"), "JIRA_USAGED_VAULT_KEY_FILE": path("key"),
            "JIRA_USAGED_VAULT_NEXT_KEY_FILE": path("next"),
        ]
        environment["CREDENTIALS_DIRECTORY"] = credentials
        return try DaemonSettings.load(
            ConfigurationFile(path: path("config.toml"), mustExist: false), environment: environment)
    }

    /// Why the client secret cannot be read; `nil` where it can.
    func clientSecretError(as user: uid_t = geteuid()) throws -> SecretError? {
        let source = try settings().clientSecret
        do {
            _ = try source.read(as: user)
            return nil
        } catch {
            return error
        }
    }
}
