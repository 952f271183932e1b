# shellcheck shell=bash
# What the scenarios share: a booted Debian with the package in it, a simulated Jira that outlives its reboots, and the
# keeping of the score.

scratch=$(mktemp -d /tmp/jira-usaged-rig.XXXXXX)
# In memory, where a root is unpacked in a second.
ROOT=/dev/shm/${scratch##*/}
passed=0
failed=0
skipped=0
simulator_pid=
relay_pid=

fail() {
    printf 'test-systemd: %s\n' "$*" >&2
    exit 1
}

milliseconds() {
    local now=$EPOCHREALTIME
    echo $((${now/[.,]/} / 1000))
}

# MARK: - The score

# check NAME COMMAND...: the command is a function of a scenario; what it prints is shown where it fails. Lines of it
# that begin with "figure: " are shown where it passes, too. The exit status 77 leaves the check out.
check() {
    local name=$1 began seen status figures
    shift
    began=$(milliseconds)
    # Not with `||`, in whose shadow no failure within the command would end it.
    set +e
    seen=$(
        set -e
        "$@" 2>&1
    )
    status=$?
    set -e
    began=$(($(milliseconds) - began))
    figures=$(sed -n 's/^figure: //p' <<<"$seen" | paste -sd';')
    case $status in
        0)
            passed=$((passed + 1))
            printf 'ok %s%s (%s ms)\n' "$name" "${figures:+: $figures}" "$began"
            ;;
        77)
            skipped=$((skipped + 1))
            printf 'skipped %s: %s\n' "$name" "${seen##*$'\n'}"
            ;;
        *)
            failed=$((failed + 1))
            printf 'not ok %s (%s ms)\n' "$name" "$began"
            printf '    %s\n' "${seen//$'\n'/$'\n    '}"
            ;;
    esac
}

finish() {
    printf 'test-systemd: %s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0)) || exit 1
}

# expect WANTED SEEN WHAT: says what differs.
expect() {
    [[ $1 == "$2" ]] || {
        printf '%s is “%s”, expected “%s”\n' "$3" "$2" "$1"
        return 1
    }
}

# expect_line PATTERN TEXT: an extended regular expression that a line of the text has to fit.
expect_line() {
    grep -qE -- "$1" <<<"$2" || {
        printf 'no line fits “%s” in:\n%s\n' "$1" "$2"
        return 1
    }
}

# expect_failure COMMAND...: it must not succeed. (`!` before a command hides its outcome from `set -e`.)
expect_failure() {
    if "$@" 2>/dev/null; then
        printf 'this works, and must not: %s\n' "$*"
        return 1
    fi
}

# MARK: - The package

find_package() {
    local newest
    if [[ -n ${DEB-} ]]; then
        [[ -f $DEB ]] || fail "there is no $DEB"
        return
    fi
    DEB=$(find .build/deb -name 'jira-usaged_*.deb' 2>/dev/null | head -n 1)
    newest=$(find Sources debian systemd examples man Makefile Package.swift -type f -not -path 'debian/jira-usaged/*' \
        -not -path 'debian/.debhelper/*' -not -name files -not -name '*.substvars' -not -name '*.debhelper*' \
        ${DEB:+-newer "$DEB"} -print -quit)
    if [[ -z $DEB || -n $newest ]]; then
        echo "# building the package${newest:+, for $newest is newer}"
        make deb
        DEB=$(find .build/deb -name 'jira-usaged_*.deb' | head -n 1)
    fi
}

# MARK: - The machine

rig() {
    "$RIG" exec "$ROOT" "$@" </dev/null
}

# can_boot: whether this machine can do it at all; why not is in rig.log.
can_boot() {
    "$RIG" up "$ROOT" 2>"$scratch/rig.log" || return 1
    "$RIG" down "$ROOT" 2>>"$scratch/rig.log"
}

