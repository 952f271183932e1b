"""Makes the store of a stopped daemon one of the first schema again, as the first version wrote it.

older_store.py [MIB]: undoes what the later migrations did (Schema+Changes.swift, Schema+Erasures.swift), and makes the file
larger by so many MiB of rows that nobody reads.
"""

import sqlite3
import sys

LATER = ["2 changes", "3 number of erasures"]
BYTES_A_ROW = 1 << 20

store = sqlite3.connect("/var/lib/jira-usaged/usage.db", isolation_level=None)


def all_of(sql, *arguments):
    return [row[0] for row in store.execute(sql, arguments)]


if len(sys.argv) > 1:
    store.execute("CREATE TABLE padding (bytes BLOB NOT NULL) STRICT")
    store.executemany("INSERT INTO padding VALUES (zeroblob(?))", [(BYTES_A_ROW,)] * int(sys.argv[1]))
store.execute("BEGIN IMMEDIATE")
# Each trigger of theirs counts a change, or an erasure.
triggers = all_of(
    "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND (sql LIKE '%commitCount%' OR sql LIKE '%privacyState%')"
)
assert triggers and all_of("SELECT identifier FROM grdb_migrations")[1:] == LATER, "this store is not of this version"
for trigger in triggers:
    store.execute(f"DROP TRIGGER {trigger}")
store.execute("DROP TABLE commitCount")
store.execute("DROP INDEX accountByChange")
store.execute("ALTER TABLE account DROP COLUMN changedIn")
store.execute("ALTER TABLE privacyState DROP COLUMN erasures")
store.executemany("DELETE FROM grdb_migrations WHERE identifier = ?", [(name,) for name in LATER])
store.execute("COMMIT")
store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
store.close()
