/// The members of an object that are read, or the texts that are told apart; the raw values are what stands in JSON.
protocol JSONMember: CaseIterable, RawRepresentable<String>, Sendable {
    static var names: JSONNames<Self> { get }
}

/// The names of what is read, made once, so that a document's names are compared without making texts of them.
struct JSONNames<Member: JSONMember>: Sendable {
    private let rows: [(name: ShortText, member: Member)]

    /// - Precondition: every name is at most `ShortText.longest` bytes long, and there are at most 32 of them.
    init() {
        rows = Member.allCases.map { member in
            guard let name = ShortText(Array(member.rawValue.utf8)[...]) else {
                preconditionFailure("\(member.rawValue) is too long a name")
            }
            return (name, member)
        }
        precondition(rows.count <= 32)
    }

    func index(of name: ShortText) -> Int? {
        rows.firstIndex { $0.name == name }
    }

    subscript(index: Int) -> Member { rows[index].member }
}

/// A short text that compares at the price of two numbers.
struct ShortText: Equatable {
    static let longest = 15

    /// The bytes, the first in the lowest bits; in the highest byte of `high` their count.
    private let low: UInt64
    private let high: UInt64

    /// - Parameter count: at most `longest`; bytes after that many do not matter.
    init(low: UInt64, high: UInt64, count: Int) {
        // A shift by 64 or more leaves nothing.
        self.low = low & ~(~0 << (8 * count))
        self.high = high & ~(~0 << (8 * max(0, count - 8))) | UInt64(count) << 56
    }

    /// `nil` where there are too many bytes.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count <= Self.longest else { return nil }
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(low: word(bytes.prefix(8)), high: word(bytes.dropFirst(8)), count: bytes.count)
    }
}

/// An object that a scanner is in, and which of its members came so far.
struct JSONObject<Member: JSONMember> {
    /// Where its bracket is.
    let offset: Int
    private var seen: UInt32 = 0

    init(offset: Int) {
        self.offset = offset
    }

    /// `false` for a member that came before.
    mutating func see(_ index: Int) -> Bool {
        let bit: UInt32 = 1 << UInt32(index)
        defer { seen |= bit }
        return seen & bit == 0
    }

    /// What a member said, which has to be there.
    func required<Value>(_ value: Value?, _ member: Member) throws(JSONFault) -> Value {
        guard let value else { throw JSONFault(.missing(member.rawValue), at: offset) }
        return value
    }
}
