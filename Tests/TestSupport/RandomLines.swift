/// Lines that somebody might send who means no good, or whose program is broken: requests, changed here and there.
///
/// It knows nothing of our code; the same seed gives the same lines.
package struct RandomLines: Sendable {
    /// Requests that change nothing on a daemon that is not connected.
    private static let requests = [
        #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":"a","method":"version","params":{}}"#,
        #"{"jsonrpc":"2.0","id":null,"method":"status"}"#,
        #"{"method":"status"}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"user.get","params":{"who":"ann@example.com","thresholdDays":90}}"#,
        #"{"jsonrpc":"2.0","id":3,"method":"user.list","params":{"limit":10,"sort":"name","verdict":"inactive"}}"#,
        #"{"jsonrpc":"2.0","id":4,"method":"licence.summary","params":{"asOf":"2026-11-23T12:00:00.000Z"}}"#,
        #"{"jsonrpc":"2.0","id":5,"method":"activity.list","params":{"who":"5b10a","limit":1,"after":"x"}}"#,
        #"{"jsonrpc":"2.0","id":6,"method":"sync.status"}"#,
        #"{"jsonrpc":"2.0","id":7,"method":"auth.status"}"#,
        #"{"jsonrpc":"2.0","id":9007199254740993,"method":"privacy.status"}"#,
        #"{"jsonrpc":"2.0","id":1.5e3,"method":"auth.logout","params":{"site":"c1"}}"#,
        #"{"jsonrpc":"2.0","id":-0,"method":"auth.complete","params":{"redirectUrl":"http://127.0.0.1/?code=a"}}"#,
        #"{"id":"\u00e4\ud83d\ude00","method":"no.such","params":{"a":[1,2,{"b":null}],"c":{"d":true}}}"#,
        #"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"pong":true}}"#,
        #"{"id":1,"error":{"code":1021,"message":"which","data":{"kind":"ambiguous","retryable":false,"hint":null}}}"#,
    ]

    /// What stands in the way of readers.
    private static let marks: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", "\\", ",", ":", "\\u0000", "\\ud800", "\\ud83d\\ude00", "null", "true", "1e999",
            "-", "9223372036854775808", "0.1", "\r", "\t", "\u{0}", "\u{1B}[2J", "\u{202E}", "\u{FEFF}", "é", "😀",
            #""id":1,"#, #""method":"ping","#, #"{"a":"#, "[[[[[[[[[[[[[[[[",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

    private var generator: SplitMix64

    package init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    /// The next line, without a line feed: neither at its end nor in it.
    package mutating func next() -> [UInt8] {
        var line: [UInt8]
        if chance(in: 10) {
            line = (0..<number(200)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        } else {
            line = Array(Self.requests[number(Self.requests.count)].utf8)
            for _ in 0..<number(4) { change(&line) }
        }
        for index in line.indices where line[index] == UInt8(ascii: "\n") { line[index] = UInt8(ascii: " ") }
        return line
    }

    private mutating func change(_ line: inout [UInt8]) {
        let start = number(line.count + 1)
        let end = min(line.count, start + number(chance(in: 4) ? 40 : 4))
        switch number(6) {
        case 0: line.replaceSubrange(start..<end, with: [])
        case 1: line.insert(contentsOf: Self.marks[number(Self.marks.count)], at: start)
        case 2: line.replaceSubrange(start..<end, with: Self.marks[number(Self.marks.count)])
        case 3: line.insert(contentsOf: line[start..<end], at: number(line.count + 1))
        case 4: line.removeSubrange(end...)
        default: if start < line.count { line[start] ^= 1 << number(8) }
        }
    }

    /// From 0 up to, not including, the limit; 0 where that is 0.
    private mutating func number(_ limit: Int) -> Int { limit == 0 ? 0 : Int.random(in: 0..<limit, using: &generator) }

    private mutating func chance(in count: Int) -> Bool { number(count) == 0 }
}
