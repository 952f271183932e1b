import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

@Suite("Logging in at a terminal", .timeLimit(.minutes(5)))
struct LoginTests {
    @Test("the browser comes back by itself; neither code nor token is on the screen, and the terminal is as it was")
    func browserComesBack() async throws {
        try await LoginBench.run { bench in
            var code = ""
            let ending = try await bench.login { terminal in
                let redirected = try await bench.consent(terminal)
                code = try bench.parameter("code", of: redirected)
                let icon = try await bench.browse("http://127.0.0.1:\(bench.port.number)/favicon.ico")
                #expect(icon.hasPrefix("404"))
                let stranger = try await bench.browse("\(bench.redirectURI)?code=stolen&state=guessed")
                #expect(stranger.hasPrefix("400"))
                let page = try await bench.browse(redirected)
                #expect(page.hasPrefix("200") && page.contains("is connected"), "\(page)")
                #expect(!page.contains(code))
            }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
            #expect(ending.transcript.contains("gave consent."))
            #expect(ending.transcript.contains("is connected."))
            #expect(try await bench.installation.status().sites.count == 1)
            for secret in [code, "eyJhbGciOi", bench.simulator.clientSecret] {
                #expect(!ending.transcript.contains(secret) && !bench.daemon.errors.contains(secret))
            }
            bench.expectNothingLeft(ending)
        }
    }

    @Test("over SSH both ways are shown; an address of 5,000 bytes can be pasted, and what is none is said to be none")
    func paste() async throws {
        try await LoginBench.run { bench in
            var code = ""
            let ending = try await bench.login(
                environment: ["SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22", "DISPLAY": ":10", "USER": "ada"]
            ) { terminal in
                let redirected = try await bench.consent(terminal)
                code = try bench.parameter("code", of: redirected)
                let port = bench.port.number
                #expect(terminal.transcript.contains("ssh -L \(port):127.0.0.1:\(port) ada@"))
                await terminal.type("what?\r")
                try await terminal.wait(for: "that is no URL")
                await terminal.type("http://127.0.0.1/callback?code=1&state=2\r")
                try await terminal.wait(for: "belongs to another login")
                await terminal.type(redirected + "&padding=" + String(repeating: "x", count: 5000) + "\r")
            }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
            #expect(ending.transcript.contains("is connected."))
            #expect(!ending.transcript.contains(code) && !ending.transcript.contains("xxxx"))
            bench.expectNothingLeft(ending)
        }
    }

