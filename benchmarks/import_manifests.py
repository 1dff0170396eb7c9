"""How long manifests take to read: a shop of a dozen services, and 20 MB of what kubectl writes, as YAML and as JSON.

Run from the root of the checkout: ``python -m benchmarks.import_manifests [--quick] [FOLDER]``. FOLDER is a folder of
manifests, such as Online Boutique's; without one, or where it is not there, a shop of that size is made up.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import clusters
from benchmarks.measuring import heading, measure
from designer.manifests import read_paths, read_texts, to_yaml

# Where the manifests of Online Boutique stand beside a checkout of the team, if they do.
BESIDE = Path("..") / "shared" / "manifests" / "online-boutique"
SHOP = clusters.Size(0, 12, 1, 12, 14)
DUMP_BYTES = 20_000_000


def made_up_shop(folder: Path) -> None:
    """Write manifests of the number and kinds of Online Boutique's, the policies in files of their own."""
    objects = [o for o in clusters.manifests(SHOP) if o["kind"] not in {"Namespace", "Node"}]
    policies = [o for o in objects if o["kind"] == "NetworkPolicy"]
    rest = [o for o in objects if o["kind"] != "NetworkPolicy"]
    (folder / "kubernetes-manifests.yaml").write_text("---\n".join(map(to_yaml, rest)))
    for policy in policies:
        (folder / f"{policy['metadata']['name']}.yaml").write_text(to_yaml(policy))


def dumped_pod(number: int) -> dict[str, Any]:
    """A Pod about as `kubectl get pods -o yaml` prints it: with status, conditions and what nobody wrote by hand."""
    name, when = f"app-{number // 50}-6f7c9d5b4-x{number:05d}", "2026-01-05T10:00:00Z"
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name[:-7], "controller": True, "uid": f"u{number}"}
    labels = {"app": f"app-{number // 50}", "pod-template-hash": "6f7c9d5b4"}
    meta = {"name": name, "namespace": f"ns{number % 20}", "labels": labels, "ownerReferences": [owner]}
    meta |= {"creationTimestamp": when, "uid": f"0b7e-{number}", "resourceVersion": str(number)}
    limits = {"limits": {"cpu": "200m", "memory": "128Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"}}
    probe = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1}
    container = {
        "name": "main", "image": "registry.example/app:v1", "imagePullPolicy": "IfNotPresent", "resources": limits,
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}], "readinessProbe": probe,
        "env": [{"name": f"SETTING_{n}", "value": f"value {n}"} for n in range(5)],
    }  # fmt: skip
    spec = {"containers": [container], "nodeName": f"node-{number % 200}", "restartPolicy": "Always"}
    names = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    conditions = [{"type": n, "status": "True", "lastProbeTime": None, "lastTransitionTime": when} for n in names]
    ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    status = {
        "phase": "Running",
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "qosClass": "Burstable",
        "conditions": conditions,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def dumps() -> tuple[str, str]:
    """20 MB of Pods as `kubectl get -o yaml` and `-o json` write them."""
    one = len(to_yaml(dumped_pod(0)))
    items = [dumped_pod(number) for number in range(DUMP_BYTES // one)]
    # Built item by item: the writer is not what is measured here.
    parts = [to_yaml([item]) for item in items]
    text = "apiVersion: v1\nitems:\n" + "".join(parts) + "kind: List\nmetadata:\n  resourceVersion: ''\n"
    return text, json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=4)


def main(arguments: list[str]) -> None:
    """Print the tables."""
    quick = "--quick" in arguments
    given = [Path(a) for a in arguments if not a.startswith("--")] or [BESIDE]
    with tempfile.TemporaryDirectory() as made:
        real = given[0].is_dir()
        folder = given[0] if real else Path(made)
        if not real:
            made_up_shop(folder)
        found = read_paths([folder])
        count = sum(1 for _ in found.project.all())
        heading(f"{folder.name if real else 'made up'}: {count} objects with what is assumed")
        measure("read a folder of manifests", lambda _: read_paths([folder]))
    if quick:
        return
    text, data = dumps()
    heading(f"kubectl's own output: {len(text) / 1e6:.0f} MB of YAML, {len(data) / 1e6:.0f} MB of JSON")
    measure("YAML", lambda _: read_texts([("dump.yaml", text)]), rounds=3, target=len(text) / DUMP_BYTES * 4000)
    measure("JSON", lambda _: read_texts([("dump.json", data)]), rounds=3, target=len(data) / DUMP_BYTES * 1000)


if __name__ == "__main__":
    main(sys.argv[1:])
