/// A request whose method and parameters are known: the cases are all that can be called.
package enum ControlCall: Sendable {
    case ping(Ping)
    case version(GetVersion)
    case status(GetStatus)
    case discover(Discover)
    case getUser(GetUser)
    case listUsers(ListUsers)
    case summariseLicences(SummariseLicences)
    case listActivities(ListActivities)
    case runSync(RunSync)
    case syncStatus(GetSyncStatus)
    case beginAuth(BeginAuth)
    case completeAuth(CompleteAuth)
    case authStatus(GetAuthStatus)
    case logout(Logout)
    case privacyStatus(GetPrivacyStatus)
    case reportPersonalData(ReportPersonalData)
    case erasePerson(ErasePerson)
    case exportPerson(ExportPerson)
    case rekeyVault(RekeyVault)
    case cancel(CancelRequest)
    case waitForChange(WaitForChange)
    case subscribe(SubscribeEvents)

    /// - Throws: `methodNotFound` or `invalidParams`.
    package init(_ request: ControlRequest) throws(ControlError) {
        switch request.method {
        case Ping.method: self = .ping(try request.decode())
        case GetVersion.method: self = .version(try request.decode())
        case GetStatus.method: self = .status(try request.decode())
        case Discover.method: self = .discover(try request.decode())
        case GetUser.method: self = .getUser(try request.decode())
        case ListUsers.method: self = .listUsers(try request.decode())
        case SummariseLicences.method: self = .summariseLicences(try request.decode())
        case ListActivities.method: self = .listActivities(try request.decode())
        case RunSync.method: self = .runSync(try request.decode())
        case GetSyncStatus.method: self = .syncStatus(try request.decode())
        case BeginAuth.method: self = .beginAuth(try request.decode())
        case CompleteAuth.method: self = .completeAuth(try request.decode())
        case GetAuthStatus.method: self = .authStatus(try request.decode())
        case Logout.method: self = .logout(try request.decode())
        case GetPrivacyStatus.method: self = .privacyStatus(try request.decode())
        case ReportPersonalData.method: self = .reportPersonalData(try request.decode())
        case ErasePerson.method: self = .erasePerson(try request.decode())
        case ExportPerson.method: self = .exportPerson(try request.decode())
        case RekeyVault.method: self = .rekeyVault(try request.decode())
        case CancelRequest.method: self = .cancel(try request.decode())
        case WaitForChange.method: self = .waitForChange(try request.decode())
        case SubscribeEvents.method: self = .subscribe(try request.decode())
        case let name where SummariseLicences.aliases.contains(name):
            self = .summariseLicences(try request.decode())
        default:
            throw ControlError(
                .methodNotFound, "there is no method \(request.method.shortened.json.text)",
                hint: "rpc.discover lists every method.")
        }
    }

    /// Who may make this call.
    package var access: AccessLevel { type(of: method).access }

    /// The method's name on the wire, aliases resolved: safe to log.
    package var name: String { type(of: method).method }

    private var method: any ControlMethod {
        switch self {
        case .ping(let call): call
        case .version(let call): call
        case .status(let call): call
        case .discover(let call): call
        case .getUser(let call): call
        case .listUsers(let call): call
        case .summariseLicences(let call): call
        case .listActivities(let call): call
        case .runSync(let call): call
        case .syncStatus(let call): call
        case .beginAuth(let call): call
        case .completeAuth(let call): call
        case .authStatus(let call): call
        case .logout(let call): call
        case .privacyStatus(let call): call
        case .reportPersonalData(let call): call
        case .erasePerson(let call): call
        case .exportPerson(let call): call
        case .rekeyVault(let call): call
        case .cancel(let call): call
        case .waitForChange(let call): call
        case .subscribe(let call): call
        }
    }
}

extension ControlRequest {
    /// Whether the requests after this one on the same connection should not wait for its reply: those that wait for
    /// something themselves, and streams. Only one with an id, for a reply without one is known by its place.
    package var runsAside: Bool {
        guard id != .null else { return false }
        if meta.wantsStream { return true }
        return switch method {
        case ReportPersonalData.method, WaitForChange.method, SubscribeEvents.method: true
        case RunSync.method: JSON.object(params)["wait"] == true
        default: false
        }
    }
}
