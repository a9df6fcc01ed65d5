#!/bin/sh
# The package in a root of its own: `cargo xtask package --check` runs it as `unshare --mount --pid --net --fork sh check.sh OLDER.deb NEWER.deb`.
# The root is this machine's own under an overlay in memory: what is installed, the user that is made and the data are gone with the process.
set -eu
older=$1 newer=$2

say() { echo "  $*"; }
fail() { echo "package: $*" >&2; exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: wanted $2, found $3"; }

mount --make-rprivate /
place=$(mktemp -d)
mount -t tmpfs -o size=4g none "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" overlay "$place/root"
root=$place/root
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
ip link set lo up
cp "$older" "$root/older.deb"
cp "$newer" "$root/newer.deb"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
in_root() { chroot "$root" "$@"; }

in_root dpkg -s otklik >/dev/null 2>&1 && fail "this machine has otklik installed: the check wants a machine without it"
[ -e "$root/var/lib/otklik" ] && fail "this machine has /var/lib/otklik"

serving=
start() {
    # As the unit starts it: the same user, the same settings.
    in_root runuser -u otklik -- sh -c 'set -a; . /etc/otklik/otklik.env; OTKLIK_DATA=/var/lib/otklik exec /usr/bin/otklik serve' >"$place/log" 2>&1 &
    serving=$!
    for _ in $(seq 1 120); do
        curl -fs "http://$listen/healthz" >/dev/null 2>&1 && return 0
        kill -0 "$serving" 2>/dev/null || { cat "$place/log" >&2; fail "it does not start"; }
        sleep 0.25
    done
    fail "it does not answer on $listen"
}
stop() {
    # The shell's child is runuser, whose child is the program: this pid namespace has no other.
    for pid in $(in_root sh -c 'for p in /proc/[0-9]*; do [ "$(readlink $p/exe 2>/dev/null)" = /usr/bin/otklik ] && echo ${p#/proc/}; done; true'); do kill "$pid"; done
    wait "$serving" 2>/dev/null || true
}
asked() { curl -fs -H "Authorization: Bearer $key" "http://$listen/api/v1/$1"; }

say "installs $(basename "$older")"
in_root dpkg -i /older.deb >"$place/out" 2>&1 || { cat "$place/out" >&2; fail "it does not install"; }
grep -q 'otklik init' "$place/out" || fail "a new owner is not told what to do first"
same "rights of the data" "otklik:otklik 700" "$(in_root stat -c '%U:%G %a' /var/lib/otklik)"
same "rights of the settings" "root:otklik 640" "$(in_root stat -c '%U:%G %a' /etc/otklik/otklik.env)"
[ -L "$root/etc/systemd/system/multi-user.target.wants/otklik.service" ] || fail "the unit is not enabled"
unit=$(in_root dpkg -L otklik | grep 'otklik\.service$')
complaints=$(in_root systemd-analyze verify "$unit" 2>&1) || true
same "systemd-analyze verify" "" "$complaints"
say "systemd-analyze verify has no complaint"

made=$(in_root runuser -u otklik -- otklik init --data /var/lib/otklik --email anna@fern.example --password fern-and-moss-42 --account Fern --project Shop)
key=$(printf '%s' "$made" | sed -n 's/.*"api_key": *"\([^"]*\)".*/\1/p')
[ -n "$key" ] || fail "otklik init says no key: $made"
listen=127.0.0.1:8091
# What an owner has changed stays changed.
sed -i "s/^OTKLIK_LISTEN=.*/OTKLIK_LISTEN=$listen/" "$root/etc/otklik/otklik.env"
start
project=$(asked projects | sed -n 's/.*"items":\[{"id":"\([^"]*\)".*/\1/p')
[ -n "$project" ] || fail "there is no project"
curl -fs -X POST -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
    -d '{"channel":"api","external_id":"olga","fields":{"name":"Ольга"}}' "http://$listen/api/v1/projects/$project/contacts" >/dev/null
before=$(asked "projects/$project/contacts")
stop
settings=$(in_root sha256sum /etc/otklik/otklik.env)

holds() {
    same "the settings after $1" "$settings" "$(in_root sha256sum /etc/otklik/otklik.env)"
    start
    same "the clients after $1" "$before" "$(asked "projects/$project/contacts")"
    stop
    say "$1: data and settings are what they were"
}

say "upgrades to $(basename "$newer")"
in_root dpkg -i /newer.deb >"$place/out" 2>&1 || { cat "$place/out" >&2; fail "it does not upgrade"; }
grep -q 'otklik init' "$place/out" && fail "an upgrade tells what only a new owner is to do"
same "the version" "$(in_root dpkg-deb -f /newer.deb Version)" "$(in_root dpkg-query -W -f '${Version}' otklik)"
same "rights of the data after the upgrade" "otklik:otklik 700" "$(in_root stat -c '%U:%G %a' /var/lib/otklik)"
holds "the upgrade"

in_root dpkg -r otklik >"$place/out" 2>&1 || { cat "$place/out" >&2; fail "it is not removed"; }
[ -e "$root/usr/bin/otklik" ] && fail "the program is still there"
[ -e "$root/var/lib/otklik/otklik.db" ] || fail "removal took the data"
same "the settings after removal" "$settings" "$(in_root sha256sum /etc/otklik/otklik.env)"
say "removed: the program is gone, data and settings stay"
in_root dpkg -i /newer.deb >"$place/out" 2>&1 || { cat "$place/out" >&2; fail "it does not install again"; }
holds "installing it again"

in_root dpkg -P otklik >"$place/out" 2>&1 || { cat "$place/out" >&2; fail "it is not purged"; }
[ -e "$root/etc/otklik/otklik.env" ] && fail "purge left the settings"
[ -L "$root/etc/systemd/system/multi-user.target.wants/otklik.service" ] && fail "purge left the unit enabled"
# Conversations are never deleted by a package manager: purge says where they are, and the user whose they are stays.
[ -e "$root/var/lib/otklik/otklik.db" ] || fail "purge took the conversations"
in_root getent passwd otklik >/dev/null || fail "purge took the user whose the data are"
grep -q '/var/lib/otklik' "$place/out" || fail "purge does not say where the data are"
say "purged: settings are gone; the conversations stay, and it says where"
in_root dpkg -i /newer.deb >"$place/out" 2>&1 || { cat "$place/out" >&2; fail "it does not install after a purge"; }
sed -i "s/^OTKLIK_LISTEN=.*/OTKLIK_LISTEN=$listen/" "$root/etc/otklik/otklik.env"
start
same "the clients after a purge and another installation" "$before" "$(asked "projects/$project/contacts")"
stop
say "installed after the purge: it finds them again"
