import Foundation

/// A file below `Sources/`.
struct Source {
    let target: String
    /// Relative to the package.
    let path: String
    let text: SwiftText

    init(target: String, path: String, text: String) {
        self.target = target
        self.path = path
        self.text = SwiftText(text)
    }

    /// Every Swift file of the package in which this test lies.
    static func all() throws -> [Source] {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = package.appending(path: "Sources")
        return try FileManager.default.subpathsOfDirectory(atPath: sources.path).sorted().compactMap { path in
            guard path.hasSuffix(".swift"), let target = path.split(separator: "/").first else { return nil }
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            return Source(target: String(target), path: "Sources/" + path, text: text)
        }
    }
}
