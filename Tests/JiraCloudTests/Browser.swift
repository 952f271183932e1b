import NIOCore
import NIOPosix

/// Where a page on a loopback port sends whoever opens it: the person at the browser, who always consents.
func location(of url: String) async throws -> String {
    let rest = url.dropFirst("http://127.0.0.1:".count)
    let port = Int(rest.prefix { $0 != "/" }) ?? 0
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        let target = rest.drop { $0 != "/" }
        try await outbound.write(
            ByteBuffer(string: "GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        var answer = ""
        for try await part in inbound { answer += String(buffer: part) }
        let line = answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("location:") }
        return String((line ?? "").drop { $0 != " " }.dropFirst())
    }
}
