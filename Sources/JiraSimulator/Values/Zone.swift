import Foundation
import Synchronization

/// A time zone as a table of its changes of offset, so that millions of instants can be written without asking the
/// system's library each time.
package struct Zone: Equatable, Sendable {
    /// IANA name, such as `Europe/Berlin`.
    package let identifier: String
    private let offsetBefore: Int
    private let changes: [Change]

    private struct Change: Equatable {
        let second: Int64
        let offset: Int
    }

    private static let known = Mutex<[String: Zone]>([:])

    /// Knows the changes of 2000 to 2040; earlier and later instants get the nearest offset.
    ///
    /// `nil` if the system has no zone of that name.
    package init?(identifier: String) {
        if let zone = Self.known.withLock({ $0[identifier] }) {
            self = zone
            return
        }
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.identifier = identifier
        let first: Int64 = 946_684_800
        let last: Int64 = 2_208_988_800
        var date = Date(timeIntervalSince1970: TimeInterval(first))
        offsetBefore = zone.secondsFromGMT(for: date)
        var changes: [Change] = []
        while let next = zone.nextDaylightSavingTimeTransition(after: date),
            next > date, next.timeIntervalSince1970 < TimeInterval(last)
        {
            let second = Int64(next.timeIntervalSince1970.rounded())
            changes.append(Change(second: second, offset: zone.secondsFromGMT(for: next.addingTimeInterval(1))))
            date = next
        }
        self.changes = changes
        let made = self
        Self.known.withLock { $0[identifier] = made }
    }

    private init(identifier: String, offset: Int) {
        self.identifier = identifier
        offsetBefore = offset
        changes = []
    }

    package static let utc = Zone(identifier: "UTC", offset: 0)

    /// Seconds east of UTC.
    func offset(at moment: Moment) -> Int {
        offset(atSecond: moment.milliseconds.flooredQuotient(1000))
    }

    private func offset(atSecond second: Int64) -> Int {
        let position = changes.partitionPoint { $0.second > second }
        return position == 0 ? offsetBefore : changes[position - 1].offset
    }

    /// The moment at which clocks of this zone show `civil`: the first of the two in the hour that autumn repeats, and
    /// moved on by the missing hour where spring leaves one out.
    func moment(of civil: CivilTime) -> Moment {
        let local = civil.secondsSinceEpoch
        let early = offset(atSecond: local - 86_400)
        let late = offset(atSecond: local + 86_400)
        let first = local - Int64(early)
        let second = local - Int64(late)
        if offset(atSecond: first) != early, offset(atSecond: second) == late {
            return Moment(milliseconds: second * 1000)
        }
        return Moment(milliseconds: first * 1000)
    }

    func civilTime(at moment: Moment) -> CivilTime {
        let second = moment.milliseconds.flooredQuotient(1000)
        return CivilTime(secondsSinceEpoch: second + Int64(offset(atSecond: second)))
    }
}

extension RandomAccessCollection {
    /// The first index whose element satisfies `belongsToSecondPart`, in a collection ordered so that all which do
    /// stand at the end.
    func partitionPoint(_ belongsToSecondPart: (Element) -> Bool) -> Index {
        var low = startIndex
        var count = count
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if belongsToSecondPart(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
