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

    private static func touch(after event: String, on table: String, whose account: String) -> String {
        """
        CREATE TRIGGER \(table)Touches\(event.capitalizedWord) AFTER \(event) ON \(table) BEGIN
            \(noted(account))
        END;
        """
    }

    /// Once a transaction for each account.
    private static func noted(_ account: String) -> String {
        """
        UPDATE account SET changedIn = (SELECT number + 1 FROM commitCount)
        WHERE accountKey = \(account) AND changedIn <= (SELECT number FROM commitCount);
        """
    }
}

extension String {
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
