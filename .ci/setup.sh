#!/bin/sh
# Makes .venv from a lock, hashes checked, and installs this checkout into it.
# Usage: .ci/setup.sh demo|all. Anything that pip is configured for (an index of your own) is used.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
    demo) lock=requirements-demo.lock stamps=".venv/demo.stamp" ;;
    all) lock=requirements.lock stamps=".venv/demo.stamp .venv/all.stamp" ;;
    *) echo "usage: .ci/setup.sh demo|all" >&2; exit 2 ;;
esac

if [ -z "${PYTHON:-}" ]; then
    PYTHON=python3
    if command -v python3.11 >/dev/null 2>&1 && python3.11 -c '' 2>/dev/null; then PYTHON=python3.11; fi
fi
command -v "$PYTHON" >/dev/null 2>&1 || {
    echo "followupd needs Python 3.11 or newer. On Debian 12: apt-get install python3 python3-venv" >&2
    exit 1
}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "followupd needs Python 3.11 or newer; $PYTHON is $("$PYTHON" -V 2>&1). Name another: make PYTHON=/path/to/python3.11" >&2
    exit 1
}

# Debian keeps the tools that make a virtual environment in a package of their own.
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "set-up: installing python$version-venv"
        said=$(mktemp)
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "python$version-venv"; } \
            >"$said" 2>&1 </dev/null || { cat "$said" >&2; exit 1; }
        rm -f "$said"
    else
        echo "This Python can't make virtual environments. Type: sudo apt-get install python$version-venv" >&2
        exit 1
    fi
fi

echo "set-up: installing $lock into .venv"
[ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null || "$PYTHON" -m venv --clear .venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=0
.venv/bin/python -m pip install -qq --require-hashes --requirement "$lock"
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable .
touch $stamps
