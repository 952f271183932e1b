import TestSupport
import Testing
import UsageModel

@testable import UsageStore

/// What people were, told by looking through a list of all readings: the rules as they are written, and slow.
struct PlainPeople {
    enum Reading {
        case directory([String: PeopleSite.Standing], isWhole: Bool)
        /// No holdings: Jira does not show the account.
        case user(String, PeopleSite.Standing, PeopleSite.Holdings?)
        case grants(String, Set<String>)
    }

    /// What one reading showed of one account.
    private struct Shown<Value: Hashable> {
        let second: Int
        let value: Value
        var isAbsence = false
    }

    var readings: [(second: Int, reading: Reading)] = []

    struct Answer: Equatable {
        let standing: PeopleSite.Standing
        let holdsSeat: Bool
        let roles: [String]
        let groups: [GroupMembership]
        let accessReadAt: Int?
    }

    func answer(_ name: String, asOf second: Int?) -> Answer {
        let (standings, accesses) = (standings(of: name), accesses(of: name))
        let wasRead = accesses.contains { !$0.isAbsence }
        let standing = latest(standings, second)?.value ?? PeopleSite.Standing(type: .unknown, isEnabled: false)
        let access = wasRead || second != nil ? latest(accesses, second) : nil
        let holdings = access?.value ?? .init()
        return Answer(
            standing: standing,
            holdsSeat: UsageModel.holdsSeat(
                accountType: standing.type, isEnabled: standing.isEnabled,
                roleCount: holdings.roles.count + holdings.unnamed),
            roles: holdings.roles.sorted(),
            groups: holdings.groups.sorted().map { group in
                GroupMembership(
                    id: group, name: PeopleSite.group(group).name,
                    grants: ["a", "b", "c"].filter { latest(grants(of: $0), second)?.value.contains(group) ?? false })
            }, accessReadAt: wasRead ? known(accesses, second) : nil)
    }

    /// When seat or roles changed, and to what, in the order of time.
    func changes(of name: String) -> [(from: Int, holdsSeat: Bool, roles: [String])] {
        guard let first = accesses(of: name).first, accesses(of: name).contains(where: { !$0.isAbsence }) else {
            return []
        }
        var changes: [(from: Int, holdsSeat: Bool, roles: [String])] = []
        for (second, _) in readings where second >= first.second {
            let answer = answer(name, asOf: second)
            if let last = changes.last, (last.holdsSeat, last.roles) == (answer.holdsSeat, answer.roles) { continue }
            changes.append((second, answer.holdsSeat, answer.roles))
        }
        return changes
    }

    /// Whether the last readings of the directory had the account.
    func isListed(_ name: String) -> Bool {
        for case (_, .directory(let people, let isWhole)) in readings.reversed() {
            if people[name] != nil { return true }
            if isWhole { return false }
        }
        return false
    }

    // MARK: - The rules

    private func latest<Value>(_ shown: [Shown<Value>], _ second: Int?) -> Shown<Value>? {
        shown.last { $0.second <= second ?? .max } ?? shown.first
    }

    private func known(_ shown: [Shown<PeopleSite.Holdings>], _ second: Int?) -> Int? {
        guard let second, let index = shown.lastIndex(where: { $0.second <= second }) else {
            return second == nil ? shown.last?.second : shown.first?.second
        }
        guard index + 1 < shown.count else { return shown[index].second }
        let (here, next) = (shown[index], shown[index + 1])
        return here.value == next.value && here.isAbsence == next.isAbsence ? second : here.second
    }

