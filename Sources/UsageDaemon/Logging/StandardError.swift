import Glibc

/// Standard error, a line at a time.
enum StandardError {
    /// Writes a line at once, so that lines of several tasks do not mix. One that cannot be written is lost: there is
    /// nowhere left to say so.
    static func write(_ line: String) {
        var bytes = Array(line.utf8)[...]
        bytes.append(UInt8(ascii: "\n"))
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
