/// What is worth being found in the journal again: the value of its field `MESSAGE_ID`, which stays the same whatever the
/// message says. systemd/jira-usaged.catalog explains each to whoever asks `journalctl -x`.
///
/// Source: <https://www.freedesktop.org/wiki/Software/systemd/catalog/>.
package enum LoggedEvent: String, Sendable, CaseIterable {
    /// The daemon is ready.
    case ready = "427f83adbc324c80b93b66a7c4bfafb7"
    /// The daemon stops because it was asked to.
    case stopping = "94a3cc25fa5c46668de11c5803296bbd"
    /// The daemon could not start, or ended by itself.
    case startFailed = "6258ee4ed02440d58fc1cdff12621208"
    /// The daemon is up, and cannot do what it is for.
    case impaired = "9b7e5e0d5c3f4a53a1c6f0e28d4b7a16"
    /// The daemon's test of itself failed.
    case selfTestFailed = "bb22d265f17b4d3bb40c63b20566bc05"
    /// The configuration was read anew, and taken.
    case configurationTaken = "3f97b57dc20b4abeab31c7b22b7f80ff"
    /// The configuration was read anew, and not taken.
    case configurationRefused = "37d54087051e40d2af72df8a9b67f7d9"
    /// Somebody who may do everything called a method that changes something or tells of secrets.
    case adminCall = "679ca87b92cd45bf894629e53a855e3b"
    /// A site was connected.
    case siteConnected = "05ebc6823e864de19214e807f396ad38"
    /// A site was left.
    case siteDisconnected = "635058988fdc4e818a38551e4c66ddc4"
    /// A consent ends within days.
    case consentEnds = "8018c3d7ee9d4566b358a5d608917281"
    /// The vault is an older copy.
    case vaultOlderCopy = "e4561056fa134cedb620ad39e747c581"
    /// The vault opens with another key too.
    case vaultRekeyed = "cbb0a67d21ce4dbd954bddd95722f197"
    /// A pass of the sync ended early.
    case passFailed = "86c1dd6ecc244726b64d52de1b79b5d8"
    /// Stored accounts could not be reported to Atlassian.
    case reportFailed = "a5629a27f7d04d48b42543bea2d31ef9"
    /// Names were erased that could not be kept up to date or reported.
    case namesErased = "41ecf2de82e440e284d97f13bfef2400"
    /// The service manager could not be given the control socket to keep.
    case socketNotKept = "9f18b72a0f6243eeba081a3dfda9b880"
    /// SQLite has found the store's file damaged.
    case storeDamaged = "bcefcb21a55c46b0805680f21ed671b9"
    /// A damaged file of the store was set aside for a new one.
    case storeSetAside = "3c3b0637d356493f9109acc19447a547"
    /// The store's file was brought into a new form.
    case storeMigrated = "4e2ed731ccce4d3387abee6ba8148b43"

    /// The name under which a log entry's metadata holds it.
    package static let metadataKey = "message.id"
}
