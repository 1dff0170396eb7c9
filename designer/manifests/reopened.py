"""What an import says of options that are not followed, said again for a project that is opened again.

The objects that set them (ConfigMaps of plugins, FelixConfiguration, IPPools) are kept in the project.
"""

from __future__ import annotations

from collections.abc import Mapping

from designer.manifests.cluster_settings import SETTINGS_OBJECTS, gather_settings
from designer.manifests.raw_objects import RawObject
from designer.model import ForeignObject, Problem, Provenance

UNFOLLOWED = "READ-15"


def unfollowed_problems(foreign: Mapping[str, ForeignObject], places: Mapping[str, Provenance]) -> tuple[Problem, ...]:
    """The problems READ-15 of the kept objects, at the places where the objects stood."""
    raws = []
    for oid in sorted(foreign):
        data = foreign[oid].data
        api, kind = data.get("apiVersion"), data.get("kind")
        if not isinstance(api, str) or not isinstance(kind, str):
            continue
        if kind == "ConfigMap" or (api.partition("/")[0], kind) in SETTINGS_OBJECTS:
            origin = places.get(oid)
            raws.append(
                RawObject(dict(data), api, kind, origin.file if origin else "", origin.line if origin else 0, 0)
            )
    found = (one for one in gather_settings(raws).problems if one.code == UNFOLLOWED)
    return tuple(found)
