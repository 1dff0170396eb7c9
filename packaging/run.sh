#!/usr/bin/env bash
# Sets up what is missing, then starts the program: without arguments its window, else the command line given.
#
#   packaging/run.sh                                   the window
#   packaging/run.sh gui FILE                          the window with a file or a folder of manifests
#   packaging/run.sh trace PATH --from SRC --to DST    any other command
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/packaging/setup.sh" run
if [ $# -eq 0 ]; then
    set -- gui
fi
exec "${VENV:-$root/.venv}/bin/cluster-designer" "$@"
