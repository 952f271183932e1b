import ArgumentParser
import ControlProtocol

struct CallCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Send a request as it is and print the reply as it comes.",
        usage: """
            jirausagectl call METHOD [PARAMS-JSON | -]
            jirausagectl call --list
            jirausagectl call --describe METHOD
            """,
        discussion: """
            For example: jirausagectl call user.get '{"who":"ann@example.com"}'. What the daemon notifies of before its \
            reply is printed as it comes, a line each: jirausagectl call user.list '{"_meta":{"stream":true}}'.
            """)

    @Argument(help: "The method's name.", completion: ValueCompletion.methods) var method: String?
    @Argument(help: "The parameters, a JSON object; - reads them from standard input.") var params: String?
    @Flag(help: "List every method, who may call it and what it does; needs no daemon.") var list = false
    @Option(help: .init("Describe a method: parameters, result, errors, an example.", valueName: "method"))
    var describe: String?
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }

    func validate() throws {
        let count = [method != nil, list, describe != nil].count { $0 }
        guard count == 1 else { throw ValidationError("Name a method, or take --list or --describe METHOD.") }
    }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        if list { return try MethodListing().outcome(session) }
        if let describe { return try MethodListing().outcome(session, describing: describe) }
        return try call(method ?? "", session)
    }

    private func call(_ method: String, _ session: Session) throws(CommandFailure) -> Outcome {
        guard let json = try? JSON(parsing: text(session)), case .object(let members) = json else {
            throw .data("the parameters are not a JSON object")
        }
        let line = try session.exchange(Self.request(method, members))
        return Outcome(String(decoding: line, as: UTF8.self) + "\n", status: Self.status(of: line))
    }

    /// What is wrong with `_meta` is for the daemon to say, as with any other parameter.
    private static func request(_ method: String, _ params: [JSON.Member]) -> ControlRequest {
        guard let meta = try? RequestMeta(member: JSON.object(params)[RequestMeta.member]) else {
            return ControlRequest(id: .integer(1), method: method, params: params)
        }
        let others = params.filter { $0.name != RequestMeta.member }
        return ControlRequest(id: .integer(1), method: method, params: others, meta: meta)
    }

    private func text(_ session: Session) -> [UInt8] {
        guard params == "-" else { return Array((params ?? "{}").utf8) }
        var text: [UInt8] = []
        while true {
            let bytes = session.console.readBytes()
            if bytes.isEmpty { return text }
            text += bytes
        }
    }

    private static func status(of line: [UInt8]) -> ExitStatus {
        do {
            switch try ControlReply(line: line).outcome {
            case .success: return .done
            case .failure(let error): return ExitStatus(error.kind)
            }
        } catch {
            return .mismatch
        }
    }
}
