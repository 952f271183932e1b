# shellcheck shell=bash disable=SC2154  # what lib.bash sets
# How exposed the unit is, beside others' of the kind, as systemd-analyze(1) counts.

boot redis-server chrony
install_package >/dev/null

exposure() {
    rig systemd-analyze security --no-pager "$1" | awk '/Overall exposure level/ { print $(NF - 2) }'
}

compares() {
    local unit
    for unit in jira-usaged.service redis-server.service chrony.service; do
        echo "figure: ${unit%.service} $(exposure "$unit")"
    done
    awk -v ours="$ours" 'BEGIN { exit !(ours <= 1.2) }'
}

timesyncd() {
    leave
    boot systemd-timesyncd
    local theirs
    theirs=$(exposure systemd-timesyncd.service)
    echo "figure: systemd-timesyncd $theirs"
    awk -v theirs="$theirs" -v ours="$ours" 'BEGIN { exit !(ours <= theirs) }'
}

ours=$(exposure jira-usaged.service)
check 'no more exposed than it is meant to be' compares
check 'and no more than a daemon of systemd itself' timesyncd
