# shellcheck shell=bash disable=SC2154  # what lib.bash sets
# Everything that can go wrong with the service: which state it is in then, what the journal says, how soon it is back.

state=/var/lib/jira-usaged
configuration=/etc/jira-usaged
# From a crash to READY, in milliseconds. Measured each time, and asked for in the long form alone: in the short one others
# may be at work on the machine.
patience=${long:+500}

boot_connected --users 40 --issues 200

# Each check begins with a daemon at work and no memory of failures.
healthy() {
    rig systemctl reset-failed jira-usaged 2>/dev/null || true
    rig systemctl start jira-usaged
    is_active
    mark
}

# refused STATUS LINE...: a start has to end with that exit status and stay ended, with these lines in the journal, as
# `reader` reads it where that is set.
refused() {
    local status=$1 line said
    shift
    if rig systemctl start jira-usaged 2>/dev/null; then
        echo 'systemctl start says that all is well'
        return 1
    fi
    # Longer than a restart would take to begin.
    sleep 0.5
    expect_state failed failed exit-code "$status"
    expect 0 "$(property NRestarts)" 'the number of restarts'
    said=$(${reader:-journal})
    for line; do
        expect_line "$line" "$said"
    done
    grep -m 1 -E -- "$1" <<<"$said" | sed 's/^/figure: /'
}

starts_again() {
    rig systemctl reset-failed jira-usaged 2>/dev/null || true
    rig systemctl start jira-usaged
    expect_state active running success
    rig jirausagectl status
}

# MARK: - What an administrator does

restarts() {
    local before at
    healthy
    before=$(property MainPID)
    at=$(instant_of systemctl restart jira-usaged)
    expect_state active running success
    [[ $(property MainPID) != "$before" ]]
    answers
    echo "figure: $(ready_after "$at") ms to READY"
}

reloads() {
    local before
    healthy
    before=$(property MainPID)
    printf '[sync]\ninterval = "20m"\n' >>"$ROOT$configuration/config.toml"
    rig systemctl reload jira-usaged
    expect_state active running success
    expect "$before" "$(property MainPID)" 'the process'
    answers
    expect_line '[Rr]eloaded|[Cc]onfiguration' "$(journal)"
}

# reload_fails SCRIPT: with the configuration as sed(1) makes it, until `configuration_again`.
reload_fails() {
    local status=0
    cp "$ROOT$configuration/config.toml" "$scratch/good.toml"
    sed -i "$1" "$ROOT$configuration/config.toml"
    rig systemctl reload jira-usaged 2>/dev/null || status=$?
    expect 1 "$status" 'the exit status of systemctl reload'
}

configuration_again() {
    cat "$scratch/good.toml" >"$ROOT$configuration/config.toml"
}

refuses_bad_reload() {
    local before said
    healthy
    before=$(property MainPID)
    reload_fails 's/^interval = .*/intervall = "20m"/'
    expect_line 'configurationNotTaken' "$(rig jirausagectl status --json || true)"
    configuration_again
    expect_state active running
    expect "$before" "$(property MainPID)" 'the process'
    answers
    said=$(journal)
    expect_line 'config.toml.*[0-9].*intervall' "$said"
    expect_line '^/etc/jira-usaged/config.toml:[0-9]*: sync.intervall' \
        "$(rig journalctl -u jira-usaged -p err -o cat --no-pager)"
    rig systemctl reload jira-usaged
    healthy
    grep -m 1 intervall <<<"$said" | sed 's/^/figure: /'
}

refuses_confined_reload() {
    local before status=0
    healthy
    before=$(property MainPID)
    reload_fails '1i state_directory = "/srv/usage-state"'
    expect_line 'with which the daemon would not start: /srv/usage-state: Read-only file system: let the unit' \
        "$(rig jirausagectl status --json || true)"
    rig jirausagectl setup >/dev/null 2>"$scratch/said" || status=$?
    expect 78 "$status" 'the exit status of setup'
    expect_line 'it was not restarted, and goes on' "$(<"$scratch/said")"
    expect_line 'Read-only file system: let the unit write there' "$(<"$scratch/said")"
    configuration_again
    rig systemctl reload jira-usaged
    expect "$before" "$(property MainPID)" 'the process'
    healthy
}

moves_socket() {
    local socket=/srv/usage-socket/control.sock
    healthy
    rig install -d -o jira-usaged -g jira-usaged -m 0755 /srv/usage-socket
    drop_in socket 'ReadWritePaths=/srv/usage-socket'
    cp "$ROOT$configuration/config.toml" "$scratch/good.toml"
    sed -i "1i control_socket = \"$socket\"" "$ROOT$configuration/config.toml"
    rig systemctl restart jira-usaged
    rig jirausagectl --socket $socket call ping >/dev/null
    rig test ! -e /run/jira-usaged/control.sock || fail 'the old socket is there still'
    configuration_again
    rig systemctl restart jira-usaged
    healthy
    rig test ! -e $socket || fail 'the other socket is there still'
    drop_in socket
}

