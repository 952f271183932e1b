/// Writes people and groups as Jira's REST API does.
struct PersonWriter {
    let people: People
    let identity: SiteIdentity
    /// How many groups a user's details list at most, whatever their number.
    var groupItemLimit: Int?

    /// The members by which every answer names a person.
    func summary(_ index: PersonIndex, _ json: inout JSONText) {
        let person = people[index]
        json.member("self", "\(identity.gateway)/user?accountId=\(person.accountID)")
        json.member("accountId", person.accountID)
        json.member("accountType", person.kind.rawValue)
        json.member("active", person.isEnabled)
        json.member("displayName", person.displayName)
        if let email = person.email { json.member("emailAddress", email) }
        if let zone = person.timeZone { json.member("timeZone", zone) }
        json.object("avatarUrls") { json in
            for size in ["16x16", "24x24", "32x32", "48x48"] {
                json.member(size, "https://avatar-management--avatars.example/default/\(size)")
            }
        }
    }

    /// A user in a list or on its own.
    func user(_ index: PersonIndex, _ json: inout JSONText) {
        summary(index, &json)
        if let locale = people[index].locale { json.member("locale", locale) }
        if people[index].kind == .app { json.member("appType", "service") }
    }

    /// A user with the sizes of its groups and roles, and what of them is asked for.
    func details(_ index: PersonIndex, expanding parts: Set<String>, _ json: inout JSONText) {
        user(index, &json)
        let person = people[index]
        json.object("groups") { json in
            json.member("size", person.groupCount)
            json.array("items") { json in
                guard parts.contains("groups") else { return }
                for group in person.groups.prefix(groupItemLimit ?? .max) {
                    json.object { self.group(people.groups[group], &$0) }
                }
            }
        }
        json.object("applicationRoles") { json in
            json.member("size", person.roleCount)
            json.array("items") { json in
                guard parts.contains("applicationRoles") else { return }
                for role in person.roles {
                    json.object { json in
                        json.member("key", people.roles[role].key)
                        json.member("name", people.roles[role].name)
                    }
                }
            }
        }
        json.member("expand", "groups,applicationRoles")
    }

    func group(_ group: Group, _ json: inout JSONText) {
        json.member("name", group.name)
        json.member("groupId", group.id)
        json.member("self", "\(identity.gateway)/group?groupId=\(group.id)")
    }

    /// A member `name` that is a person; absent where nobody is known.
    func author(_ name: String, _ index: PersonIndex?, _ json: inout JSONText) {
        guard let index else { return }
        json.object(name) { summary(index, &$0) }
    }

    /// A field that is a person, or `null`.
    func field(_ name: String, _ index: PersonIndex?, _ json: inout JSONText) {
        if index == nil { json.null(name) } else { author(name, index, &json) }
    }
}
