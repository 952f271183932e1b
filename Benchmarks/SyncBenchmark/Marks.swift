import Measurement
import TestInstallation

/// When a daemon knew which parts of the answer for a window of 90 days, asked again and again from outside.
struct Marks {
    static let days = 90

    /// No verdict on anybody who could hold a seat is unknown any more.
    private(set) var verdicts: Double?
    /// And the roles of everybody without activity in the window have been read: the list of unused seats is there.
    private(set) var unusedSeats: Double?
    /// And everybody's roles have been read: the table of licences is whole.
    private(set) var licences: Double?

    var areAllReached: Bool { verdicts != nil && unusedSeats != nil && licences != nil }

    /// Those without activity whose roles have been found read already: where to go on looking.
    private var walk = Walk()

    private struct Walk {
        var verdicts = ["neverActive", "inactive"]
        var after: String?
    }

    /// Looks what is known by now.
    ///
    /// - Parameters:
    ///   - asOf: of what instant to ask; `nil` for the latest.
    ///   - now: what to note for a mark that has been reached.
    mutating func look(
        through line: ControlLine, at site: Status.Site, asOf: String? = nil, now: () -> Double
    ) async throws {
        guard site.coverage.completeUntil != nil else { return }
        let instant = asOf.map { #","asOf":"\#($0)""# } ?? ""
        if verdicts == nil {
            guard try await !isAnybodyUnknown(line, instant) else { return }
            verdicts = now()
        }
        if unusedSeats == nil {
            try await walkOn(line, instant)
            if walk.verdicts.isEmpty { unusedSeats = now() }
        }
        if unusedSeats != nil, licences == nil {
            let summary = try await line.ask(
                Licences.self, "licence.summary", #"{"thresholdDays":90\#(instant)}"#)
            if summary.usersNotRead == 0, !summary.roles.isEmpty, summary.roles.allSatisfy({ $0.unknown == 0 }) {
                licences = now()
            }
        }
    }

    /// Whether there is a person who might hold a seat among those of whom nothing can be said.
    private func isAnybodyUnknown(_ line: ControlLine, _ instant: String) async throws -> Bool {
        var after: String?
        repeat {
            let place = after.map { #","after":"\#($0)""# } ?? ""
            let page = try await line.ask(
                AccessPage.self, "user.list",
                #"{"verdict":"unknown","thresholdDays":90,"limit":50\#(place)\#(instant)}"#)
            if page.rows.contains(where: \.isPerson) { return true }
            after = page.next
        } while after != nil
        return false
    }

    /// Goes on through those without activity, up to the first one whose roles have not been read.
    private mutating func walkOn(_ line: ControlLine, _ instant: String) async throws {
        while let verdict = walk.verdicts.first {
            let place = walk.after.map { #","after":"\#($0)""# } ?? ""
            let page = try await line.ask(
                AccessPage.self, "user.list",
                #"{"verdict":"\#(verdict)","thresholdDays":90,"limit":50\#(place)\#(instant)}"#)
            guard page.rows.allSatisfy(\.isKnown) else { return }
            walk.after = page.next
            if page.next == nil { walk.verdicts.removeFirst() }
        }
    }
}

private struct Licences: Decodable {
    let roles: [Role]
    let usersNotRead: Int
}

private struct AccessPage: Decodable {
    struct Row: Decodable {
        let accountType: String
        let enabled: Bool
        let accessReadAt: String?

        var isPerson: Bool { enabled && accountType == "atlassian" }

        /// Whether it is known if they hold a seat.
        var isKnown: Bool { accessReadAt != nil || !isPerson }
    }

    let rows: [Row]
    let next: String?
}
