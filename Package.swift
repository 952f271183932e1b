// swift-tools-version:6.3
import PackageDescription

// MARK: - Libraries of others

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
    name: "jira-usaged",
    products: [
        .executable(name: "jira-usaged", targets: ["jira-usaged"]),
        .executable(name: "jirausagectl", targets: ["jirausagectl"]),
        .executable(name: "jira-sim", targets: ["jira-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: - System libraries
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        // MARK: - Values
        .target(name: "UsageModel"),
        .testTarget(name: "UsageModelTests", dependencies: ["UsageModel", "TestSupport"]),

        // MARK: - The control socket: protocol, server, client, commands
        .target(name: "ControlProtocol", dependencies: ["UsageModel"]),
        .testTarget(
            name: "ControlProtocolTests", dependencies: ["ControlProtocol", "UsageModel", "TestSupport", "WireOracles"]),

        .target(name: "ControlServer", dependencies: ["ControlProtocol", logging, nioCore, nioPosix]),
        .testTarget(
            name: "ControlServerTests",
            dependencies: [
                "ControlServer", "ControlProtocol", "UsageModel", "TestSupport", logging, nioCore, nioEmbedded,
            ]),

        .target(name: "ControlClient", dependencies: ["ControlProtocol"]),
        .target(
            name: "UsageCommands", dependencies: ["ControlClient", "ControlProtocol", "UsageModel", argumentParser]),
        .testTarget(
            name: "UsageCommandsTests",
            dependencies: [
                "UsageCommands", "ControlClient", "ControlProtocol", "ControlServer", "UsageModel", "TestSupport",
                logging,
            ]),

        // MARK: - Atlassian, the store, the vault, systemd
        .target(
            name: "JiraCloud",
            dependencies: ["UsageModel", asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix, nioSSL]),
        .testTarget(
            name: "JiraCloudTests",
            dependencies: [
                "JiraCloud", "JiraSimulator", "UsageModel", "TestSupport", logging, nioCore, nioPosix,
            ]),

        .target(name: "UsageStore", dependencies: ["UsageModel", "CSQLite", grdb]),
        .testTarget(
            name: "UsageStoreTests", dependencies: ["UsageStore", "UsageModel", "TestSupport", "CSQLite", grdb]),

        .target(name: "TokenVault", dependencies: ["UsageModel", crypto, grdb]),
        .testTarget(name: "TokenVaultTests", dependencies: ["TokenVault", "UsageModel", "TestSupport", grdb]),

        .target(name: "Systemd", dependencies: ["CSystemd"]),
        .testTarget(name: "SystemdTests", dependencies: ["Systemd", "TestSupport"]),

        // MARK: - Sync and daemon
        .target(name: "UsageSync", dependencies: ["JiraCloud", "UsageModel", "UsageStore", logging]),
        .testTarget(
            name: "UsageSyncTests",
            dependencies: [
                "UsageSync", "JiraCloud", "JiraSimulator", "UsageModel", "UsageStore", "TestSupport", logging,
            ]),

        .target(
            name: "UsageDaemon",
            dependencies: [
                "ControlProtocol", "ControlServer", "JiraCloud", "Systemd", "TokenVault", "UsageModel", "UsageStore",
                "UsageSync", argumentParser, logging, serviceLifecycle, toml, unixSignals,
            ]),
        .testTarget(
            name: "UsageDaemonTests",
            dependencies: [
                "UsageDaemon", "ControlProtocol", "JiraCloud", "JiraSimulator", "TokenVault", "UsageModel",
                "UsageStore",
                "UsageSync", "TestSupport", logging,
            ]),

        // MARK: - The simulated Jira Cloud, which imports nothing of ours
        .target(name: "JiraSimulator", dependencies: [hummingbird, httpTypes, logging, nioCore, serviceLifecycle]),
        .testTarget(
            name: "JiraSimulatorTests",
            dependencies: ["JiraSimulator", "TestSupport", asyncHTTPClient, nioCore, nioHTTP1]),

        // MARK: - Programs
        .executableTarget(name: "jira-usaged", dependencies: ["UsageDaemon"]),
        .executableTarget(name: "jirausagectl", dependencies: ["UsageCommands"]),
        .executableTarget(name: "jira-sim", dependencies: ["JiraSimulator", argumentParser]),

        // MARK: - Tests of the whole
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .target(name: "TestInstallation", dependencies: ["TestSupport"], path: "Tests/TestInstallation"),
        .target(name: "WireOracles", dependencies: ["ControlProtocol"], path: "Tests/WireOracles"),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CSQLite", "ControlProtocol", "TestInstallation", "TestSupport", .target(name: "jira-usaged"),
                .target(name: "jirausagectl"), .target(name: "jira-sim"),
            ],
            resources: [.copy("RecordedSample"), .copy("ExampleSite")]),
        .testTarget(name: "ArchitectureTests"),
    ],
    swiftLanguageModes: [.v6]
)

// MARK: - Benchmarks, which nobody needs who builds, tests or installs the programs

if Context.environment["JIRA_USAGED_BENCHMARKS"] != nil {
    package.targets += [
        .target(
            name: "Measurement", dependencies: ["TestInstallation", "TestSupport", argumentParser],
            path: "Benchmarks/Measurement"),
        .executableTarget(
            name: "SyncBenchmark",
            dependencies: [
                "CSQLite", "JiraCloud", "Measurement", "Systemd", "TestInstallation", "TestSupport", "UsageModel",
                "UsageStore", "UsageSync",
                argumentParser, asyncHTTPClient, httpTypes, hummingbird, logging, nioCore, nioHTTP1,
            ],
            path: "Benchmarks/SyncBenchmark"),
        .executableTarget(
            name: "ControlBenchmark",
            dependencies: [
                "CSQLite", "Measurement", "TestInstallation", "TestSupport", "UsageStore", argumentParser,
            ],
            path: "Benchmarks/ControlBenchmark"),
    ]
}

// MARK: - The fuzzer, which takes a build of its own, with sanitizers

if Context.environment["JIRA_USAGED_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "ControlFuzz",
            dependencies: [
                "CLibFuzzer", "ControlProtocol", "TestInstallation", "TestSupport", "UsageDaemon", "WireOracles",
            ],
            path: "Tests/Fuzz/ControlFuzz", linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
}

// MARK: - The client as it is installed

// Without a dynamic linker at work it starts in half the time. Only where `make release` asks for it: nothing else that
// holds the target, such as a bundle of tests, could be linked like that. The flag is the linker's alone, so that what
// both programs share is compiled once. The linker warns of functions that look up users and groups; the client calls
// none of them.
if Context.environment["JIRA_USAGED_STATIC_CLIENT"] != nil {
    for target in package.targets where target.name == "jirausagectl" {
        target.linkerSettings = [.unsafeFlags(["-static-executable"], .when(platforms: [.linux]))]
    }
}

// Each is a proposal that Swift Evolution has accepted and that a later language mode turns on by itself.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
        .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
        .enableUpcomingFeature("ImmutableWeakCaptures"),  // SE-0481
        .treatAllWarnings(as: .error),
    ]
    // What steers the fuzzer: where the input has led it.
    if Context.environment["JIRA_USAGED_FUZZ"] != nil,
        ["ControlProtocol", "ControlServer", "UsageDaemon", "UsageModel", "UsageStore"].contains(target.name)
    {
        target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"]))
    }
}
