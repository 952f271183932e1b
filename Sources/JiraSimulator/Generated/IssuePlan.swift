/// The frame of an issue's life: when it began, how much happened to it, and when it was last touched. Cheap, because
/// the order of all issues by `updated` is made from it.
struct IssuePlan {
    let outline: IssueOutline
    /// How many events moved `updated`.
    let eventCount: Int
    let emphasis: Emphasis

    /// What an issue has more of than Jira shows at once.
    enum Emphasis {
        case none, histories, comments, worklogs
    }

    init(_ position: Int, of site: GeneratedSite) {
        var draw = Draw(seed: site.seed, .issueOutline, position)
        let (project, number) = site.pattern.place(of: position)

        // Ever more issues are made as the years pass: the n-th of N at (n / N)^0.65 of the way.
        let length = Double(site.end.milliseconds - site.start.milliseconds)
        let way = power((Double(position) + 0.1 + 0.8 * draw.unit()) / Double(site.issueCount), 0.65)
        let created = site.start.advanced(byMilliseconds: Int64(way * length))
        let remaining = site.end.milliseconds - created.milliseconds

        (emphasis, eventCount) = Self.amount(
            project: project, number: number, of: site.projects.count, remaining: remaining, &draw)
        var updated = created
        if eventCount > 0 {
            updated = created.advanced(byMilliseconds: Self.lifetime(within: remaining, &draw))
        }
        outline = IssueOutline(
            id: GeneratedSite.IDRange.firstIssue + Int64(position), project: project, number: number,
            created: created, updated: updated)
    }

    /// Three small projects hold issues with more than Jira embeds (40 histories, 20 comments, 20 worklogs) or gives on
    /// a page (100); elsewhere such issues are rare.
    private static func amount(
        project: Int, number: Int, of projects: Int, remaining: Int64, _ draw: inout Draw
    ) -> (Emphasis, Int) {
        if remaining < 120_000 { return (.none, 0) }
        if project >= projects - 3 {
            switch number {
            case 2: return (.histories, 45 + draw.below(15))
            case 3: return (.histories, 110 + draw.below(50))
            case 4: return (.comments, 30 + draw.below(15))
            case 5: return (.comments, 125 + draw.below(40))
            case 6: return (.worklogs, 34 + draw.below(20))
            default: break
            }
        }
        return (.none, min(Int(-logarithm(1 - draw.unit()) * 9.7), 60))
    }

    /// Most issues live for days or weeks; some are touched again after years.
    private static func lifetime(within remaining: Int64, _ draw: inout Draw) -> Int64 {
        let day: Int64 = 86_400_000
        let shape = draw.unit()
        let unit = draw.unit()
        let wanted =
            switch shape {
            case ..<0.6: 600_000 + Int64(unit * unit * Double(30 * day))
            case ..<0.9: Int64((0.1 + unit) * Double(180 * day))
            default: Int64(unit * Double(remaining))
            }
        let longest = Int64(Double(remaining) * (0.5 + 0.5 * draw.unit()))
        return max(min(wanted, longest), 60_000)
    }
}
