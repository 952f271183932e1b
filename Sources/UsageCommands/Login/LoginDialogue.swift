import ControlProtocol
import Glibc
import UsageModel

/// Connects a site in one go: shows where to consent, waits for the answer, and gives it to the daemon.
///
/// All that it says goes where errors go: standard output holds the result alone. The answer's code is never in an
/// argument list, a variable, or on the terminal.
struct LoginDialogue {
    let session: Session
    let mayOpenBrowser: Bool
    /// The site to connect, where it is known already.
    let site: String?

    func perform() throws(CommandFailure) -> Session.Answer<CompleteAuth> {
        let invitation = try session.call(BeginAuth()).value()
        // A person takes minutes; the daemon may be restarted meanwhile, and needs the place for others.
        session.disconnect()
        let gate: CallbackGate
        do {
            gate = try CallbackGate(invitation)
        } catch {
            throw .unreadable(method: BeginAuth.method, error)
        }
        let (listener, way) = listen(gate, invitation)
        let choice = BrowserChoice(
            isWanted: mayOpenBrowser, variables: session.variables, isInteractive: session.console.isInteractive)
        session.console.printError(
            invitation.loginExplanation(session.style, opensBrowser: choice != .leaveToPerson, way) + "\n")
        let opening: (page: String, commands: [[String]])? =
            if case .open(let commands) = choice { (invitation.authorizationUrl, commands) } else { nil }
        let wait = LoginWait(
            gate: gate, listener: listener, expiresAt: invitation.expiresAt, console: session.console, now: wallClock,
            opening: opening)
        switch wait.run(variables: session.variables) {
        case .answered(let url): return try complete(url, listener)
        case .expired: throw .expired(invitation.expiresAt)
        case .inputEnded:
            throw .data(
                "the input ended before the redirected address was pasted, and nothing here waits for the browser; "
                    + "begin again on a terminal, or give the address to: jirausagectl auth complete -")
        case .notTheAnswer(let reason): throw .data(reason)
        case .interrupted: throw .interrupted
        }
    }

    private func listen(_ gate: CallbackGate, _ invitation: AuthInvitation) -> (CallbackListener?, LoginWay) {
        guard let address = gate.address else { return (nil, .paste(.elsewhere)) }
        do throws(CallbackListener.Refusal) {
            return (try CallbackListener(address, gate: gate), .browser(forwarding(to: address)))
        } catch {
            return (nil, .paste(.refused(error)))
        }
    }

    /// The command by which a browser elsewhere reaches the port here.
    private func forwarding(to address: CallbackAddress) -> String {
        var name = [CChar](repeating: 0, count: 256)
        let isNamed = gethostname(&name, name.count - 1) == 0
        let bytes = isNamed ? name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) } : []
        let host = String(decoding: bytes, as: UTF8.self)
        let variables = session.variables
        // Behind sudo it is the person's own account that one signs in to.
        let user = variables["SUDO_USER"] ?? variables["USER"] ?? variables["LOGNAME"]
        return address.forwardingCommand(user: user, host: host)
    }

    // MARK: - The answer

    private func complete(
        _ url: Secret, _ listener: CallbackListener?
    ) throws(CommandFailure) -> Session.Answer<CompleteAuth> {
        session.console.printError("The answer is here; connecting.\n")
        do throws(CommandFailure) {
            let answer = try complete(url, site: site)
            listener?.finish(with: .connected(try answer.value()))
            return answer
        } catch {
            guard case .candidates(let several) = error, several.kind == .severalSites else {
                listener?.finish(with: .failed(error))
                throw error
            }
            guard session.console.isInteractive else {
                let failure = CommandFailure.candidates(several.forLogin)
                listener?.finish(with: .failed(failure))
                throw failure
            }
            // Whoever chooses takes their time, and the browser need not wait for it.
            listener?.finish(with: .undecided)
            guard let chosen = SiteQuestion(choices: several.choices, console: session.console).ask() else {
                throw .candidates(several.forLogin)
            }
            return try complete(url, site: chosen)
        }
    }

    /// The code is exchanged at Atlassian, which may take longer than a look into the database.
    private func complete(_ url: Secret, site: String?) throws(CommandFailure) -> Session.Answer<CompleteAuth> {
        try session.call(CompleteAuth(redirectUrl: url.exposed, site: site), .patient)
    }
}

extension ControlError {
    /// Whoever was never shown the redirected address cannot bring it again.
    fileprivate var forLogin: ControlError {
        ControlError(
            kind, message, hint: "Begin again with one of them: jirausagectl auth login --site SITE", choices: choices)
    }
}
