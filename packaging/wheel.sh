#!/usr/bin/env bash
# Builds the wheel into dist/ and tries it: installed in an empty environment, started outside the checkout.
#
#   packaging/wheel.sh [--only-build]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
venv=${VENV:-$root/.venv}
packaging/setup.sh dev

rm -f dist/*.whl
"$venv/bin/python" -m build --wheel --no-isolation --outdir dist . >/dev/null
wheel=$(ls dist/*.whl)
echo "wheel: $wheel, $(du -h "$wheel" | cut -f1)"
[ "${1:-}" != --only-build ] || exit 0

trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT
"$venv/bin/python" -m venv "$trial/env"
echo "wheel: installing the locked packages and the wheel in an empty environment"
"$trial/env/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: -r requirements.lock
"$trial/env/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-index "$root/$wheel"
"$trial/env/bin/python" -m pip check --disable-pip-version-check
cd "$trial"
start=(env -i "HOME=$trial" PATH=/usr/bin:/bin LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$trial/env/bin/cluster-designer")
sample=$("$trial/env/bin/python" -c 'from designer.resources import resource_path; print(resource_path("samples", "first-steps.cnd"))')
case $sample in "$trial"/*) ;; *) echo "wheel: resources come from $sample, not from the wheel" >&2; exit 1 ;; esac
"${start[@]}" --version
"${start[@]}" doctor
"${start[@]}" check "$sample"
"${start[@]}" render "$sample" -o picture.png
test -s picture.png
echo "wheel: works outside the checkout"
