import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("On payloads of a real site, each user's last activity is what the files say")
struct RecordedSiteTests {
    /// The sample beside this test, and a whole recording where the environment names one.
    static let directories =
        [Bundle.module.bundleURL.appending(path: "RecordedSample").path]
        + [ProcessInfo.processInfo.environment["JIRA_RECORDED_SITE"]].compactMap { $0 }

    @Test("after connecting and one pass", .timeLimit(.minutes(5)), arguments: directories)
    func lastActivities(recording: String) async throws {
        let reading = try PlainReading(directory: recording)
        try #require(!reading.accountIds.isEmpty)
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(["--site", recording], directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    let status = try await installation.status()
                    let asOf = try #require(status.sites.first?.coverage.completeUntil)
                    let users = try await installation.users(asOf: asOf)

                    #expect(Set(users.keys) == reading.accountIds)
                    for (account, user) in users.sorted(by: { $0.key < $1.key }) {
                        expect(user.lastActivity, is: reading.last[account], of: account)
                    }
                }
            }
        }
    }

    private func expect(_ activity: LastActivity?, is deed: PlainReading.Deed?, of account: String) {
        #expect(activity.flatMap { PlainReading.milliseconds($0.at) } == deed.map(\.milliseconds), "\(account)")
        guard let activity, let deed else { return }
        #expect(deed.kinds.contains(activity.kind), "\(account)")
        #expect(deed.issueIds.contains(activity.issueId), "\(account)")
    }

    @Test("the sample holds the oddities that it is there for")
    func sampleIsOdd() throws {
        let reading = try PlainReading(directory: Self.directories[0])
        #expect(!Set(reading.last.keys).isSubset(of: reading.accountIds))
        #expect(!reading.accountIds.isSubset(of: reading.last.keys))
        #expect(reading.last[""] == nil)
        let issues = try String(contentsOfFile: "\(Self.directories[0])/issues.ndjson", encoding: .utf8)
        #expect(issues.contains(#""accountId":"""#))
        #expect(issues.contains(#""field":"WorklogId""#))
    }
}
