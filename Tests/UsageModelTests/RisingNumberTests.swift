import Testing
import UsageModel

@Suite("A number that rises", .timeLimit(.minutes(5)))
struct RisingNumberTests {
    @Test("Whoever waits for a greater number is woken by it, and not by one that is as great")
    func wakes() async throws {
        let number = RisingNumber(5)
        try await withThrowingTaskGroup { group in
            for bound in [5, 6, 8] as [Int64] { group.addTask { try await number.wait(above: bound) } }
            number.rise(to: 5)
            number.rise(to: 7)
            var woken: [Int64] = []
            for _ in 0..<2 { woken.append(try #require(try await group.next())) }
            #expect(woken == [7, 7])
            number.rise(to: 9)
            #expect(try await group.next() == 9)
        }
    }

    @Test("It never falls")
    func falls() {
        let number = RisingNumber(5)
        number.rise(to: 3)
        #expect(number.value == 5)
    }

    @Test("Whoever is cancelled waits no longer, whether that was before or after it began to wait")
    func cancelled() async {
        let number = RisingNumber(0)
        for isLate in [false, true] {
            await withTaskGroup(of: Bool.self) { group in
                let (stream, began) = AsyncStream<Void>.makeStream()
                group.addTask {
                    began.finish()
                    do {
                        _ = try await number.wait(above: 0)
                        return false
                    } catch {
                        return true
                    }
                }
                if isLate { for await _ in stream {} }
                group.cancelAll()
                #expect(await group.next() == true)
            }
        }
    }
}
