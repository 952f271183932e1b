package import Logging
package import UsageModel

extension Logger.Metadata {
    /// What goes with an entry about `event`.
    package static func event(_ event: LoggedEvent, _ fields: Logger.Metadata = [:]) -> Logger.Metadata {
        fields.merging([LoggedEvent.metadataKey: "\(event.rawValue)"]) { $1 }
    }
}
