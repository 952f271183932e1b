import Foundation
import Glibc
import Testing
import UsageModel

@testable import TokenVault

@Suite("A vault that is not the daemon's own file", .timeLimit(.minutes(5)))
struct ExposedFileTests {
    @Test("what others may open is refused with the command that mends it", arguments: [0o640, 0o604, 0o660, 0o610])
    func mode(_ mode: Int) async throws {
        try await Bench.run { bench in
            try await bench.fill()
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: bench.path)
            let error = #expect(throws: VaultError.mode(path: bench.path, is: UInt32(mode))) { try bench.open() }
            #expect(error?.description.contains("`chmod 0600 \(bench.path)`") == true)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: bench.path)
            try await bench.open().close()
        }
    }

    @Test("a symbolic link is refused, also to the vault itself, and a directory")
    func noFile() async throws {
        try await Bench.run { bench in
            let real = bench.path + ".real"
            let vault = try bench.open(path: real)
            try await vault.close()
            try FileManager.default.createSymbolicLink(atPath: bench.path, withDestinationPath: real)
            #expect(throws: VaultError.noFile(path: bench.path, isLink: true)) { try bench.open() }
            try FileManager.default.removeItem(atPath: bench.path)
            try FileManager.default.createDirectory(atPath: bench.path, withIntermediateDirectories: false)
            #expect(throws: VaultError.noFile(path: bench.path, isLink: false)) { try bench.open() }
        }
    }

    @Test("another user's file is refused with the command that mends it")
    func owner() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let expected = VaultError.owner(path: bench.path, is: geteuid(), mustBe: 4711)
            #expect(throws: expected) { try FileFacts(bench.path).refuseExposed(to: 4711) }
            #expect(expected.description.contains("`chown 4711 \(bench.path)`"))
            try FileFacts(bench.path).refuseExposed(to: geteuid())
        }
    }

    @Test("a command quotes a path that the shell would take apart")
    func quoting() {
        let error = VaultError.mode(path: "/var/my state/it's.db", is: 0o644)
        #expect(error.description.contains(#"`chmod 0600 '/var/my state/it'\''s.db'`"#))
    }

    @Test("the holder of a lock is read from the kernel's list: of this file, not waiting, not ourselves")
    func holder() {
        let locks = """
            1: POSIX  ADVISORY  WRITE 77 08:01:5678 0 EOF
            1: -> POSIX  ADVISORY  WRITE 78 08:01:1234 0 EOF
            2: FLOCK  ADVISORY  WRITE 79 08:01:1234 0 EOF
            3: POSIX  ADVISORY  WRITE 80 08:02:1234 0 EOF
            4: POSIX  ADVISORY  WRITE 81 08:01:1234 0 EOF
            5: POSIX  ADVISORY  READ 82 08:01:1234 1073741826 1073742335
            """
        #expect(FileFacts.holder(in: locks, inode: 1234, device: 0x801, own: 81) == 82)
        #expect(FileFacts.holder(in: locks, inode: 1234, device: 0x801, own: 1) == 81)
        #expect(FileFacts.holder(in: locks, inode: 1234, device: 0x802, own: 1) == 80)
        #expect(FileFacts.holder(in: locks, inode: 1, device: 0x801, own: 1) == nil)
        #expect(FileFacts.holder(in: "", inode: 1234, device: 0x801, own: 1) == nil)
    }
}
