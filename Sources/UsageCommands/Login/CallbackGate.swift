import ControlProtocol
import UsageModel

/// Decides what a request, or a pasted address, is: the answer to this login, or not.
struct CallbackGate {
    /// Where the answer comes to; `nil` where that is not on this machine.
    let address: CallbackAddress?
    private let redirectURI: String
    private let authorizationURL: String
    /// What makes an answer the one to this login (RFC 6749, section 10.12).
    private let state: Secret

    init(_ invitation: AuthInvitation) throws(JSONMismatch) {
        guard let state = RedirectQuery(url: invitation.authorizationUrl)["state"], !state.isEmpty else {
            throw JSONMismatch(path: "authorizationUrl", expected: "a URL with a state")
        }
        self.state = Secret(state)
        address = CallbackAddress(redirectURI: invitation.redirectUri)
        redirectURI = invitation.redirectUri
        authorizationURL = invitation.authorizationUrl
    }

    // MARK: - Requests

    enum Verdict {
        case callback(url: Secret)
        case page(BrowserPage)
    }

    /// A request with another state changes nothing, whatever else it says: any page that the browser shows, and any
    /// user of this machine, can send one.
    func judge(_ request: CallbackRequest) -> Verdict {
        guard let address, address.isNamed(byHost: request.host) else { return .page(.otherHost) }
        let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard request.method == "GET", parts[0] == address.path else { return .page(.notFound) }
        guard parts.count == 2, answers(String(parts[1])) else { return .page(.foreign) }
        return .callback(url: Secret(address.url(query: parts[1])))
    }

    private func answers(_ url: String) -> Bool {
        let query = RedirectQuery(url: url)
        guard let given = query["state"], state.matches(Secret(given)) else { return false }
        return query["code"] != nil || query["error"] != nil
    }

    // MARK: - What a person pastes

    enum Pasted {
        case url(Secret)
        /// Why it is not the answer, to be said to whoever pasted it; it is not repeated.
        case refused(String)
    }

    func judge(pasted line: String) -> Pasted {
        // Whatever wrapped the address on its way here left spaces, never quotes, in it.
        let url = line.filter { !$0.isWhitespace }.trimmingQuotes
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            return .refused("that is no URL: copy the whole address that the browser shows, from http to its end")
        }
        guard url != authorizationURL, !url.hasPrefix(authorizationURL.prefix { $0 != "?" }) else {
            return .refused(
                "that is the address to consent at: paste the one that the browser shows when you have consented")
        }
        let query = RedirectQuery(url: url)
        guard let given = query["state"], query["code"] != nil || query["error"] != nil else {
            return .refused(
                "that is not where the browser was sent to: such an address begins with \(redirectURI.printable) and "
                    + "has a code and a state; copy all of it")
        }
        guard state.matches(Secret(given)) else {
            return .refused("that address belongs to another login: open the address above, and consent there")
        }
        return .url(Secret(url))
    }
}

extension String {
    fileprivate var trimmingQuotes: String {
        for mark in ["'", "\""] where count >= 2 && hasPrefix(mark) && hasSuffix(mark) {
            return String(dropFirst().dropLast())
        }
        return self
    }
}
