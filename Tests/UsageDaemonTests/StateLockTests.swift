import Glibc
import TestSupport
import Testing

@testable import UsageDaemon

@Suite("The lock on the state directory")
struct StateLockTests {
    /// In a process of its own: a program that another test starts meanwhile holds a copy of the lock until it runs.
    @Test("while it is held nobody else gets it, and the holder is named; afterwards it is free")
    func exclusive() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { directory in
                do {
                    let lock = try StateLock(directory: directory)
                    #expect(throws: StateLock.Failure.held(path: "\(directory)/lock", holder: getpid())) {
                        _ = try StateLock(directory: directory)
                    }
                    _ = consume lock
                }
                _ = try StateLock(directory: directory)
            }
        }
    }

    @Test("without a directory it says what must be there")
    func missingDirectory() {
        #expect(throws: StateLock.Failure.failed(path: "/nowhere/at/all/lock", errno: ENOENT)) {
            _ = try StateLock(directory: "/nowhere/at/all")
        }
    }
}
