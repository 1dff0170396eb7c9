"""How long policies take: compile all, all pairs factored, one edited policy, one check, the listing of all lines.

Run from the root of the checkout: ``python benchmarks/policy_matrix.py [--quick]``. The target for all pairs stands
beside each size: 0.1 s for 10,000 Pods and 1,000 policies, 1 s for 100,000 and 2,000. Then Calico's policies, each with
an order of its own, 200 beside 100 NetworkPolicies on 10,000 Pods: at most 1 s. At the end the whole command
``connectivity`` on manifests of 1,000 single Pods and 200 policies with ipBlocks: at most 3 s and 300 MB.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from designer.engine.controlplane.enforcement import CALICO
from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.engine.memo import Memo
from designer.engine.policy import Peer, compile_policies
from designer.engine.policy.matrix import connectivity
from designer.model import EMPTY_PROJECT, ForeignObject, FrozenMap, NetworkPolicy, PodSpec, Project

ROUNDS = 5
NAMESPACES, APPS, REPLICAS = 50, 40, 5
PORTS = (80, 443, 8080, 5432, "http")
HTTP = {"containers": [{"name": "main", "ports": [{"name": "http", "containerPort": 8080}]}]}


@dataclass(frozen=True)
class Size:
    """How large a cluster is, and the target for all pairs in seconds (0: none)."""

    pods: int
    policies: int
    blocks: bool
    target: float


# Runs a command, and prints how many lines it gave, its peak of memory in MB, and its processor time.
CHILD = """
import resource, subprocess, sys
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE) as done:
    lines = sum(1 for _ in done.stdout)
assert done.returncode == 0
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(lines, used.ru_maxrss // 1024, used.ru_utime + used.ru_stime)
"""

SIZES = (
    Size(1000, 200, True, 0),
    Size(10000, 1000, False, 0.1),
    Size(10000, 1000, True, 0),
    Size(100000, 2000, False, 1),
)


def pods(size: Size, chance: random.Random) -> ControlPlaneState:
    """Workloads of five Pods with three labels each, spread over fifty namespaces."""
    found: dict[str, PodState] = {}
    spec = PodSpec.model_validate(HTTP)
    for w in range(size.pods // REPLICAS):
        namespace = f"ns{w % NAMESPACES}"
        labels = FrozenMap(
            {"app": f"app{w // NAMESPACES % APPS}", "tier": chance.choice("abc"), "v": chance.choice("xyz")}
        )
        for r in range(REPLICAS):
            i = w * REPLICAS + r
            address = f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}"
            owner = f"Deployment:{namespace}/w{w}"
            pod = PodState(f"{owner}#{r}", namespace, f"w{w}-{r}", f"n{i % 100}", (address,), labels, spec, owner)
            found[pod.id] = pod
    names = {f"ns{n}": FrozenMap({"team": chance.choice("pqr")}) for n in range(NAMESPACES)}
    return ControlPlaneState(pods=FrozenMap(found), namespaces=FrozenMap(names))


def peer(size: Size, chance: random.Random) -> dict[str, Any]:
    """A peer entry: Pods by label, half of them of other namespaces, or an address block."""
    if size.blocks and chance.random() < 0.2:
        return {"ipBlock": {"cidr": f"{chance.randint(11, 200)}.{chance.randint(0, 255)}.0.0/16"}}
    made: dict[str, Any] = {"podSelector": {"matchLabels": {"app": f"app{chance.randrange(APPS)}"}}}
    if chance.random() < 0.5:
        made["namespaceSelector"] = {"matchLabels": {"team": chance.choice("pqr")}}
    return made


def policy(number: int, size: Size, chance: random.Random) -> NetworkPolicy:
    """A policy of one to three ingress rules."""
    rules = [
        {"from": [peer(size, chance) for _ in range(chance.randint(1, 2))], "ports": [{"port": chance.choice(PORTS)}]}
        for _ in range(chance.randint(1, 3))
    ]
    spec = {"podSelector": {"matchLabels": {"app": f"app{chance.randrange(APPS)}"}}, "ingress": rules}
    meta = {"name": f"p{number}", "namespace": f"ns{chance.randrange(NAMESPACES)}"}
    return NetworkPolicy.model_validate({"metadata": meta, "spec": spec})


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """Median and worst time of a few rounds, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), max(times)


def measure(size: Size) -> None:
    """Print the rows of one size."""
    chance = random.Random(1)
    control = pods(size, chance)
    project: Project = EMPTY_PROJECT.with_objects([policy(n, size, chance) for n in range(size.policies)])
    memo = Memo()
    found = compile_policies(project, control, CALICO, memo)
    matrix = connectivity(project, control, found)
    edited = project.with_object(policy(0, size, chance))
    some = list(control.pods.values())[:2]
    rows = {
        "compile all": lambda: compile_policies(project, control, CALICO),
        "compile after one edit": lambda: compile_policies(edited, control, CALICO, memo),
        "all pairs, factored": lambda: connectivity(project, control, found),
        "one check": lambda: found.check("ingress", some[0], Peer.of_pod(some[1]), "TCP", 80),
        "one row": lambda: matrix.row(0),
    }
    if size.pods <= 1000:
        rows["every line listed"] = lambda: sum(1 for _ in matrix.connections())
    kinds = "with ipBlocks" if size.blocks else "labels only"
    print(f"{size.pods} Pods, {size.policies} policies, {kinds}: {len(matrix.columns.classes)} classes")
    for name, run in rows.items():
        median, worst = timed(run)
        target = f"target {size.target * 1000:.0f} ms" if size.target and name.startswith("all pairs") else ""
        print(f"  {name:24} median {median:9.2f} ms   worst {worst:9.2f} ms   {target}")


