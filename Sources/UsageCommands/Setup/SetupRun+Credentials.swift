import UsageModel

// The secrets, encrypted as the unit takes them.

extension SetupRun {
    // MARK: - What is there

    /// Decrypts what is there, to look at it before anything is changed.
    ///
    /// - Throws: `misplacedCredential` where one is the other secret's, which might be the only one of that.
    func openCredentials() throws(SetupFailure) -> [SetupSecret: Programs.Ending] {
        var opened: [SetupSecret: Programs.Ending] = [:]
        for secret in SetupSecret.allCases where SetupFiles.exists(machine.credential(secret)) {
            opened[secret] = try decrypted(secret, machine.credential(secret))
        }
        for (secret, other) in [(SetupSecret.clientSecret, SetupSecret.vaultKey), (.vaultKey, .clientSecret)] {
            guard let answer = opened[secret], !answer.isGood else { continue }
            let (path, belongs) = (machine.credential(secret), machine.credential(other))
            guard try decrypted(other, path).isGood else { continue }
            let there: SetupFailure.Occupant
            switch opened[other] {
            case nil: there = .nothing
            case let answer? where answer.isGood: there = .itsOwn
            case _?: there = try decrypted(secret, belongs).isGood ? .exchanged : .broken
            }
            throw .misplacedCredential(other, path: path, belongs: belongs, there)
        }
        return opened
    }

    /// Looks at a credential that is to stay: where it cannot be decrypted systemd does not say which file it was.
    ///
    /// - Parameters:
    ///   - answer: what came of decrypting it.
    ///   - vault: the vault that a key opens, where there is one.
    func checkKept(
        _ secret: SetupSecret, _ answer: Programs.Ending?, vault: String?
    ) throws(SetupFailure) {
        let path = machine.credential(secret)
        guard let answer else { return }
        guard answer.isGood else { throw .badCredential(secret, path: path, vault: vault, says: answer.says) }
        guard (try? checked(secret, answer.output, source: path)) != nil else {
            throw .badCredential(secret, path: path, vault: vault, says: nil)
        }
    }

    // MARK: - What is made

    func credential(
        _ secret: SetupSecret, _ value: Secret?, from source: SetupPlan.Source
    ) throws(SetupFailure) -> SetupReport.Step {
        let name: SetupReport.Step.Name = secret == .clientSecret ? .clientSecret : .vaultKey
        let path = machine.credential(secret)
        guard let value else {
            let isUnused = options.secretFiles[secret] != nil
            return step(name, .kept, path + (isUnused ? "; \(secret.option) was not used" : ""))
        }
        if SetupFiles.exists(path), try holds(secret, path, value) { return step(name, .kept, path) }
        var words = ["encrypt", "--name=\(secret.rawValue)", "-", "-"]
        if let key = options.withKey { words.insert("--with-key=\(key.rawValue)", at: 0) }
        let answer = try programs.run("systemd-creds", words, input: value)
        guard answer.isGood, !answer.output.isEmpty else {
            throw .encryption(secret, key: options.withKey, says: answer.says)
        }
        try SetupFiles.write(answer.output, to: path, as: .secret(replaces: secret != .vaultKey))
        let origin: String
        switch source {
        case .random: origin = ", a new key"
        case .plainFile(let file): origin = ", from \(file)"
        case .kept, .file, .person: origin = ""
        }
        return step(name, .done, path + origin)
    }

    /// Whether a credential is this very secret, so that encrypting it again would change nothing but its bytes.
    private func holds(_ secret: SetupSecret, _ path: String, _ value: Secret) throws(SetupFailure) -> Bool {
        let answer = try decrypted(secret, path)
        return answer.isGood && Secret(answer.text).matches(value)
    }

    private func decrypted(_ secret: SetupSecret, _ path: String) throws(SetupFailure) -> Programs.Ending {
        try programs.run("systemd-creds", ["decrypt", "--name=\(secret.rawValue)", path, "-"])
    }

    /// The file of an older set-up, where what it holds is in the credential now.
    func plainFile(
        of secret: SetupSecret, _ found: SetupSituation, _ source: SetupPlan.Source
    ) throws(SetupFailure) -> String? {
        let place = secret == .clientSecret ? found.clientSecret : found.vaultKey
        guard let file = place.plainFile else { return nil }
        // One that cannot be read, or is no such secret, is nothing to speak of.
        guard let bytes = try? SetupFiles.read(file), let value = try? checked(secret, bytes, source: file) else {
            return nil
        }
        return try holds(secret, machine.credential(secret), value) ? file : nil
    }
}
