import UsageModel

/// Knows again the accounts that a page names over and over, so that a page has as many texts as it has people.
///
/// Bounded: where two accounts fall on one place, the one that came later stays.
struct AccountTable {
    private static let placeBits = 9

    private var places = [AccountID?](repeating: nil, count: 1 << placeBits)

    /// - Parameter make: makes the account where it is not known; `nil` where there is none.
    mutating func account(
        _ text: ArraySlice<UInt8>, make: () throws(JSONFault) -> AccountID?
    ) throws(JSONFault) -> AccountID? {
        let place = Self.place(of: text)
        if let known = places[place], known.rawValue.utf8.elementsEqual(text) { return known }
        guard let account = try make() else { return nil }
        places[place] = account
        return account
    }

    private static func place(of text: ArraySlice<UInt8>) -> Int {
        // FNV-1a over the end, where account ids differ.
        let hash = text.suffix(8).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int((hash &* 0x9E37_79B9_7F4A_7C15) >> (64 - UInt64(placeBits)))
    }
}
