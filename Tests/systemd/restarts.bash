# shellcheck shell=bash disable=SC2154  # what lib.bash and run set
# Whoever connects while the daemon restarts or crashes waits a moment, and is not refused; a stop is a stop.

boot_connected --users 40 --issues 200

# under_load RESTARTS KILLS: of so many restarts so many are kills.
under_load() {
    local round at every=$(($1 / $2)) longest=0 took
    hammer_on
    for ((round = 1; round <= $1; round++)); do
        # So many in a row are more than StartLimitBurst= has in mind.
        rig systemctl reset-failed jira-usaged
        if ((round % every == 0)); then
            at=$(signal_daemon KILL)
            took=$(ready_after "$at")
            ((took <= longest)) || longest=$took
        else
            rig systemctl restart jira-usaged
        fi
    done
    echo "figure: at most $longest ms from a kill to READY"
    nobody_refused "$1" "$2" "$(hammer_off)"
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

if [[ -n $long ]]; then
    check 'a hundred restarts under load, ten of them kills, refuse nobody' under_load 100 10
else
    check 'ten restarts under load, two of them kills, refuse nobody' under_load 10 2
fi
check 'a stop stays a stop, and leaves no socket' stays_stopped
