import Foundation
import Glibc
import TestInstallation
import TestSupport

/// A local user, as the kernel tells the daemon: made by setpriv(1), which takes root.
struct AccessMatrixCaller: Sendable, CustomStringConvertible {
    enum User: String, CaseIterable, Sendable {
        case root, daemon, stranger

        var uid: uid_t {
            switch self {
            case .root: 0
            // `nobody`, who is everywhere.
            case .daemon: 65_534
            case .stranger: 54_321
            }
        }
    }

    enum Membership: String, CaseIterable, Sendable {
        case none, readPrimary, readSupplementary, adminPrimary, adminSupplementary, readPrimaryAdminSupplementary
    }

    /// Groups that every Debian has, with the same number everywhere (base-passwd).
    static let readGroup = (name: "games", gid: gid_t(60))
    static let adminGroup = (name: "operator", gid: gid_t(37))
    /// A group that the configuration does not name.
    private static let otherGroup: gid_t = 54_321

    let user: User
    let membership: Membership

    static let all = User.allCases.flatMap { user in
        Membership.allCases.map { AccessMatrixCaller(user: user, membership: $0) }
    }

    var description: String { "\(user), \(membership)" }

    /// What runs a program as this caller.
    var command: [String] {
        let (primary, supplementary): (gid_t, gid_t?) =
            switch membership {
            case .none: (Self.otherGroup, nil)
            case .readPrimary: (Self.readGroup.gid, nil)
            case .readSupplementary: (Self.otherGroup, Self.readGroup.gid)
            case .adminPrimary: (Self.adminGroup.gid, nil)
            case .adminSupplementary: (Self.otherGroup, Self.adminGroup.gid)
            case .readPrimaryAdminSupplementary: (Self.readGroup.gid, Self.adminGroup.gid)
            }
        let groups = supplementary.map { "--groups=\($0)" } ?? "--clear-groups"
        return ["setpriv", "--reuid=\(user.uid)", "--regid=\(primary)", groups]
    }

    /// Sends all lines at once, and returns what came back.
    func ask(_ lines: [String], at socketPath: String, directory: String) async throws -> [String] {
        let file = "\(directory)/requests-\(UInt32.random(in: .min ... .max))"
        try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: false, encoding: .utf8)
        guard chmod(file, 0o644) == 0 else { throw ChildProcess.Failure(description: "chmod \(file)") }
        let words = command + ["sh", "-c", #"exec socat -t 60 - UNIX-CONNECT:"$1" < "$2""#, "sh", socketPath, file]
        let outcome = try await runToEnd(words[0], Array(words.dropFirst()), directory: directory)
        guard outcome.exitCode == 0 else { throw ChildProcess.Failure(description: "\(self): \(outcome.errors)") }
        return outcome.output.split(separator: "\n").map(String.init)
    }
}
