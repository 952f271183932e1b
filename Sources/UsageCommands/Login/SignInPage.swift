import Glibc

/// A page in a file that only its owner can read, which sends the browser on to the address to consent at.
///
/// The address could be given to the browser's command as it is, but what stands in an argument list is read by every user
/// of the machine, and it holds the login's `state`. Whoever has that can consent as themselves and send their own code
/// with it to the port on which this login waits: jira-usaged would then be connected to an account and a site of theirs,
/// and what it tells of people would be theirs to make up. So the list holds the name of this file instead. A browser
/// that is confined, as a snap is, may not read it; for that the terminal shows the address as well.
struct SignInPage {
    /// What the browser is told to open.
    var url: String { "file://\(path)" }

    private let directory: String
    private var path: String { directory + "/sign-in.html" }

    /// `nil` where no file can be made.
    ///
    /// - Parameter variables: the environment; `XDG_RUNTIME_DIR` is the user's own and is emptied when they leave.
    init?(leadingTo address: String, variables: [String: String]) {
        let parents = [variables["XDG_RUNTIME_DIR"], variables["TMPDIR"], "/tmp"].compactMap(\.self)
        // A path that would have to be encoded in a URL is passed over.
        let usable = parents.filter { $0.hasPrefix("/") && $0.utf8.allSatisfy(Self.isPlain) }
        var directory: String?
        for parent in usable where directory == nil { directory = Self.makeDirectory(in: parent) }
        guard let directory else { return nil }
        self.directory = directory
        let text = Self.html(leadingTo: address)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let written = descriptor < 0 ? -1 : write(descriptor, text, text.utf8.count)
        if descriptor >= 0 { close(descriptor) }
        guard written == text.utf8.count else {
            remove()
            return nil
        }
    }

    func remove() {
        unlink(path)
        rmdir(directory)
    }

    /// With mode 0700, whatever the umask.
    private static func makeDirectory(in parent: String) -> String? {
        var template = Array("\(parent)/jirausagectl-XXXXXX".utf8CString)
        return mkdtemp(&template).map { String(cString: $0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "/._-".utf8.contains(byte)
        }
    }

    private static func html(leadingTo address: String) -> String {
        let address = BrowserPage.escaped(address)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="referrer" content="no-referrer">
            <meta http-equiv="refresh" content="0; url=\(address)">
            <title>jira-usaged</title>
            </head>
            <body><p><a href="\(address)">Go on to Atlassian</a></p></body>
            </html>

            """
    }
}
