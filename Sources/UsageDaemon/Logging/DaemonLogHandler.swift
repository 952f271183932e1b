import Logging
import Systemd
import UsageModel

/// Writes log entries to the journal with their fields, or to standard error where that does not lead there.
///
/// What must not be logged (tokens, names, addresses, texts, URLs with a query) is not given to a logger in the first
/// place.
struct DaemonLogHandler: LogHandler {
    enum Destination: Sendable {
        case journal
        case standardError
    }

    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()
    private let label: String
    private let destination: Destination

    init(label: String, destination: Destination) {
        self.label = label
        self.destination = destination
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
        let shown = fields.filter { $0.key != LoggedEvent.metadataKey }.sorted { $0.key < $1.key }
        let text = ([event.message.description] + shown.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        switch destination {
        case .journal:
            var fields = fields
            fields["syslog.identifier"] = label
            _ = JournalEntry(priority: .init(event.level), message: text, fields: fields).send()
        case .standardError:
            StandardError.write("\(event.level): \(text)")
        }
    }
}

extension JournalEntry.Priority {
    init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace, .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }
}
