import TestSupport
import Testing
import UsageModel
import UsageStore

@Suite("What the store knows of the vault's generations")
struct GrantGenerationTests {
    private let alice: AccountID
    private let bob: AccountID

    init() throws {
        alice = try #require(AccountID(rawValue: "5b10:alice"))
        bob = try #require(AccountID(rawValue: "5b10:bob"))
    }

    @Test("the newest of each account is there again after a reopening, and never goes back")
    func notes() async throws {
        try await withTemporaryDirectory { directory in
            let store = try UsageStore(path: "\(directory)/usage.db")
            #expect(try await store.grantGenerations() == ([:], 0))
            try await store.noteGeneration(3, of: alice)
            try await store.noteGeneration(2, of: alice)
            try await store.noteGeneration(1, of: bob)
            try store.close()
            let again = try UsageStore(path: "\(directory)/usage.db")
            #expect(try await again.grantGenerations() == ([alice: 3, bob: 1], 0))
            try again.close()
        }
    }

    @Test("a forgotten account leaves no row, and of its number only that numbers go on from there")
    func forgets() async throws {
        try await withTemporaryDirectory { directory in
            let store = try UsageStore(path: "\(directory)/usage.db")
            try await store.noteGeneration(3, of: alice)
            try await store.noteGeneration(5, of: bob)
            // The vault was one ahead of what had been noted.
            try await store.forgetGeneration(of: alice, last: 4)
            #expect(try await store.grantGenerations() == ([bob: 5], 4))
            try await store.forgetGeneration(of: alice, last: nil)
            #expect(try await store.grantGenerations() == ([bob: 5], 4))
            try await store.forgetGeneration(of: bob, last: nil)
            #expect(try await store.grantGenerations() == ([:], 5))
            try store.close()
        }
    }
}
