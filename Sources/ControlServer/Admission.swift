/// Who may have one more connection: decided from how many there are, and whose.
package struct Admission {
    private let limits: ControlServer.Limits
    private var total = 0
    private var perUser: [UInt32: Int] = [:]

    package init(limits: ControlServer.Limits) {
        self.limits = limits
    }

    /// Counts one more connection of that user, unless there is no room for it.
    package mutating func admit(uid: UInt32) -> Bool {
        let isRoot = uid == 0
        let room = isRoot ? limits.connections : limits.connections - limits.connectionsKeptForRoot
        guard total < room, isRoot || perUser[uid, default: 0] < limits.connectionsPerUser else { return false }
        total += 1
        perUser[uid, default: 0] += 1
        return true
    }

    /// Gives back what ``admit(uid:)`` counted.
    package mutating func release(uid: UInt32) {
        total -= 1
        let left = perUser[uid, default: 1] - 1
        perUser[uid] = left == 0 ? nil : left
    }
}
