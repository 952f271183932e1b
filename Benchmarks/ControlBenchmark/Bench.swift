import Foundation
import Measurement

/// What the parts share: the programs under test, the made store, and the peers that run all the while.
struct Bench {
    let scale: Scale
    let programs: ProgramsUnderTest
    let peers: PeerPrograms
    let store: MadeStore
    /// Account ids that are looked up, in a random order.
    let users: [String]
    let busyAccount: String
    /// With the answers to ``users`` and the rows of the stream in it.
    let redis: Redis?
    let chrony: Chrony?
    /// A scratch directory.
    let directory: String

    static let redisRows = "rows"

    /// `activity.list` of the busy account, as a stream.
    var stream: Question {
        Question(
            method: "activity.list",
            parameters:
                #"{"who":"\#(busyAccount)","limit":\#(scale.rowsOfStream),"_meta":{"stream":true}}"#)
    }
}
