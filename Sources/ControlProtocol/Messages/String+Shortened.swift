extension String {
    /// For a message that repeats what was asked: as much of it as tells it apart.
    package var shortened: String {
        count <= 100 ? self : "\(prefix(100))…"
    }
}
