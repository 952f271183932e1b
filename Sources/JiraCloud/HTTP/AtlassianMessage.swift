import FoundationEssentials
import UsageModel

/// What Atlassian says in the body of a failed answer.
///
/// The gateway writes `{"code","message"}`, Jira `{"errorMessages":[],"errors":{}}`; both may be missing, `null`, or
/// HTML from something in between.
struct AtlassianMessage {
    /// One line without what was quoted from our request or from somebody's data; `nil` for nothing to read.
    let text: String?
    /// Whether the grant lacks a scope, which Atlassian says with the same status as for a dead token and in words only:
    /// `{"code":401,"message":"Unauthorized; scope does not match"}`.
    let isAboutScope: Bool

    init(_ body: Data) {
        // A body that cannot be read says no more than the status does.
        let members = try? decoded(Members.self, from: body)
        let sentences =
            [members?.message].compactMap { $0 } + (members?.errorMessages ?? [])
            + (members?.errors ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        isAboutScope = sentences.contains { $0.lowercased().contains("scope does not match") }
        let line = sentences.map(Self.readable).joined(separator: " ")
        text = line.isEmpty ? nil : String(line.prefix(200))
    }

    private struct Members: Decodable {
        let message: String?
        let errorMessages: [String]?
        let errors: [String: String]?
    }

    /// One line that quotes nothing and holds nothing like a token: a gateway may tell us back what we sent it.
    static func readable(_ text: String) -> String {
        withoutQuotations(text).withoutLongWords
    }

    /// Replaces what stands between quotation marks, and everything that could break a line, by `…` and a space.
    static func withoutQuotations(_ text: String) -> String {
        var line = ""
        var closing: Character?
        var previous: Character = " "
        for (index, character) in zip(text.indices, text) {
            let next = text.index(after: index)
            let isInsideWord = next < text.endIndex && (text[next].isLetter || text[next].isNumber)
            if let mark = closing {
                if character == mark, mark == "\"" || !isInsideWord {
                    closing = nil
                    line += "…\(mark)"
                }
            } else {
                line.append(character.isNewline || character.isWhitespace ? " " : character)
                // An apostrophe inside a word opens nothing.
                if character == "\"" || (character == "'" && !previous.isLetter && !previous.isNumber) {
                    closing = character
                }
            }
            previous = character
        }
        return closing == nil ? line : line + "…"
    }
}
