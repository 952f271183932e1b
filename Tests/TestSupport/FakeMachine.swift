import Foundation

/// A directory that stands in for a machine: with `/etc`, and with programs of systemd's that keep a small world in files.
///
/// The programs hold to the rules that matter: a credential opens by its own name only, a unit starts where its credentials
/// are there, and what was reloaded, enabled or started stays so. They write down how they were called.
package struct FakeMachine: Sendable {
    /// In place of `/`.
    package let root: String

    /// What the unit says of its credentials.
    package static let unit = """
        # /usr/lib/systemd/system/jira-usaged.service
        [Service]
        LoadCredentialEncrypted=client-secret:/etc/jira-usaged/client-secret.cred
        LoadCredentialEncrypted=vault-key:/etc/jira-usaged/vault-key.cred

        """

    /// Runs `body` with a machine on which everything is installed and nothing is set up.
    package static func with<Value>(_ body: (FakeMachine) async throws -> Value) async throws -> Value {
        try await withTemporaryDirectory { root in
            let machine = FakeMachine(root: root)
            for directory in ["usr/bin", "etc", "run/systemd/system", "var/lib/jira-usaged", "world"] {
                try FileManager.default.createDirectory(
                    atPath: machine.path(directory), withIntermediateDirectories: true)
            }
            for (name, text) in [
                ("unit", unit), ("load", "loaded"), ("active", "inactive"), ("enabled", "disabled"), ("reload", "no"),
                ("status", "0"), ("started", ""), ("calls", ""), ("environments", ""),
            ] {
                try machine.write("world/\(name)", text)
            }
            try machine.write("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
            try machine.write("etc/group", "root:x:0:\n")
            try machine.write("world/program", program)
            // By a process of its own: a program that this one has open, and so any child that another test starts just
            // then, cannot be run (ETXTBSY, execve(2)).
            let making = """
                cd "$0/usr/bin" && install -m 755 "$0/world/program" systemctl &&
                for name in systemd-creds systemd-sysusers journalctl jira-usaged; do ln systemctl $name || exit; done
                """
            let made = try await runToEnd("/bin/sh", ["-c", making, root], environment: [:], directory: root)
            guard made.exitCode == 0 else { throw ChildProcess.Failure(description: made.errors) }
            return try await body(machine)
        }
    }

    package func path(_ name: String) -> String { "\(root)/\(name)" }

    package func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    package func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// Its configuration directory's files, in order; `nil` where there is no directory.
    package var configurationFiles: [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: path("etc/jira-usaged")).sorted()
    }

    /// How the programs were called so far, a line each.
    package var calls: [String] {
        ((try? read("world/calls")) ?? "").split(separator: "\n").map(String.init)
    }

    /// Those of them that were to change something.
    package var changes: [String] {
        let harmless = ["show", "cat", "decrypt", "journalctl", "--check-reload"]
        return calls.filter { call in !harmless.contains { call.contains($0) } }
    }

    /// What a credential holds.
    package func opened(_ credential: String) throws -> String {
        let words = try read("etc/jira-usaged/\(credential).cred").split(separator: " ")
        guard words.count == 3, words[0] == "sealed", words[1] == credential,
            let data = Data(base64Encoded: String(words[2].dropLast()))
        else { throw ChildProcess.Failure(description: "\(credential) is sealed otherwise: \(words)") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Lets a program, or one of its verbs, fail and say something, until `world/fail-…` is removed.
    package func fail(_ what: String, saying text: String) throws { try write("world/fail-\(what)", text) }

    /// Lets a verb of a program kill whoever called it, until `world/kill-…` is removed.
    package func kill(at what: String) throws { try write("world/kill-\(what)", "") }

    private static let program = #"""
        #!/bin/sh
        name=${0##*/}
        root=${0%/usr/bin/*}
        world=$root/world
        printf '%s\n' "$name $*" >> "$world/calls"
        env >> "$world/environments"

        fails() {
            if [ -e "$world/fail-$1" ]; then cat "$world/fail-$1" >&2; exit 1; fi
            if [ -e "$world/kill-$1" ]; then kill -KILL $PPID; exit 1; fi
        }
        ends() { echo "$1" > "$world/active"; echo "$2" > "$world/status"; }
        value() { printf '%s=%s\n' "$1" "$(cat "$world/$2")"; }

        fails "$name"
        case $name in
        systemd-sysusers)
            echo 'jira-usaged:x:999:999::/:/usr/sbin/nologin' >> "$root/etc/passwd"
            printf '%s:x:99:\n' jira-usaged jira-usage jira-usage-admin >> "$root/etc/group"
            ;;
        systemd-creds)
            for word; do
                case $word in
                --name=*) credential=${word#*=} ;;
                encrypt | decrypt) verb=$word ;;
                - | --with-key=*) ;;
                *) file=$word ;;
                esac
            done
            fails "$verb"
            if [ "$verb" = encrypt ]; then
                fails "encrypt-$credential"
                echo 'a warning that means nothing' >&2
                printf 'sealed %s %s\n' "$credential" "$(base64 -w 0)"
            else
                read -r _ sealed text < "$file"
                [ "$sealed" = "$credential" ] || { echo "is named $sealed" >&2; exit 1; }
                printf %s "$text" | base64 -d
            fi
            ;;
        journalctl)
            cat "$world/journal" 2> /dev/null || exit 0
            ;;
        systemctl)
            shift 2
            fails "$1"
            case $1 in
            cat) cat "$world/unit" ;;
            show)
                value LoadState load
                value ActiveState active
                value UnitFileState enabled
                value NeedDaemonReload reload
                value ExecMainStartTimestamp started
                value ExecMainStatus status
                echo "ExecStart={ path=$root/usr/bin/jira-usaged ; argv[]=jira-usaged ; ignore_errors=no }"
                ;;
            daemon-reload) echo no > "$world/reload" ;;
            enable) echo enabled > "$world/enabled" ;;
            reset-failed) ends inactive 0 ;;
            start | restart)
                for credential in client-secret vault-key; do
                    grep -q "^sealed $credential " "$root/etc/jira-usaged/$credential.cred" || { ends failed 243; exit 1; }
                done
                if [ "$(cat "$world/active")" = failed ] || [ -e "$world/broken" ]; then
                    ends failed "$(cat "$world/broken" || echo 0)"
                    echo 'Job for jira-usaged.service failed.' >&2
                    exit 1
                fi
                ends active 0
                date -u '+%a %Y-%m-%d %H:%M:%S.%6N UTC' > "$world/started"
                ;;
            esac
            ;;
        esac

        """#
}
