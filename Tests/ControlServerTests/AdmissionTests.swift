import ControlServer
import Testing

@Suite("Admission")
struct AdmissionTests {
    private var admission = Admission(limits: .init())

    @Test("A user gets 16 connections, all users together 56, and root the rest")
    mutating func limits() {
        #expect([1, 2, 3, 4, 5].map { fill($0).count } == [16, 16, 16, 8, 0])
        let root = fill(0)
        #expect(root.count == 8)
        admission.release(root[0])
        #expect([5, 0].map { fill($0).count } == [0, 1])
    }

    @Test("Of a user's own connections the one that is idle the longest gives way, once it has been so for a minute")
    mutating func ownIdle() {
        let connections = fill(1)
        admission.note(connections[3], isBusy: true, at: .seconds(1))
        admission.note(connections[3], isBusy: false, at: .seconds(2))
        #expect(admission.admit(uid: 1, at: .seconds(59)) == .refused)
        for (index, connection) in connections.enumerated() where index != 3 {
            admission.note(connection, isBusy: true, at: .seconds(3))
        }
        #expect(evicted(1, at: .seconds(61)) == nil)
        #expect(evicted(1, at: .seconds(62)) == connections[3])
        // The others are busy, and the new one was so a moment ago.
        #expect(evicted(1, at: .seconds(63)) == nil)
    }

    @Test("Where all are full anybody's idle connection gives way, but root's for root alone")
    mutating func othersIdle() {
        let root = fill(0)
        #expect(root.count == 64)
        #expect(admission.admit(uid: 1, at: .seconds(100)) == .refused)
        #expect(evicted(0, at: .seconds(100)) == root[0])
    }

    @Test("A connection that gave way is not given back a second time")
    mutating func releaseOfEvicted() {
        let connections = fill(1)
        #expect(evicted(1, at: .seconds(100)) == connections[0])
        admission.release(connections[0])
        #expect(admission.admit(uid: 1, at: .seconds(101)) != .refused)
        for connection in connections.dropFirst(2) { admission.note(connection, isBusy: true, at: .seconds(101)) }
        #expect(admission.admit(uid: 1, at: .seconds(102)) == .refused)
    }

    /// Opens as many as there is room for, all at the beginning of time.
    private mutating func fill(_ uid: UInt32) -> [Admission.ConnectionID] {
        var connections: [Admission.ConnectionID] = []
        while case .admitted(let id, nil) = admission.admit(uid: uid, at: .zero) { connections.append(id) }
        return connections
    }

    private mutating func evicted(_ uid: UInt32, at now: Duration) -> Admission.ConnectionID? {
        guard case .admitted(_, let evicted) = admission.admit(uid: uid, at: now) else { return nil }
        return evicted
    }
}
