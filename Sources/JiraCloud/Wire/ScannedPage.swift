import FoundationEssentials

/// An answer that is read with the scanner, because nearly all that Jira sends is such answers.
protocol ScannedPage {
    init(_ json: inout JSONScanner) throws(JSONFault)
}

extension ScannedPage {
    /// Reads a whole answer. Where there is no JSON, or not all of it, that is the fault, whatever else is wrong with it.
    init(document: [UInt8]) throws(JSONFault) {
        var json = JSONScanner(document)
        do throws(JSONFault) {
            self = try Self(&json)
        } catch {
            try JSONScanner.check(document)
            throw error
        }
        try json.finish()
    }
}

/// As `decoded`, with the scanner.
func scanned<Page: ScannedPage>(_ type: Page.Type, from body: Data, _ endpoint: Endpoint) throws(JiraError) -> Page {
    let document = [UInt8](body)
    do throws(JSONFault) {
        return try Page(document: document)
    } catch {
        throw .malformed(endpoint, error.description(in: document))
    }
}
