import Foundation
import Measurement

/// What is measured, and beside what.
struct Versions {
    let programs: ProgramsUnderTest
    let peers: PeerPrograms

    func table() throws -> Table {
        var table = Table("control-versions", ["what": "what", "version": "version"])
        table.append([.text("jira-usaged"), .text("\(try line(programs.daemon, "--version")), commit \(commit)")])
        let others = [
            ("Redis", peers.redisServer, "--version"), ("chrony", peers.chronyDaemon, "--version"),
            ("SQLite's shell", peers.sqlite, "--version"), ("systemctl", peers.systemctl, "--version"),
            ("Linux", "uname", "-r"),
        ]
        for (name, program, option) in others {
            guard let program else { continue }
            // Debian's redis-server by its other name speaks of a dump.
            let isOtherName = program.hasSuffix("redis-check-rdb")
            table.append([.text(name), .text(try line(isOtherName ? peers.redisClient ?? program : program, option))])
        }
        return table
    }

    private var commit: String {
        let head = try? line("git", "rev-parse", "--short=12", "HEAD")
        let changes = try? ProgramRun(words: ["git", "status", "--porcelain", "--", "Sources"]).output()
        return (head ?? "unknown") + (changes?.isEmpty == false ? " with changes" : "")
    }

    private func line(_ words: String...) throws -> String {
        let output = try ProgramRun(words: words).output()
        return String(output.split(separator: "\n").first ?? "").trimmingCharacters(in: .whitespaces)
    }
}
