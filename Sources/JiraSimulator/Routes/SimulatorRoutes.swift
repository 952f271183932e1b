import FoundationEssentials
import HTTPTypes

/// The simulator's own paths, by which tests look behind the scenes and pull the strings.
enum SimulatorRoutes {
    static let prefix = "/_sim/"

    static let endpoints: [Endpoint] = [
        Endpoint(.get, "/_sim/oracle", .origin(oracle)),
        Endpoint(.get, "/_sim/stats", .origin(statistics)),
        Endpoint(.post, "/_sim/stats/reset", .origin(resetStatistics)),
        Endpoint(.get, "/_sim/secrets", .origin(secrets)),
        Endpoint(.post, "/_sim/token", .origin(token)),
        Endpoint(.post, "/_sim/clock", .origin(clock)),
        Endpoint(.post, "/_sim/activity", .origin(activity)),
        Endpoint(.post, "/_sim/faults", .origin(faults)),
    ]

    static func body<Body: Decodable>(_ call: Call, _ type: Body.Type) throws(Refusal) -> Body {
        do {
            return try JSONDecoder().decode(type, from: call.body.isEmpty ? Data("{}".utf8) : call.body)
        } catch {
            throw .simulator(400, "The body is not as expected: \(error)")
        }
    }

    private static func oracle(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        var asOf: Moment?
        if let text = call.first("asOf") {
            guard let moment = Moment(text: text) else {
                throw .simulator(400, "asOf must be an RFC 3339 instant, not “\(text)”.")
            }
            asOf = moment
        }
        guard let days = Int(call.first("thresholdDays") ?? "90"), days > 0 else {
            throw .simulator(400, "thresholdDays must be a positive number.")
        }
        let oracle = simulator.oracle(
            asOf: asOf, thresholdDays: days, cloudID: call.first("cloudId"),
            includesDeleted: call.first("includesDeleted") != "false",
            includesOnceVisible: call.first("includesOnceVisible") != "false")
        guard let oracle else {
            throw .simulator(404, "There is no site with that cloudId.")
        }
        return .object { oracle.write(&$0) }
    }

    private static func statistics(_ call: Call, _ simulator: JiraSimulator) -> Reply {
        let statistics = simulator.statistics
        return .object { json in
            json.array("requests") { json in
                for row in statistics.requests {
                    json.object { json in
                        json.member("route", row.route)
                        json.member("status", row.status)
                        json.member("count", row.count)
                    }
                }
            }
            json.member("total", statistics.total)
            json.member("points", statistics.points)
            json.member("bytes", statistics.bytes)
        }
    }

    private static func resetStatistics(_ call: Call, _ simulator: JiraSimulator) -> Reply {
        simulator.resetStatistics()
        return .object { _ in }
    }

    private static func secrets(_ call: Call, _ simulator: JiraSimulator) -> Reply {
        .array { json in
            for secret in simulator.issuedSecrets {
                json.object { json in
                    json.member("kind", secret.kind.rawValue)
                    json.member("value", secret.value)
                }
            }
        }
    }

    private struct TokenRequest: Decodable {
        var scopes: [String]?
    }

    private static func token(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        var scopes = OAuthScope.allCases
        if let names = try body(call, TokenRequest.self).scopes {
            scopes = []
            for name in names {
                guard let scope = OAuthScope(rawValue: name) else {
                    throw .simulator(400, "The scope “\(name)” is not one of the application's.")
                }
                scopes.append(scope)
            }
        }
        let answer = simulator.mint(scopes)
        return .object { json in
            json.member("accessToken", answer.accessToken)
            json.member("expires_in", answer.expiresInSeconds)
        }
    }

    private struct ClockRequest: Decodable {
        var advanceSeconds: Double
    }

    private static func clock(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let seconds = try body(call, ClockRequest.self).advanceSeconds
        guard (0...1e10).contains(seconds) else { throw .simulator(400, "The clock only moves forward.") }
        simulator.advanceClock(by: .milliseconds(Int64(seconds * 1000)))
        return .object { $0.member("now", simulator.now.rfc3339) }
    }

    private struct ActivityRequest: Decodable {
        var count: Int?
        var seed: UInt64?
        var kind: String?
        var accountId: String?
        var issueId: LenientID?
        var bumpsUpdated: Bool?
        var cloudId: String?
    }

    private static func activity(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let request = try body(call, ActivityRequest.self)
        var deed: Deed?
        if let kind = request.kind {
            guard let known = Deed(rawValue: kind) else {
                let kinds = Deed.allCases.map(\.rawValue).joined(separator: ", ")
                throw .simulator(400, "The kind “\(kind)” is not one of \(kinds).")
            }
            deed = known
        }
        let count = request.count ?? 1
        guard (1...100_000).contains(count) else { throw .simulator(400, "count must be between 1 and 100000.") }
        let performed: [PerformedActivity]
        do {
            performed = try simulator.perform(
                count: count, seed: request.seed, deed: deed, accountID: request.accountId,
                issue: request.issueId?.text, bumpsUpdated: request.bumpsUpdated, cloudID: request.cloudId)
        } catch {
            throw .simulator(400, error.description)
        }
        return .object { json in
            json.array("performed") { json in
                for activity in performed {
                    json.object { write(activity, &$0) }
                }
            }
        }
    }

    static func write(_ activity: PerformedActivity, _ json: inout JSONText) {
        json.member("at", activity.at.rfc3339)
        json.member("kind", activity.deed.kind.rawValue)
        json.member("deed", activity.deed.rawValue)
        json.member("accountId", activity.accountID)
        json.member("issueId", String(activity.issueID))
        json.member("issueKey", activity.issueKey)
    }

    private static func faults(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let rules = try body(call, [FaultRule].self)
        if let problem = rules.compactMap(\.problem).first { throw .simulator(400, problem) }
        simulator.setFaults(rules)
        return .object { $0.member("rules", rules.count) }
    }
}
