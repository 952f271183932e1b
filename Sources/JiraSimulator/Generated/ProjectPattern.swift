/// Which project each issue belongs to: a shuffled pattern of slots that repeats, so that project and number of any
/// issue, and the issue of any number, follow by arithmetic.
struct ProjectPattern: Sendable {
    let projects: [Project]
    private let slots: [Slot]
    /// By project: positions of its slots, ascending.
    private let places: [[Int]]

    private struct Slot {
        let project: Int
        let rank: Int
    }

    private static let length = 1024

    /// The first project is the largest; sizes fall as a power of the rank, so that the last are small.
    init(seed: UInt64, issueCount: Int) {
        let count = min(max(issueCount / 100, 2), 12) + min(issueCount / 50_000, 100)
        projects = (0..<count).map(Self.project)
        let weights = (1...count).map { 1 / power(Double($0), 1.3) }
        let total = weights.reduce(0, +)
        var owners = weights.indices.flatMap { project in
            Array(repeating: project, count: max(1, Int(weights[project] / total * Double(Self.length))))
        }
        if owners.count < Self.length {
            owners += Array(repeating: 0, count: Self.length - owners.count)
        }
        var draw = Draw(seed: seed, .site, 2)
        owners.shuffle(using: &draw)
        var places: [[Int]] = Array(repeating: [], count: count)
        var slots: [Slot] = []
        for (place, project) in owners.enumerated() {
            slots.append(Slot(project: project, rank: places[project].count))
            places[project].append(place)
        }
        self.slots = slots
        self.places = places
    }

    private static func project(_ index: Int) -> Project {
        if index < Names.projects.count {
            let known = Names.projects[index]
            return Project(id: Int64(10_000 + index), key: known.key, name: known.name, typeKey: known.typeKey)
        }
        return Project(
            id: Int64(10_000 + index), key: "T\(index)", name: "Team \(index)", typeKey: "software")
    }

    func place(of position: Int) -> (project: Int, number: Int) {
        let (round, place) = position.quotientAndRemainder(dividingBy: slots.count)
        let slot = slots[place]
        return (slot.project, round * places[slot.project].count + slot.rank + 1)
    }

    func position(project: Int, number: Int) -> Int? {
        guard number >= 1 else { return nil }
        let (round, rank) = (number - 1).quotientAndRemainder(dividingBy: places[project].count)
        return round * slots.count + places[project][rank]
    }

    func positions(inProject project: Int, below end: Int) -> [Int] {
        var positions: [Int] = []
        var round = 0
        while round < end {
            for place in places[project] where round + place < end {
                positions.append(round + place)
            }
            round += slots.count
        }
        return positions
    }
}
