extension Oracle {
    /// The answer of `GET /_sim/oracle`.
    func write(_ json: inout JSONText) {
        json.member("asOf", asOf.rfc3339)
        json.member("thresholdDays", thresholdDays)
        json.array("users") { json in
            for user in users { json.object { user.write(&$0) } }
        }
        json.array("roles") { json in
            for role in roles {
                json.object { json in
                    json.member("key", role.key)
                    json.member("name", role.name)
                    json.member("seats", role.seats)
                    json.member("active", role.active)
                    json.member("inactive", role.inactive)
                    json.member("neverActive", role.neverActive)
                }
            }
        }
        json.object("counts") { json in
            json.member("users", counts.users)
            json.member("issues", counts.issues)
            json.member("activities", counts.activities)
            json.member("hidden", counts.hidden)
            json.member("deleted", counts.deleted)
        }
    }
}

extension Oracle.User {
    fileprivate func write(_ json: inout JSONText) {
        json.member("accountId", accountID)
        json.member("displayName", displayName)
        json.member("accountType", accountType)
        json.member("enabled", enabled)
        json.member("seat", seat)
        json.array("applicationRoles") { json in
            for role in applicationRoles {
                json.object { json in
                    json.member("key", role.key)
                    json.member("name", role.name)
                }
            }
        }
        json.array("groups") { json in
            for group in groups {
                json.object { json in
                    json.member("id", group.id)
                    json.member("name", group.name)
                }
            }
        }
        if let lastActivity {
            json.object("lastActivity") { json in
                json.member("at", lastActivity.at.rfc3339)
                json.member("kind", lastActivity.kind.rawValue)
                json.member("issueKey", lastActivity.issueKey)
                json.member("issueId", String(lastActivity.issueID))
            }
        } else {
            json.null("lastActivity")
        }
        json.object("activity") { json in
            for kind in ActivityKind.allCases {
                let tally = activity[kind] ?? Oracle.Tally()
                json.object(kind.rawValue) { json in
                    json.member("count", tally.count)
                    json.member(nullable: "lastAt", tally.lastAt?.rfc3339)
                }
            }
        }
        json.member("verdict", verdict.rawValue)
    }
}
