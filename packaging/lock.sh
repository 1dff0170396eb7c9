#!/usr/bin/env bash
# Writes requirements.lock and requirements-dev.lock from pyproject.toml: exact versions with hashes, no addresses.
#
#   packaging/lock.sh [pip-compile options, for example --upgrade]
#
# Needs pip-tools in the environment (`pip install pip-tools`) and Python 3.11, the oldest that is supported: what
# resolves there installs on the newer ones too. Private package sources of the machine are not consulted.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
cd "$root"

compile() { # compile OUTPUT [options...]: one lock file
    local output=$1
    shift
    env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_INDEX_URL PIP_CONFIG_FILE=/dev/null \
        "$python" -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
        --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
        --annotation-style line --build-deps-for editable --output-file "$output" "$@" pyproject.toml
    # Nothing but names, versions and hashes: a comment may carry the address of a package source.
    sed -i -e '/^--/d' -e '/^#/d' -e 's/[[:space:]]*#.*$//' -e '/^[[:space:]]*$/d' "$output"
    sed -i '1i # Written by packaging/lock.sh from pyproject.toml. Do not edit by hand.' "$output"
    if grep -q '://' "$output"; then
        echo "lock.sh: $output names an address; it must not" >&2
        return 1
    fi
}

compile requirements.lock "$@"
compile requirements-dev.lock --extra dev --constraint requirements.lock "$@"