# MARK: - Crashes

# crashes SIGNAL WORD: WORD as systemd writes it, `9/KILL`.
crashes() {
    local before at took said
    healthy
    before=$(property NRestarts)
    at=$(signal_daemon "$1")
    took=$(ready_after "$at")
    expect_state active running success
    expect $((before + 1)) "$(property NRestarts)" 'the number of restarts'
    answers
    said=$(journal)
    # `dumped` would stand there if it had left a core.
    expect_line "Main process exited, code=killed, status=$2" "$said"
    echo "figure: $took ms to READY"
    ((took <= ${patience:-$took}))
}

hangs() {
    local at bitten said took
    healthy
    drop_in watchdog WatchdogSec=2s
    rig systemctl restart jira-usaged
    mark
    at=$(signal_daemon STOP)
    ready_after "$at" >/dev/null
    drop_in watchdog ''
    expect_state active running success
    said=$(journal)
    expect_line 'Watchdog timeout \(limit 2s\)!' "$said"
    expect_line "Failed with result 'watchdog'" "$said"
    bitten=$(said_at 'Watchdog timeout')
    took=$((($(property ActiveEnterTimestampMonotonic) - bitten) / 1000))
    echo "figure: $(((bitten - at) / 1000)) ms to the watchdog, then $took ms to READY"
    ((took <= ${patience:-$took}))
    rig systemctl restart jira-usaged
}

# MARK: - Secrets

# credential FAULT LINE
credential() {
    healthy
    rig systemctl stop jira-usaged
    rig cp --archive $configuration/vault-key.cred /root/
    case $1 in
        missing) rig rm $configuration/vault-key.cred ;;
        corrupt) rig sh -c "head -c 200 /dev/urandom | base64 > $configuration/vault-key.cred" ;;
        misnamed) rig cp $configuration/client-secret.cred $configuration/vault-key.cred ;;
    esac
    mark
    # What systemd's own helper says of a credential it says as it ends, so that the journal may not learn whose it is.
    reader=whole_journal refused 243 "$2" 'status=243/CREDENTIALS'
}

with_its_credential() {
    rig mv /root/vault-key.cred $configuration/
    starts_again
}

# MARK: - The state directory

# A small file system in the place of the state directory, with what was in it.
small_disk() {
    healthy
    rig systemctl stop jira-usaged
    rig sh -ec "
        size=\$(du --summarize --bytes $state | cut -f 1)
        mv $state /root/state
        mkdir $state
        mount -t tmpfs -o size=\$((size + 4194304)),mode=0700,uid=jira-usaged,gid=jira-usaged tmpfs $state
        cp --archive /root/state/. $state/"
    rig systemctl start jira-usaged
}

usual_disk() {
    rig systemctl stop jira-usaged
    rig sh -ec "umount $state && rmdir $state && mv /root/state $state"
    starts_again
}

# Another disk than the small one is the machine's memory.
fill() {
    rig mountpoint --quiet $state
    rig sh -c "cat /dev/zero > $state/filler" 2>/dev/null || true
    expect 0 "$(rig df --output=avail $state | tail -n 1 | tr -d ' ')" 'the room that is left'
}

# It is no hang either: the watchdog stays quiet.
runs_on_full_disk() {
    local before status=0
    drop_in watchdog WatchdogSec=1s
    rig systemctl restart jira-usaged
    before=$(property MainPID)
    fill
    rig jirausagectl sync run --wait || status=$?
    expect 74 "$status" 'the exit status of a sync'
    sleep 3
    rig jirausagectl licences >/dev/null
    rig rm $state/filler
    rig jirausagectl sync run --wait
    rig jirausagectl status
    drop_in watchdog ''
    expect "$before" "$(property MainPID)" 'the process'
}

# Whether it can start or not, it is at work as soon as there is room.
starts_on_full_disk() {
    rig systemctl stop jira-usaged
    fill
    mark
    rig systemctl start jira-usaged 2>/dev/null || true
    echo "figure: $(property ActiveState)/$(property SubState) while it is full"
    rig rm $state/filler
    await 5 is_active
    rig jirausagectl sync run --wait
    rig jirausagectl status
}

read_only() {
    rig systemctl stop jira-usaged
    rig mount -o remount,ro $state
    mark
    refused 78 'Read-only file system' 'status=78/CONFIG'
}

written_to_again() {
    rig mount -o remount,rw $state
    starts_again
}

heals_owner() {
    healthy
    rig systemctl stop jira-usaged
    rig chown --recursive root:root $state
    starts_again
    expect jira-usaged "$(rig stat --format=%U $state/usage.db)" 'the owner of usage.db'
}

# of_another FILE
of_another() {
    healthy
    rig systemctl stop jira-usaged
    rig chown root:root "$state/$1"
    mark
    refused 78 "$1.*belong" 'status=78/CONFIG'
}

of_its_own() {
    rig systemctl stop jira-usaged
    rig chown jira-usaged:jira-usaged "$state/$1"
    starts_again
}

