import Testing

@Suite("The sources keep the layers and the house's rules")
struct ArchitectureTests {
    @Test("no file imports what its target may not")
    func layersHold() throws {
        let violations = try Source.all().flatMap { $0.layerViolations() }
        #expect(violations.isEmpty, "\(violations.map { "\n\($0)" }.joined())")
    }

    @Test("every target of the table has sources, so that the table does not outlive what it describes")
    func tableIsCurrent() throws {
        #expect(try Set(Source.all().map(\.target)) == Set(Layers.table.keys))
    }

    @Test("nothing that the client is made of imports a library that is too heavy for it")
    func clientStaysLight() throws {
        var closure: Set<String> = []
        var open = ["jirausagectl"]
        while let target = open.popLast() {
            guard closure.insert(target).inserted else { continue }
            open += Layers.table[target]?.ours ?? []
        }
        #expect(closure.contains("ControlProtocol"))
        let heavy = try Source.all().filter { closure.contains($0.target) }
            .flatMap { source in source.text.imports.map(\.module).filter(Layers.isTooHeavyForTheClient) }
        #expect(heavy == [])
    }

    @Test("whatever escapes structured concurrency or the compiler's checks says why")
    func escapesHaveReasons() throws {
        let violations = try Source.all().flatMap { $0.unreasonedEscapes() }
        #expect(violations.isEmpty, "\(violations.map { "\n\($0)" }.joined())")
    }

    @Test("nothing can turn off the verification of certificates, follow a redirect, or use a proxy of its own choice")
    func trustIsTheSystems() throws {
        let violations = try Source.all().flatMap { $0.trustViolations() }
        #expect(violations.isEmpty, "\(violations.map { "\n\($0)" }.joined())")
        let clients = try Source.all().filter { source in
            source.text.codeLines.contains { $0.contains("HTTPClient.Configuration(") }
        }
        #expect(clients.map(\.path) == ["Sources/JiraCloud/HTTP/HTTPTransport.swift"])
        let proxies = try Source.all().flatMap { source in
            source.text.codeLines.filter { $0.contains(".server(") }.map { "\(source.path):\($0)" }
        }
        let fromSettings = "settings.proxy = configuration.proxy.map { .server(host: $0.host, port: $0.port) }"
        #expect(proxies == ["Sources/JiraCloud/HTTP/HTTPTransport.swift:        \(fromSettings)"])
    }
}

@Suite("The tests of the architecture see what they look for")
struct PlantedViolationTests {
    @Test(
        "an import is found in every form that the grammar has",
        arguments: [
            ("import GRDB", "GRDB"),
            ("  import GRDB", "GRDB"),
            ("public import GRDB", "GRDB"),
            ("package import GRDB", "GRDB"),
            ("@preconcurrency import GRDB", "GRDB"),
            ("@preconcurrency private import GRDB", "GRDB"),
            ("@_spi(Tests) @testable import GRDB", "GRDB"),
            ("@_spi(Tests)import GRDB", "GRDB"),
            ("import struct GRDB.Row", "GRDB"),
            ("import NIOCore.ByteBuffer", "NIOCore"),
            ("import func Glibc.read", "Glibc"),
            ("import `GRDB`", "GRDB"),
            ("#if canImport(GRDB)\nimport GRDB\n#endif", "GRDB"),
            ("@preconcurrency\nimport GRDB // why", "GRDB"),
            ("/* why */ import GRDB", "GRDB"),
            ("let quote = \"\\(name(\")\")) /* \"\nimport GRDB", "GRDB"),
            ("let quote = #\"\\\"#; import GRDB", "GRDB"),
        ])
    func importsAreFound(text: String, module: String) {
        #expect(SwiftText(text).imports.map(\.module) == [module])
    }

    @Test(
        "a line that loosens whom we trust is reported",
        arguments: [
            "settings.tlsConfiguration = .makeClientConfiguration()", "var tls = TLSConfiguration.clientDefault",
            "tls.certificateVerification = .none", "tls.trustRoots = .certificates([])",
            "settings.proxy = .server(host: host, port: 1)",
            "settings.proxy = .socksServer(host: $0.host, port: $0.port)",
            "let proxy = HTTPClient.Configuration.Proxy.server(host: $0.host, port: $0.port)",
            "settings.proxy = configuration.proxy.map { .server(host: $0.host, port: $0.port, authorization: a) }",
            "HTTPClient.Configuration(proxy: .server(host: h, port: 1))",
            "HTTPClient.Configuration()", "settings.redirectConfiguration = .follow(max: 5, allowCycles: false)",
            "let client = HTTPClient.shared",
        ])
    func looseTrust(line: String) {
        #expect(!Source(target: "JiraCloud", path: "A.swift", text: line).trustViolations().isEmpty)
    }

    @Test(
        "what only looks like an import is none",
        arguments: [
            "// import GRDB", "/// import GRDB", "/*\nimport GRDB\n*/", "/* /* */\nimport GRDB\n*/",
            "let text = \"\"\"\n    import GRDB\n    \"\"\"", "let text = \"import GRDB\"", "important GRDB",
            "#if canImport(GRDB)", "func imported() {}",
        ])
    func othersAreNot(text: String) {
        #expect(SwiftText(text).imports == [])
    }

    @Test("several imports in a line are found, each with its line")
    func linesAreCounted() {
        let text = SwiftText("\nimport A; import B\n\nimport C")
        #expect(
            text.imports == [
                Import(module: "A", line: 2), Import(module: "B", line: 2), Import(module: "C", line: 4),
            ])
    }

    @Test(
        "an import that breaks the layers is reported",
        arguments: [
            ("UsageModel", "FoundationNetworking"), ("UsageModel", "UsageStore"), ("ControlClient", "NIOCore"),
            ("UsageCommands", "UsageStore"), ("JiraSimulator", "UsageModel"), ("JiraCloud", "UsageStore"),
            ("UsageStore", "UsageSync"), ("ControlServer", "UsageModel"), ("Unlisted", "Swift"),
        ])
    func brokenLayersAreReported(target: String, module: String) {
        let source = Source(target: target, path: "Sources/\(target)/A.swift", text: "import Glibc\nimport \(module)")
        #expect(source.layerViolations().count == 1)
    }

    @Test(
        "an escape without a reason is reported, and with one it is not",
        arguments: [
            "Task { await run() }", "let task = Task<Void, Never> { }", "Task(priority: .low) { }", "Task.detached { }",
            "final class Box: @unchecked Sendable {}", "nonisolated(unsafe) var count = 0", "let row = try! read()",
            "fatalError(\"cannot be\")",
        ])
    func escapesAreReported(line: String) {
        let bare = Source(target: "UsageModel", path: "A.swift", text: "func f() {\n    \(line)\n}")
        #expect(bare.unreasonedEscapes().map(\.line) == [2])
        let reasoned = Source(target: "UsageModel", path: "A.swift", text: "    // Because.\n    \(line)\n")
        #expect(reasoned.unreasonedEscapes() == [])
    }

    @Test(
        "what only resembles an escape is not reported",
        arguments: [
            "try Task.checkCancellation()", "guard !Task.isCancelled else { return }", "// Task { }",
            "let text = \"try! Task { }\"", "group.addTask { }", "SyncTask(site: site)", "let isOdd = try !read()",
            "func f() -> Task<Void, Never>",
        ])
    func resemblancesAreNot(line: String) {
        #expect(Source(target: "UsageModel", path: "A.swift", text: line).unreasonedEscapes() == [])
    }
}
