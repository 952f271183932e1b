import ArgumentParser
import Foundation
import Measurement
import TestSupport

struct MeasureCommand: AsyncParsableCommand {
    enum Part: String, ExpressibleByArgument, CaseIterable {
        case programs, roundTrips = "round-trips", lookups, streams, sync, memory, starts, hostile
    }

    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measure and print a table a part.",
        discussion: """
            A store of more than a GiB is made at the first run and kept. Redis and chrony are run for it, on sockets of
            their own; where they are not to be found their lines are missing.
            """)

    @Flag(help: "A small store and few samples, to see that everything works.")
    var quick = false

    @Option(help: "Measure this part alone; may be given several times.")
    var part: [Part] = []

    @Option(help: "Where the programs under test are.")
    var programs = ".build/release"

    @Option(help: "Where made stores are kept.")
    var stores = ".build-benchmarks/stores"

    @Option(help: "Where programs of others are unpacked that are not installed.")
    var peers = ".build-benchmarks/peers"

    @OptionGroup var output: Output

    func run() async throws {
        let scale = quick ? Scale.quick : .full
        let programs = ProgramsUnderTest(directory: Self.absolute(programs))
        try programs.check()
        let peers = PeerPrograms(unpacked: Self.absolute(peers))
        let parts = part.isEmpty ? Part.allCases : part
        try output.write(try Versions(programs: programs, peers: peers).table())
        if parts.contains(.sync) {
            progress("sync")
            try output.write(try await DuringSync(scale: scale, programs: programs, peers: peers).measure())
        }
        guard parts.contains(where: { $0 != .sync }) else { return }
        let store = try MadeStore.inside(Self.absolute(stores), size: scale.store)
        try await withTemporaryDirectory { directory in
            let preparation = Preparation(
                scale: scale, programs: programs, peers: peers, store: store, directory: directory)
            try await preparation.withBench { bench in
                for part in parts where part != .sync {
                    progress(part.rawValue)
                    try output.write(try await part.measure(bench))
                }
            }
        }
    }

    private static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
}

extension MeasureCommand.Part {
    /// Of one that needs the made store.
    fileprivate func measure(_ bench: Bench) async throws -> Table {
        switch self {
        case .programs: try await bench.programStarts()
        case .roundTrips: try await bench.roundTrips()
        case .lookups: try await bench.pipelinedLookups()
        case .streams: try await bench.streams()
        case .sync: try await DuringSync(scale: bench.scale, programs: bench.programs, peers: bench.peers).measure()
        case .memory: try await bench.memoryUse()
        case .starts: try await bench.coldStarts()
        case .hostile: try await bench.hostileClients()
        }
    }
}