second_daemon() {
    local status=0 said
    healthy
    said=$(rig systemd-run --quiet --pipe --wait --uid=jira-usaged \
        --property=LoadCredentialEncrypted=vault-key:$configuration/vault-key.cred \
        --property=LoadCredentialEncrypted=client-secret:$configuration/client-secret.cred \
        --setenv=STATE_DIRECTORY=$state --setenv=RUNTIME_DIRECTORY=/run/jira-usaged /usr/sbin/jira-usaged 2>&1) ||
        status=$?
    expect 78 "$status" 'the exit status of a second daemon'
    answers
    expect_line "$(property MainPID)" "$said"
    echo "figure: $said"
}

# MARK: - A damaged store

consent() {
    rig jirausagectl auth status --json | jq --compact-output '.sites[] | [.cloudId, .auth.state]'
}

# What was collected is lost with the file, and read again; tokens are in another one.
damaged() {
    local aside sum
    healthy
    consent >"$scratch/consent"
    knowledge >"$scratch/knowledge"
    rig systemctl stop jira-usaged
    # All is in the file itself; what was in a log beside it, SQLite would take from there.
    expect '' "$(rig find $state -name 'usage.db-wal' -size +0)" 'what a stopped daemon has left in the log'
    rig dd if=/dev/urandom of="$store" bs=4096 count=1 conv=notrunc status=none
    rig sha256sum $state/vault.db >"$scratch/vault"
    sum=$(rig sha256sum "$store")
    mark
    rig systemctl start jira-usaged
    expect_state active running success
    aside=$(rig find $state -name 'usage.db.damaged-*' -not -name '*-wal' -not -name '*-shm')
    expect "${sum%% *}" "$(rig sha256sum "$aside" | cut -d ' ' -f 1)" 'the file that is set aside'
    expect '600 jira-usaged' "$(rig stat --format='%a %U' "$aside")" 'its mode and owner'
    expect "$(<"$scratch/vault")" "$(rig sha256sum $state/vault.db)" 'the vault'
    expect_line 'damaged database was set aside' "$(journal)"
    expect "2 $aside" "$(entries storeSetAside | jq --raw-output --slurp '.[-1] | "\(.PRIORITY) \(.STORE_ASIDE)"')" \
        'priority and file of the event'
    echo "figure: $aside"
}

problems() {
    { rig jirausagectl status --json || true; } | jq --raw-output '.problems[].kind'
}

is_connected_still() {
    expect "$(<"$scratch/consent")" "$(consent)" 'whose consent for which site there is'
    rig jirausagectl sync run --wait
    # Nothing could be read of a file without its first page, nor who had been erased.
    expect $'storeSetAside\nerasuresLost' "$(problems)" 'what is wrong'
    rig rm $state/usage.db.erasures-lost
    rig sh -c "rm $state/usage.db.damaged-*"
    expect '' "$(problems)" 'what is wrong afterwards'
    rig jirausagectl status
    expect "$(<"$scratch/knowledge")" "$(knowledge)" 'what is known'
}

check 'a restart' restarts
check 'a reload of a good configuration keeps the process' reloads
check 'a reload of a bad configuration fails, names the key, and changes nothing' refuses_bad_reload
check 'a reload of a directory that the unit may not write fails, and status says why' refuses_confined_reload
check 'a socket that is moved leaves no file where it was' moves_socket
check 'SIGKILL' crashes KILL 9/KILL
check 'SIGSEGV' crashes SEGV 11/SEGV
check 'SIGABRT' crashes ABRT 6/ABRT
check 'a hang is ended by the watchdog' hangs
check 'a missing credential is refused, and not tried again' credential missing 'Failed at step CREDENTIALS'
check 'with it the daemon starts' with_its_credential
check 'a corrupt credential is refused, and not tried again' credential corrupt 'Unknown encryption format'
check 'with the right one the daemon starts' with_its_credential
check 'a credential of another name is refused, and not tried again' \
    credential misnamed "Embedded credential name 'client-secret' does not match"
check 'with the right one the daemon starts' with_its_credential
check 'a small disk' small_disk
check 'on a disk that fills up it goes on, answers, and syncs again when there is room' runs_on_full_disk
check 'started on a full disk it is at work when there is room' starts_on_full_disk
check 'a read-only state directory is refused, and not tried again' read_only
check 'once it can be written to the daemon starts' written_to_again
check 'the usual disk again' usual_disk
check 'a state directory of another owner is put right' heals_owner
check 'a vault of another owner is refused, and not tried again' of_another vault.db
check 'with its own owner the daemon starts' of_its_own vault.db
check 'a store of another owner is refused, and not tried again' of_another usage.db
check 'with its own owner the daemon starts' of_its_own usage.db
check 'a damaged store is set aside, and a new one begun' damaged
check 'its sites are connected still, and read again' is_connected_still
check 'a second daemon is refused, and told of the first' second_daemon
