#!/bin/sh
# The tests talk to real servers and look at pages with a real browser. Installs the missing Debian packages where it may;
# otherwise says what to type.
# What stays missing is named again in the last lines of the test run.
set -eu

missing=""
[ -x /usr/sbin/dovecot ] && [ -e /usr/lib/dovecot/imap ] || missing="$missing dovecot-imapd"
[ -e /usr/lib/dovecot/lmtp ] || missing="$missing dovecot-lmtpd"
[ -x /usr/sbin/postfix ] || missing="$missing postfix"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "servers: installing$missing"
    said=$(mktemp)
    # RUNLEVEL=1 keeps Debian from starting them: each test starts its own, on loopback.
    # shellcheck disable=SC2086
    if { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
        >"$said" 2>&1 </dev/null; then
        rm -f "$said"
        exit 0
    fi
    tail -5 "$said" >&2
    rm -f "$said"
fi
echo "servers: not installed:$missing. The tests that need them will be left out. Type: sudo apt-get install$missing" >&2
