extension Schema {
    /// The change number, and the one of each account: what who asks again has not seen yet.
    static let changes = """
        CREATE TABLE commitCount (
            id        INTEGER PRIMARY KEY CHECK (id = 1),
            -- Transactions that wrote anything.
            commits   INTEGER NOT NULL DEFAULT 0,
            -- Those among them that changed something that can be asked for.
            number    INTEGER NOT NULL DEFAULT 0,
            -- Whether this transaction has changed something of a site.
            isChanged INTEGER NOT NULL DEFAULT 0 CHECK (isChanged IN (0, 1))
        ) STRICT;
        INSERT INTO commitCount (id) VALUES (1);

        -- The change in which something of the account was stored that a report tells. A reading that only agrees with
        -- the one before is none.
        ALTER TABLE account ADD COLUMN changedIn INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX accountByChange ON account (changedIn);

        \(accountTouched)
        \(touch(after: "INSERT", on: "activity", whose: "NEW.accountKey"))
        \(touch(after: "DELETE", on: "activity", whose: "OLD.accountKey"))
        \(touch(after: "INSERT", on: "accountStanding", whose: "NEW.accountKey"))
        \(touch(after: "INSERT", on: "accountAccess", whose: "NEW.accountKey"))
        \(touch(after: "INSERT", on: "accountRole", whose: "NEW.accountKey"))
        \(touch(after: "UPDATE", on: "accountRole", whose: "NEW.accountKey"))
        \(touch(after: "INSERT", on: "accountGroup", whose: "NEW.accountKey"))
        \(touch(after: "UPDATE", on: "accountGroup", whose: "NEW.accountKey"))
        \(touch(after: "INSERT", on: "proof", whose: "NEW.accountKey"))
        \(touch(after: "UPDATE", on: "proof", whose: "NEW.accountKey"))
        \(touch(after: "DELETE", on: "proof", whose: "OLD.accountKey"))
        -- Not after INSERT and DELETE, for they are how the table is written anew.
        CREATE TRIGGER profileTouches AFTER UPDATE OF displayName, email ON profile
        WHEN NEW.displayName <> OLD.displayName OR NEW.email IS NOT OLD.email BEGIN
            \(noted("NEW.accountKey"))
        END;

        \(sharedFacts)

        CREATE TRIGGER siteAddedChange AFTER INSERT ON site BEGIN UPDATE commitCount SET isChanged = 1; END;
        CREATE TRIGGER siteChange AFTER UPDATE ON site BEGIN UPDATE commitCount SET isChanged = 1; END;
        CREATE TRIGGER siteRemovedChange AFTER DELETE ON site BEGIN UPDATE commitCount SET isChanged = 1; END;
        CREATE TRIGGER coverageChange
        AFTER UPDATE OF completeSince, completeUntil, reachesBeginning, missingPermissions, worklogsReadFrom,
                        worklogsReadUntil ON syncState
        WHEN NEW.completeSince IS NOT OLD.completeSince OR NEW.completeUntil IS NOT OLD.completeUntil
            OR NEW.reachesBeginning <> OLD.reachesBeginning OR NEW.missingPermissions <> OLD.missingPermissions
            OR NEW.worklogsReadFrom IS NOT OLD.worklogsReadFrom OR NEW.worklogsReadUntil IS NOT OLD.worklogsReadUntil
        BEGIN
            UPDATE commitCount SET isChanged = 1;
        END;
        """

    /// What of the account itself a report tells, but not when it was last found so.
    private static let accountTouched = """
        CREATE TRIGGER accountAdded AFTER INSERT ON account BEGIN \(noted("NEW.accountKey")) END;
        CREATE TRIGGER accountTouched AFTER UPDATE OF erasedAt, accountType, isEnabled, isShown, roleCount, accessReadAt ON account
        WHEN NEW.erasedAt IS NOT OLD.erasedAt OR NEW.accountType <> OLD.accountType OR NEW.isEnabled <> OLD.isEnabled
            OR NEW.isShown <> OLD.isShown OR NEW.roleCount <> OLD.roleCount
            OR (NEW.accessReadAt IS NULL) <> (OLD.accessReadAt IS NULL)
        BEGIN
            \(noted("NEW.accountKey"))
        END;
        """

    /// What roles and groups are called and give, of which everybody's report tells who has them. Of an issue that was given
    /// another key only the number tells: whose report names it is not looked for.
    private static let sharedFacts = """
        CREATE TRIGGER groupRenamed AFTER UPDATE OF name ON accessGroup WHEN NEW.name <> OLD.name BEGIN
            \(notedAll("accountGroup", "groupKey"))
        END;
        CREATE TRIGGER roleRenamed AFTER UPDATE OF name ON applicationRole WHEN NEW.name <> OLD.name BEGIN
            \(notedAll("accountRole", "roleKey"))
        END;
        CREATE TRIGGER grantAdded AFTER INSERT ON roleGroup BEGIN
            \(notedAll("accountGroup", "groupKey"))
        END;
        CREATE TRIGGER grantChanged AFTER UPDATE OF lastSeenAt ON roleGroup
        WHEN (NEW.lastSeenAt IS NULL) <> (OLD.lastSeenAt IS NULL) BEGIN
            \(notedAll("accountGroup", "groupKey"))
        END;
        CREATE TRIGGER issueRenamed AFTER UPDATE OF key ON issue WHEN NEW.key <> OLD.key BEGIN
            UPDATE commitCount SET isChanged = 1;
        END;
        """

    private static func touch(after event: String, on table: String, whose account: String) -> String {
        """
        CREATE TRIGGER \(table)Touches\(event.capitalizedWord) AFTER \(event) ON \(table) BEGIN
            \(noted(account))
        END;
        """
    }

    private static func noted(_ account: String) -> String {
        notedWhere("accountKey = \(account)")
    }

    /// Of whoever has what `NEW` is about.
    private static func notedAll(_ table: String, _ key: String) -> String {
        notedWhere("accountKey IN (SELECT accountKey FROM \(table) WHERE \(key) = NEW.\(key) AND lastSeenAt IS NULL)")
    }

    /// Once a transaction for each account.
    private static func notedWhere(_ condition: String) -> String {
        """
        UPDATE account SET changedIn = (SELECT number + 1 FROM commitCount)
        WHERE \(condition) AND changedIn <= (SELECT number FROM commitCount);
        """
    }
}

extension String {
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