    @Test("where several sites are covered, a number chooses one")
    func severalSites() async throws {
        try await LoginBench.run(["--sites", "3"]) { bench in
            let ending = try await bench.login { terminal in
                let page = try await bench.browse(try await bench.consent(terminal))
                #expect(page.contains("Choose a site in the terminal"), "\(page)")
                try await terminal.wait(for: "[1-3]")
                await terminal.type("4\r")
                await terminal.type("2\r")
            }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
            let listed = ending.transcript.matches(of: #/ ([123])  .*(https://\S+)/#)
            #expect(listed.map(\.1) == ["1", "2", "3"], "\(ending.transcript)")
            let second = try #require(listed.dropFirst().first?.2)
            #expect(ending.transcript.contains("(\(second)) is connected."))
            #expect(try await bench.installation.status().sites.count == 1)
            bench.expectNothingLeft(ending)
        }
    }

    @Test("a refusal ends the login, and browser and terminal both say what happened")
    func refusal() async throws {
        try await LoginBench.run { bench in
            try await bench.simulator.post("/_sim/faults", #"[{"denyConsent":true}]"#)
            let ending = try await bench.login { terminal in
                let page = try await bench.browse(try await bench.consent(terminal))
                #expect(page.contains("declined") && page.contains("go back to the terminal"), "\(page)")
            }
            #expect(ending.exitCode == 65)
            #expect(ending.transcript.contains("jirausagectl: consent was declined at Atlassian"))
            bench.expectNothingLeft(ending)
        }
    }

    @Test("a port that is taken is said to be, no other is used, and pasting works")
    func portTaken() async throws {
        try await LoginBench.run { bench in
            bench.port.occupy()
            let ending = try await bench.login { terminal in
                let redirected = try await bench.consent(terminal)
                #expect(terminal.transcript.contains("Another program uses 127.0.0.1:\(bench.port.number)"))
                #expect(!terminal.transcript.contains("ssh -L"))
                await terminal.type(redirected + "\r")
            }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
        }
    }

    @Test(
        "Ctrl-C and SIGTERM end it at once and leave nothing",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func interrupted(signal: Int32, code: Int32) async throws {
        try await LoginBench.run { bench in
            // A browser that does nothing, for the page that it is given has to go too.
            let ending = try await bench.login(environment: ["DISPLAY": ":0", "BROWSER": "true"]) { terminal in
                try await terminal.wait(for: "Paste here")
                #expect(!bench.runtimeFiles.isEmpty)
                if signal == SIGINT { await terminal.type("\u{3}") } else { try terminal.signal(signal) }
            }
            #expect(ending.exitCode == code, "\(ending.transcript)")
            bench.expectNothingLeft(ending)
        }
    }

    @Test(
        "in a graphical session a browser opens, and what other users see of it does not hold the state",
        arguments: [nil, "no-such-browser:open-in-%s"])
    func opensBrowser(browser: String?) async throws {
        try await LoginBench.run { bench in
            let fake = try await bench.writeBrowser(named: "xdg-open")
            var environment = ["DISPLAY": ":0", "PATH": "\(bench.directory)/bin:/usr/bin:/bin"]
            if let browser { environment["BROWSER"] = browser.replacing("open-in-", with: "\(fake) ") }
            let ending = try await bench.login(environment: environment) { _ in }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
            #expect(ending.transcript.contains("A browser opens"))
            #expect(ending.transcript.contains("is connected."))
            #expect(!ending.transcript.contains("noise"))
            let opened = try bench.read("opened")
            #expect(
                opened.wholeMatch(of: #/file://[^ ]*/jirausagectl-[^ ]*/sign-in.html 600 700\n/#) != nil, "\(opened)")
            #expect(try bench.read("page.html").contains("is connected"))
            bench.expectNothingLeft(ending)
        }
    }

    @Test("a browser that cannot be opened is said to be missing, and none opens where none is wanted")
    func noBrowser() async throws {
        try await LoginBench.run { bench in
            let display = ["DISPLAY": ":0", "BROWSER": "false"]
            _ = try await bench.login(environment: display) { terminal in
                try await terminal.wait(for: "No browser could be opened")
                await terminal.type("\u{3}")
            }
            let ending = try await bench.login(["--no-browser"], environment: display) { terminal in
                try await terminal.wait(for: "Paste here")
                #expect(bench.runtimeFiles.isEmpty)
                await terminal.type("\u{3}")
            }
            #expect(!ending.transcript.contains("rowser opens") && !ending.transcript.contains("No browser"))
        }
    }
}

@Suite("Logging in without a terminal", .timeLimit(.minutes(5)))
struct HeadlessLoginTests {
    @Test("an address from a pipe is taken, and with --json standard output is the result alone")
    func pipe() async throws {
        try await LoginBench.run { bench in
            try await bench.headless("--json auth login 2>&1 >result") { child in
                let url = try await bench.authorizationURL { try await child.nextLine() }
                child.send(line: try await bench.simulator.consent(url))
                let output = await child.restOfOutput()
                #expect(await child.exitCode() == 0, "\(output)")
            }
            let result = try JSONDecoder().decode(Completion.self, from: Data(try bench.read("result").utf8))
            #expect(!result.selected.isEmpty)
        }
    }

    @Test("without any input the browser alone is waited for")
    func noInput() async throws {
        try await LoginBench.run { bench in
            try await bench.headless("auth login 2>&1 </dev/null") { child in
                let url = try await bench.authorizationURL { try await child.nextLine() }
                let page = try await bench.browse(try await bench.simulator.consent(url))
                #expect(page.contains("is connected"), "\(page)")
                #expect(await child.restOfOutput().contains("is connected."))
                #expect(await child.exitCode() == 0)
            }
        }
    }

    @Test("several sites are listed with how to go on, and nobody is asked")
    func severalSites() async throws {
        try await LoginBench.run(["--sites", "2"]) { bench in
            try await bench.headless("auth login 2>&1 </dev/null") { child in
                let url = try await bench.authorizationURL { try await child.nextLine() }
                _ = try await bench.browse(try await bench.simulator.consent(url))
                let output = await child.restOfOutput()
                #expect(output.contains("jirausagectl auth login --site SITE"), "\(output)")
                let sites = Set(output.matches(of: #/https://[a-z0-9.-]+\.net/#).map { String($0.output) })
                #expect(sites.count == 2)
                // Each with the command that chooses it.
                for site in sites { #expect(output.contains("auth login --site '\(site)'"), "\(output)") }
                #expect(await child.exitCode() == 65)
            }
        }
    }

    @Test("with neither input nor port there is nothing to wait for; an address that is none is refused")
    func nothingToWaitFor() async throws {
        try await LoginBench.run { bench in
            try await bench.headless("auth login 2>&1 <<<'what?'") { child in
                #expect(await child.restOfOutput().contains("that is no URL"))
                #expect(await child.exitCode() == 65)
            }
            bench.port.occupy()
            try await bench.headless("auth login 2>&1 </dev/null") { child in
                #expect(await child.restOfOutput().contains("the input ended before"))
                #expect(await child.exitCode() == 65)
            }
        }
    }
}
