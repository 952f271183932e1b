import ControlProtocol

extension VaultRekeying {
    var text: String {
        let place = nextKeyPlace == .credential ? "credential" : "file"
        let steps = steps.enumerated().map { "\($0.offset + 1). \(printable($0.element)).\n" }.joined()
        return "The vault opens with the key of the \(place) \(printable(nextKeyPath)) too. No token was touched.\n"
            + steps
    }
}

extension VaultState {
    /// One line, or two while it is re-keyed.
    var text: String {
        let place =
            switch keyPlace {
            case .credential: "its key is a credential of the service manager"
            case .file: "its key is a file, not a credential of the service manager"
            }
        let next =
            isRekeyed
            ? """
            vault: it opens with its next key too; put that one into place and restart, then the old one is dropped

            """ : ""
        return "vault: \(place)\n" + next
    }
}
