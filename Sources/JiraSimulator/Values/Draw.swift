/// A stream of pseudo-random numbers that depends on nothing but the numbers it was made from, so that any issue can be
/// told again without keeping it.
///
/// The generator is SplitMix64 (https://doi.org/10.1145/2714064.2660195).
struct Draw: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// What a stream is for: two purposes never share numbers.
    enum Purpose: UInt64 {
        case person = 1
        case issueOutline, issueStory, issueText, site, roster, activity, secret
    }

    init(seed: UInt64, _ purpose: Purpose, _ index: Int = 0) {
        state = Self.mixed(
            Self.mixed(seed &+ 0x632B_E59B_D9B4_E019) ^ (purpose.rawValue &* 0xD1B5_4A32_D192_ED03)
                ^ (UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// Evenly distributed in [0, 1).
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// Evenly distributed in 0 ..< `bound`; 0 if there is nothing to choose from.
    mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(next() % UInt64(bound))
    }

    mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element
    where Choices.Index == Int {
        choices[choices.startIndex + below(choices.count)]
    }

    /// `count` hexadecimal digits.
    mutating func hexadecimal(_ count: Int) -> String {
        var text = ""
        while text.utf8.count < count {
            let word = String(next(), radix: 16)
            text += String(repeating: "0", count: 16 - word.utf8.count) + word
        }
        return String(text.prefix(count))
    }

    /// A version 4 UUID in lower case.
    mutating func uuid() -> String {
        let digits = hexadecimal(32)
        func part(_ from: Int, _ to: Int) -> Substring {
            digits[digits.index(digits.startIndex, offsetBy: from)..<digits.index(digits.startIndex, offsetBy: to)]
        }
        return "\(part(0, 8))-\(part(8, 12))-4\(part(13, 16))-a\(part(17, 20))-\(part(20, 32))"
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
