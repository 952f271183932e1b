# shellcheck shell=bash disable=SC2154  # what lib.bash sets
# An upgrade under load, a downgrade that cannot be, and what a purge leaves behind.

# A start may take so long, and the migration of a store with so many MiB of padding takes longer.
start_seconds=1
padding=1536

# What there is in the machine, but for the notes of dpkg, logs and caches.
files() {
    rig find /etc /usr /var /opt /srv /root -xdev \( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache \
        -o -path /var/lib/apt -o -path /root/packages \) -prune -o -print | sort
}

# The same package under a lower version; there is no release yet that could be the one before.
previous_package() {
    rm -rf "$scratch/unpacked"
    dpkg-deb --raw-extract "$DEB" "$scratch/unpacked"
    sed -i 's/^Version: .*/Version: 0.0.1/' "$scratch/unpacked/DEBIAN/control"
    dpkg-deb --build -Znone --root-owner-group "$scratch/unpacked" "$ROOT/root/packages/previous.deb" >/dev/null
    rm -rf "$scratch/unpacked"
}

# install FILE [OPTION...]
install() {
    rig apt-get install --yes --quiet=2 --option=Dpkg::Use-Pty=0 --no-install-recommends "${@:2}" "$1"
}

# older_store [MIB]: makes the stopped daemon's store one of the first schema, and larger by so much.
older_store() {
    rig runuser -u jira-usaged -- python3 /usr/local/lib/older_store.py "$@"
}

version() {
    # shellcheck disable=SC2016  # dpkg-query's
    rig dpkg-query --show --showformat='${Version}' jira-usaged
}

works_before() {
    previous_package
    install /root/packages/previous.deb
    set_up
    connect
    rig jirausagectl sync run --wait
    expect 0.0.1 "$(version)" 'the version'
}

# The old daemon's last act is to leave a store that the new one has to migrate.
upgrades_under_load() {
    local before process
    before=$(knowledge)
    process=$(property MainPID)
    drop_in older 'ExecStartPre=+/usr/sbin/runuser -u jira-usaged -- /usr/bin/python3 /usr/local/lib/older_store.py'
    mark
    hammer_on
    install /root/packages/this.deb
    await 20 is_active
    answers
    drop_in older ''
    expect "$(dpkg-deb --field "$DEB" Version)" "$(version)" 'the version'
    [[ $(property MainPID) != "$process" ]]
    expect "$before" "$(knowledge)" 'what is known'
    rig jirausagectl status
    # dpkg's one restart is a stop in order and a start.
    nobody_refused 1 0 "$(hammer_off)"
}

was_migrated() {
    local copy
    copy=/var/lib/jira-usaged/usage.db.before-$(version)
    expect '600 jira-usaged' "$(rig stat --format='%a %U' "$copy")" 'mode and owner of the copy from before'
    expect_line 'brought into a new form' "$(journal)"
    expect "$copy" "$(entries storeMigrated | jq --raw-output --slurp '.[-1].STORE_COPY')" 'the copy that is told of'
    # It is the store of before.
    expect 1 "$(rig runuser -u jira-usaged -- python3 -c '
import sqlite3, sys
copy = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(copy.execute("SELECT count(*) FROM grdb_migrations").fetchone()[0])' "$copy")" 'the number of its migrations'
}

leaves_stopped() {
    rig systemctl stop jira-usaged
    install /root/packages/this.deb --reinstall
    expect_state inactive dead
    rig systemctl start jira-usaged
}

# A migration that takes longer than a start may: the daemon asks for more time.
migrates_slowly() {
    local at took before
    before=$(knowledge)
    rig systemctl stop jira-usaged
    older_store "$padding"
    drop_in migration "TimeoutStartSec=${start_seconds}s"
    mark
    at=$(instant_of systemctl start jira-usaged)
    took=$(ready_after "$at")
    echo "figure: $took ms to READY with a store of $(rig du --human-readable "$store" | cut -f 1)"
    drop_in migration ''
    expect_state active running success
    expect "$before" "$(knowledge)" 'what is known'
    rig jirausagectl status
    rig systemctl stop jira-usaged
    store_does 'DROP TABLE padding; VACUUM'
    rig systemctl start jira-usaged
    ((took > start_seconds * 1000)) || {
        echo "this machine is too quick: it took $took ms, which a start may take anyway"
        return 77
    }
}

# What a newer version does to a store is that it knows a migration which this one does not.
refuses_newer_store() {
    local said
    rig systemctl stop jira-usaged
    store_does "INSERT INTO grdb_migrations VALUES ('of a newer version')"
    mark
    rig systemctl start jira-usaged 2>/dev/null || true
    install /root/packages/previous.deb --allow-downgrades
    sleep 0.5
    expect_state failed failed exit-code 78
    expect 0 "$(property NRestarts)" 'the number of restarts'
    said=$(journal)
    expect_line 'usage.db.*newer' "$said"
    grep -m 1 -E 'usage.db.*newer' <<<"$said" | sed 's/^/figure: /'
}

takes_its_own_store() {
    store_does "DELETE FROM grdb_migrations WHERE identifier = 'of a newer version'"
    rig systemctl start jira-usaged
    expect_state active running success
    rig jirausagectl status
}

purges_but_keeps() {
    local said left
    said=$(rig apt-get purge --yes --quiet=2 --option=Dpkg::Use-Pty=0 jira-usaged 2>&1)
    left=$(comm -13 <(printf '%s\n' "$untouched") <(files))
    grep -vE -e '^/var/lib/jira-usaged(/|$)' -e '^/etc/jira-usaged(/(client-secret|vault-key)\.cred)?$' \
        -e '^/etc/systemd/system/jira-usaged\.service\.d$' <<<"$left" >"$scratch/left" || true
    expect '' "$(<"$scratch/left")" 'what else stays'
    expect_line '^/var/lib/jira-usaged/usage\.db$' "$left"
    expect_line '^/etc/jira-usaged/vault-key\.cred$' "$left"
    expect_line 'kept /var/lib/jira-usaged' "$said"
    expect_line 'kept /etc/jira-usaged' "$said"
    expect_state inactive dead
    rig getent passwd jira-usaged
}

purges_all() {
    local left
    install /root/packages/this.deb
    rig sh -c 'echo jira-usaged jira-usaged/purge-state boolean true | debconf-set-selections'
    rig apt-get purge --yes --quiet=2 --option=Dpkg::Use-Pty=0 jira-usaged
    left=$(comm -13 <(printf '%s\n' "$untouched") <(files))
    expect '' "$(grep -v '^/etc/systemd/system/jira-usaged\.service\.d$' <<<"$left" || true)" 'what stays'
}

boot
mkdir "$ROOT/root/packages"
cp "$DEB" "$ROOT/root/packages/this.deb"
start_simulator --users 200 --issues 2000
# The machine's own key, which everything on it may be sealed with.
rig systemd-creds setup >/dev/null 2>&1
untouched=$(files)

check 'the package before, at work' works_before
check 'an upgrade under load refuses nobody and keeps everything' upgrades_under_load
check 'the store was migrated, and a copy of before is there' was_migrated
check 'an upgrade leaves a stopped daemon stopped' leaves_stopped
check 'a migration may take longer than a start' migrates_slowly
check 'a store of a newer version is refused, and not tried again' refuses_newer_store
check 'with a store of its own version it starts' takes_its_own_store
check 'a purge keeps databases and secrets, and nothing else' purges_but_keeps
check 'a purge that was asked to removes these too' purges_all
