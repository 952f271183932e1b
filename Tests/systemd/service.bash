# shellcheck shell=bash disable=SC2154  # what lib.bash sets
# What systemd shows of a daemon at work, and a backup and back.

boot_connected --users 40 --issues 200

tells_status() {
    local text
    text=$(property StatusText)
    expect_line 'simulated.*complete from' "$text"
    echo "figure: $text"
    expect_line 'Status: "simulated' "$(rig systemctl status jira-usaged --no-pager)"
}

has_fields() {
    # Whoever has told a filter of it counts on it.
    expect 427f83adbc324c80b93b66a7c4bfafb7 "$(event ready)" 'the MESSAGE_ID of readiness'
    expect 5 "$(entries ready | jq --raw-output --slurp '.[-1].PRIORITY')" 'the priority of readiness'
    rig jirausagectl sync run
    entries adminCall |
        jq --exit-status --slurp '.[-1] | .RPC_METHOD == "sync.run" and .PEER_UID == "0" and (.PEER_PID | tonumber > 1)'
}

is_explained() {
    local name
    while read -r name; do
        rig journalctl --dump-catalog "$(event "$name")" >"$scratch/entry" || {
            echo "the catalogue does not explain $name"
            return 1
        }
        grep -q '^Subject: .' "$scratch/entry"
    done < <(sed -nE 's/^ *case ([A-Za-z]+) = "[0-9a-f]{32}"/\1/p' "$events")
    expect_line '^░░ The daemon serves its control socket' \
        "$(rig journalctl --unit=jira-usaged --catalog --no-pager MESSAGE_ID="$(event ready)")"
}

is_confined() {
    local process
    process=$(property MainPID)
    expect_line '^CapEff:\s0+$' "$(rig cat "/proc/$process/status")"
    expect_line '^NoNewPrivs:\s1$' "$(rig cat "/proc/$process/status")"
    expect_line '^Seccomp:\s2$' "$(rig cat "/proc/$process/status")"
    expect_line '^Max core file size +0 +0 ' "$(rig cat "/proc/$process/limits")"
    # Nothing can be started there that is not the daemon.
    expect_failure rig nsenter --target="$process" --mount -- /usr/bin/true
    rig nsenter --target="$process" --mount -- /usr/sbin/jira-usaged --version
}

# simulate PATH JSON: has the simulated site do something.
simulate() {
    rig curl --silent --show-error --fail --output /dev/null --data "$2" "$base_url/_sim/$1"
}

is_syncing() {
    rig jirausagectl sync status --json | jq --exit-status '.sites[0].sync.state == "running"' >/dev/null
}

# A copy while a sync writes is of one moment, and whole.
backs_up() {
    simulate faults '[{"delayMilliseconds":100}]'
    simulate activity '{"count":500,"seed":1}'
    rig jirausagectl sync run
    await 5 is_syncing
    rig jirausagectl store backup /root/usage.db
    is_syncing || {
        echo 'the sync was over before the copy was there: nothing was shown'
        return 1
    }
    simulate faults '[]'
    expect '600 root root' "$(rig stat --format='%a %U %G' /root/usage.db)" 'mode and owner of the copy'
    expect '/root/usage.db' "$(rig find /root -name 'usage.db*')" 'what is left beside it'
    expect '' "$(rig find /var/lib/jira-usaged -name '*backup*')" 'what is left in the state directory'
    expect ok "$(rig python3 -c '
import sqlite3
print(sqlite3.connect("/root/usage.db").execute("PRAGMA integrity_check").fetchone()[0])')" 'what SQLite says of it'
    rig jirausagectl sync run --wait
    expect_line 'is whole' "$(rig jirausagectl store check)"
}

# As jira-usaged(8) says. What has changed since the copy is read again.
restores() {
    local before
    before=$(knowledge)
    rig systemctl stop jira-usaged
    rig install --owner=jira-usaged --group=jira-usaged --mode=0600 /root/usage.db /var/lib/jira-usaged/usage.db
    rig rm -f /var/lib/jira-usaged/usage.db-wal /var/lib/jira-usaged/usage.db-shm
    rig systemctl start jira-usaged
    rig jirausagectl sync run --wait
    expect "$before" "$(knowledge)" 'what is known'
    rig jirausagectl status
}

# As jira-usaged(8) says, SECRETS. (In memory systemd-creds has to be told to use the machine's own key.)
gets_another_key() {
    rig sh -ec 'cd /etc/jira-usaged
        install -m 0600 -o jira-usaged /dev/null vault-key.next
        openssl rand -base64 32 >vault-key.next'
    rig jirausagectl vault rekey
    expect true "$(rig jirausagectl auth status --json | jq .vault.rekeyPending)" 'whether there is a next key'
    rig sh -ec 'cd /etc/jira-usaged
        cp -p vault-key.cred vault-key.cred.old
        (umask 077; systemd-creds encrypt --with-key=host --name=vault-key vault-key.next vault-key.cred)
        shred -u vault-key.next
        systemctl restart jira-usaged'
    expect '600 root' "$(rig stat --format='%a %U' /etc/jira-usaged/vault-key.cred)" 'mode and owner of the credential'
    expect false "$(rig jirausagectl auth status --json | jq .vault.rekeyPending)" 'whether there is a next key'
    rig jirausagectl sync run --wait
    rig jirausagectl status
    rig rm /etc/jira-usaged/vault-key.cred.old
}

# example NAME: the daemon at work with that drop-in of the examples, which is taken away again.
example() {
    local place=/etc/systemd/system/jira-usaged.service.d
    rig install -D --mode=0644 --target-directory=$place "/usr/share/doc/jira-usaged/examples/$1.conf"
    rig systemctl daemon-reload
    rig systemctl restart jira-usaged
    expect_state active running success
    rig jirausagectl sync run --wait
    rig jirausagectl status
    rig rm "$place/$1.conf"
    rig systemctl daemon-reload
}

# newer_example VERSION NAME: one that needs that version of systemd.
newer_example() {
    local version
    version=$(rig systemctl --version | awk 'NR == 1 { print $2 }')
    ((version >= $1)) || {
        echo "it needs systemd $1, and this is $version"
        return 77
    }
    example "$2"
}

plain_secrets() {
    # shellcheck disable=SC2016  # the shell's in the rig
    rig sh -ec 'cd /etc/jira-usaged; umask 077
        for name in client-secret vault-key; do systemd-creds decrypt --name=$name $name.cred $name; done
        mkdir /root/sealed; mv *.cred /root/sealed/'
    example plain-credentials
    rig sh -ec 'cd /etc/jira-usaged; mv /root/sealed/* .; rm client-secret vault-key'
    rig systemctl restart jira-usaged
}

check 'its status is told' tells_status
check 'entries of the journal have fields, and calls of an administrator say whose' has_fields
check 'each event is explained by the catalogue' is_explained
check 'it has no privileges, and can start nothing' is_confined
check 'a copy while a sync writes is whole, and for root alone' backs_up
check 'put back, it knows what it knew, and reads the rest' restores
check 'another key for the vault, by the steps of the manual' gets_another_key
check 'secrets in plain files, by the drop-in' plain_secrets
# The simulator is on this machine, as a proxy may be.
check 'cut off from everything but this machine, by the drop-in' example proxy-only
check 'with private users, by the drop-in' newer_example 257 private-users
check 'with slower and slower restarts, by the drop-in' newer_example 254 slow-restarts
