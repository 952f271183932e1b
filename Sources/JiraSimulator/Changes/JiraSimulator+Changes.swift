/// What can be made to happen to a site beside the deeds of its people on its issues.
extension JiraSimulator {
    /// Deletes an issue with all that hangs on it, now. Only its worklogs leave a trace, in `/worklog/deleted`.
    ///
    /// - Parameter issue: id or key.
    package func deleteIssue(_ issue: String, cloudID: String? = nil) throws(ActivityError) {
        let site = try requiredSite(cloudID)
        try site.change { changes throws(ActivityError) in
            let position = try site.draft(changes).existingPosition(of: issue)
            let moment = makeTime(for: 1, after: changes.lastMoment)[0]
            changes.record(SiteChanges.Event(at: moment, bumpsUpdated: false, change: .deletion), at: position)
        }
    }

    /// Moves an issue into another project, now: it gets a key there and keeps its id. Its old key leads to it still.
    ///
    /// - Parameter accountID: who does it; `nil`: some holder of a seat.
    package func moveIssue(
        _ issue: String, toProject key: String, by accountID: String? = nil, cloudID: String? = nil
    ) throws(ActivityError) -> PerformedActivity {
        let site = try requiredSite(cloudID)
        let project = try site.project(key)
        return try site.change { changes throws(ActivityError) in
            let moment = makeTime(for: 1, after: changes.lastMoment)[0]
            var maker = ActivityMaker(
                site, changes, seed: UInt64(clamping: moment.milliseconds), commentEditsBump: true)
            return try maker.move(issue, toProject: project, by: accountID, at: moment, in: &changes)
        }
    }

    /// Hides a project from the caller, or shows it again.
    package func setHidden(_ isHidden: Bool, project key: String, cloudID: String? = nil) throws(ActivityError) {
        let site = try requiredSite(cloudID)
        let project = try site.project(key)
        try site.change { changes throws(ActivityError) in
            changes.setHidden(isHidden, project: project, at: max(now, changes.lastMoment))
        }
    }

    /// Lets things happen to an account, all or none of them.
    package func changePerson(
        _ accountID: String, _ personChanges: [PersonChange], cloudID: String? = nil
    ) throws(ActivityError) {
        try requiredSite(cloudID).change { changes throws(ActivityError) in
            var people = changes.people
            guard let index = people.listedIndex(of: accountID) else { throw .unknownAccount(accountID) }
            for change in personChanges { try people.apply(change, to: index) }
            changes.people = people
        }
        let renames = personChanges.contains { if case .rename = $0 { true } else { false } }
        if renames { touchProfile(of: accountID) }
    }

    /// Adds an account without roles and groups, the last in the list of users; returns its id.
    package func addAccount(_ account: NewAccount, cloudID: String? = nil) throws(ActivityError) -> String {
        try requiredSite(cloudID).change { changes throws(ActivityError) in try changes.people.add(account) }
    }

    private func requiredSite(_ cloudID: String?) throws(ActivityError) -> HostedSite {
        guard let site = site(cloudID) else { throw .unknownSite(cloudID ?? "") }
        return site
    }
}

extension HostedSite {
    fileprivate func project(_ key: String) throws(ActivityError) -> Int {
        guard let project = data.projects.firstIndex(where: { $0.key == key }) else { throw .unknownProject(key) }
        return project
    }
}

extension SiteSnapshot {
    /// The position of an issue that has not been deleted.
    func existingPosition(of issue: String) throws(ActivityError) -> Int {
        guard let position = position(of: issue), !outline(at: position).isDeleted else { throw .unknownIssue(issue) }
        return position
    }
}
