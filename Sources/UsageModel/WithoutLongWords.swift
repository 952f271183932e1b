extension String {
    /// The text with each word of twenty characters or more replaced by `…`.
    ///
    /// For what others wrote and we show or log: tokens, codes and keys are long words in every encoding, and sentences
    /// hold none. So nobody can have a secret that was sent to them quoted back into our messages.
    package var withoutLongWords: String {
        split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.count < 20 ? String($0) : "…" }.joined(separator: " ")
    }
}
