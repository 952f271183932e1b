import ControlProtocol
import ControlServer
import Logging
import UsageModel
import UsageStore
import UsageSync

/// Brings a request to the handler of its method, if the caller may make it.
struct ControlDispatcher: RequestHandler {
    let handlers: Handlers
    let permissions: CallerPermissions
    let logger: Logger

    /// The handlers, each of which knows one method or two that belong together.
    struct Handlers: Sendable {
        let daemon: DaemonHandler
        let users: UserHandler
        let licences: LicenceHandler
        let activities: ActivityHandler
        let sync: SyncHandler
        let auth: AuthHandler
        let privacy: PrivacyHandler
        let vault: VaultHandler
        let store: StoreHandler
        let changes: ChangeHandler
    }

    func immediateReplies(to requests: ArraySlice<ControlRequest>, from peer: Peer) -> [ControlReply] {
        var replies: [ControlReply] = []
        var rest = requests
        while let request = rest.first {
            switch request.method {
            case Ping.method: replies.append(request.immediateReply { (_: Ping) in Ping.Result() })
            case GetVersion.method:
                replies.append(request.immediateReply { (_: GetVersion) in GetVersion.Result(version: programVersion) })
            default:
                let lookups = rest.prefix(while: \.isLookup)
                guard !lookups.isEmpty, let level = permissions.knownLevel(of: peer) else { return replies }
                replies += lookUp(lookups, level)
            }
            rest = requests.dropFirst(replies.count)
        }
        return replies
    }

    /// Answers some `user.get`, all from one snapshot.
    private func lookUp(_ requests: ArraySlice<ControlRequest>, _ level: AccessLevel) -> [ControlReply] {
        do throws(ControlError) {
            if level < GetUser.access { throw permissions.refusal(of: GetUser.method, needing: GetUser.access) }
            return try handlers.users.lookup { get in requests.map { $0.immediateReply(get) } }
        } catch {
            return requests.map { ControlReply(id: $0.id, error: error) }
        }
    }

    func reply(to request: ControlRequest, from peer: Peer, _ notices: RequestNotices) async -> ControlReply {
        // Not on the thread that reads and writes for others too.
        await withTaskExecutorPreference(globalConcurrentExecutor) {
            await checkedReply(to: request, from: peer, notices)
        }
    }

    private func checkedReply(
        to request: ControlRequest, from peer: Peer, _ notices: RequestNotices
    ) async -> ControlReply {
        let level = permissions.level(of: peer)
        // Whoever may not call a method is not told either what is wrong with the parameters.
        if let method = MethodDescription.named(request.method), method.access > level {
            return ControlReply(id: request.id, error: permissions.refusal(of: method.name, needing: method.access))
        }
        let call: ControlCall
        do {
            call = try ControlCall(request)
        } catch {
            return ControlReply(id: request.id, error: error)
        }
        if call.access == .admin {
            logger.notice(
                "An administrator's call",
                metadata: .event(
                    .adminCall,
                    ["rpc.method": "\(call.name)", "peer.uid": "\(peer.uid)", "peer.pid": "\(peer.pid)"]))
        }
        return await perform(call, of: request, level, notices)
    }

