#!/usr/bin/env bash
# Builds the desktop bundle into dist/cluster-designer/ and a compressed archive beside it, then tries it.
#
# The trial (packaging/bundle_check.py) starts the bundle in an empty environment without a display, opens the samples,
# traces, renders, compares with what the source run says, and prints sizes and times.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
venv=${VENV:-$root/.venv}
packaging/setup.sh bundle

bundle=dist/cluster-designer
rm -rf build/bundle "$bundle"
echo "bundle: building (about a minute)"
"$venv/bin/pyinstaller" --noconfirm --log-level ERROR --distpath dist --workpath build/bundle \
    packaging/cluster-designer.spec

# Python's own library keeps its symbols in some builds; nobody needs them at run time.
find "$bundle/_internal" -maxdepth 1 -name 'libpython3*.so*' -type f -exec strip --strip-unneeded {} + 2>/dev/null || true

# What a desktop wants to know: menu entry, file type, description. `.deb` makers find them at their usual places.
id=org.cluster_network_designer.Designer
install -Dm644 "packaging/linux/$id.desktop" "$bundle/share/applications/$id.desktop"
install -Dm644 "packaging/linux/$id.mime.xml" "$bundle/share/mime/packages/$id.xml"
install -Dm644 "packaging/linux/$id.metainfo.xml" "$bundle/share/metainfo/$id.metainfo.xml"
install -Dm644 LICENSE "$bundle/share/doc/cluster-network-designer/LICENSE"

"$venv/bin/python" packaging/licences.py requirements.lock "$bundle/share/doc/cluster-network-designer/licences"

version=$("$venv/bin/python" -c 'import designer; print(designer.__version__)')
archive=dist/cluster-designer-$version-linux-$(uname -m).tar.xz
echo "bundle: compressing"
tar -C dist -cf - cluster-designer | xz -T0 -6 >"$archive"

exec "$venv/bin/python" packaging/bundle_check.py "$bundle" "$archive" "$venv/bin/cluster-designer"
