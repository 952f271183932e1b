/// JSON under construction: members stand in the order in which they are written, so that the same data give the same
/// bytes.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    static func object(_ members: (inout JSONText) -> Void) -> String {
        var json = JSONText()
        json.object(members)
        return json.text
    }

    static func array(_ elements: (inout JSONText) -> Void) -> String {
        var json = JSONText()
        json.array(elements)
        return json.text
    }

    // MARK: Values, as elements of an array

    mutating func object(_ members: (inout JSONText) -> Void) {
        open("{")
        members(&self)
        close("}")
    }

    mutating func array(_ elements: (inout JSONText) -> Void) {
        open("[")
        elements(&self)
        close("]")
    }

    mutating func value(_ string: String) {
        separate()
        quote(string)
    }

    mutating func value(_ number: Int64) {
        separate()
        text += String(number)
    }

    // MARK: Members of an object

    mutating func member(_ name: String, _ value: String) {
        self.name(name)
        quote(value)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        text += String(value)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        text += String(value)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        text += value ? "true" : "false"
        needsComma = true
    }

    /// `null` for an absent value.
    mutating func member(nullable name: String, _ value: String?) {
        if let value {
            member(name, value)
        } else {
            null(name)
        }
    }

    mutating func null(_ name: String) {
        self.name(name)
        text += "null"
        needsComma = true
    }

    mutating func object(_ name: String, _ members: (inout JSONText) -> Void) {
        self.name(name)
        object(members)
    }

    mutating func array(_ name: String, _ elements: (inout JSONText) -> Void) {
        self.name(name)
        array(elements)
    }

    // MARK: -

    private mutating func name(_ name: String) {
        separate()
        quote(name)
        text += ":"
        needsComma = false
    }

    private mutating func open(_ bracket: String) {
        separate()
        text += bracket
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { text += "," }
        needsComma = true
    }

    private mutating func quote(_ string: String) {
        text += "\""
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            text += string
        } else {
            escape(string)
        }
        text += "\""
    }

    private mutating func escape(_ string: String) {
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                text += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