def calico(number: int, chance: random.Random) -> ForeignObject:
    """A policy of Calico with three rules by label, every second one namespaced, many by labels of namespaces."""

    def entity() -> dict[str, Any]:
        made = {"selector": f"app == 'app{chance.randrange(APPS)}'"}
        return {**made, "namespaceSelector": f"team == '{chance.choice('pqr')}'"} if chance.random() < 0.5 else made

    actions = ("Allow", "Deny", "Pass")
    rules = [
        {"action": chance.choice(actions), "protocol": "TCP", "source": entity(),
         "destination": {"ports": [chance.choice((80, 443, 8080))]}}
        for _ in range(3)
    ]  # fmt: skip
    namespace = f"ns{chance.randrange(NAMESPACES)}" if number % 2 else ""
    kind = "NetworkPolicy" if namespace else "GlobalNetworkPolicy"
    meta = {"name": f"c{number}", **({"namespace": namespace} if namespace else {})}
    spec = {
        "order": number, "selector": f"app == 'app{chance.randrange(APPS)}'", "types": ["Ingress", "Egress"],
        "ingress": rules, "egress": [{"action": "Allow"}],
    }  # fmt: skip
    oid = f"projectcalico.org/v3/{kind}:{namespace + '/' if namespace else ''}c{number}"
    return ForeignObject(oid, {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": meta, "spec": spec})


def measure_tiers(size: Size, plain: int) -> None:
    """Print the row of policies in tiers beside some NetworkPolicies."""
    chance = random.Random(1)
    control = pods(size, chance)
    kept = [calico(number, chance) for number in range(size.policies)]
    project = EMPTY_PROJECT.with_objects([policy(number, size, chance) for number in range(plain)])
    project = replace(project, foreign=FrozenMap({one.id: one for one in kept}))
    found = compile_policies(project, control, CALICO)
    median, worst = timed(lambda: connectivity(project, control, found))
    print(f"{size.pods} Pods, {size.policies} policies of Calico, {plain} NetworkPolicies")
    print(f"  {'all pairs, factored':24} median {median:9.2f} ms   worst {worst:9.2f} ms   target 1000 ms")


def manifests(size: Size, chance: random.Random) -> str:
    """The Pods, each standing for itself, and the policies, half of them with egress too, as a YAML stream."""
    made: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": f"ns{n}", "labels": {"team": chance.choice("pqr")}},
        }
        for n in range(NAMESPACES)
    ]
    for n in range(size.pods):
        labels = {"app": f"app{n // NAMESPACES % APPS}", "tier": chance.choice("abc")}
        spec = {"containers": [{**HTTP["containers"][0], "image": "main"}]}
        meta = {"name": f"pod{n}", "namespace": f"ns{n % NAMESPACES}", "labels": labels}
        made.append({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    for n in range(size.policies):
        found = policy(n, size, chance).dump()
        if n % 2:
            rules = found["spec"]["ingress"]
            found["spec"]["egress"] = [{"to": rule["from"], "ports": rule["ports"]} for rule in rules]
        made.append(found)
    return "\n---\n".join(json.dumps(one) for one in made)


def measure_command(size: Size) -> None:
    """Print time and memory of the whole command in each form of its answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "all.yaml")
        path.write_text(manifests(size, random.Random(1)))
        print(f"the whole command, {size.pods} Pods, {size.policies} policies, with ipBlocks")
        # As installed: with its modules compiled, which the first start here does.
        plain = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        as_installed = {**plain, "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
        start = [sys.executable, "-m", "designer", "connectivity", str(path), "--output"]
        subprocess.run([*start, "text"], env=as_installed, stdout=subprocess.DEVNULL, check=True)
        for form in ("text", "json", "csv"):
            command = [sys.executable, "-c", CHILD, *start, form]
            done = subprocess.run(command, env=as_installed, capture_output=True, text=True, check=True)
            lines, peak, seconds = done.stdout.split()
            print(f"  {form:24} processor {float(seconds):6.2f} s   {peak} MB, {lines} lines   target 3 s, 300 MB")


def main() -> None:
    """Measure every size and the peak of memory."""
    for size in SIZES[:1] if "--quick" in sys.argv[1:] else SIZES:
        measure(size)
    if "--quick" not in sys.argv[1:]:
        measure_tiers(Size(10000, 200, False, 1), 100)
    measure_command(SIZES[0])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
