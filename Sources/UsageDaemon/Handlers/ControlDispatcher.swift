import ControlProtocol
import ControlServer
import Logging
import UsageModel
import UsageStore

/// Brings a request to the handler of its method, if the caller may make it.
struct ControlDispatcher: Sendable {
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
    }

    func reply(to request: ControlRequest, from peer: Peer, _ notices: RequestNotices) async -> ControlReply {
        let call: ControlCall
        do {
            call = try ControlCall(request)
        } catch {
            return ControlReply(id: request.id, error: error)
        }
        let level = permissions.level(of: peer)
        guard call.access <= level else {
            return ControlReply(id: request.id, error: permissions.refusal(of: call.name, needing: call.access))
        }
        if call.access == .admin {
            logger.notice(
                "An administrator's call",
                metadata: ["rpc.method": "\(call.name)", "peer.uid": "\(peer.uid)", "peer.pid": "\(peer.pid)"])
        }
        return switch call {
        case .ping(let call): await request.reply(to: call) { _ in Ping.Result() }
        case .version(let call): await request.reply(to: call) { _ in GetVersion.Result(version: programVersion) }
        case .discover(let call): await request.reply(to: call) { _ in OpenRPC.document(version: programVersion) }
        case .status(let call):
            await request.reply(to: call) { _ throws(ControlError) in
                let report = try await handlers.daemon.status()
                return level >= .read ? report : report.withoutPersonalData
            }
        case .getUser(let call): await request.reply(to: call, handlers.users.get)
        case .listUsers(let call): await request.reply(to: call, handlers.users.list)
        case .summariseLicences(let call): await request.reply(to: call, handlers.licences.summarise)
        case .listActivities(let call): await request.reply(to: call, handlers.activities.list)
        case .runSync(let call): await request.reply(to: call, handlers.sync.run)
        case .syncStatus(let call): await request.reply(to: call, handlers.sync.status)
        case .beginAuth(let call): await request.reply(to: call, handlers.auth.begin)
        case .completeAuth(let call): await request.reply(to: call, handlers.auth.complete)
        case .authStatus(let call): await request.reply(to: call, handlers.auth.status)
        case .logout(let call): await request.reply(to: call, handlers.auth.logout)
        case .privacyStatus(let call): await request.reply(to: call, handlers.privacy.status)
        case .reportPersonalData(let call): await request.reply(to: call, handlers.privacy.reportNow)
        case .erasePerson(let call): await request.reply(to: call, handlers.privacy.erase)
        case .exportPerson(let call): await request.reply(to: call, handlers.privacy.export)
        case .rekeyVault(let call): await request.reply(to: call, handlers.vault.rekey)
        // The server knows the requests under way, and cancels them before they come here.
        case .cancel(let call): await request.reply(to: call) { _ in CancelRequest.Result(isCancelled: false) }
        case .waitForChange, .subscribe: ControlReply(id: request.id, error: ControlError(.internalError, "not yet"))
        }
    }
}

/// Runs a handler's body, whose errors are the store's or already what the caller is to be told.
func answering<Value: Sendable>(_ body: () async throws -> Value) async throws(ControlError) -> Value {
    do {
        return try await body()
    } catch let error as ControlError {
        throw error
    } catch let error as StoreError {
        throw ControlError(error)
    } catch {
        throw ControlError(.internalError, String(describing: error), hint: "Please report this.")
    }
}

extension ControlError {
    init(_ error: StoreError) {
        self.init(.storage, error.description, hint: "See `journalctl -u jira-usaged`.")
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
