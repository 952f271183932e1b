import Glibc

extension Console {
    /// Columns of the terminal that the answer goes to; `nil` where there is none, and no line is too long.
    ///
    /// - Parameter variables: the environment; `COLUMNS` says what the terminal does not, or says wrong.
    func outputWidth(_ variables: [String: String]) -> Int? {
        guard outputIsTerminal else { return nil }
        if let columns = variables["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return Self.size(output).map { Int($0.ws_col) }
    }

    /// Lines of the terminal that the answer goes to; `nil` where there is none, or it does not say.
    var outputHeight: Int? { Self.size(output).map { Int($0.ws_row) } }

    /// Columns of the terminal that errors go to.
    var errorsWidth: Int? { Self.size(errors).map { Int($0.ws_col) } }

    /// <https://man7.org/linux/man-pages/man2/TIOCGWINSZ.2const.html>
    private static func size(_ descriptor: CInt) -> winsize? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return size
    }
}
