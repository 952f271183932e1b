import AsyncHTTPClient
import NIOPosix
package import UsageModel

/// Why the proxy that the settings name did not bring a request to Atlassian: one line, for whoever looks after it.
package struct ProxyFault: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Nobody takes connections there, or its name is not known.
        case unreachable
        /// No connection, or no answer to CONNECT that is one of HTTP, within ten seconds.
        case silent
        /// 407: it lets only those through who say a user and a password.
        case wantsPassword
        /// Another answer to CONNECT than that the way is open. Which one, the HTTP client does not say.
        case refuses
        /// The connection broke, at the proxy or behind it; the word says how.
        case broken(String)
    }

    package let proxy: ProxyAddress
    package let kind: Kind

    package init(_ proxy: ProxyAddress, _ kind: Kind) {
        self.proxy = proxy
        self.kind = kind
    }

    /// - Parameters:
    ///   - error: the HTTP client's, of a request that was sent through the proxy.
    ///   - word: how to call that error where there is no better name.
    init(_ proxy: ProxyAddress, error: any Error, word: String) {
        let kind: Kind
        switch error as? HTTPClientError {
        case .some(.connectTimeout), .some(.httpProxyHandshakeTimeout): kind = .silent
        case .some(.proxyAuthenticationRequired): kind = .wantsPassword
        case .some(.invalidProxyResponse): kind = .refuses
        // With a proxy nothing else is connected to.
        case nil where error is NIOConnectionError: kind = .unreachable
        default: kind = .broken(word)
        }
        self.init(proxy, kind)
    }

    package var description: String {
        switch kind {
        case .unreachable: "the proxy \(proxy) cannot be reached: check api.proxy, and that it runs"
        case .silent:
            "the proxy \(proxy) does not answer as one: check api.proxy, firewalls, and IPAddressAllow= of the unit"
        case .wantsPassword:
            "the proxy \(proxy) asks for a password, and jira-usaged has none: have it let this machine through without"
        case .refuses:
            "the proxy \(proxy) refuses: have it let this machine CONNECT to Atlassian, port 443; its log says why"
        case .broken(let word): "the connection through the proxy \(proxy) broke: \(word)"
        }
    }
}
