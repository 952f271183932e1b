import ControlClient
import ControlProtocol
import Glibc

/// One run of a command: its connection, its settings, its terminal.
final class Session {
    let format: OutputFormat?
    private let color: ColorChoice
    let console: Console
    /// The environment, as far as the commands look at it.
    let variables: [String: String]
    private let socket: String
    /// What was asked for; `nil` where nothing was.
    private let timeout: Duration?
    /// How long a daemon that is just being restarted is waited for.
    private let restartPatience: Duration
    /// How long a silent daemon is waited for where nothing else was asked for.
    private let usualTimeout: Duration
    private var connection: ControlConnection?

    init(
        settings: Settings, socket: String, variables: [String: String], console: Console, restartPatience: Duration,
        usualTimeout: Duration = .seconds(10)
    ) {
        format = settings.format
        color = settings.color
        self.console = console
        self.variables = variables
        self.socket = socket
        timeout = settings.timeout
        self.restartPatience = restartPatience
        self.usualTimeout = usualTimeout
    }

    /// How text for people is laid out, by the terminal as wide as it is now.
    var style: Style {
        Style(
            choice: color, variables: variables, isTerminal: console.outputIsTerminal,
            width: console.outputWidth(variables))
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

    /// How a request is made.
    struct Manner {
        /// Waits for as long as it takes, unless a timeout was asked for.
        var isPatient = false
        var wantsStream = false
        var wantsProgress = false
        /// Asks again only as long as this is true; `false` once what came cannot be taken back.
        var mayAskAgain: () -> Bool = { true }
        /// Does not wait for a daemon that is just being restarted.
        var isHasty = false

        static var usual: Manner { Manner() }
        static var patient: Manner { Manner(isPatient: true) }
    }

    /// - Parameter notified: takes what the daemon says before its reply; called only where `manner` asks for it.
    func call<Method: ControlMethod>(
        _ method: Method, _ manner: Manner = .usual,
        notified: (ControlNotification) -> ControlConnection.Continuation = { _ in .goOn }
    ) throws(CommandFailure) -> Answer<Method> {
        let outcome = try attempt(manner, changesNothing: Method.changesNothing) {
            (connection, waiting) throws(ClientError) in
            let meta = RequestMeta(
                timeoutMilliseconds: deadlineForDaemon(waiting.limit), wantsStream: manner.wantsStream,
                wantsProgress: manner.wantsProgress)
            return try connection.call(method, meta: meta, waiting: waiting, notified: notified)
        }
        switch outcome {
        case .success(let json): return Answer(json: json)
        case .failure(let error): throw CommandFailure(error)
        }
    }

    /// Sends a request as it is, prints the notifications that come as they came, and returns the reply line as it came.
    func exchange(_ request: ControlRequest) throws(CommandFailure) -> [UInt8] {
        let manner = Manner(isPatient: request.runsAside, mayAskAgain: { false })
        var (printer, writing) = (PatientPrinter(console), Console.Writing.done)
        do throws(CommandFailure) {
            let line = try attempt(manner, changesNothing: false) {
                (connection, waiting) throws(ClientError) -> Result<[UInt8], ControlError> in
                let reply = try connection.exchange(request, waiting: waiting) { line, _ in
                    writing = printer.print(line + [UInt8(ascii: "\n")])
                    guard case .done = writing else { return .stop }
                    return .goOn
                }
                return .success(reply)
            }
            writing = printer.finish()
            guard case .done = writing else { throw CommandFailure(writing) }
            switch line {
            case .success(let line): return line
            case .failure(let error): throw CommandFailure(error)
            }
        } catch .client(.stopped) {
            throw CommandFailure(writing)
        } catch {
            _ = printer.finish()  // What went wrong before is what is told.
            throw error
        }
    }

    /// The version of the daemon; `nil` where none answers at once, or within the timeout that was asked for.
    func daemonVersion() -> String? {
        let patience = timeout ?? .milliseconds(500)
        guard var connection = try? ControlConnection(path: socket, timeout: patience),
            case .success(let json)? = try? connection.call(GetVersion(), waiting: Waiting(limit: patience))
        else { return nil }
        return try? GetVersion.Result(json: json).version
    }

    /// Leaves the daemon alone until the next call.
    func disconnect() {
        connection = nil
    }

    /// What the daemon is told of a timeout, so that it stops working too when nobody waits any more.
    private func deadlineForDaemon(_ limit: Duration?) -> Int? {
        guard timeout != nil, let limit else { return nil }
        let milliseconds = Int(limit / .milliseconds(1))
        return RequestMeta.timeoutRange.contains(milliseconds) ? milliseconds : nil
    }

}

// MARK: - Over a restart

extension Session {
    /// Makes an exchange, once more for a while where the daemon is just being restarted.
    private func attempt<Reply>(
        _ manner: Manner, changesNothing: Bool,
        _ exchange: (inout ControlConnection, Waiting) throws(ClientError) -> Result<Reply, ControlError>
    ) throws(CommandFailure) -> Result<Reply, ControlError> {
        let start = MonotonicTime.now()
        let interruption = console.handlesSignals ? Interruption() : nil
        defer { interruption?.end() }
        while true {
            let elapsed = MonotonicTime.now() - start
            let limit = timeout.map { max($0 - elapsed, .milliseconds(1)) }
            let waiting = Waiting(
                limit: limit, silence: manner.isPatient || timeout != nil ? nil : usualTimeout,
                interruption: interruption?.descriptor)
            var wasSent = false
            var refusal: Result<Reply, ControlError>?
            var failure: ClientError?
            do throws(ClientError) {
                var connection = try takeConnection(limit)
                wasSent = true
                let reply = try exchange(&connection, waiting)
                guard case .failure(let error) = reply, error.kind == .shuttingDown else {
                    self.connection = consume connection
                    return reply
                }
                refusal = reply
            } catch {
                // Where there was more than one attempt, only the last of the time was left for this one.
                if case .timedOut = error, let timeout { throw .client(.timedOut(after: timeout)) }
                guard error.mayBeRestart else { throw .client(error) }
                failure = error
            }
            let patience = manner.isHasty ? .zero : min(restartPatience, timeout ?? restartPatience)
            let mayRepeat = !wasSent || (changesNothing && manner.mayAskAgain())
            guard mayRepeat, MonotonicTime.now() - start < patience else {
                if let refusal { return refusal }
                throw .client(failure ?? .closedEarly)
            }
            try pause(interruption?.descriptor)
        }
    }

    /// A moment until the daemon is asked again.
    private func pause(_ interruption: CInt?) throws(CommandFailure) {
        var entry = pollfd(fd: interruption ?? -1, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 50) <= 0 else { throw .client(.interrupted) }
    }

    /// The connection, for one exchange: after one that failed there is none to use again.
    private func takeConnection(_ limit: Duration?) throws(ClientError) -> ControlConnection {
        if let connection = connection.take() { return connection }
        return try ControlConnection(path: socket, timeout: limit ?? usualTimeout)
    }
}

extension ClientError {
    /// Whether a daemon that is being restarted would look like this.
    fileprivate var mayBeRestart: Bool {
        switch self {
        case .noSocket, .refused, .closedEarly: true
        case .permissionDenied, .pathTooLong, .timedOut, .badReply, .failed, .interrupted, .stopped: false
        }
    }
}

extension ControlMethod {
    /// Whether it may be asked twice for the answer of one. Not ``CheckStore``: damage that it comes upon ends the daemon,
    /// and the next one has set that database aside, so that the second answer would be of another.
    fileprivate static var changesNothing: Bool {
        access < .admin || [ExportPerson.method, BackupStore.method].contains(method)
    }
}
