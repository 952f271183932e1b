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
        let query = RedirectQuery(url: url.exposed)
        if let error = query["error"] {
            throw ControlError(ConsentRefusal(error: error, description: query["error_description"]))
        }
        guard let code = query["code"], let state = query["state"] else {
            throw ControlError(
                .badRedirect, "this is not the URL that the browser was sent to: it has no code and state",
                hint: "Copy the whole address of the page that the browser ended on, in quotes.")
        }
        self.code = Secret(code)
        self.state = Secret(state)
    }
}
