import UsageModel

/// A row of `accessible-resources`.
struct WireSite: Decodable {
    let id: String
    let name: String?
    let url: String?
    let scopes: [String]?

    /// The rows that speak of Jira. The same id comes twice for a site with Jira and Confluence.
    static func jiraSites(_ rows: [WireSite]) -> [AccessibleSite] {
        var sites: [AccessibleSite] = []
        for row in rows {
            let scopes = row.scopes ?? []
            guard scopes.contains(where: { $0.contains("jira") }) else { continue }
            let id = CloudID(rawValue: row.id)
            if let index = sites.firstIndex(where: { $0.cloudID == id }) {
                let known = sites[index]
                sites[index] = AccessibleSite(
                    cloudID: id, name: known.name, url: known.url,
                    scopes: known.scopes + scopes.filter { !known.scopes.contains($0) })
            } else {
                sites.append(AccessibleSite(cloudID: id, name: row.name ?? "", url: row.url ?? "", scopes: scopes))
            }
        }
        return sites
    }
}
