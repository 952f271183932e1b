extension CancelRequest {
    package static let examples = [
        MethodExample(
            "A request that has been answered already", CancelRequest(request: .integer(7)),
            result: #"{"cancelled":false}"#)
    ]
}

extension WaitForChange {
    package static let examples = [
        MethodExample("The present change number", WaitForChange(), result: #"{"change":12}"#),
        MethodExample(
            "A number that there has not been yet is answered at once", WaitForChange(since: 1_000_000_000),
            result: #"{"change":12}"#),
    ]
}

extension SubscribeEvents {
    package static let examples = [
        MethodExample(
            "What happens in a tenth of a second: nothing", SubscribeEvents(kinds: [.syncCompleted, .syncFailed]),
            meta: RequestMeta(timeoutMilliseconds: 100),
            notified: [
                #"""
                {"position":"mi7qk2vw.2","at":"2026-11-28T10:26:30.012Z","kind":"subscribed","site":null,"data":{}}
                """#
            ], error: .deadline)
    ]
}
