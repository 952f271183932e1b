import Foundation
import GRDB

/// Puts the vault at `path` into the state in which a kill in the middle of a commit leaves it: its file overwritten in
/// part, and beside it the rollback journal that takes this back (<https://www.sqlite.org/lockingv3.html>, section 4.1).
func leaveHotJournal(at path: String) throws {
    let files = FileManager.default
    let queue = try DatabaseQueue(path: path)
    try queue.inDatabase { database in
        // So that changed pages do not wait for the commit.
        try database.execute(sql: "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; PRAGMA synchronous = EXTRA")
        try database.beginTransaction(.immediate)
        try database.execute(sql: "UPDATE generation SET tokens = randomblob(3000), journal = randomblob(40)")
        for number in 1...40 {
            try database.execute(
                sql: "INSERT INTO generation VALUES (?, 1, randomblob(3000), randomblob(40))",
                arguments: ["half written \(number)"])
        }
        for suffix in ["", "-journal"] {
            try files.copyItem(atPath: path + suffix, toPath: path + suffix + ".hot")
        }
        try database.rollback()
    }
    try queue.close()
    for suffix in ["", "-journal"] {
        try? files.removeItem(atPath: path + suffix)
        try files.moveItem(atPath: path + suffix + ".hot", toPath: path + suffix)
    }
}

/// Copies a vault as a kill at this moment would leave it. Nothing may be writing to it.
func copyVault(from path: String, to copy: String) throws {
    for suffix in ["", "-journal"] where FileManager.default.fileExists(atPath: path + suffix) {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
}
