import UsageModel

extension ControlEvent.Kind {
    /// When it is told.
    package var meaning: String {
        switch self {
        case .subscribed: "The subscription begins: always the first event."
        case .lost: "Events are missing before the next one: it is time to read anew."
        case .syncStarted: "A pass over a site has begun."
        case .syncCompleted: "A whole pass over a site has been committed."
        case .syncFailed: "A pass ended early."
        case .siteConnected: "A site was connected."
        case .siteDisconnected: "A site was left."
        case .healthChanged: "The health of status is another than before."
        }
    }

    /// The members of the event's data, all of which are there.
    package var data: [DataMember] {
        switch self {
        case .lost: [DataMember("missed", "How many; null where nobody can tell.", Int?.schema)]
        case .syncCompleted: [DataMember("change", "The store's change number then.", Int.schema)]
        case .syncFailed:
            [
                DataMember("kind", "Why: a stable word.", String.schema),
                DataMember("message", "Why, for a person.", String.schema),
                DataMember("retryAt", "When it goes on by itself; null where that is not known.", Instant?.schema),
            ]
        case .siteDisconnected: [DataMember("erased", "Whether what was collected there is erased.", Bool.schema)]
        case .healthChanged: [DataMember("health", "What it is now.", StatusReport.Health.schema)]
        case .subscribed, .syncStarted, .siteConnected: []
        }
    }

    package struct DataMember: Sendable {
        package let name: String
        package let summary: String
        package let schema: JSON

        init(_ name: String, _ summary: String, _ schema: JSON) {
            self.name = name
            self.summary = summary
            self.schema = schema
        }
    }

    /// The schema of the event's data.
    var dataSchema: JSON {
        [
            "type": "object", "required": .array(data.map { .string($0.name) }),
            "properties": .object(data.map { JSON.Member($0.name, $0.schema) }),
        ]
    }
}
