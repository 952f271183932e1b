/// One `import` in a file.
struct Import: Hashable {
    /// The module, without a submodule or the declaration that is imported from it.
    let module: String
    /// Counted from 1.
    let line: Int
}

extension SwiftText {
    /// Every module this file imports, whatever attributes, access modifier or declaration kind stand around it.
    ///
    /// The grammar: <https://docs.swift.org/swift-book/documentation/the-swift-programming-language/declarations/>,
    /// "Import Declaration", with the access modifiers of SE-0409.
    var imports: [Import] {
        let attributes = #/\s*(?:@\w+(?:\([^)]*\))?\s*)*/#
        let declaration =
            #/
            (?: (?: public | package | internal | fileprivate | private ) \s+ )?
            import \s+
            (?: (?: typealias | struct | class | enum | protocol | let | var | func ) \s+ )?
            `? (?<module> \w+ )
            /#
        return codeLines.enumerated().flatMap { index, line in
            line.split(separator: ";").compactMap { statement in
                let rest = statement[
                    (statement.prefixMatch(of: attributes)?.range.upperBound ?? statement.startIndex)...]
                return rest.prefixMatch(of: declaration).map { Import(module: String($0.module), line: index + 1) }
            }
        }
    }
}
