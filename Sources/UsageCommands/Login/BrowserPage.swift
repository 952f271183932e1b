import ControlProtocol

/// What the browser shows of the login: a status and plain text, from which a small page is made.
struct BrowserPage: Hashable {
    let status: String
    let title: String
    let paragraphs: [String]

    private static let close = "You can close this window; go back to the terminal."

    static func connected(_ completion: AuthCompletion) -> BrowserPage {
        BrowserPage(
            status: "200 OK", title: "\(completion.place) is connected",
            paragraphs: ["jira-usaged has begun to read who uses Jira there.", close])
    }

    /// The consent is good, and one of the sites it covers is to be chosen.
    static let undecided = BrowserPage(
        status: "200 OK", title: "Choose a site in the terminal",
        paragraphs: ["The consent covers several sites; nothing is connected yet.", close])

    /// What came back is a refusal, or the daemon could not make use of it.
    static func failed(_ failure: CommandFailure) -> BrowserPage {
        BrowserPage(
            status: "200 OK", title: "Nothing was connected",
            paragraphs: [failure.message, failure.hint(.system), close].compactMap(\.self))
    }

    /// Somebody else's answer, or an old one: it changes nothing.
    static let foreign = BrowserPage(
        status: "400 Bad Request", title: "This is not the answer that is waited for",
        paragraphs: [
            "The address does not belong to the login that waits here, so it was not used.",
            "Open the address that the terminal shows, and consent there.",
        ])

    static let notFound = BrowserPage(
        status: "404 Not Found", title: "Nothing is here", paragraphs: ["Go back to the terminal."])

    /// RFC 9110, section 15.5.20.
    static let otherHost = BrowserPage(
        status: "421 Misdirected Request", title: "Nothing is here",
        paragraphs: ["This address was reached by a name that is not its own."])

    init(status: String, title: String, paragraphs: [String]) {
        self.status = status
        self.title = title
        self.paragraphs = paragraphs
    }

    init(_ refusal: RequestReader.Refusal) {
        let status =
            switch refusal {
            case .malformed: "400 Bad Request"
            case .tooLarge: "431 Request Header Fields Too Large"
            case .otherVersion: "505 HTTP Version Not Supported"
            }
        self.init(status: status, title: "This request cannot be read", paragraphs: ["Go back to the terminal."])
    }

    /// The whole response. The page must leave nothing behind: its own address holds the code of the consent, which must
    /// neither be kept by a cache nor told to another page.
    var response: [UInt8] {
        let body = Array(html.utf8)
        let head = """
            HTTP/1.1 \(status)
            Content-Type: text/html; charset=utf-8
            Content-Length: \(body.count)
            Cache-Control: no-store
            Connection: close
            Referrer-Policy: no-referrer
            Content-Security-Policy: default-src 'none'; frame-ancestors 'none'
            X-Content-Type-Options: nosniff


            """
        return Array(head.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
            + body
    }

    private var html: String {
        let title = Self.escaped(title)
        let text = paragraphs.map { "<p>\(Self.escaped($0))</p>\n" }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>\(title) - jira-usaged</title></head>
            <body>
            <h1>\(title)</h1>
            \(text)</body>
            </html>

            """
    }

    /// Text as it may stand anywhere in a page, in a quoted attribute too.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.printable {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}
