import ControlClient
import ControlProtocol

/// One run of a command: its connection, its settings, its terminal.
final class Session {
    let format: OutputFormat?
    let style: Style
    let console: Console
    /// The environment, as far as the commands look at it.
    let variables: [String: String]
    private let socket: String
    private let timeout: Duration?
    private var connection: ControlConnection?

    init(settings: Settings, variables: [String: String], console: Console) {
        format = settings.format
        style = Style(choice: settings.color, variables: variables, isTerminal: console.outputIsTerminal)
        self.console = console
        self.variables = variables
        socket = settings.socket ?? variables["JIRA_USAGED_SOCKET"] ?? defaultSocket
        timeout = settings.timeout
    }

    /// A daemon's result: as it came, and as a value for who wants to look into it.
    struct Answer<Method: ControlMethod> {
        let json: JSON

        func value() throws(CommandFailure) -> Method.Result {
            do {
                return try Method.Result(json: json)
            } catch {
                throw .unreadable(method: Method.method, error)
            }
        }
    }

    /// - Parameter isPatient: waits for the reply as long as it takes, unless a timeout was asked for.
    func call<Method: ControlMethod>(
        _ method: Method, isPatient: Bool = false
    ) throws(CommandFailure) -> Answer<Method> {
        let outcome: Result<JSON, ControlError>
        do {
            var connection = try takeConnection()
            outcome = try connection.call(method, timeout: isPatient ? timeout : timeout ?? Self.usualTimeout)
            self.connection = consume connection
        } catch {
            throw .client(error)
        }
        switch outcome {
        case .success(let json): return Answer(json: json)
        case .failure(let error): throw error.choices.isEmpty ? .daemon(error) : .candidates(error)
        }
    }

    /// Sends a request as it is and returns the reply line as it came.
    ///
    /// - Parameters:
    ///   - isPatient: waits for the reply as long as it takes, unless a timeout was asked for.
    ///   - notified: gets each line that comes before the reply.
    func exchange(
        _ request: ControlRequest, isPatient: Bool = false, notified: ([UInt8]) -> Void = { _ in }
    ) throws(CommandFailure) -> [UInt8] {
        do {
            var connection = try takeConnection()
            return try connection.exchange(
                request.line, timeout: isPatient ? timeout : timeout ?? Self.usualTimeout, notified: notified)
        } catch {
            throw .client(error)
        }
    }

    /// The version of the daemon; `nil` where none answers at once.
    func daemonVersion() -> String? {
        let patience = Duration.milliseconds(500)
        guard var connection = try? ControlConnection(path: socket, timeout: patience),
            case .success(let json)? = try? connection.call(GetVersion(), timeout: patience)
        else { return nil }
        return try? GetVersion.Result(json: json).version
    }

    /// Leaves the daemon alone until the next call.
    func disconnect() {
        connection = nil
    }

    /// The connection, for one exchange: after one that failed there is none to use again.
    private func takeConnection() throws(ClientError) -> ControlConnection {
        if let connection = connection.take() { return connection }
        return try ControlConnection(path: socket, timeout: timeout ?? Self.usualTimeout)
    }

    private static let usualTimeout = Duration.seconds(10)
}

extension Session {
    /// A result that is no list: as it came, or for people.
    func present(
        _ json: JSON, status: ExitStatus = .done, _ text: (Style) throws(CommandFailure) -> String
    ) throws(CommandFailure) -> Outcome {
        switch format {
        case .json, .ndjson: return Outcome(json, status: status)
        case .csv: throw .usage("this command has no rows to print as CSV; take --json")
        case nil: return Outcome(try text(style), status: status)
        }
    }

    /// The rows of a list, from as many pages as it takes.
    func rows<Method: ControlMethod, Row: JSONConvertible>(
        limit: Int?, _ page: (_ limit: Int?, _ after: String?) -> Method
    ) throws(CommandFailure) -> Rows<Row> where Method.Result == Page<Row> {
        var rows: [JSON] = []
        var after: String?
        repeat {
            let left = limit.map { min($0 - rows.count, ParameterRange.limit.upperBound) }
            let answer = try call(page(left, after))
            rows += answer.json["rows"]?.array ?? []
            after = answer.json["next"]?.string
        } while after != nil && rows.count < limit ?? .max
        return Rows(json: limit.map { Array(rows.prefix($0)) } ?? rows, next: after, method: Method.method)
    }
}

/// A list's rows as they came.
struct Rows<Row: JSONConvertible> {
    let json: [JSON]
    /// Where the list goes on behind a limit; `nil` where it was told to its end.
    let next: String?
    let method: String

    func outcome(
        _ session: Session, csv: ([Row]) -> String, table: ([Row], Style) -> String
    ) throws(CommandFailure) -> Outcome {
        switch session.format {
        case .json: Outcome(["rows": .array(json), "next": next.json])
        case .ndjson: Outcome(json.map { $0.text + "\n" }.joined())
        case .csv: Outcome(csv(try values()))
        case nil: Outcome(table(try values(), session.style))
        }
    }

    private func values() throws(CommandFailure) -> [Row] {
        do {
            return try [Row](json: .array(json))
        } catch {
            throw .unreadable(method: method, error)
        }
    }
}

/// What a command has to say, printed only when it is whole: a failure leaves standard output empty.
struct Outcome {
    var output: String
    var status = ExitStatus.done

    init(_ output: String, status: ExitStatus = .done) {
        self.output = output
        self.status = status
    }

    init(_ json: JSON, status: ExitStatus = .done) {
        self.init(json.text + "\n", status: status)
    }
}
