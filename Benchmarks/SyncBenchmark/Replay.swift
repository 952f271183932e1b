import AsyncHTTPClient
import Foundation
import JiraCloud
import NIOCore
import NIOHTTP1
import Synchronization
import UsageModel

/// Sends recorded requests again, so many at once as a daemon does.
struct Replay {
    let requests: [RecordedRequest]
    let concurrency: Int

    /// Reads every answer to its end and throws it away.
    ///
    /// - Returns: bytes of the answers' bodies.
    func download(from baseURL: String, tokens: Tokens) async throws -> Int {
        let token = try await tokens.token()
        let bytes = Counter()
        try await forEach { try await Self.download($0, from: baseURL, token: token, counting: bytes) }
        return bytes.count
    }

    /// Asks the same through the daemon's own client of Jira, which decodes what it understands.
    ///
    /// - Returns: how many requests it has no function for; they are only downloaded.
    func decode(through jira: JiraSite, from baseURL: String, tokens: Tokens) async throws -> Int {
        let token = try await tokens.token()
        let (bytes, others) = (Counter(), Counter())
        try await forEach { request in
            if try await !request.ask(jira) {
                others.add(1)
                try await Self.download(request, from: baseURL, token: token, counting: bytes)
            }
        }
        return others.count
    }

    private static func download(
        _ recorded: RecordedRequest, from baseURL: String, token: String, counting bytes: Counter
    ) async throws {
        var request = HTTPClientRequest(url: baseURL + recorded.target)
        request.method = recorded.method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        request.headers.add(name: "Accept", value: "application/json")
        if let contentType = recorded.contentType { request.headers.add(name: "Content-Type", value: contentType) }
        if recorded.body.readableBytes > 0 { request.body = .bytes(recorded.body) }
        let response = try await HTTPClient.shared.execute(request, deadline: .now() + .minutes(10))
        for try await chunk in response.body { bytes.add(chunk.readableBytes) }
    }

    /// In order, `concurrency` at once.
    private func forEach(_ body: @escaping @Sendable (RecordedRequest) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, request) in requests.enumerated() {
                if index >= concurrency { try await group.next() }
                group.addTask { try await body(request) }
            }
            try await group.waitForAll()
        }
    }
}

private final class Counter: Sendable {
    private let sum = Mutex(0)

    var count: Int { sum.withLock { $0 } }

    func add(_ number: Int) {
        sum.withLock { $0 += number }
    }
}

// MARK: - The function of our client that sends such a request

extension RecordedRequest {
    /// - Returns: `false` where there is no such function, and nothing was asked.
    fileprivate func ask(_ jira: JiraSite) async throws -> Bool {
        let parts = path.split(separator: "/").drop { $0 != "rest" }.dropFirst(3).map(String.init)
        let query = URLComponents(string: target)?.queryItems ?? []
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        switch parts {
        case ["search", "jql"]:
            let search = try JSONDecoder().decode(Search.self, from: Data(body.readableBytesView))
            if search.fields == ["id"] {
                _ = try await jira.searchIssueIDs(
                    jql: search.jql, pageToken: search.nextPageToken, limit: search.maxResults)
            } else {
                _ = try await jira.searchIssues(
                    jql: search.jql, pageToken: search.nextPageToken, limit: search.maxResults)
            }
        case ["changelog", "bulkfetch"]:
            let fetch = try JSONDecoder().decode(BulkFetch.self, from: Data(body.readableBytesView))
            let ids = fetch.issueIdsOrKeys.compactMap { Int64($0) }.map(IssueID.init(rawValue:))
            _ = try await jira.histories(of: ids, pageToken: fetch.nextPageToken)
        case ["user"]:
            guard let account = value("accountId").flatMap(AccountID.init(rawValue:)) else { return false }
            _ = try await jira.access(of: account)
        case ["worklog", "list"]:
            struct List: Decodable { let ids: [Int64] }
            _ = try await jira.worklogs(ids: JSONDecoder().decode(List.self, from: Data(body.readableBytesView)).ids)
        case let parts where parts.count == 3 && parts[0] == "issue" && parts[2] == "comment":
            guard let id = Int64(parts[1]) else { return false }
            _ = try await jira.comments(
                of: IssueID(rawValue: id), startAt: value("startAt").flatMap { Int($0) } ?? 0)
        default: return false
        }
        return true
    }

    private struct Search: Decodable {
        let jql: String
        let nextPageToken: String?
        let maxResults: Int
        let fields: [String]
    }

    private struct BulkFetch: Decodable {
        let issueIdsOrKeys: [String]
        let nextPageToken: String?
    }
}
