/// What `setup` finds before it begins.
struct SetupSituation {
    /// A secret, as far as there is one.
    struct Place {
        var hasCredential = false
        /// The file of an older set-up, in the clear, where there is one.
        var plainFile: String?
    }

    var clientSecret = Place()
    var vaultKey = Place()
    /// The vault, where there is one: it opens with its own key and no other.
    var vault: String?
    var hasClientID = false
    /// Whether somebody sits there who can be asked.
    var isInteractive = false
}

/// Where each thing comes from that the daemon needs.
struct SetupPlan: Hashable {
    enum Source: Hashable {
        /// The credential that is there.
        case kept
        /// A file that the command line names; `-` is standard input.
        case file(String)
        /// The file of an older set-up.
        case plainFile(String)
        /// The person at the terminal.
        case person
        /// The system's random generator.
        case random
    }

    let clientSecret: Source
    let vaultKey: Source
    let asksForClientID: Bool

    init(_ situation: SetupSituation, _ options: SetupOptions) throws(SetupFailure) {
        asksForClientID = options.clientID == nil && !situation.hasClientID
        switch (options.secretFiles[.clientSecret], situation.clientSecret) {
        case ("-", _) where situation.isInteractive: clientSecret = .person
        case (let file?, _): clientSecret = .file(file)
        case (nil, let place) where place.hasCredential: clientSecret = .kept
        case (nil, let place): clientSecret = place.plainFile.map { .plainFile($0) } ?? .person
        }
        // No other key opens the vault, so that one that is there stays whatever the command line says.
        switch (situation.vaultKey, options.secretFiles[.vaultKey]) {
        case (let place, _) where place.hasCredential: vaultKey = .kept
        case (_, let file?): vaultKey = .file(file)
        case (let place, nil):
            if place.plainFile == nil, let vault = situation.vault { throw .keyMissing(vault: vault) }
            vaultKey = place.plainFile.map { .plainFile($0) } ?? .random
        }
        if !situation.isInteractive {
            var missing = asksForClientID ? [ConfigurationKey.clientID.option + " ID"] : []
            if clientSecret == .person { missing.append(SetupSecret.clientSecret.option + " FILE") }
            guard missing.isEmpty else { throw .needs(options: missing) }
        }
    }
}