    private func standings(of name: String) -> [Shown<PeopleSite.Standing>] {
        var shown: [Shown<PeopleSite.Standing>] = []
        for (second, reading) in readings {
            switch reading {
            case .directory(let people, _):
                if let standing = people[name] { shown.append(.init(second: second, value: standing)) }
            case .user(name, let standing, let holdings?):
                _ = holdings
                shown.append(.init(second: second, value: standing))
            case .user(name, _, nil):
                let type = shown.last?.value.type ?? .unknown
                shown.append(.init(second: second, value: .init(type: type, isEnabled: false)))
            case .user, .grants: break
            }
        }
        let type = firstListing(of: name)?.type ?? .unknown
        return absences(of: name, before: shown.first?.second).map {
            .init(second: $0, value: .init(type: type, isEnabled: false), isAbsence: true)
        } + shown
    }

    private func accesses(of name: String) -> [Shown<PeopleSite.Holdings>] {
        var shown: [Shown<PeopleSite.Holdings>] = []
        for case (let second, .user(name, _, let holdings)) in readings {
            shown.append(.init(second: second, value: holdings ?? .init()))
        }
        let firstSighting = standings(of: name).first { !$0.isAbsence }?.second
        return absences(of: name, before: firstSighting).map {
            .init(second: $0, value: .init(), isAbsence: true)
        } + shown
    }

    private func firstListing(of name: String) -> PeopleSite.Standing? {
        for case (_, .directory(let people, _)) in readings { if let standing = people[name] { return standing } }
        return nil
    }

    /// The whole readings of the directory that had not whom a later one has.
    private func absences(of name: String, before second: Int?) -> [Int] {
        guard let second, firstListing(of: name) != nil else { return [] }
        return readings.compactMap { reading in
            guard case .directory(_, isWhole: true) = reading.reading, reading.second < second else { return nil }
            return reading.second
        }
    }

    private func grants(of role: String) -> [Shown<Set<String>>] {
        var shown: [Shown<Set<String>>] = []
        for case (let second, .grants(role, let groups)) in readings {
            shown.append(.init(second: second, value: groups))
        }
        return shown
    }
}

@Suite("The store: random histories of people")
struct RandomPeopleTests {
    private static let names = ["ann", "bob", "cy", "dee", "eve"]

