import FoundationEssentials
import Glibc
package import UsageModel

// The files beside the database: damaged ones, and copies.

extension UsageStore {
    static let asideMark = "damaged"
    static let copyMark = "before"
    static let backupMark = "backup"

    /// Two of one second keep a file each.
    static func freeName(beside path: String, named name: String) -> String {
        var (file, number) = ("\(path).\(name)", 1)
        while access(file, F_OK) == 0 {
            number += 1
            file = "\(path).\(name)-\(number)"
        }
        return file
    }

    /// Deletes damaged files and copies of before a migration that were made before an instant: they hold names of people.
    ///
    /// - Returns: the files.
    @discardableResult
    package func discardCopies(before instant: Instant? = nil) -> [String] {
        [Self.asideMark, Self.copyMark].flatMap { Self.removeFiles(beside: path, named: $0, before: instant) }
    }

    /// The last damaged file beside `path`.
    static func damagedFile(beside path: String) -> String? {
        files(beside: path, named: asideMark).last { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    }

    /// Removes the files beside `path` whose names go on with a mark.
    @discardableResult
    static func removeFiles(
        beside path: String, named mark: String, before instant: Instant? = nil
    ) -> [String] {
        files(beside: path, named: mark).filter { file in
            var status = stat()
            return lstat(file, &status) == 0
                && (instant.map { Int64(status.st_mtim.tv_sec) * 1000 < $0.milliseconds } ?? true) && unlink(file) == 0
        }
    }

    /// The files beside `path` whose names go on with a mark, in the order of these.
    private static func files(beside path: String, named mark: String) -> [String] {
        let place = URL(filePath: path)
        let directory = place.deletingLastPathComponent().path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasPrefix("\(place.lastPathComponent).\(mark)-") }.sorted().map {
            "\(directory)/\($0)"
        }
    }
}
