import UsageModel

extension TokenVault {
    /// Refreshes what is due until it is stopped or cancelled. To be called once.
    ///
    /// First it goes on with every refresh that an earlier process left unfinished. After `stop()` it lets an exchange
    /// under way end and keeps its answer; cancelled, it may lose the answer, and the next start asks for it again.
    package func run() async {
        // A pause or the weekly look must not hold up the end; an exchange must. Hence two groups.
        await withDiscardingTaskGroup { pauses in
            pauses.addTask { await self.watchIdleGrants() }
            await withDiscardingTaskGroup { flights in
                for await _ in inbox.wakes {
                    for item in inbox.take() {
                        switch item {
                        case .due(let account):
                            guard let consent = takeOff(account) else { continue }
                            flights.addTask { await self.fly(account, consent) }
                        case .pause(let account, let consent, let duration):
                            pauses.addTask { await self.pause(account, consent, duration) }
                        }
                    }
                }
                waiters.close()
            }
            pauses.cancelAll()
        }
    }

    /// Ends `run()` in good order.
    package nonisolated func stop() {
        inbox.close()
    }

    /// Claims the account's refresh; `nil` where it is under way, waits for its next try, or is no longer needed.
    private func takeOff(_ account: AccountID) -> Int? {
        guard let entry = entries[account], !entry.isInFlight, entry.pause == nil,
            entry.machine.state == .refreshing || waiters.contains(account) || isIdle(entry)
        else { return nil }
        entries[account]?.isInFlight = true
        return entry.consent
    }

    /// Feeds the machine of one consent until it pauses or ends, or another consent has taken its place.
    private func fly(_ account: AccountID, _ consent: Int) async {
        var event = RefreshMachine.Event.wanted
        while var entry = entries[account], entry.consent == consent {
            let action = entry.machine.handle(event, at: now())
            entries[account]?.machine = entry.machine
            switch action {
            case .journal(let journal):
                event = written { () throws(VaultError) in try file.set(journal, for: entry.grant) }
            case .send:
                event = await send(entry.grant.refreshToken)
            case .keep(let tokens):
                let next = entry.grant.next(tokens, at: now())
                event = written { () throws(VaultError) in try file.insert(next) }
                if case .written = event { entries[account]?.grant = next }
            case .read:
                event = newestGeneration(of: entry.grant)
            case .wait(let duration, let why):
                let until = now() + duration
                entries[account]?.isInFlight = false
                entries[account]?.pause = (why, until)
                inbox.put(.pause(account, consent: consent, duration))
                waiters.resume(account, with: .failure(error(why, of: account, until: until)))
                return
            case .stop(let outcome):
                entries[account]?.isInFlight = false
                waiters.resume(account, with: answer(outcome, entry.grant.account))
                return
            }
        }
    }

    private func written(_ write: () throws(VaultError) -> Void) -> RefreshMachine.Event {
        do {
            try write()
            return .written
        } catch {
            return .notWritten(error)
        }
    }

    private func send(_ refreshToken: Secret) async -> RefreshMachine.Event {
        do {
            return .answered(try await exchange(refreshToken))
        } catch {
            return .refused(error)
        }
    }

    /// What cannot be read has not moved as far as anybody knows; the token stays where it is in any case.
    private func newestGeneration(of grant: Grant) -> RefreshMachine.Event {
        do {
            return .read(generation: try file.newestGeneration(of: grant.account))
        } catch {
            return .read(generation: grant.generation)
        }
    }

    private func answer(_ outcome: RefreshMachine.Outcome, _ account: AccountID) -> Waiters.Answer {
        switch outcome {
        case .refreshed:
            guard let grant = entries[account]?.grant else { return .failure(.noGrant(account)) }
            return .success(grant.accessToken)
        case .failed(let failure):
            return .failure(error(failure, of: account, until: now()))
        case .superseded:
            return .failure(.unavailable(account, retryAfter: .seconds(1)))
        }
    }

    private func pause(_ account: AccountID, _ consent: Int, _ duration: Duration) async {
        do {
            try await clock.sleep(for: duration)
        } catch {
            return  // The vault stops; the journal knows where to go on.
        }
        guard entries[account]?.consent == consent else { return }
        entries[account]?.pause = nil
        inbox.put(.due(account))
    }

    /// Asks for a refresh of grants that nobody has used for a week, so that none dies of idleness.
    private func watchIdleGrants() async {
        repeat {
            for (account, entry) in entries where isIdle(entry) { inbox.put(.due(account)) }
        } while await sleep(for: .seconds(3600))
    }

    private func isIdle(_ entry: Entry) -> Bool {
        entry.machine.state == .valid && entry.grant.issuedAt + configuration.refreshIdleAfter <= now()
    }

    /// `false` once cancelled.
    private func sleep(for duration: Duration) async -> Bool {
        do {
            try await clock.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}
