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

check 'its status is told' tells_status
check 'entries of the journal have fields, and calls of an administrator say whose' has_fields
check 'each event is explained by the catalogue' is_explained
check 'it has no privileges, and can start nothing' is_confined
check 'a backup brings everything back' backs_up
