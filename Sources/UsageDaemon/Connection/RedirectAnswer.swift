import ControlProtocol
import UsageModel

/// What Atlassian appended to the redirect URI when it sent the browser back.
///
/// Source: RFC 6749, section 4.1.2; <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>.
struct RedirectAnswer: Sendable {
    let code: Secret
    let state: Secret

    /// Reads the URL as a person pasted it: whole, or from the question mark on.
    init(_ url: Secret) throws(ControlError) {
        let text = url.exposed
        let query = text.split(separator: "?", maxSplits: 1).last.map(String.init) ?? text
        var parameters: [String: String] = [:]
        for pair in query.prefix(while: { $0 != "#" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let name = Self.decode(parts[0]), let value = Self.decode(parts[1]) else {
                continue
            }
            parameters[name] = value
        }
        if let error = parameters["error"] {
            let reason = parameters["error_description"].map { ": \($0)" } ?? ""
            throw ControlError(
                .badRedirect, "Atlassian did not give consent (\(error)\(reason))",
                hint: "Begin again and accept, or ask the site's administrator to allow the app.")
        }
        guard let code = parameters["code"], let state = parameters["state"] else {
            throw ControlError(
                .badRedirect, "this is not the URL that the browser was sent to: it has no code and state",
                hint: "Copy the whole address of the page that the browser ended on, in quotes.")
        }
        self.code = Secret(code)
        self.state = Secret(state)
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst(), let low = rest.popFirst(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
