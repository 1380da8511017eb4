#!/bin/sh
# preflight.sh python|node|ports...: what this machine lacks, one line each with its remedy; fails if there is anything.
# It is shell because the first thing that may be missing is Python.
cd "$(dirname "$0")/.." || exit 1
python=${PYTHON:-python3}
lacks=0

lack() {
    echo "$*"
    lacks=1
}

check_python() {
    found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
    if [ -z "$found" ]; then
        lack "Python 3.11 or newer is needed, and '$python' does not run: apt-get install python3 python3-venv"
    elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        lack "Python 3.11 or newer is needed, and '$python' is $found: name a newer one, as in make run PYTHON=python3.12"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        lack "Python's venv module is needed, and '$python' has none: apt-get install python3-venv"
    fi
}

check_node() {
    remedy="https://nodejs.org/en/download has one"
    if ! version=$(node --version 2>/dev/null); then
        lack "The web UI needs Node 20.9 or newer, and there is none: $remedy"
    elif ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 9) ? 0 : 1)'; then
        lack "The web UI needs Node 20.9 or newer, and this is $version: $remedy"
    elif ! npm --version >/dev/null 2>&1; then
        lack "The web UI needs npm, which comes with Node, and there is none: apt-get install npm"
    fi
}

check_ports() {
    host=$(setting HOST 127.0.0.1)
    check_port PORT "$(setting PORT 8000)" "$host"
    check_port SANDBOX_PORT "$(setting SANDBOX_PORT 8100)" 127.0.0.1
}

check_port() {
    "$python" - "$2" "$3" 2>/dev/null <<'END' || lack "Port $2 of $3 cannot be had (in use?): free it, or choose another by make run $1=..."
import socket, sys

port, host = int(sys.argv[1]), sys.argv[2]
with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port left a moment ago is free, as it is for the server
    probe.bind((host, port))
END
}

# As the product reads it: the environment, then .env, then the default.
setting() {
    given=$(printenv "$1")
    if [ -z "$given" ] && [ -r .env ]; then
        given=$(sed -n "s/^ *\(export *\)\{0,1\}$1 *= *[\"']\{0,1\}\([^\"'# ]*\).*/\2/p" .env | tail -n 1)
    fi
    echo "${given:-$2}"
}

for part in "$@"; do
    "check_$part"
done
exit $lacks