    private func perform(
        _ call: ControlCall, of request: ControlRequest, _ level: AccessLevel, _ notices: RequestNotices
    ) async -> ControlReply {
        switch call {
        case .ping(let call): await request.reply(to: call) { _ in Ping.Result() }
        case .version(let call): await request.reply(to: call) { _ in GetVersion.Result(version: programVersion) }
        case .discover(let call): await request.reply(to: call) { _ in OpenRPC.document(version: programVersion) }
        case .status(let call):
            await request.reply(to: call) { _ throws(ControlError) in
                let report = try await handlers.daemon.status()
                return level >= .read ? report : report.withoutPersonalData
            }
        case .getUser(let call): await request.reply(to: call, handlers.users.get)
        case .listUsers(let call) where request.meta.wantsStream:
            await request.reply(to: call) { (call) throws(ControlError) in
                try await handlers.users.stream(call, to: notices)
            }
        case .listUsers(let call): await request.reply(to: call, handlers.users.list)
        case .summariseLicences(let call): await request.reply(to: call, handlers.licences.summarise)
        case .listActivities(let call) where request.meta.wantsStream:
            await request.reply(to: call) { (call) throws(ControlError) in
                try await handlers.activities.stream(call, to: notices)
            }
        case .listActivities(let call): await request.reply(to: call, handlers.activities.list)
        case .runSync(let call):
            await request.reply(to: call) { (call) throws(ControlError) in
                try await handlers.sync.run(call, telling: request.meta.wantsProgress ? notices : nil)
            }
        case .syncStatus(let call): await request.reply(to: call, handlers.sync.status)
        case .beginAuth(let call): await request.reply(to: call, handlers.auth.begin)
        case .completeAuth(let call): await request.reply(to: call, handlers.auth.complete)
        case .authStatus(let call): await request.reply(to: call, handlers.auth.status)
        case .logout(let call): await request.reply(to: call, handlers.auth.logout)
        case .privacyStatus(let call): await request.reply(to: call, handlers.privacy.status)
        case .reportPersonalData(let call): await request.reply(to: call, handlers.privacy.reportNow)
        case .erasePerson(let call): await request.reply(to: call, handlers.privacy.erase)
        case .exportPerson(let call) where request.meta.wantsStream:
            await request.reply(to: call) { (call) throws(ControlError) in
                try await handlers.privacy.stream(call, to: notices)
            }
        case .exportPerson(let call): await request.reply(to: call, handlers.privacy.export)
        case .rekeyVault(let call): await request.reply(to: call, handlers.vault.rekey)
        case .backupStore(let call):
            await request.reply(to: call) { _ throws(ControlError) in
                guard request.meta.wantsStream else { throw .backupWithoutStream }
                return try await handlers.store.backup(to: notices)
            }
        case .checkStore(let call): await request.reply(to: call, handlers.store.check)
        // The server knows the requests under way, and cancels them before they come here.
        case .cancel(let call): await request.reply(to: call) { _ in CancelRequest.Result(isCancelled: false) }
        case .waitForChange(let call): await request.reply(to: call, handlers.changes.wait)
        case .subscribe(let call):
            await request.reply(to: call) { (call) throws(ControlError) in
                try await handlers.changes.subscribe(call, telling: notices)
            }
        }
    }
}

extension ControlRequest {
    /// Whether it is a `user.get` that takes microseconds: as of an earlier instant all activities up to it are counted.
    fileprivate var isLookup: Bool { method == GetUser.method && !params.contains { $0.name == "asOf" } }
}

/// Runs a handler's body, whose errors are the store's or already what the caller is to be told.
func answering<Value: Sendable>(_ body: () async throws -> Value) async throws(ControlError) -> Value {
    do {
        return try await body()
    } catch {
        throw ControlError(reading: error)
    }
}

extension ControlError {
    init(_ error: StoreError) {
        self.init(.storage, error.description, hint: "See `journalctl -u jira-usaged`.")
    }

    /// What went wrong while something was read for an answer.
    init(reading error: any Error) {
        switch error {
        case let error as ControlError: self = error
        case let error as StoreError: self.init(error)
        case is CancellationError: self.init(.shuttingDown, "the request was given up")
        default: self.init(.internalError, String(describing: error), hint: "Please report this.")
        }
    }

    /// No site is connected, or none of that name.
    static func noSite(_ name: String?) -> ControlError {
        if let name {
            ControlError(
                .notFound, "no connected site is named \(name.shortened)",
                hint: "`jirausagectl auth status` lists the sites.")
        } else {
            ControlError(
                .notConnected, "no Jira site is connected yet",
                hint: "Connect one: jirausagectl auth login")
        }
    }
}
