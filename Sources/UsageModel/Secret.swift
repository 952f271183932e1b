/// A token, a key or a client secret on its way through the program.
///
/// It has no description, no `==` and no coding, so it cannot reach a log, a message or a file by accident:
/// interpolating it prints `Secret(…)`. Whoever needs the text asks for it by a name that is easy to find.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself: for the request or the seal it is meant for, and nothing else.
    package var exposed: String { text }

    /// Whether both hold the same text, in time that depends on the length only.
    package func matches(_ other: Secret) -> Bool {
        let (mine, theirs) = (Array(text.utf8), Array(other.text.utf8))
        guard mine.count == theirs.count else { return false }
        return zip(mine, theirs).reduce(into: UInt8(0)) { $0 |= $1.0 ^ $1.1 } == 0
    }

    package var description: String { "Secret(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
