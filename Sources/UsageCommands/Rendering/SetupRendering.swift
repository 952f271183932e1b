import ControlProtocol

/// What a person has to do at Atlassian before they can be asked for anything.
///
/// - Parameter redirectURI: what the configuration will say; `nil` for the daemon's default.
func setupRegistration(redirectURI: String?) -> String {
    """
    jira-usaged reads Jira as an app of your own, which you register with Atlassian:

    1. At https://developer.atlassian.com/console/myapps/ create an OAuth 2.0 integration.
    2. Under Permissions add the Jira API with read:jira-user and read:jira-work, and the Personal data
       reporting API with report:personal-data.
    3. Under Authorization set the callback URL \(printable(redirectURI ?? "http://127.0.0.1:8736/callback"))
    4. If the account that will consent is not the one that owns the app, switch on Sharing under Distribution.
    5. Under Settings are the client id and the secret.


    """
}

extension SetupReport.Step {
    /// For people, as it is done.
    var line: String { "\(state.rawValue)  \(printable(message))\n" }
}
