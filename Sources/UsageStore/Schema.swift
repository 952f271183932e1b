import GRDB

/// The tables of `usage.db`, as SQL. A migration is never edited once it has been released.
enum Schema {
    /// "JUSA": tells `usage.db` from any other SQLite file (<https://www.sqlite.org/pragma.html#pragma_application_id>).
    static let applicationID: Int32 = 0x4A55_5341

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 sites, people, activities") { try $0.execute(sql: first) }
        migrator.registerMigration("2 changes") { try $0.execute(sql: Schema.changes) }
        migrator.registerMigration("3 number of erasures") { try $0.execute(sql: Schema.erasures) }
        return migrator
    }()

    /// Instants are integers: milliseconds since 1970 in UTC. `kind` is the rank of an activity kind. Every id of
    /// Jira is unique on its site only, so every key begins with the site, or leads to it.
    private static let first = """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE site (
            siteKey        INTEGER PRIMARY KEY,
            cloudId        TEXT NOT NULL UNIQUE,
            name           TEXT NOT NULL,
            url            TEXT NOT NULL,
            grantAccountId TEXT NOT NULL,
            connectedAt    INTEGER NOT NULL,
            -- Since when its tokens are forgotten and its data kept; NULL while it is connected.
            leftAt         INTEGER
        ) STRICT;

        -- How far the sync of a site has come. Written in the transaction of the data it speaks of.
        CREATE TABLE syncState (
            siteKey            INTEGER PRIMARY KEY REFERENCES site ON DELETE CASCADE,
            completeSince      INTEGER,
            completeUntil      INTEGER,
            reachesBeginning   INTEGER NOT NULL DEFAULT 0 CHECK (reachesBeginning IN (0, 1)),
            -- The way back through the site's history, while it goes on.
            backfillStartedAt  INTEGER,
            backfillFloor      INTEGER,
            backfillFrontier   INTEGER,
            backfillTotal      INTEGER,
            backfillUnsettled  INTEGER,
            asksPeople         INTEGER NOT NULL DEFAULT 0 CHECK (asksPeople IN (0, 1)),
            reachesSiteStart   INTEGER NOT NULL DEFAULT 0 CHECK (reachesSiteStart IN (0, 1)),
            -- The worklog feed is read from worklogsReadFrom to worklogsReadUntil; before it, from the floor, up to
            -- olderWorklogsUntil. Its end was last asked for at worklogsCheckedAt.
            worklogsReadFrom   INTEGER,
            worklogsReadUntil  INTEGER,
            worklogsCheckedAt  INTEGER,
            olderWorklogsUntil INTEGER,
            rosterStartedAt    INTEGER,
            rosterPosition     INTEGER NOT NULL DEFAULT 0,
            rosterReadAt       INTEGER,
            rosterSize         INTEGER NOT NULL DEFAULT 0,
            grantsReadAt       INTEGER,
            reconciledAt       INTEGER,
            trailedAt          INTEGER,
            factsReadAt        INTEGER,
            profileZone        TEXT,
            missingPermissions TEXT NOT NULL DEFAULT '',
            confirmedAt        INTEGER,
            clockOffset        INTEGER NOT NULL DEFAULT 0,
            lastCompletedAt    INTEGER,
            changeNumber       INTEGER NOT NULL DEFAULT 0,
            CHECK ((completeSince IS NULL) = (completeUntil IS NULL))
        ) STRICT;

        -- The walks through issues that are under way, with the page each has come to.
        CREATE TABLE walk (
            siteKey   INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            number    INTEGER NOT NULL,
            -- A window of `updated`, from lower to before upper; otherwise a walk through what has changed.
            isWindow  INTEGER NOT NULL CHECK (isWindow IN (0, 1)),
            lower     INTEGER,
            upper     INTEGER,
            startedAt INTEGER NOT NULL,
            jql       TEXT NOT NULL,
            pageToken TEXT,
            pages     INTEGER NOT NULL,
            issues    INTEGER NOT NULL,
            isThrough INTEGER NOT NULL CHECK (isThrough IN (0, 1)),
            PRIMARY KEY (siteKey, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE project (
            siteKey    INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            projectId  INTEGER NOT NULL,
            key        TEXT NOT NULL,
            name       TEXT NOT NULL,
            lastSeenAt INTEGER NOT NULL,
            -- Since when the project is no longer shown to the account that consented.
            missedAt   INTEGER,
            -- When its issues were last found to be those that Jira shows.
            checkedAt  INTEGER,
            -- The census of its issues that is under way, or has come to its end and is to be settled.
            censusStartedAt INTEGER,
            censusToken     TEXT,
            isCensusThrough INTEGER NOT NULL DEFAULT 0 CHECK (isCensusThrough IN (0, 1)),
            PRIMARY KEY (siteKey, projectId)
        ) STRICT, WITHOUT ROWID;

        -- The whole readings of a site's directory: the first and the last.
        CREATE TABLE directoryReading (
            siteKey     INTEGER PRIMARY KEY REFERENCES site ON DELETE CASCADE,
            firstReadAt INTEGER NOT NULL,
            lastReadAt  INTEGER NOT NULL CHECK (lastReadAt >= firstReadAt)
        ) STRICT;

        CREATE TABLE account (
            accountKey    INTEGER PRIMARY KEY,
            siteKey       INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            accountId     TEXT NOT NULL,
            -- Since when nothing is kept of it but this; then it is not read again.
            erasedAt      INTEGER,
            -- What its last reading showed, as in the open row of accountStanding.
            accountType   TEXT NOT NULL DEFAULT 'unknown'
                          CHECK (accountType IN ('atlassian', 'app', 'customer', 'unknown')),
            isEnabled     INTEGER NOT NULL DEFAULT 0 CHECK (isEnabled IN (0, 1)),
            -- Whether Jira has shown it by name: not where it is known only as the author of something. Then there is a
            -- profile.
            isShown       INTEGER NOT NULL DEFAULT 0 CHECK (isShown IN (0, 1)),
            -- The last reading of any kind that told type and standing; NULL until one does.
            seenAt        INTEGER,
            -- The first reading of the directory that had this account; NULL where none had.
            firstListedAt INTEGER,
            -- The last one; NULL where none had, or where a later whole reading had it not.
            listedAt      INTEGER,
            -- When roles and groups were last read; NULL until they are.
            accessReadAt  INTEGER,
            -- Whether they are to be read at once: never read, or gone from the directory.
            isAccessDue   INTEGER NOT NULL DEFAULT 1 CHECK (isAccessDue IN (0, 1)),
            roleCount     INTEGER NOT NULL DEFAULT 0 CHECK (roleCount >= 0),
            UNIQUE (siteKey, accountId)
        ) STRICT;
        CREATE INDEX accountById ON account (accountId);
        CREATE INDEX accountByAccess ON account (siteKey, accessReadAt);
        CREATE INDEX accountDue ON account (siteKey, accountKey) WHERE isAccessDue;

        -- What tells who an account is, of every account that has been shown. It has a table of its own, which is small
        -- enough to be written anew when something of it has been erased: SQLite leaves copies of rows behind where it
        -- moves them.
        CREATE TABLE profile (
            accountKey  INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
            -- Empty where it has been erased, and the account has not.
            displayName TEXT NOT NULL,
            email       TEXT,
            -- When Jira was last asked.
            fetchedAt   INTEGER NOT NULL,
            -- Since when it is known to have changed at Atlassian; NULL once it has been fetched again.
            outdatedAt  INTEGER
        ) STRICT;
        CREATE INDEX profileByName ON profile (displayName COLLATE NOCASE, accountKey);
        CREATE INDEX profileByEmail ON profile (email COLLATE NOCASE) WHERE email IS NOT NULL;
        CREATE INDEX profileOutdated ON profile (outdatedAt) WHERE outdatedAt IS NOT NULL;

        -- What Atlassian has been told of the accounts that are stored, one row an account on however many sites.
        CREATE TABLE accountReport (
            accountId  TEXT PRIMARY KEY,
            -- When it was found to be stored.
            storedAt   INTEGER NOT NULL,
            reportedAt INTEGER,
            dueAt      INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accountReportDue ON accountReport (dueAt);

        -- The newest generation of each account's tokens, by which an older copy of the vault is told; written after it.
        CREATE TABLE grantGeneration (
            accountId  TEXT PRIMARY KEY,
            generation INTEGER NOT NULL CHECK (generation >= 1)
        ) STRICT, WITHOUT ROWID;

        -- The highest generation of all accounts whose consent was forgotten: numbers are never used twice.
        CREATE TABLE grantFloor (
            id         INTEGER PRIMARY KEY CHECK (id = 1),
            generation INTEGER NOT NULL CHECK (generation >= 0)
        ) STRICT;
        INSERT INTO grantFloor (id, generation) VALUES (1, 0);

        -- Accounts of which nothing is kept but this, on whatever site they are seen, and after that site was left too.
        CREATE TABLE erasedAccount (
            accountId TEXT PRIMARY KEY,
            erasedAt  INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE privacyState (
            id        INTEGER PRIMARY KEY CHECK (id = 1),
            -- How often each account is to be reported, in milliseconds.
            cycle     INTEGER NOT NULL CHECK (cycle > 0),
            -- Whether something has been deleted whose traces are still in the files.
            isWipeDue INTEGER NOT NULL DEFAULT 0 CHECK (isWipeDue IN (0, 1))
        ) STRICT;
        INSERT INTO privacyState (id, cycle) VALUES (1, 604800000);

        -- What was reported, answered and erased on each day, in UTC: numbers of accounts, and nobody's name.
        CREATE TABLE privacyCount (
            day   INTEGER NOT NULL,
            event TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count > 0),
            PRIMARY KEY (day, event)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE applicationRole (
            roleKey      INTEGER PRIMARY KEY,
            siteKey      INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            key          TEXT NOT NULL,
            name         TEXT NOT NULL,
            -- When the groups that grant it were last read; NULL until they are.
            grantsReadAt INTEGER,
            UNIQUE (siteKey, key)
        ) STRICT;

        CREATE TABLE accessGroup (
            groupKey INTEGER PRIMARY KEY,
            siteKey  INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            groupId  TEXT NOT NULL,
            name     TEXT NOT NULL,
            UNIQUE (siteKey, groupId)
        ) STRICT;

        -- What follows are stretches of readings that agreed, from the first to the last of them; a row is written
        -- when something changes, not when it is read again. lastSeenAt is NULL while the last reading still agrees:
        -- account.seenAt, account.accessReadAt or applicationRole.grantsReadAt say when that was.

        -- What an account is, from directory and user readings. Where the first whole reading of the directory did
        -- not have it and a later one has, the first stretch is one of a disabled account.
        CREATE TABLE accountStanding (
            accountKey  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
            firstSeenAt INTEGER NOT NULL,
            lastSeenAt  INTEGER CHECK (lastSeenAt >= firstSeenAt),
            accountType TEXT NOT NULL CHECK (accountType IN ('atlassian', 'app', 'customer', 'unknown')),
            isEnabled   INTEGER NOT NULL CHECK (isEnabled IN (0, 1)),
            PRIMARY KEY (accountKey, firstSeenAt)
        ) STRICT, WITHOUT ROWID;

        -- Roles and groups as a whole, from user readings. Which ones they were at a row's firstSeenAt is what
        -- accountRole and accountGroup show for that instant.
        CREATE TABLE accountAccess (
            accountKey  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
            firstSeenAt INTEGER NOT NULL,
            lastSeenAt  INTEGER CHECK (lastSeenAt >= firstSeenAt),
            roleCount   INTEGER NOT NULL CHECK (roleCount >= 0),
            PRIMARY KEY (accountKey, firstSeenAt)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE accountRole (
            accountKey  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
            roleKey     INTEGER NOT NULL REFERENCES applicationRole ON DELETE CASCADE,
            firstSeenAt INTEGER NOT NULL,
            lastSeenAt  INTEGER CHECK (lastSeenAt >= firstSeenAt),
            PRIMARY KEY (accountKey, roleKey, firstSeenAt)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accountRoleByRole ON accountRole (roleKey, accountKey);

        CREATE TABLE accountGroup (
            accountKey  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
            groupKey    INTEGER NOT NULL REFERENCES accessGroup ON DELETE CASCADE,
            firstSeenAt INTEGER NOT NULL,
            lastSeenAt  INTEGER CHECK (lastSeenAt >= firstSeenAt),
            PRIMARY KEY (accountKey, groupKey, firstSeenAt)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accountGroupByGroup ON accountGroup (groupKey, accountKey);

        -- The groups that grant a role as a whole, and each of them.
        CREATE TABLE roleGrants (
            roleKey     INTEGER NOT NULL REFERENCES applicationRole ON DELETE CASCADE,
            firstSeenAt INTEGER NOT NULL,
            lastSeenAt  INTEGER CHECK (lastSeenAt >= firstSeenAt),
            PRIMARY KEY (roleKey, firstSeenAt)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE roleGroup (
            roleKey     INTEGER NOT NULL REFERENCES applicationRole ON DELETE CASCADE,
            groupKey    INTEGER NOT NULL REFERENCES accessGroup ON DELETE CASCADE,
            firstSeenAt INTEGER NOT NULL,
            lastSeenAt  INTEGER CHECK (lastSeenAt >= firstSeenAt),
            PRIMARY KEY (groupKey, roleKey, firstSeenAt)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX roleGroupByRole ON roleGroup (roleKey);

        CREATE TABLE issue (
            siteKey   INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            issueId   INTEGER NOT NULL,
            key       TEXT NOT NULL,
            updatedAt INTEGER NOT NULL,
            -- What is still to be read of it: 1 its histories, 2 its comments.
            pending   INTEGER NOT NULL DEFAULT 0 CHECK (pending BETWEEN 0 AND 3),
            -- When something of it was last read.
            readAt    INTEGER,
            -- Since when Jira no longer shows it: deleted, or hidden.
            missedAt  INTEGER,
            -- The beginning of the last census that showed it.
            shownAt   INTEGER,
            PRIMARY KEY (siteKey, issueId)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX issuePending ON issue (siteKey, updatedAt) WHERE pending <> 0;
        CREATE INDEX issueMissed ON issue (siteKey) WHERE missedAt IS NOT NULL;

        -- The key is what Jira knows an activity by, so the same one cannot be there twice.
        CREATE TABLE activity (
            siteKey    INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
            kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
            sourceId   INTEGER NOT NULL,
            ordinal    INTEGER NOT NULL,
            accountKey INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
            issueId    INTEGER NOT NULL,
            at         INTEGER NOT NULL,
            PRIMARY KEY (siteKey, kind, sourceId, ordinal)
        ) STRICT, WITHOUT ROWID;
        -- Answers the last activity and the list of activities without touching the table.
        CREATE INDEX activityByAccount ON activity (accountKey, at, kind, issueId);

        -- What Jira's search said of one person when it was asked by itself.
        CREATE TABLE proof (
            accountKey INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
            -- From when on it was asked; NULL for all time.
            provenFrom INTEGER,
            provenAt   INTEGER NOT NULL,
            disagrees  INTEGER NOT NULL CHECK (disagrees IN (0, 1)),
            -- It knows of something before provenFrom.
            hasEarlier INTEGER NOT NULL DEFAULT 0 CHECK (hasEarlier IN (0, 1))
        ) STRICT;
        CREATE INDEX proofDisagrees ON proof (accountKey) WHERE disagrees;

        CREATE TABLE tally (
            accountKey INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
            kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
            count      INTEGER NOT NULL CHECK (count > 0),
            lastAt     INTEGER NOT NULL,
            PRIMARY KEY (accountKey, kind)
        ) STRICT, WITHOUT ROWID;

        -- What was spent of the hourly points, on all sites together, since the beginning of that hour.
        CREATE TABLE spentPoints (
            id     INTEGER PRIMARY KEY CHECK (id = 1),
            hour   INTEGER NOT NULL,
            points INTEGER NOT NULL CHECK (points >= 0)
        ) STRICT;

        -- What a status tells of a site, which must not take longer the more there is.
        CREATE TABLE siteCounts (
            siteKey    INTEGER PRIMARY KEY REFERENCES site ON DELETE CASCADE,
            -- Accounts that the directory or a reading has shown.
            users      INTEGER NOT NULL DEFAULT 0 CHECK (users >= 0),
            -- Those that Jira shows.
            issues     INTEGER NOT NULL DEFAULT 0 CHECK (issues >= 0),
            activities INTEGER NOT NULL DEFAULT 0 CHECK (activities >= 0)
        ) STRICT;
        CREATE TRIGGER siteAdded AFTER INSERT ON site BEGIN
            INSERT INTO siteCounts (siteKey) VALUES (NEW.siteKey);
        END;
        CREATE TRIGGER userAdded AFTER INSERT ON account WHEN NEW.isShown BEGIN
            UPDATE siteCounts SET users = users + 1 WHERE siteKey = NEW.siteKey;
        END;
        CREATE TRIGGER userShown AFTER UPDATE OF isShown ON account WHEN OLD.isShown <> NEW.isShown BEGIN
            UPDATE siteCounts SET users = users + iif(NEW.isShown, 1, -1) WHERE siteKey = NEW.siteKey;
        END;
        CREATE TRIGGER userRemoved AFTER DELETE ON account WHEN OLD.isShown BEGIN
            UPDATE siteCounts SET users = users - 1 WHERE siteKey = OLD.siteKey;
        END;
        CREATE TRIGGER issueAdded AFTER INSERT ON issue WHEN NEW.missedAt IS NULL BEGIN
            UPDATE siteCounts SET issues = issues + 1 WHERE siteKey = NEW.siteKey;
        END;
        CREATE TRIGGER issueShown AFTER UPDATE OF missedAt ON issue
        WHEN (OLD.missedAt IS NULL) <> (NEW.missedAt IS NULL) BEGIN
            UPDATE siteCounts SET issues = issues + iif(NEW.missedAt IS NULL, 1, -1) WHERE siteKey = NEW.siteKey;
        END;
        CREATE TRIGGER issueRemoved AFTER DELETE ON issue WHEN OLD.missedAt IS NULL BEGIN
            UPDATE siteCounts SET issues = issues - 1 WHERE siteKey = OLD.siteKey;
        END;

        CREATE TRIGGER activityCounted AFTER INSERT ON activity BEGIN
            UPDATE siteCounts SET activities = activities + 1 WHERE siteKey = NEW.siteKey;
            INSERT INTO tally VALUES (NEW.accountKey, NEW.kind, 1, NEW.at)
            ON CONFLICT DO UPDATE SET count = count + 1, lastAt = max(lastAt, excluded.lastAt);
        END;
        CREATE TRIGGER activityUncounted AFTER DELETE ON activity BEGIN
            UPDATE siteCounts SET activities = activities - 1 WHERE siteKey = OLD.siteKey;
            DELETE FROM tally WHERE accountKey = OLD.accountKey AND kind = OLD.kind AND count = 1;
            UPDATE tally SET count = count - 1, lastAt = (
                SELECT at FROM activity INDEXED BY activityByAccount
                WHERE accountKey = OLD.accountKey AND kind = OLD.kind ORDER BY at DESC LIMIT 1)
            WHERE accountKey = OLD.accountKey AND kind = OLD.kind;
        END;
        -- An activity is replaced, never changed in place, so that the tallies cannot drift.
        CREATE TRIGGER activityFrozen BEFORE UPDATE ON activity BEGIN
            SELECT raise(ABORT, 'activities are replaced, not changed');
        END;
        """
}
