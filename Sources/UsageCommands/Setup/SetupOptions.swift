import ArgumentParser
import UsageModel

/// What the command line of `setup` asks for.
struct SetupOptions {
    var clientID: String?
    /// A file for each secret that is brought; `-` is standard input.
    var secretFiles: [SetupSecret: String] = [:]
    var withKey: CredentialKey?
    var redirectURI: String?
    var authorizationServer: String?
    var apiBaseURL: String?
    var starts = true

    /// The keys that the configuration is to have, in the order of jira-usaged.conf(5).
    ///
    /// - Parameter clientID: the one that was asked for, where none was given.
    func settings(clientID asked: String? = nil) -> [ConfigurationKey: String] {
        let all: [ConfigurationKey: String?] = [
            .clientID: clientID ?? asked, .redirectURI: redirectURI, .authorizationServer: authorizationServer,
            .apiBaseURL: apiBaseURL,
        ]
        return all.compactMapValues(\.self)
    }
}

/// The keys of the configuration that `setup` knows: see jira-usaged.conf(5).
enum ConfigurationKey: String, CaseIterable, Sendable {
    case clientID = "oauth.client_id"
    case redirectURI = "oauth.redirect_uri"
    case authorizationServer = "oauth.authorization_server"
    case apiBaseURL = "api.base_url"

    var table: String { String(rawValue.prefix { $0 != "." }) }
    var name: String { String(rawValue.drop { $0 != "." }.dropFirst()) }

    /// The option that sets it.
    var option: String {
        switch self {
        case .clientID: "--client-id"
        case .redirectURI: "--redirect-uri"
        case .authorizationServer: "--authorization-server"
        case .apiBaseURL: "--api-base-url"
        }
    }

    /// Why the daemon would refuse a value; `nil` where it would not.
    func refusal(of text: String) -> String? {
        switch self {
        case .clientID:
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'\\".utf8.contains($0) }
            return text.isEmpty || !isPlain
                ? "must be the client id that Atlassian's console shows, without blanks" : nil
        case .redirectURI, .authorizationServer, .apiBaseURL:
            guard let address = ServerAddress(text, allowsQuery: self == .redirectURI) else {
                return "must be a URL such as https://host/path, without a user or a fragment"
            }
            return address.isConfidential ? nil : "may use http for a loopback address only; use https"
        }
    }
}

/// What an encrypted credential can be opened with again: see systemd-creds(1), `--with-key=`.
enum CredentialKey: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, host, tpm2
    case hostAndTPM2 = "host+tpm2"
    case null
}
