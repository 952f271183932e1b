import ControlProtocol
import Foundation
import TestSupport
import Testing
import WireOracles

@Suite("The wire keeps its promises for hostile bytes")
struct HostileCorpusTests {
    /// The inputs that the fuzzer begins with.
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz/Corpus").path

    @Test("for everything that the fuzzer begins with")
    func corpus() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus).sorted()
        #expect(names.count >= 50)
        for name in names {
            let input = try #require(FileManager.default.contents(atPath: "\(Self.corpus)/\(name)"))
            expectPromisesKept(Array(input), name)
        }
    }

    @Test("for lines and replies about as long as they may be", arguments: -1...1)
    func longest(surplus: Int) {
        func filled(_ start: String, _ end: String, _ length: Int) -> [UInt8] {
            let filling = length + surplus - start.utf8.count - end.utf8.count
            return Array((start + String(repeating: "x", count: filling) + end + "\n").utf8)
        }
        let request = filled(#"{"id":1,"method":"ping","params":{"a":""#, #""}}"#, LineSplitter.longestRequest)
        expectPromisesKept(request, "a request")
        let reply = filled(#"{"jsonrpc":"2.0","id":1,"result":""#, #""}"#, LineSplitter.longestReply - 1)
        expectPromisesKept(reply, "a reply")
        expectPromisesKept(filled(#"{"id":"a","method":""#, #""}"#, LineSplitter.longestReply), "a method's name")
        expectPromisesKept(filled(#"{"method":"ping","id":""#, #""}"#, 1024), "an id")
    }

    @Test("for requests at random, changed at random")
    func random() throws {
        let seed = UInt64.random(in: .min ... .max)
        var lines = RandomLines(seed: seed)
        for number in 0..<1000 { expectPromisesKept(lines.next(), "seed \(seed), input \(number)") }
    }

    private func expectPromisesKept(_ input: [UInt8], _ what: String) {
        do {
            try WireOracle.check(input)
        } catch {
            Issue.record("\(what): \(error): \(String(decoding: input.prefix(500), as: UTF8.self))")
        }
    }
}