# boot [PACKAGE...]: a fresh Debian with these packages of Debian's in it beside what the rig has anyway.
# shellcheck disable=SC2120  # who has wishes passes them
boot() {
    RIG_PACKAGES="$*" "$RIG" up "$ROOT" -- --bind-ro="$scratch:/simulator" 2>"$scratch/rig.log" ||
        fail "the rig did not come up: $(<"$scratch/rig.log")"
    cp "$DEB" "$ROOT/root/jira-usaged.deb"
    cp Tests/systemd/*.py "$ROOT/usr/local/lib/"
}

# reboot [--hard]
reboot() {
    "$RIG" reboot "$@" "$ROOT" 2>"$scratch/rig.log" || {
        cat "$scratch/rig.log"
        return 1
    }
}

# leave: the end of a scenario. Nothing of it stays.
leave() {
    "$RIG" down "$ROOT" 2>/dev/null || true
    for pid in $relay_pid $simulator_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    relay_pid=
    simulator_pid=
}

trap 'leave; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# await SECONDS COMMAND...: until it succeeds.
await() {
    local end=$(($(milliseconds) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        (($(milliseconds) < end)) || {
            printf 'not within the time: %s\n' "$*"
            return 1
        }
        sleep 0.05
    done
}

# MARK: - The unit

# property NAME: of the unit, as systemctl(1) shows it.
property() {
    rig systemctl show --property "$1" --value jira-usaged
}

# expect_state ACTIVE SUB [RESULT [STATUS]]
expect_state() {
    local seen wanted="$1 $2"
    seen="$(property ActiveState) $(property SubState)"
    if [[ -n ${3-} ]]; then
        wanted+=" $3"
        seen+=" $(property Result)"
    fi
    if [[ -n ${4-} ]]; then
        wanted+=" $4"
        seen+=" $(property ExecMainStatus)"
    fi
    expect "$wanted" "$seen" 'the state of the unit'
}

# mark: what the journal says from here on is what `journal` prints.
# After the unit's own last entry: asked for what follows another one, systemd 252 leaves out the unit's first.
mark() {
    rig journalctl --sync
    rig journalctl --unit=jira-usaged --lines=1 --show-cursor | sed -n 's/^-- cursor: //p' >"$scratch/cursor"
}

journal() {
    since_mark --unit=jira-usaged
}

# The same, whoever said it.
whole_journal() {
    since_mark
}

since_mark() {
    rig journalctl --sync
    rig journalctl "$@" --output=cat --no-pager --after-cursor="$(<"$scratch/cursor")"
}

# said_at PATTERN: the instant at which the journal said so first, after the mark.
said_at() {
    rig journalctl --sync
    rig journalctl --unit=jira-usaged --output=json --no-pager --after-cursor="$(<"$scratch/cursor")" |
        jq --raw-output --slurp --arg pattern "$1" \
            '[.[] | select(.MESSAGE | strings | test($pattern))][0].__MONOTONIC_TIMESTAMP'
}

is_active() {
    [[ $(property ActiveState) == active ]]
}

# Answers within its usual time; a restart is waited out by the client itself.
answers() {
    rig jirausagectl call ping >/dev/null
}

# drop_in NAME TEXT: settings of the unit's section [Service] for a test; nothing takes one away.
drop_in() {
    mkdir -p "$ROOT/etc/systemd/system/jira-usaged.service.d"
    if [[ -n ${2-} ]]; then
        printf '[Service]\n%s\n' "$2" >"$ROOT/etc/systemd/system/jira-usaged.service.d/$1.conf"
    else
        rm -f "$ROOT/etc/systemd/system/jira-usaged.service.d/$1.conf"
    fi
    rig systemctl daemon-reload
}

# MARK: - A Jira that outlives a reboot

# It runs outside; a socket in a directory that the rig has too leads to it, and a unit of the rig's own gives it the
# same address on loopback there.
start_simulator() {
    local ready program=${SIMULATOR:-.build/debug/jira-sim} port
    [[ -x $program ]] || fail "there is no $program; \`make build\` builds it"
    rm -f "$scratch/socket" "$scratch/ready"
    mkfifo "$scratch/ready"
    "$program" --listen 127.0.0.1:0 "$@" >"$scratch/ready" 2>"$scratch/simulator.log" &
    simulator_pid=$!
    IFS= read -r -t 60 ready <"$scratch/ready" || fail "the simulator did not start: $(<"$scratch/simulator.log")"
    rm -f "$scratch/ready"
    base_url=$(jq -r .baseUrl <<<"$ready")
    client_id=$(jq -r .clientId <<<"$ready")
    client_secret=$(jq -r .clientSecret <<<"$ready")
    port=${base_url##*:}
    socat "UNIX-LISTEN:$scratch/socket,fork,mode=0666" "TCP:127.0.0.1:$port" 2>/dev/null &
    relay_pid=$!
    await 5 test -S "$scratch/socket"
    chmod 0755 "$scratch"
    cat >"$ROOT/etc/systemd/system/simulator.socket" <<UNIT
[Socket]
ListenStream=127.0.0.1:$port
[Install]
WantedBy=sockets.target
UNIT
    cat >"$ROOT/etc/systemd/system/simulator.service" <<UNIT
[Service]
ExecStart=/lib/systemd/systemd-socket-proxyd /simulator/socket
UNIT
    rig systemctl daemon-reload
    rig systemctl enable --quiet --now simulator.socket
}

# MARK: - What is done in every scenario

install_package() {
    # The rig has no network: what the package depends on has to be there.
    rig apt-get install --yes --quiet --no-install-recommends /root/jira-usaged.deb
}

# set_up [OPTION...]
# shellcheck disable=SC2120
set_up() {
    printf %s "$client_secret" | "$RIG" exec "$ROOT" jirausagectl setup --client-id "$client_id" \
        --client-secret-file - --with-key host --authorization-server "$base_url" --api-base-url "$base_url" "$@"
}

# Consents as a browser would.
connect() {
    local url redirected
    url=$(rig jirausagectl auth begin --json | jq -r .authorizationUrl)
    redirected=$(rig curl --silent --show-error --output /dev/null --write-out '%{redirect_url}' "$url")
    [[ -n $redirected ]] || {
        echo 'the simulator did not send the browser on'
        return 1
    }
    rig jirausagectl auth complete "$redirected"
}

# What is known of the site, but for what changes by itself.
knowledge() {
    rig jirausagectl status --json | jq --compact-output '.sites[0] | [.cloudId, .auth.state, .counts]'
}

store=/var/lib/jira-usaged/usage.db

# store_does SQL: to the store of a daemon that is stopped.
store_does() {
    rig runuser -u jira-usaged -- python3 -c '
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.executescript(sys.argv[2])
store.commit()' "$store" "$1"
}

# A machine with the daemon at work and a site of its own in its store.
boot_connected() {
    # shellcheck disable=SC2119
    boot
    start_simulator "$@"
    check 'a machine with a connected daemon' work
    rig systemctl is-active --quiet jira-usaged || fail 'without it the scenario cannot go on'
}

work() {
    install_package
    # shellcheck disable=SC2119
    set_up
    connect
    rig jirausagectl sync run --wait
    rig jirausagectl status
}

# MARK: - Events in the journal

# Where it stands by what they are found there.
events=Sources/UsageModel/LoggedEvent.swift

# event NAME: its MESSAGE_ID.
event() {
    sed -nE "s/^ *case $1 = \"([0-9a-f]{32})\"/\1/p" "$events"
}

# entries NAME: of that event, one JSON object a line.
entries() {
    rig journalctl --sync
    rig journalctl --unit=jira-usaged --output=json --no-pager MESSAGE_ID="$(event "$1")"
}

# MARK: - Load

hammers=4

hammer_on() {
    rig rm -f /run/hammer.json
    rig systemd-run --quiet --unit=hammer --property=StandardOutput=file:/run/hammer.json \
        python3 /usr/local/lib/hammer.py $hammers
    answers
}

# Prints what the clients met with.
hammer_off() {
    rig systemctl stop hammer
    rig cat /run/hammer.json
}

# nobody_refused RESTARTS KILLS JSON: what may happen to the clients in so many restarts, of which so many were kills. A
# connection that waits for the daemon waits for the next one: none is refused. A daemon that is asked to stop answers
# what was sent, so that only a kill may cut off a request, and of each client the one connection that it has. A daemon
# closes what it has accepted when it ends, so that each client may find one connection closed before it has sent
# anything; nothing is lost by that, and who asks again is served.
nobody_refused() {
    jq --raw-output '"figure: \(.answered) answered, \(.refused) refused, \(.turnedAway) turned away, \(.cut) cut, " +
        "slowest \(.slowestMs) ms"' <<<"$3"
    jq --compact-output .outcomes <<<"$3"
    jq --exit-status --argjson clients $hammers --argjson restarts "$1" --argjson kills "$2" \
        '.refused == 0 and .cut <= $clients * $kills and .turnedAway <= $clients * $restarts and .answered > 0' \
        <<<"$3" >/dev/null
}

# MARK: - Times

# instant_of COMMAND...: runs it in the rig, and prints the instant before, by the clock that systemd stamps with, in
# microseconds.
instant_of() {
    rig python3 -c '
import subprocess, sys, time
print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, flush=True)
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)' "$@"
}

# signal_daemon SIGNAL: prints the instant at which it was sent.
signal_daemon() {
    instant_of kill -s "$1" "$(property MainPID)"
}

ready_since() {
    local ready
    ready=$(property ActiveEnterTimestampMonotonic)
    ((ready > $1)) && is_active
}

# ready_after INSTANT: the milliseconds from then until the daemon was ready again, once it is.
ready_after() {
    await 20 ready_since "$1" || return
    echo $((($(property ActiveEnterTimestampMonotonic) - $1) / 1000))
}
