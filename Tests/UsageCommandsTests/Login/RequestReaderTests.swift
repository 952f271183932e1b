import Testing

@testable import UsageCommands

@Suite("Reading a browser's request")
struct RequestReaderTests {
    private static let request = """
        GET /callback?code=1&state=2 HTTP/1.1\r
        Host: \t127.0.0.1:8736 \r
        User-Agent: Mozilla/5.0 (X11) näher\r
        Accept:\r
        \r

        """
    private static let read = RequestReader.Progress.whole(
        CallbackRequest(method: "GET", target: "/callback?code=1&state=2", host: "127.0.0.1:8736"))

    private func read(_ text: String) -> RequestReader.Progress {
        var reader = RequestReader()
        return reader.append(text.utf8)
    }

    @Test("does not depend on the pieces in which it comes", arguments: [1, 2, 3, 7, 1000])
    func pieces(size: Int) {
        var reader = RequestReader()
        let bytes = Array(Self.request.utf8)
        var progress = RequestReader.Progress.incomplete
        for start in stride(from: 0, to: bytes.count, by: size) {
            #expect(progress == .incomplete)
            progress = reader.append(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(progress == Self.read)
    }

    @Test("ends with the first request, whatever follows it")
    func pipelined() {
        #expect(read(Self.request + Self.request) == Self.read)
        #expect(read(Self.request + "\u{1}\u{2}") == Self.read)
    }

    @Test(
        "refuses what is none, and what two readers could understand differently",
        arguments: [
            "\u{16}\u{3}\u{1}", "get", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1 x\r\nHost: h\r\n\r\n",
            "GET /\r\nHost: h\r\n\r\n", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /ä HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\n: h\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nnone\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\u{0}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "GET / FTP/1.1\r\nHost: h\r\n\r\n",
        ])
    func malformed(text: String) {
        #expect(read(text) == .refused(.malformed))
    }

    @Test("refuses bytes that are no text")
    func noText() {
        var reader = RequestReader()
        #expect(reader.append(Array("GET / HTTP/1.1\r\nHost: ".utf8) + [0xFF, 13, 10, 13, 10]) == .refused(.malformed))
    }

    @Test("refuses another version of the protocol")
    func version() {
        #expect(read("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == .refused(.otherVersion))
        #expect(
            read("GET / HTTP/1.0\r\nHost: h\r\n\r\n") == .whole(CallbackRequest(method: "GET", target: "/", host: "h")))
    }

    @Test("takes 16 KiB and no byte more, whether the end comes or not")
    func size() {
        func request(_ length: Int) -> String {
            let frame = "GET / HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n"
            return frame.replacing("X: ", with: "X: " + String(repeating: "x", count: length - frame.utf8.count))
        }
        #expect(request(RequestReader.limit).utf8.count == RequestReader.limit)
        #expect(read(request(RequestReader.limit)) != .refused(.tooLarge))
        #expect(read(request(RequestReader.limit + 1)) == .refused(.tooLarge))
        #expect(read("GET /" + String(repeating: "x", count: RequestReader.limit - 5)) == .incomplete)
        #expect(read("GET /" + String(repeating: "x", count: RequestReader.limit - 4)) == .refused(.tooLarge))
    }
}
