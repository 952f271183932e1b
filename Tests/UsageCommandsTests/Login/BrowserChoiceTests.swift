import Foundation
import Glibc
import TestSupport
import Testing

@testable import UsageCommands

@Suite("Opening a browser")
struct BrowserChoiceTests {
    private func choice(
        _ variables: [String: String], isWanted: Bool = true, isInteractive: Bool = true
    ) -> BrowserChoice {
        BrowserChoice(isWanted: isWanted, variables: variables, isInteractive: isInteractive)
    }

    @Test("is done in a graphical session, by xdg-open or what the person has chosen")
    func opens() {
        #expect(choice(["DISPLAY": ":0"]) == .open([["xdg-open"]]))
        #expect(choice(["WAYLAND_DISPLAY": "wayland-0", "SSH_TTY": ""]) == .open([["xdg-open"]]))
        #expect(choice(["DISPLAY": ":0", "BROWSER": ""]) == .open([["xdg-open"]]))
        #expect(
            choice(["DISPLAY": ":0", "BROWSER": "firefox  -new-window %s:w3m::"])
                == .open([["firefox", "-new-window", "%s"], ["w3m"]]))
    }

    @Test(
        "is left to the person without a display, over SSH, behind sudo",
        arguments: [
            [:], ["DISPLAY": ""], ["DISPLAY": ":10", "SSH_CONNECTION": "a"],
            ["DISPLAY": ":10", "SSH_TTY": "/dev/pts/0"],
            ["DISPLAY": ":0", "SUDO_USER": "ada"], ["BROWSER": "firefox"],
        ])
    func leaves(variables: [String: String]) {
        #expect(choice(variables) == .leaveToPerson)
    }

    @Test("is left to the person where it is not wanted, or where nobody sits")
    func unwanted() {
        #expect(choice(["DISPLAY": ":0"], isWanted: false) == .leaveToPerson)
        #expect(choice(["DISPLAY": ":0"], isInteractive: false) == .leaveToPerson)
    }

    @Test("gives the address as one word, at %s or at the end")
    func words() {
        let address = "file:///a b;$(c)"
        #expect(BrowserChoice.words(["x"], opening: address) == ["x", address])
        #expect(BrowserChoice.words(["x", "%s", "-u=%s!"], opening: address) == ["x", address, "-u=\(address)!"])
    }

    @Test("goes on to the next command where one is missing or fails, and says once when none is left")
    func nextCommand() {
        var missing = BrowserOpening([["/nowhere/browser"], ["/nowhere/other"]])
        let (first, second) = (missing.advance(), missing.advance())
        #expect(first && !second)
        var failing = BrowserOpening([["/nowhere/browser"], ["false"]])
        while !failing.advance() { sched_yield() }
        let afterwards = failing.advance()
        #expect(!afterwards)
        var none = BrowserOpening([])
        let atAll = none.advance()
        #expect(!atAll)
    }

    @Test("is done by a page that nobody else can read, which leads to the address and is gone afterwards")
    func page() async throws {
        try await withTemporaryDirectory { directory in
            let files = FileManager.default
            let page = try #require(
                SignInPage(leadingTo: "https://a/?x=1&y='<\"", variables: ["XDG_RUNTIME_DIR": directory]))
            let path = String(page.url.dropFirst("file://".count))
            #expect(path.hasPrefix(directory + "/"))
            #expect(try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            let parent = (path as NSString).deletingLastPathComponent
            #expect(try files.attributesOfItem(atPath: parent)[.posixPermissions] as? Int == 0o700)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains(#"content="0; url=https://a/?x=1&amp;y=&#39;&lt;&quot;""#))
            page.remove()
            #expect(try files.contentsOfDirectory(atPath: directory) == [])
        }
    }

    @Test("passes over a directory that is not there, or that a URL could not name")
    func elsewhere() async throws {
        try await withTemporaryDirectory { directory in
            let variables = ["XDG_RUNTIME_DIR": directory + "/a%20b", "TMPDIR": directory]
            let page = try #require(SignInPage(leadingTo: "https://a", variables: variables))
            #expect(page.url.hasPrefix("file://\(directory)/jirausagectl-"))
            page.remove()
        }
    }
}
