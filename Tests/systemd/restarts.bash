# shellcheck shell=bash disable=SC2154  # what lib.bash and run set
# Whoever connects while the daemon restarts or crashes waits a moment, and is not refused; a stop is a stop.

boot_connected --users 40 --issues 200

# Apart from the kills, which may cut somebody off: what these may must not hide what a stop did.
restarts_under_load() {
    local round
    hammer_on
    for ((round = 1; round <= $1; round++)); do
        # So many in a row are more than StartLimitBurst= has in mind.
        rig systemctl reset-failed jira-usaged
        rig systemctl restart jira-usaged
    done
    nobody_refused "$1" 0 "$(hammer_off)"
}

kills_under_load() {
    local round at longest=0 took
    hammer_on
    for ((round = 1; round <= $1; round++)); do
        rig systemctl reset-failed jira-usaged
        at=$(signal_daemon KILL)
        took=$(ready_after "$at")
        ((took <= longest)) || longest=$took
    done
    echo "figure: at most $longest ms from a kill to READY"
    nobody_refused "$1" "$1" "$(hammer_off)"
}

stays_stopped() {
    local began
    rig systemctl stop jira-usaged
    expect_state inactive dead success
    began=$(milliseconds)
    # Clients that come now start nothing.
    while (($(milliseconds) - began < 3000)); do
        expect_failure rig python3 -c \
            'import socket; socket.socket(socket.AF_UNIX).connect("/run/jira-usaged/control.sock")'
        rig test ! -e /run/jira-usaged
    done
    expect_state inactive dead success
    expect 0 "$(property NFileDescriptorStore)" 'the number of descriptors that systemd keeps'
    rig systemctl start jira-usaged
    answers
}

restarts=10
kills=3
[[ -z $long ]] || restarts=100 kills=20
check "$restarts restarts under load refuse nobody, and answer whoever has asked" restarts_under_load "$restarts"
check "$kills kills under load refuse nobody" kills_under_load "$kills"
check 'a stop stays a stop, and leaves no socket' stays_stopped
