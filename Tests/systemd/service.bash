# shellcheck shell=bash disable=SC2154  # what lib.bash sets
# What systemd shows of a daemon at work, and a backup and back.

boot_connected --users 40 --issues 200

# Events are found in the journal by what stands here.
events=Sources/UsageModel/LoggedEvent.swift

# event NAME: its MESSAGE_ID.
event() {
    sed -nE "s/^ *case $1 = \"([0-9a-f]{32})\"/\1/p" $events
}

# entries NAME: of that event, one JSON object a line.
entries() {
    rig journalctl --sync
    rig journalctl --unit=jira-usaged --output=json --no-pager MESSAGE_ID="$(event "$1")"
}

tells_status() {
    local text
    text=$(property StatusText)
    expect_line 'simulated.*complete from' "$text"
    echo "figure: $text"
    expect_line 'Status: "simulated' "$(rig systemctl status jira-usaged --no-pager)"
}

has_fields() {
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
    done < <(sed -nE 's/^ *case ([A-Za-z]+) = "[0-9a-f]{32}"/\1/p' $events)
    rig journalctl --unit=jira-usaged --catalog --no-pager MESSAGE_ID="$(event ready)" | grep '^░░'
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

knowledge() {
    rig jirausagectl status --json | jq --compact-output '.sites[0] | [.cloudId, .auth.state, .counts]'
}

backs_up() {
    local before
    before=$(knowledge)
    rig jirausagectl store backup /root/usage.db
    rig systemctl stop jira-usaged
    rig sh -c 'rm /var/lib/jira-usaged/usage.db*'
    rig install --owner=jira-usaged --group=jira-usaged --mode=0600 /root/usage.db /var/lib/jira-usaged/usage.db
    rig systemctl start jira-usaged
    expect "$before" "$(knowledge)" 'what is known'
    rig jirausagectl sync run --wait
    rig jirausagectl status
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
check 'a backup brings everything back' backs_up
check 'secrets in plain files, by the drop-in' plain_secrets
# The simulator is on this machine, as a proxy may be.
check 'cut off from everything but this machine, by the drop-in' example proxy-only
check 'with private users, by the drop-in' newer_example 257 private-users
check 'with slower and slower restarts, by the drop-in' newer_example 254 slow-restarts
