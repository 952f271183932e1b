import ControlProtocol
import UsageModel

/// Why a person came back from Atlassian without a code.
enum ConsentRefusal: Hashable, Sendable {
    /// Somebody pressed the other button.
    case declined
    /// The site lets its people use only the apps that an administrator has let in.
    case adminMustAuthorise
    case blockedByAdmin
    /// The app may not ask this person; mostly it is not shared with anybody but its owner.
    case appNotAllowed
    /// The app's page at Atlassian lacks a permission that is asked for.
    case scopeMissing
    case atlassianFault
    /// Atlassian's words, made fit to be shown.
    case other(String)

    /// - Parameters:
    ///   - error: one of the words of RFC 6749, section 4.1.2.1, or any other.
    ///   - description: for people; whoever made the browser come here wrote it, so it is not trusted.
    init(error: String, description: String?) {
        switch error {
        case "access_denied":
            // Atlassian has one word for all three and tells them apart by its text only: "Your site admin must
            // authorize this app for the site …" and "App is blocked by an admin". Nothing hangs on it but what the
            // person is told to do.
            let words = (description ?? "").lowercased()
            if words.contains("admin must authori") {
                self = .adminMustAuthorise
            } else if words.contains("blocked") {
                self = .blockedByAdmin
            } else if Self.saysOfItself(words) {
                self = .declined
            } else {
                self = .other(Self.quoted(error, description))
            }
        case "unauthorized_client": self = .appNotAllowed
        case "invalid_scope": self = .scopeMissing
        case "server_error", "temporarily_unavailable": self = .atlassianFault
        default: self = .other(Self.quoted(error, description))
        }
    }

    /// Whether the text says no more than that somebody did not consent.
    private static func saysOfItself(_ words: String) -> Bool {
        words.isEmpty
            || ["did not authori", "user denied", "user declined", "cancelled"].contains(where: words.contains)
    }

    private static func quoted(_ error: String, _ description: String?) -> String {
        let text = description.map { "\(error): \($0)" } ?? error
        return text.printable.withoutLongWords.shortened
    }

    var message: String {
        switch self {
        case .declined: "consent was declined at Atlassian; nothing was connected"
        case .adminMustAuthorise:
            "Atlassian refused: an administrator of the site must authorise this app before anybody can consent to it"
        case .blockedByAdmin: "Atlassian refused: an administrator has blocked this app"
        case .appNotAllowed: "Atlassian refused: this app may not ask the account that was signed in"
        case .scopeMissing: "Atlassian refused: the app lacks a permission that jira-usaged asks for"
        case .atlassianFault: "Atlassian could not answer; nothing was connected"
        case .other(let text): "Atlassian did not give consent (\(text))"
        }
    }

    var hint: String {
        switch self {
        case .declined: "To connect after all, begin again and accept: jirausagectl auth login"
        case .adminMustAuthorise:
            "Ask an administrator of the site to authorise it at admin.atlassian.com, under Connected apps, or to "
                + "consent themselves; then begin again: jirausagectl auth login"
        case .blockedByAdmin:
            "Ask an administrator to lift it at admin.atlassian.com, under Connected apps or data security policies; "
                + "then begin again: jirausagectl auth login"
        case .appNotAllowed:
            "Switch on Sharing, under Distribution, on the app's page at developer.atlassian.com, or consent as the "
                + "app's owner; then begin again: jirausagectl auth login"
        case .scopeMissing:
            "Add the permissions that jira-usaged(8) names on the app's page at developer.atlassian.com; then begin "
                + "again: jirausagectl auth login"
        case .atlassianFault: "Begin again in a few minutes: jirausagectl auth login"
        case .other: "Begin again, or ask the site's administrator to allow the app."
        }
    }
}

extension ControlError {
    init(_ refusal: ConsentRefusal) {
        self.init(.badRedirect, refusal.message, hint: refusal.hint)
    }
}
