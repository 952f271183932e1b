import ControlProtocol
import Foundation
import Logging
import TestSupport
import Testing
import TokenVault
import UsageModel

@testable import UsageDaemon

@Suite("Re-keying by the socket", .timeLimit(.minutes(5)))
struct VaultHandlerTests {
    /// A vault with its key, and the file that the next one is read from.
    private struct Place {
        let directory: String
        var bytes = [UInt8](repeating: 3, count: 32)
        var key: VaultKey { VaultKey(bytes: bytes) ?? VaultKey() }
        var keyPath: String { "\(directory)/vault-key" }
        var vaultPath: String { "\(directory)/vault.db" }
        var nextPath: String { "\(directory)/vault-key.next" }

        func write(_ bytes: [UInt8], mode: Int = 0o600, to path: String? = nil) throws {
            let path = path ?? nextPath
            try (Data(bytes).base64EncodedString() + "\n").write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }

        func open(_ key: VaultKey) throws -> TokenVault {
            try TokenVault(
                path: vaultPath, key: key, exchange: { _ throws(ExchangeError) in throw .ambiguous },
                now: { Instant(milliseconds: 0) })
        }

        func handler(_ vault: VaultAccess) throws -> VaultHandler {
            let settings = try DaemonSettings.load(
                ConfigurationFile(path: "\(directory)/none", mustExist: false),
                environment: [
                    "JIRA_USAGED_VAULT_NEXT_KEY_FILE": nextPath, "JIRA_USAGED_VAULT_KEY_FILE": keyPath,
                ])
            try write(bytes, to: keyPath)
            return VaultHandler(
                vault: vault, keyOrigin: .file(path: "\(directory)/vault-key"), presentKey: settings.vaultKey,
                nextKey: settings.nextVaultKey,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
    }

    private func refusal(_ handler: VaultHandler) async -> ControlError? {
        await #expect(throws: ControlError.self) { try await handler.rekey(RekeyVault()) }
    }

    @Test("the next key is read from its file, and the answer says how to put it into place")
    func rekeys() async throws {
        try await withTemporaryDirectory { directory in
            let place = Place(directory: directory)
            let bytes = [UInt8](repeating: 9, count: 32)
            try place.write(bytes)
            let vault = try place.open(place.key)
            let answer = try await place.handler(.open(vault)).rekey(RekeyVault())
            #expect(answer.nextKeyPath == place.nextPath && answer.nextKeyPlace == .file)
            #expect(answer.steps.first == "Move the key into place: mv \(place.nextPath) \(directory)/vault-key")
            #expect(answer.steps.contains { $0.contains("Restart") })
            try await vault.close()
            try await place.open(try #require(VaultKey(bytes: bytes))).close()
        }
    }

    @Test("no next key, one that others may read, and none of 32 bytes are told with what to do, and change nothing")
    func refuses() async throws {
        try await withTemporaryDirectory { directory in
            let place = Place(directory: directory)
            let vault = try place.open(place.key)
            let handler = try place.handler(.open(vault))
            let missing = await refusal(handler)
            #expect(missing?.kind == .badConfiguration && missing?.message.contains("/dev/urandom") == true)
            try place.write([UInt8](repeating: 9, count: 32), mode: 0o640)
            let exposed = await refusal(handler)
            #expect(exposed?.kind == .badConfiguration && exposed?.message.contains("chmod 0600") == true)
            try place.write([UInt8](repeating: 9, count: 31))
            let short = await refusal(handler)
            #expect(short?.kind == .badConfiguration && short?.message.contains("32 bytes") == true)
            #expect(try await !vault.isRekeyed())
            try await vault.close()
        }
    }

    @Test("the present key as the next one is told as such")
    func same() async throws {
        try await withTemporaryDirectory { directory in
            let place = Place(directory: directory, bytes: [UInt8](repeating: 9, count: 32))
            try place.write(place.bytes)
            let vault = try place.open(place.key)
            let error = await refusal(try place.handler(.open(vault)))
            #expect(error?.kind == .badConfiguration && error?.message.contains("already") == true)
            #expect(error?.message.hasPrefix(place.nextPath) == true)
            try await vault.close()
        }
    }

    @Test("where the next key was moved into place and nothing restarted, no other takes its place")
    func moved() async throws {
        try await withTemporaryDirectory { directory in
            let place = Place(directory: directory)
            let (first, second) = ([UInt8](repeating: 9, count: 32), [UInt8](repeating: 10, count: 32))
            try place.write(first)
            let vault = try place.open(place.key)
            let handler = try place.handler(.open(vault))
            _ = try await handler.rekey(RekeyVault())
            try place.write(first, to: place.keyPath)
            try place.write(second)
            let error = await refusal(handler)
            #expect(error?.kind == .badConfiguration && error?.hint?.contains("restart first") == true)
            try await vault.close()
            try await place.open(try #require(VaultKey(bytes: first))).close()
        }
    }

    @Test("a locked vault cannot be given another key")
    func locked() async throws {
        try await withTemporaryDirectory { directory in
            let place = Place(directory: directory)
            try place.write([UInt8](repeating: 9, count: 32))
            #expect(await refusal(try place.handler(.locked("wrong")))?.kind == .vaultLocked)
        }
    }

    @Test("whatever the two places are, the steps end with a restart and a look")
    func steps() {
        let places: [SecretOrigin] = [.file(path: "/a b"), .credential(path: "/c")]
        for next in places {
            for present in places {
                let steps = VaultHandler.steps(from: next, to: present)
                #expect(steps.count == 3 && steps[1].contains("restart") && steps[2].contains("auth status"))
            }
        }
        #expect(VaultHandler.steps(from: .file(path: "/a b"), to: .file(path: "/c"))[0].hasSuffix("mv '/a b' /c"))
    }
}
