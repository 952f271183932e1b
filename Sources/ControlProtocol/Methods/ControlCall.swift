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
    case backupStore(BackupStore)
    case checkStore(CheckStore)
    case cancel(CancelRequest)
    case waitForChange(WaitForChange)
    case subscribe(SubscribeEvents)

    /// Every method there is: requests are decoded by this table, and the description is made of it, so that neither can
    /// know a method that the other does not.
    package static let methods: [MethodDescription] = [
        MethodDescription(ControlCall.ping),
        MethodDescription(ControlCall.version),
        MethodDescription(ControlCall.status),
        MethodDescription(ControlCall.discover),
        MethodDescription(ControlCall.getUser),
        MethodDescription(ControlCall.listUsers),
        MethodDescription(ControlCall.summariseLicences),
        MethodDescription(ControlCall.listActivities),
        MethodDescription(ControlCall.runSync),
        MethodDescription(ControlCall.syncStatus),
        MethodDescription(ControlCall.beginAuth),
        MethodDescription(ControlCall.completeAuth),
        MethodDescription(ControlCall.authStatus),
        MethodDescription(ControlCall.logout),
        MethodDescription(ControlCall.privacyStatus),
        MethodDescription(ControlCall.reportPersonalData),
        MethodDescription(ControlCall.erasePerson),
        MethodDescription(ControlCall.exportPerson),
        MethodDescription(ControlCall.rekeyVault),
        MethodDescription(ControlCall.backupStore),
        MethodDescription(ControlCall.checkStore),
        MethodDescription(ControlCall.waitForChange),
        MethodDescription(ControlCall.subscribe),
        MethodDescription(ControlCall.cancel),
    ]

    /// - Throws: `methodNotFound` or `invalidParams`.
    package init(_ request: ControlRequest) throws(ControlError) {
        guard let method = MethodDescription.named(request.method) else {
            throw ControlError(
                .methodNotFound, "there is no method \(request.method.shortened.json.text)",
                hint: "rpc.discover lists every method.")
        }
        self = try method.decode(request)
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
        case .backupStore(let call): call
        case .checkStore(let call): call
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
        return switch MethodDescription.named(method)?.aside {
        case .always?: true
        case .with(let member)?: JSON.object(params)[member] == true
        case .never?, nil: false
        }
    }
}
