import Testing

@testable import UsageCommands

@Suite("Setting a key in a configuration that somebody has written")
struct ConfigurationTextTests {
    private func set(_ text: String, _ key: String = "client_id", in table: String = "oauth", to value: String = "new")
        throws -> String
    {
        var configuration = try ConfigurationText(Array(text.utf8))
        let changed = try configuration.set(key, in: table, to: value)
        let result = String(decoding: configuration.bytes, as: UTF8.self)
        // Whatever is written is found again, and is no change the second time.
        #expect(try configuration.text(of: key, in: table) == value)
        let again = try configuration.set(key, in: table, to: value)
        #expect(!again && configuration.bytes == Array(result.utf8))
        #expect(changed == (result != text))
        return result
    }

    @Test(
        "changes one line, and nothing else by a byte",
        arguments: [
            ("", "[oauth]\nclient_id = \"new\"\n"),
            ("# notes", "# notes\n\n[oauth]\nclient_id = \"new\"\n"),
            ("[sync]\ninterval = \"1m\"\n", "[sync]\ninterval = \"1m\"\n\n[oauth]\nclient_id = \"new\"\n"),
            ("[sync]\n\n", "[sync]\n\n[oauth]\nclient_id = \"new\"\n"),
            // In the table, as the last of its keys.
            ("[oauth]\n\n[api]\n", "[oauth]\nclient_id = \"new\"\n\n[api]\n"),
            ("[oauth]", "[oauth]\nclient_id = \"new\"\n"),
            (
                "[oauth] # us\n  redirect_uri = 'x' # why\n\n# of the API\n[api]\n",
                "[oauth] # us\n  redirect_uri = 'x' # why\n  client_id = \"new\"\n\n# of the API\n[api]\n"
            ),
            // Its value, and nothing of what is around it.
            ("[oauth]\nclient_id=\"old\"# why\n", "[oauth]\nclient_id=\"new\"# why\n"),
            ("[ \"oauth\" ]\n'client_id'  =  'o#ld'  # why\n", "[ \"oauth\" ]\n'client_id'  =  \"new\"  # why\n"),
            ("[oauth]\nclient_id = \"a\\\"#b\" # c\n", "[oauth]\nclient_id = \"new\" # c\n"),
            ("[oauth]\nclient_id = 7\n", "[oauth]\nclient_id = \"new\"\n"),
            ("[oauth]\nclient_id = \"new\"\n", "[oauth]\nclient_id = \"new\"\n"),
            ("[oauth]\nclient_id = 'new'   # it", "[oauth]\nclient_id = 'new'   # it"),
            ("oauth.client_id = \"old\"\n[api]\n", "oauth.client_id = \"new\"\n[api]\n"),
            // Another table's key of the same name is another key.
            (
                "[api]\nclient_id = \"old\"\n[oauth]\nclient_id = \"old\"\n",
                "[api]\nclient_id = \"old\"\n[oauth]\nclient_id = \"new\"\n"
            ),
            // A table whose keys are written with its name may have no header too.
            (
                "oauth.redirect_uri = \"x\"\nsync.interval = \"1m\"\n",
                "oauth.redirect_uri = \"x\"\noauth.client_id = \"new\"\nsync.interval = \"1m\"\n"
            ),
            ("# oauth.client_id = \"\"\n[api]\n", "oauth.client_id = \"new\"\n[api]\n"),
        ])
    func edits(before: String, after: String) throws {
        #expect(try set(before) == after)
    }

    @Test(
        "takes the line that waits as a comment",
        arguments: [
            ("[oauth]\n# client_id = \"...\" # yours\n", "[oauth]\nclient_id = \"new\" # yours\n"),
            ("[oauth]\n  #client_id=\"\"\n", "[oauth]\n  client_id=\"new\"\n"),
            ("[oauth]\n# client_id = …\n", "[oauth]\nclient_id = \"new\"\n"),
            // What only speaks of the key is no such line, nor is another table's.
            (
                "# client_id = \"top\"\n[oauth]\n# client_id is yours\n[api]\n# client_id = \"api\"\n",
                "# client_id = \"top\"\n[oauth]\nclient_id = \"new\"\n# client_id is yours\n[api]\n# client_id = \"api\"\n"
            ),
            // With the header, where that is a comment too.
            (
                "# Ours.\n#[oauth]\n# Yours.\n#client_id = \"\"\n\n#[api]\n#client_id = \"\"\n",
                "# Ours.\n[oauth]\n# Yours.\nclient_id = \"new\"\n\n#[api]\n#client_id = \"\"\n"
            ),
            ("# [oauth]\n# [api]\n# client_id = 1\n", "[oauth]\nclient_id = \"new\"\n# [api]\n# client_id = 1\n"),
            // Unless another key would come under it.
            (
                "[sync]\n# [oauth]\ninterval = \"1m\"\n",
                "[sync]\n# [oauth]\ninterval = \"1m\"\n\n[oauth]\nclient_id = \"new\"\n"
            ),
        ])
    func comments(before: String, after: String) throws {
        #expect(try set(before) == after)
    }

