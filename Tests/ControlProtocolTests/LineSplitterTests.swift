import ControlProtocol
import TestSupport
import Testing

@Suite("Lines")
struct LineSplitterTests {
    @Test("Bytes that come one at a time give the same lines as bytes that come at once", arguments: 0..<20)
    func arrival(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = (0..<500).map { _ in
            UInt8.random(in: 0...9, using: &random) == 0 ? UInt8(ascii: "\n") : UInt8(ascii: "a")
        }
        var atOnce = LineSplitter(limit: 12)
        var oneByOne = LineSplitter(limit: 12)
        let whole = atOnce.append(bytes)
        let pieces = bytes.flatMap { oneByOne.append([$0]) }
        #expect(whole == pieces)
        #expect(atOnce.finish() == oneByOne.finish())
        #expect(whole.contains(.tooLong))
    }

    @Test("A line of exactly the limit is a line, one byte more is too long")
    func limit() {
        var splitter = LineSplitter(limit: 3)
        #expect(
            splitter.append("abc\nabcd\nab\n".utf8) == [.line(Array("abc".utf8)), .tooLong, .line(Array("ab".utf8))])
    }

    @Test("A line that is too long is told of once, before it ends, and the next one is read")
    func tooLong() {
        var splitter = LineSplitter(limit: 3)
        #expect(splitter.append("abcd".utf8) == [.tooLong])
        #expect(splitter.append("efghijklm".utf8) == [])
        #expect(splitter.append("\nx\n".utf8) == [.line(Array("x".utf8))])
    }

    @Test("What stands after the last line feed is a line once nothing more comes")
    func unterminated() {
        var splitter = LineSplitter(limit: 10)
        #expect(splitter.append("a\nbc".utf8) == [.line(Array("a".utf8))])
        #expect(splitter.finish() == .line(Array("bc".utf8)))
        #expect(splitter.finish() == nil)
    }
}
