import ControlProtocol
import ControlServer

extension RequestNotices {
    /// Sends what is described as a notification of some method; a debug build stops at anything else.
    func tell(_ kind: ControlNotification.Kind, _ value: JSON) async throws(CancellationError) {
        ControlNotification(id: .null, kind: kind, value: value).assertConformance()
        try await send(kind, value)
    }
}
