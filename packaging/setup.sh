#!/usr/bin/env bash
# Gets a fresh Debian or Ubuntu machine ready: system libraries, Python environment, the program in it.
#
#   packaging/setup.sh [run|dev|bundle]
#
#   run: what the program needs (default); dev: the tests and tools too; bundle: also what PyInstaller needs
#
# Safe to call again: when nothing changed since the last time it returns at once.
#   PYTHON=python3.12          the Python to build the environment with (default: the first one that is new enough)
#   VENV=.venv                 where the environment goes
#   SKIP_SYSTEM_LIBRARIES=1    do not look for system libraries
set -euo pipefail

kind=${1:-run}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${VENV:-$root/.venv}
case $kind in
    run) lock=$root/requirements.lock ;;
    dev | bundle) lock=$root/requirements-dev.lock ;;
    *) echo "usage: packaging/setup.sh [run|dev|bundle]" >&2; exit 2 ;;
esac

say() { printf 'setup: %s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# --- system packages --------------------------------------------------------------------------------------------

missing_libraries() { # the Debian names of the packages whose shared library the loader does not know
    local known library package
    known=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || true)
    [ -n "$known" ] || return 0 # no glibc loader cache to ask: a missing library will be named at the start
    while read -r library package; do
        case $library in '' | '#'*) continue ;; esac
        grep -qF "$library " <<<"$known" || echo "$package"
    done <"$root/resources/system-libraries.txt"
}

installable() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

real_name() { # the name under which this release has the package: itself, or with the t64 ending
    if ! installable "$1" && installable "$1t64"; then echo "$1t64"; else echo "$1"; fi
}

find_python() { # a Python that is new enough
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null && new_enough "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

python_package() { # the Debian name of a Python that is new enough, where the release has one
    local name version
    version=$(apt-cache madison python3 2>/dev/null | awk '{print $3; exit}')
    case $version in 3.1[1-9]* | 3.[2-9][0-9]*) echo python3; return ;; esac
    for name in python3.13 python3.12 python3.11; do
        if installable "$name"; then echo "$name"; return; fi
    done
    echo python3.11
}

missing_for_bundle() { # what PyInstaller needs and this machine lacks: it reads libraries and packs Python's own
    command -v objdump >/dev/null || echo binutils
    [ -z "$1" ] || "$1" - <<'PYTHON'
import ctypes, sys, sysconfig
from pathlib import Path

name = sysconfig.get_config_var("INSTSONAME") or ""
if not (Path(sysconfig.get_config_var("LIBDIR") or "/") / name).is_file():
    try:
        ctypes.CDLL(name)
    except OSError:
        print("libpython%d.%d" % sys.version_info[:2])
PYTHON
}

missing_packages() { # every package to install, by its name in this release, one a line
    local python='' package
    if python=$(find_python); then
        # Debian splits the part of Python that fills a new environment into a package of its own.
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
        fi
    else
        package=$(python_package)
        printf '%s\n' "$package" "$package-venv"
    fi
    if [ "$kind" = bundle ]; then missing_for_bundle "${python:-}"; fi
    [ -n "${SKIP_SYSTEM_LIBRARIES:-}" ] || for package in $(missing_libraries); do real_name "$package"; done
}

as_root() { # a command with root's rights where no password is asked for
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

install_packages() {
    local packages
    mapfile -t packages < <(missing_packages)
    [ ${#packages[@]} -gt 0 ] || return 0
    if may_install; then
        say "installing system packages: ${packages[*]}"
        local log
        log=$(mktemp)
        as_root apt-get update -qq >"$log" 2>&1 || say "the package lists could not be refreshed; trying with the old ones"
        mapfile -t packages < <(missing_packages) # names may differ once the lists are known
        if ! as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${packages[@]}" >>"$log" 2>&1; then
            cat "$log" >&2
            say "apt-get could not install them; what it said stands above"
            exit 1
        fi
        rm -f "$log"
        return 0
    fi
    if command -v apt-get >/dev/null; then
        say "some system packages are missing. Install them with this command, then start again:"
        printf '\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n\n' "${packages[*]}" >&2
    else
        say "some system libraries or Python parts are missing. Install what your system calls: ${packages[*]}"
    fi
    exit 1
}

# --- the Python environment -------------------------------------------------------------------------------------

fingerprint() { # what the environment is made from: any change means to make it anew
    { printf '%s\n' "$root" "$("$venv/bin/python" -V 2>&1)"; cat "$lock" "$root/pyproject.toml"; } |
        sha256sum | cut -d' ' -f1
}

stamp() { # the file that remembers what the environment was made from
    echo "$venv/.ready-$(basename "$lock" .lock)"
}

up_to_date() {
    [ -x "$venv/bin/python" ] && [ -x "$venv/bin/cluster-designer" ] || return 1
    [ -f "$(stamp)" ] && [ "$(cat "$(stamp)")" = "$(fingerprint)" ]
}

make_environment() {
    local python
    if ! [ -x "$venv/bin/python" ] || ! new_enough "$venv/bin/python"; then
        python=$(find_python) || { say "no Python 3.11 or newer was found"; exit 1; }
        say "making the Python environment with $("$python" -V)"
        "$python" -m venv --clear "$venv"
    fi
    rm -f "$venv"/.ready-*
    say "installing the locked packages (the first time this takes a minute)"
    # --no-deps: the lock is the whole list. A pip that looks for dependencies asks for the newest release of
    # every one with an extra (pytest-cov's "coverage[toml]") and, on the day there is one, finds no hash for it.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --no-deps --only-binary :all: -r "$lock"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --no-deps --no-build-isolation --no-index --editable "$root"
    local lacking
    if ! lacking=$("$venv/bin/python" -m pip check --disable-pip-version-check); then
        printf '%s\n' "$lacking" >&2
        say "$(basename "$lock") lacks what is named above; 'make lock' writes it again"
        exit 1
    fi
    fingerprint >"$(stamp)"
    # The tools' environment holds everything that a plain run needs.
    if [ "$kind" != run ]; then
        kind=run lock=$root/requirements.lock
        fingerprint >"$(stamp)"
    fi
}

if up_to_date; then
    [ "$kind" != bundle ] || install_packages
    exit 0
fi
install_packages
make_environment
say "ready"
