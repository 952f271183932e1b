import ControlServer
import Glibc
import Logging
import Systemd
import UsageModel
import UsageSync

/// The control socket's listener, of which the service manager keeps a copy while the daemon is restarted or has crashed: who
/// connects meanwhile waits, and is refused nothing.
///
/// A socket unit would do that too, but also start again what an administrator has stopped.
struct KeptListener {
    private static let name = "control"

    let notifier: Notifier
    let logger: Logger

    /// The listener of the last start, or a new one.
    ///
    /// - Parameter passed: what the service manager has handed over. What is of no use is closed, here and there.
    func socket(at path: String, passed: [PassedDescriptor]) throws(ListenError) -> ListeningSocket {
        var inherited: ListeningSocket?
        for file in passed {
            if inherited == nil, file.name == Self.name {
                inherited = ListeningSocket(inherited: file.descriptor, path: path)
            }
            guard inherited?.descriptor != file.descriptor else { continue }
            if file.name == Self.name { ListeningSocket.removeFile(of: file.descriptor, unlessAt: path) }
            close(file.descriptor)
        }
        if let inherited { return inherited }
        // Of an earlier path, or its file is gone.
        if passed.contains(where: { $0.name == Self.name }) { notifier.forget(Self.name) }
        let socket = try ListeningSocket(path: path)
        switch notifier.keep(socket.descriptor, as: Self.name) {
        // The directory of the file goes when the unit is stopped: `RuntimeDirectoryPreserve=restart`.
        case .sent: return socket.leavingFile()
        case .nobodyListens: return socket
        case .failed(let errno):
            logger.warning(
                "The service manager cannot keep the control socket; callers will be refused during a restart",
                metadata: .event(.socketNotKept, ["error": "\(String(cString: strerror(errno)))"]))
            return socket
        }
    }
}
