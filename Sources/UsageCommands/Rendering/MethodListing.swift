import ControlProtocol
import UsageModel

/// What the methods of the socket are, as this program knows them: no daemon is asked.
struct MethodListing {
    func outcome(_ session: Session) throws(CommandFailure) -> Outcome {
        warn(session)
        let methods = ControlCall.methods
        switch session.format {
        case .json: return Outcome(.array(methods.map(Self.json)))
        case .ndjson: return Outcome(methods.map { Self.json($0).text + "\n" }.joined())
        case .csv:
            let lines = methods.map { CSV.line([$0.name, $0.access.rawValue, $0.summary]) }
            return Outcome(CSV.line(["method", "access", "summary"]) + lines.joined())
        case nil:
            var table = TextTable([("METHOD", .left), ("ACCESS", .left), ("SUMMARY", .left)])
            for method in methods {
                table.append([.init(method.name), .init(method.access.rawValue), .init(method.summary)])
            }
            return Outcome(table.text(session.style))
        }
    }

    func outcome(_ session: Session, describing name: String) throws(CommandFailure) -> Outcome {
        guard let method = MethodDescription.named(name) else {
            throw .usage("there is no method \(name); see jirausagectl call --list")
        }
        warn(session)
        return try session.present(OpenRPC.document(version: programVersion, methods: [method])) { style in
            MethodText(method: method, style: style).text
        }
    }

    /// A daemon of another version may know other methods than this program does.
    private func warn(_ session: Session) {
        guard let version = session.daemonVersion(), version != programVersion else { return }
        session.console.printError(
            """
            jirausagectl: this describes version \(programVersion); the daemon is \(printable(version)) and describes itself \
            with: jirausagectl call rpc.discover\n
            """)
    }

    private static func json(_ method: MethodDescription) -> JSON {
        [
            "name": .string(method.name), "aliases": method.aliases.json, "access": .string(method.access.rawValue),
            "summary": .string(method.summary),
        ]
    }
}
