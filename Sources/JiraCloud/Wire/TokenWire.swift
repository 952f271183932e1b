import FoundationEssentials
import UsageModel

/// What the token endpoint is sent. Holds secrets, hence no description of its own.
struct TokenRequest: Encodable {
    private enum CodingKeys: String, CodingKey {
        case grantType = "grant_type"
        case clientID = "client_id"
        case clientSecret = "client_secret"
        case code
        case redirectURI = "redirect_uri"
        case refreshToken = "refresh_token"
    }

    let grantType: String
    let clientID: String
    let clientSecret: String
    var code: String?
    var redirectURI: String?
    var refreshToken: String?

    var json: Data { encoded(self) }
}

/// What the token endpoint answers with a success.
struct TokenAnswer: Decodable {
    private enum CodingKeys: String, CodingKey {
        case access = "access_token"
        case refresh = "refresh_token"
        case expiresIn = "expires_in"
        case scope
    }

    let tokens: OAuthTokens

    init?(json: Data) {
        // What is wrong with it makes no difference: the tokens in it are lost.
        guard let answer = try? decoded(Self.self, from: json) else { return nil }
        self = answer
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let access = try container.decode(String.self, forKey: .access)
        let refresh = try container.decodeIfPresent(String.self, forKey: .refresh)
        // Without a lifetime the tokens are good all the same: asking for new ones soon is safe, losing them is not.
        let seconds = try? container.decodeIfPresent(WireNumber.self, forKey: .expiresIn)?.value
        let scope = try? container.decodeIfPresent(String.self, forKey: .scope)
        guard !access.isEmpty else {
            throw DecodingError.dataCorruptedError(forKey: .access, in: container, debugDescription: "empty")
        }
        tokens = OAuthTokens(
            access: Secret(access),
            refresh: refresh.flatMap { $0.isEmpty ? nil : Secret($0) },
            expiresIn: .seconds(min(max(seconds ?? 600, 0), 86_400 * 365)),
            scopes: (scope ?? "").split(separator: " ").map(String.init))
    }
}

/// What the token endpoint answers with a failure. Source: RFC 6749, section 5.2.
struct TokenFault {
    let error: String?
    /// One line, cut.
    let description: String?

    init(json: Data) {
        // A body that cannot be read says no more than the status does.
        let members = try? decoded(Members.self, from: json)
        error = members?.error
        description = members?.description.map { String(AtlassianMessage.readable($0).prefix(200)) }
    }

    /// For the log: one of the standard's words, or that there was none.
    var word: String {
        let known = ["invalid_request", "invalid_grant", "unauthorized_client", "access_denied", "invalid_client"]
        return error.flatMap { known.contains($0) ? $0 : nil } ?? "other"
    }

    private struct Members: Decodable {
        enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
        }

        let error: String?
        let description: String?
    }
}
