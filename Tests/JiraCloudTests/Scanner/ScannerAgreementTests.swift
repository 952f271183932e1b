import Foundation
import Testing

@testable import JiraCloud

@Suite("The scanner and Foundation's decoder read the same", .timeLimit(.minutes(60)))
struct ScannerAgreementTests {
    /// `JIRA_USAGED_FUZZ_DOCUMENTS=N` has so many documents tried instead of a few thousand.
    private static let documentCount =
        ProcessInfo.processInfo.environment["JIRA_USAGED_FUZZ_DOCUMENTS"].flatMap { Int($0) } ?? 3000

    @Test("whatever comes, both say the same of it, or both refuse it", arguments: PageKind.allCases)
    func agreement(kind: PageKind) throws {
        var (accepted, refused) = (0, 0)
        for seed in 0..<UInt64(Self.documentCount / PageKind.allCases.count / 2) {
            var documents = RandomDocuments(seed: seed)
            let whole = documents.document(kind)
            for document in [whole, documents.damaged(whole)] {
                let disagreement = Disagreement(kind, document)
                #expect(disagreement == nil, "seed \(seed): \(String(decoding: document, as: UTF8.self))")
                if (try? kind.scanned(document)) != nil { accepted += 1 } else { refused += 1 }
            }
        }
        // Otherwise it was garbage that both refused, or nothing that was worth refusing.
        #expect(accepted > Self.documentCount / 20 && refused > Self.documentCount / 20)
    }

    @Test("no beginning of an answer is taken for all of it", arguments: PageKind.allCases)
    func beginnings(kind: PageKind) throws {
        var cuts = 0
        for seed in 0..<10 as Range<UInt64> {
            var documents = RandomDocuments(seed: seed)
            let document = documents.document(kind)
            guard (try? kind.scanned(document)) != nil, document.count < 1500 else { continue }
            let end = try #require(document.lastIndex(of: UInt8(ascii: "}")))
            let missed = (0...end).filter { !isCut(kind, Array(document[..<$0])) }
            #expect(missed == [], "seed \(seed): \(String(decoding: document, as: UTF8.self))")
            cuts += end
        }
        #expect(cuts > 500)
    }

    /// Whether a document is refused because it ends where it does.
    private func isCut(_ kind: PageKind, _ document: [UInt8]) -> Bool {
        do throws(JSONFault) {
            _ = try kind.scanned(document)
            return false
        } catch {
            return error == JSONFault(.syntax, at: document.count)
        }
    }
}

/// Where the two do not say the same, although they should.
private enum Disagreement: Equatable {
    case value(PageContent, PageContent)
    case onlyScanned(PageContent)
    case onlyDecoded(PageContent, JSONFault)

    /// `nil` where all is well. What the two may differ in, and why it is safe:
    /// - Foundation takes the first of two members of one name; the scanner refuses both, for one of them would be lost.
    /// - Foundation does not look at what it does not decode, and lets a comma stand before a closing bracket; the
    ///   scanner holds all of a document to the grammar.
    /// - Foundation also reads UTF-16, UTF-32 and what begins with a byte order mark; the scanner reads what RFC 8259
    ///   has systems send each other.
    /// - Names that are not read have to be UTF-8 for Foundation. The scanner does not look into them.
    init?(_ kind: PageKind, _ document: [UInt8]) {
        let decoded = try? kind.decoded(document)
        do throws(JSONFault) {
            let scanned = try kind.scanned(document)
            switch decoded {
            case scanned?: return nil
            case let decoded?: self = .value(scanned, decoded)
            case nil where String(validating: document, as: UTF8.self) == nil: return nil
            case nil: self = .onlyScanned(scanned)
            }
        } catch {
            guard let decoded, error.reason != .repeated else { return nil }
            let isLax =
                (try? JSONSerialization.jsonObject(with: Data(document))) == nil
                || document[..<error.offset].last { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: ",")
            let isUTF8 = document.first.map { $0 < 0x80 } ?? true && !document.prefix(4).contains(0)
            if error.reason == .syntax, isLax || !isUTF8 { return nil }
            self = .onlyDecoded(decoded, error)
        }
    }
}
