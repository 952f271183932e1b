#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension JiraSimulator {
    /// What the paths below `/_sim/` do, for those who read `jira-sim --help`.
    package static let controls = """
        Paths beside Jira's own, with JSON bodies:
          GET  /_sim/oracle?thresholdDays=90&asOf=…&cloudId=…   the right answers
               &includesDeleted=false      without what was done on issues that are deleted now
               &includesOnceVisible=false  without what was done on issues before they were hidden
          GET  /_sim/stats                                      requests by route and status, points, bytes
          POST /_sim/stats/reset
          GET  /_sim/secrets                                    every code, token, secret and state so far, by kind
          POST /_sim/token     {"scopes":[…]}                   a bearer token; all scopes by default
          POST /_sim/clock     {"advanceSeconds":660}
          POST /_sim/activity  {"count":200,"seed":1}, or {"kind":"commented","accountId":…,"issueId":…,
                               "bumpsUpdated":true}; kinds: \(Deed.allCases.map(\.rawValue).joined(separator: ", "))
          POST /_sim/issues    {"issueId":…,"delete":true} or {"issueId":…,"moveTo":"WEB","accountId":…}
          POST /_sim/projects  {"key":"WEB","hidden":true}      hides a project from the caller, or shows it
          POST /_sim/people    {"accountId":…,"displayName":…,"enabled":false,"grantRoles":[…],"withdrawRoles":[…],
                               "joinGroups":[…],"leaveGroups":[…],"closed":true}; without accountId for a new account of
                               "accountType"
          POST /_sim/faults    a list of rules; an empty list clears them:
            which requests:  route, method, skip, times
            what happens:    status, body, headers, retryAfter, reason, delayMilliseconds, cutAfterBytes,
                             stallMilliseconds, dripBytes, dripMilliseconds, malformed
            at once:         revokeTokens, revokeAccessTokens, revokeRefreshTokens
            while in force:  withhold ("USER_PICKER", "BROWSE_PROJECTS"), withholdSite (a cloud id), indexLagSeconds,
                             commentEditsDoNotBump, denyConsent, groupItems
        """
}

extension RunningSimulator {
    /// The line by which `jira-sim` tells where it is and how to sign in.
    package var greeting: String {
        JSONText.object { json in
            json.member("baseUrl", baseURL)
            json.member("clientId", simulator.client.id)
            json.member("clientSecret", simulator.client.secret)
        }
    }
}

func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Appends to a file, made for its owner alone. What cannot be written is missed by whoever reads it.
func appendText(_ text: String, toFile path: String) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
}

/// Lets a reader at the other end of a pipe see what was printed.
package func flushStandardOutput() {
    fflush(nil)
}