    @Test(
        "ends lines as the file does",
        arguments: ["[oauth]\r\n[api]\r\n", "#[oauth]\r\n#client_id = 'x'\r\n", "# a\r\n"])
    func lineEnds(before: String) throws {
        let after = try set(before)
        let count = after.utf8.count { $0 == UInt8(ascii: "\n") }
        #expect(count == after.utf8.count { $0 == UInt8(ascii: "\r") })
        #expect(after.contains("client_id = \"new\"\r\n"))
    }

    @Test("is not taken in by what only looks like a key, a header or a comment")
    func disguises() throws {
        let text = """
            \u{FEFF}motto = \"\"\"
            [oauth]
            client_id = "in a text"\\
            \"\"\"\"
            other = '''
            # client_id = 'x'
            [oauth]'''
            list = [ "a]", # ]
              [1], { client_id = "inline" },
            ]
            when = 1979-05-27 07:32:00 # client_id = 1

            [oauth.client]
            client_id = "deeper"

            """
        #expect(try set(text) == text + "\n[oauth]\nclient_id = \"new\"\n")
    }

    @Test("sets several keys one after the other, with what TOML has to escape")
    func several() throws {
        var text = try set("# ours\n")
        text = try set(text, "redirect_uri", to: "http://127.0.0.1/a?b=\"\\")
        text = try set(text, "base_url", in: "api", to: "https://x")
        #expect(
            text == """
                # ours

                [oauth]
                client_id = "new"
                redirect_uri = "http://127.0.0.1/a?b=\\"\\\\"

                [api]
                base_url = "https://x"

                """)
    }

    @Test(
        "leaves to a person what one line does not hold",
        arguments: [
            ("\noauth = { client_id = \"x\" }\n", .unusual(name: "oauth", line: 2)),
            ("oauth = 1\n", .unusual(name: "oauth", line: 1)),
            ("[[oauth]]\n", .unusual(name: "oauth", line: 1)),
            ("[oauth]\nclient_id = \"\"\"\nx\"\"\"\n", .unusual(name: "oauth.client_id", line: 2)),
            ("[oauth]\nclient_id = '''x'''\n", .unusual(name: "oauth.client_id", line: 2)),
            ("[oauth]\nclient_id = [\n]\n", .unusual(name: "oauth.client_id", line: 2)),
            ("[oauth]\nclient_id.x = 1\n", .unusual(name: "oauth.client_id.x", line: 2)),
            ("[oauth.client_id]\n", .unusual(name: "oauth.client_id", line: 1)),
        ] as [(String, ConfigurationText.Refusal)])
    func unusual(text: String, refusal: ConfigurationText.Refusal) throws {
        var configuration = try ConfigurationText(Array(text.utf8))
        #expect(throws: refusal) { _ = try configuration.set("client_id", in: "oauth", to: "new") }
        #expect(configuration.bytes == Array(text.utf8))
    }

    @Test(
        "says on which line it is no TOML",
        arguments: [
            ("[sync]\n\nnonsense\n", 3), ("a = \"x\n", 1), ("a =\n", 1), ("a = 'x' y\n", 1), ("[a\n", 1), ("[[a]\n", 1),
            ("a = \"\"\"\nb\n", 3), ("a = [\n1,\n", 3), ("= 1\n", 1), ("a. = 1\n", 1), ("[a] b\n", 1),
            ("a = \"\"\"\n\"\"\" b\n", 2),
        ])
    func malformed(text: String, line: Int) {
        #expect(throws: ConfigurationText.Refusal.malformed(line: line)) { try ConfigurationText(Array(text.utf8)) }
    }

    @Test("reads what a key is set to, as far as it is a text")
    func reading() throws {
        let text =
            "[oauth]\nclient_id = \"a\\\\\\\"b\\tc\"\nredirect_uri = 'C:\\x'\n# other = 'x'\nnumber = 7\nempty = ''\n"
        let configuration = try ConfigurationText(Array(text.utf8))
        #expect(try configuration.text(of: "client_id", in: "oauth") == "a\\\"b\tc")
        #expect(try configuration.text(of: "redirect_uri", in: "oauth") == "C:\\x")
        #expect(try configuration.text(of: "other", in: "oauth") == nil)
        #expect(try configuration.text(of: "number", in: "oauth") == nil)
        #expect(try configuration.text(of: "empty", in: "oauth")?.isEmpty == true)
        #expect(try configuration.text(of: "client_id", in: "api") == nil)
    }
}
