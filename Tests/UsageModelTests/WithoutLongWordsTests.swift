import Testing
import UsageModel

@Suite("Words of others")
struct WithoutLongWordsTests {
    @Test(
        "a word as long as a token is left out, whatever it is joined to",
        arguments: [
            ("The refresh_token is invalid.", "The refresh_token is invalid."),
            ("", ""),
            ("Bearer 0123456789abcdefghij", "Bearer …"),
            ("Bearer 0123456789abcdefghi", "Bearer 0123456789abcdefghi"),
            ("(token=0123456789abcdefghij) is dead", "… is dead"),
            ("two  blanks", "two  blanks"),
        ])
    func words(text: String, left: String) {
        #expect(text.withoutLongWords == left)
    }
}
