package import UsageModel

/// What is known outside the vault's file of its generations, by which an older copy of the file is told.
///
/// A copy that was taken aside and put back holds a refresh token whose successor has been handed out since. To send it
/// would be a reuse, and beyond the leeway that ends the consent (see ``RefreshMachine``). Nothing in the copy itself
/// can tell, for every seal in it is good; so the newest numbers are kept in another file too. Where both files are put
/// back together, nobody can tell.
package struct GenerationLedger: Sendable, Hashable {
    /// The newest generation of each account. May be behind the vault, for it is written after it.
    package var newest: [AccountID: Int]
    /// At least the highest generation of every account that was forgotten. A new consent counts on from it, so that no
    /// number is ever used twice: else a copy from before a logout would look newer than the consent that came after.
    package var floor: Int

    package init(newest: [AccountID: Int] = [:], floor: Int = 0) {
        self.newest = newest
        self.floor = floor
    }

    /// Whether a generation has had successors that the vault does not know.
    func isBehind(_ grant: Grant) -> Bool {
        grant.generation < newest[grant.account] ?? 0
    }

    /// The number for a new consent, where the vault's own newest is `present`.
    func next(for account: AccountID, after present: Int?) -> Int {
        // A row that a crash left of a forgotten account counts too: it only makes the number higher.
        max(present ?? 0, newest[account] ?? 0, floor) + 1
    }

    mutating func forget(_ account: AccountID, at generation: Int?) {
        floor = max(floor, generation ?? 0, newest[account] ?? 0)
        newest[account] = nil
    }
}
