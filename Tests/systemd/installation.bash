# shellcheck shell=bash
# From the package to a connected daemon, and through two reboots.

boot
start_simulator --users 40 --issues 200

installs_alone() {
    install_package
    expect 'jira-usaged' "$(rig stat --format=%U /var/lib/jira-usaged)" 'the owner of the state directory'
    expect '700' "$(rig stat --format=%a /var/lib/jira-usaged)" 'the mode of the state directory'
    rig getent group jira-usage jira-usage-admin
}

does_nothing_yet() {
    expect disabled "$(rig systemctl is-enabled jira-usaged || true)" 'whether it is enabled'
    expect_state inactive dead
    expect disabled "$(rig systemctl preset jira-usaged 2>/dev/null; rig systemctl is-enabled jira-usaged || true)" \
        'whether a preset enables it'
}

is_set_up() {
    set_up
    rig systemctl enable --now jira-usaged
    expect_state active running success
    expect enabled "$(rig systemctl is-enabled jira-usaged)" 'whether it is enabled'
    # Nobody but root may read what the secrets are in, sealed as they are.
    expect '600 root 600 root' \
        "$(rig stat --format='%a %U' /etc/jira-usaged/client-secret.cred /etc/jira-usaged/vault-key.cred |
            paste -sd' ')" 'mode and owner of the credentials'
}

keeps_what_is_set_up() {
    local before after
    before=$(rig sha256sum /etc/jira-usaged/vault-key.cred /etc/jira-usaged/config.toml)
    set_up
    after=$(rig sha256sum /etc/jira-usaged/vault-key.cred /etc/jira-usaged/config.toml)
    expect "$before" "$after" 'what was set up'
}

serves_root() {
    rig jirausagectl status
}

refuses_strangers() {
    local status=0 said
    rig useradd stranger
    said=$(rig setpriv --reuid=stranger --regid=stranger --clear-groups jirausagectl user ada 2>&1) || status=$?
    expect 77 "$status" 'the exit status for a stranger'
    expect_line 'jira-usage' "$said"
    rig setpriv --reuid=stranger --regid=stranger --clear-groups jirausagectl call ping
}

serves_readers() {
    local count status=0
    rig useradd reader
    rig usermod -aG jira-usage reader
    count=$(rig runuser -u reader -- jirausagectl users --limit 100 --json | jq '.rows | length')
    ((count > 0)) || {
        echo 'a member of the group is told of nobody'
        return 1
    }
    rig runuser -u reader -- jirausagectl sync run >/dev/null 2>&1 || status=$?
    expect 77 "$status" 'the exit status for a reader who starts a sync'
}

comes_back() {
    local before
    before=$(knowledge)
    expect_line '"valid",.*"users":[1-9]' "$before"
    reboot "$@"
    await 20 is_active
    expect "$before" "$(knowledge)" 'what is known'
    rig jirausagectl status >/dev/null
    echo "figure: $(rig systemd-analyze blame --no-pager | awk '$2 == "jira-usaged.service" { print $1 }') to READY"
    rig jirausagectl sync run --wait >/dev/null
    expect "$before" "$(knowledge)" 'what is known after a sync'
}

check 'apt installs the package without a network' installs_alone
check 'it is neither enabled nor started by that, and no preset does it' does_nothing_yet
check 'setup makes credentials and configuration, enables it and starts it' is_set_up
check 'a second setup changes nothing' keeps_what_is_set_up
check 'it connects to a site' connect
check 'a sync runs to its end' rig jirausagectl sync run --wait
check 'root is told that all is well' serves_root
check 'a stranger is told that this is not permitted (77), and which group helps' refuses_strangers
check 'a member of jira-usage may read, and no more' serves_readers
check 'after a reboot it is back with its consent and its data' comes_back
check 'after a power cut it is back with its consent and its data' comes_back --hard
