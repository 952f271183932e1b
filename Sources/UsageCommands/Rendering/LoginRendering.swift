import ControlProtocol
import Glibc

/// How the answer to a login can come.
enum LoginWay {
    /// By the browser, and by pasting. The command lets a browser elsewhere reach the port here.
    case browser(String)
    /// By pasting alone.
    case paste(Reason)

    /// Why nothing listens for the browser.
    enum Reason {
        /// The redirect URI leads to a proxy or another machine.
        case elsewhere
        case refused(CallbackListener.Refusal)
    }
}

extension AuthInvitation {
    func loginExplanation(_ style: Style, opensBrowser: Bool, _ way: LoginWay) -> String {
        let opening =
            opensBrowser
            ? "A browser opens; if none does, or another one is signed in, open this address in that:"
            : "Open this address in that browser:"
        return introduction(style, opening: opening) + "\n3. " + ending(opensBrowser: opensBrowser, way)
    }

    private func ending(opensBrowser: Bool, _ way: LoginWay) -> String {
        let address = printable(redirectUri)
        switch way {
        case .browser where opensBrowser:
            return "When you have consented, the browser comes back to this program, and you are done.\n"
        case .browser(let command):
            return """
                When you have consented, the browser comes back to this program, if it runs on this machine. If it runs
                   on another, either forward the port from there before you consent:

                   \(command)

                   or consent all the same: the browser then shows an error at \(address)….
                   Copy the whole address from its address bar, paste it here and press Enter.

                """
        case .paste(let reason):
            return """
                \(reason.words(redirectUri: address))
                   When you have consented, the browser goes to \(address)…. Whatever it
                   shows there, copy the whole address from its address bar, paste it here and press Enter.

                """
        }
    }
}

extension LoginWay.Reason {
    fileprivate func words(redirectUri: String) -> String {
        switch self {
        case .elsewhere:
            "The callback \(redirectUri) does not lead to this machine, so nothing here waits for the browser."
        case .refused(let refusal) where refusal.errno == EADDRINUSE:
            "Another program uses \(printable(refusal.authority)), so nothing here can wait for the browser."
        case .refused(let refusal):
            "Nothing here can wait for the browser at \(printable(refusal.authority)): "
                + "\(String(cString: strerror(refusal.errno)))."
        }
    }
}

extension CallbackAddress {
    /// What to type where the browser is.
    ///
    /// - Parameters:
    ///   - user: whoever logs in here.
    ///   - host: this machine's name; both are shown as placeholders where they would have to be quoted.
    func forwardingCommand(user: String?, host: String) -> String {
        let forward = "\(port):\(self.host):\(port)"
        // Some shells take brackets for a pattern, and ssh(1) asks for them around an address of IPv6.
        let word = forward.contains("[") ? "'\(forward)'" : forward
        return "ssh -L \(word) \(user.flatMap(Self.plain) ?? "USER")@\(Self.plain(host) ?? "HOST")"
    }

    private static func plain(_ text: String) -> String? {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-".utf8.contains(byte)
            }
        }
        return !text.isEmpty && isPlain && !text.hasPrefix("-") ? text : nil
    }
}