    @Test(
        "every answer as of every instant is the one that a look through all readings gives",
        arguments: Array(1...4) as [UInt64])
    func agreesWithPlainPeople(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        try await PeopleSite.with { site in
            var plain = PlainPeople()
            for name in Self.names { try await site.act(name, at: 0) }
            var second = 0
            for _ in 0..<40 {
                second += Int.random(in: 1...100, using: &generator)
                let reading = Self.reading(of: plain, using: &generator)
                try await Self.write(reading, at: second, to: site)
                if case .user(let name, _, nil) = reading, plain.isListed(name) { continue }
                plain.readings.append((second, reading))
            }
            let instants = plain.readings.flatMap { [$0.second - 1, $0.second, $0.second + 1] }.map(Optional.some)
            for asOf in instants + [-1000, second + 1000, nil] {
                try await Self.compare(site, plain, asOf: asOf, "seed \(seed), asOf \(asOf ?? -1)")
            }
            for name in Self.names {
                let told = try await site.history(of: name)
                let right = plain.changes(of: name).reversed().prefix(50)
                #expect(
                    told.map { "\($0.from) \($0.holdsSeat) \($0.roles)" }
                        == right.map { "\(PeopleSite.at($0.from)) \($0.holdsSeat) \($0.roles)" },
                    "seed \(seed), \(name)")
                #expect(told.first?.until == nil)
                for (later, earlier) in zip(told, told.dropFirst()) {
                    let until = try #require(earlier.until)
                    #expect(earlier.from <= until && until < later.from, "seed \(seed), \(name)")
                }
            }
        }
    }

    private static func compare(_ site: PeopleSite, _ plain: PlainPeople, asOf: Int?, _ place: String) async throws {
        var (holders, seats, inGroup, unread) = ([String](), [String](), [String](), 0)
        let everybody = try await site.store.summaries(
            matching: .init(site: site.site.key), order: .name(after: nil), asOf: nil, limit: 10)
        for name in names {
            let right = plain.answer(name, asOf: asOf)
            let record = try await site.record(of: name, asOf: asOf)
            let told = PlainPeople.Answer(
                standing: .init(type: record.accountType, isEnabled: record.isEnabled), holdsSeat: record.holdsSeat,
                roles: record.roles.map(\.key), groups: record.groups,
                accessReadAt: record.accessReadAt.map { Int($0.duration(since: PeopleSite.at(0)).components.seconds) })
            #expect(told == right, "\(place), \(name)")
            if right.accessReadAt == nil, right.standing == .enabled { unread += 1 }
            guard everybody.contains(where: { $0.displayName == "Name of \(name)" }), right.holdsSeat else { continue }
            holders.append(name)
            seats += (right.roles.isEmpty ? ["-"] : right.roles).map { "\(name) \($0)" }
            if right.roles.contains("a"), right.groups.contains(where: { $0.id == "g" }) { inGroup.append(name) }
        }
        #expect(try await site.holders(asOf: asOf) == holders, "\(place)")
        #expect(try await site.holders(asOf: asOf, role: "a", group: "g") == inGroup, "\(place)")
        let instant = asOf.map(PeopleSite.at)
        var told: [String] = []
        for seat in try await site.store.seats(on: site.site.key, asOf: instant) {
            let record = try #require(try await site.store.records(of: [seat.accountKey], asOf: instant).first)
            told.append("\(record.account.rawValue) \(seat.role?.key ?? "-")")
            #expect(seat.accessReadAt == record.accessReadAt, "\(place)")
        }
        #expect(told.sorted() == seats.sorted(), "\(place)")
        #expect(try await site.store.unreadPeople(on: site.site.key, asOf: instant) == unread, "\(place)")
    }

    private static func reading(of plain: PlainPeople, using generator: inout SplitMix64) -> PlainPeople.Reading {
        func subset(_ all: [String], _ generator: inout SplitMix64) -> Set<String> {
            Set(all.filter { _ in Bool.random(using: &generator) })
        }
        func standing(_ generator: inout SplitMix64) -> PeopleSite.Standing {
            PeopleSite.Standing(
                type: Int.random(in: 0...9, using: &generator) == 0 ? .app : .atlassian,
                isEnabled: Int.random(in: 0...3, using: &generator) > 0)
        }
        switch Int.random(in: 0...9, using: &generator) {
        case 0...2:
            let people = names.filter { _ in Int.random(in: 0...3, using: &generator) > 0 }
            return .directory(
                Dictionary(uniqueKeysWithValues: people.map { ($0, standing(&generator)) }),
                isWhole: Int.random(in: 0...3, using: &generator) > 0)
        case 3:
            return .grants(["a", "b"].randomElement(using: &generator) ?? "a", subset(["g", "h"], &generator))
        case 4:
            return .user(names.randomElement(using: &generator) ?? "ann", .disabled, nil)
        default:
            let name = names.randomElement(using: &generator) ?? "ann"
            // Often the same again, so that there are stretches.
            for case (_, .user(name, let standing, let holdings?)) in plain.readings.reversed()
            where Bool.random(using: &generator) {
                return .user(name, standing, holdings)
            }
            return .user(
                name, standing(&generator),
                .init(
                    roles: subset(["a", "b", "c"], &generator), groups: subset(["g", "h"], &generator),
                    unnamed: Int.random(in: 0...5, using: &generator) == 0 ? 1 : 0))
        }
    }

    private static func write(_ reading: PlainPeople.Reading, at second: Int, to site: PeopleSite) async throws {
        switch reading {
        case .directory(let people, let isWhole): try await site.list(people, at: second, isWhole: isWhole)
        case .user(let name, let standing, let holdings?): try await site.read(name, holdings, standing, at: second)
        case .user(let name, _, nil): try await site.miss(name, at: second)
        case .grants(let role, let groups): try await site.grant(role, to: groups, at: second)
        }
    }
}
