/// What a caller wants of a request beside its answer: the member `_meta` of the parameters of every method.
package struct RequestMeta: Hashable, Sendable {
    package static let member = "_meta"
    /// Milliseconds of a deadline.
    package static let timeoutRange = 1...86_400_000

    /// The deadline, in milliseconds since the request arrived; `nil` for none.
    package let timeoutMilliseconds: Int?
    /// Whether the rows of a list come as `$/rows` notifications, all of them.
    package let wantsStream: Bool
    /// Whether `$/progress` notifications come while it works.
    package let wantsProgress: Bool

    package init(timeoutMilliseconds: Int? = nil, wantsStream: Bool = false, wantsProgress: Bool = false) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.wantsStream = wantsStream
        self.wantsProgress = wantsProgress
    }

    /// What a method can do of it, beside a deadline, which each can.
    package enum Feature: String, Sendable, CaseIterable {
        case stream, progress

        fileprivate var summary: String {
            switch self {
            case .stream: "All rows as $/rows notifications, each as known when it is sent; the reply then has none."
            case .progress: "$/progress notifications while it works."
            }
        }
    }

    /// What is asked for, without the deadline.
    package var features: [Feature] { (wantsStream ? [.stream] : []) + (wantsProgress ? [.progress] : []) }
}

// MARK: - On the wire

extension RequestMeta {
    private static let timeoutName = "timeoutMs"
    private static let names = [timeoutName] + Feature.allCases.map(\.rawValue)

    /// - Parameter member: `nil` where there is none.
    package init(member: JSON?) throws(JSONMismatch) {
        guard let member else {
            self.init()
            return
        }
        guard case .object(let members) = member else { throw JSONMismatch(expected: "an object") }
        if let stranger = members.first(where: { !Self.names.contains($0.name) }) {
            throw JSONMismatch(
                path: stranger.name.shortened, expected: "left out: there are \(Self.names.joined(separator: ", "))")
        }
        let record = RecordReader(members: members)
        let (stream, progress): (Bool?, Bool?) =
            (try record.read(Feature.stream.rawValue), try record.read(Feature.progress.rawValue))
        self.init(
            timeoutMilliseconds: try record.read(Self.timeoutName, in: Self.timeoutRange),
            wantsStream: stream ?? false, wantsProgress: progress ?? false)
    }

    /// `nil` where nothing is asked for.
    package var json: JSON? {
        let timeout = timeoutMilliseconds.map { JSON.Member(Self.timeoutName, $0.json) }
        let members = [timeout].compactMap(\.self) + features.map { JSON.Member($0.rawValue, true) }
        return members.isEmpty ? nil : .object(members)
    }

    /// The schema of the member, for a method that can do `features`.
    static func schema(_ features: Set<Feature>) -> JSON {
        let timeout = JSON.Member(
            timeoutName,
            .optionalInteger(in: timeoutRange)
                .describing("The deadline, in milliseconds since the request arrived; past it, the error deadline."))
        let flags = Feature.allCases.filter(features.contains).map { feature in
            JSON.Member(feature.rawValue, Bool?.schema.defaulting(to: false).describing(feature.summary))
        }
        return ["type": ["object", "null"], "properties": .object([timeout] + flags)]
    }
}
