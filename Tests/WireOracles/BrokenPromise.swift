/// A promise of the wire's that an input breaks.
package struct BrokenPromise: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// - Throws: where the claim is false.
func promise(_ holds: Bool, _ claim: @autoclosure () -> String) throws(BrokenPromise) {
    guard holds else { throw BrokenPromise(claim()) }
}
