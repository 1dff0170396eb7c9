"""Who stands in the matrix: workloads and Pods of the input by name, then ranges of addresses, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.engine.policy.classes import Columns
from designer.engine.policy.matchers import FINISHED_PHASES
from designer.engine.policy.owners import Senders
from designer.model import (
    WORKLOAD_KINDS,
    AnyWorkload,
    FrozenMap,
    Pod,
    Project,
    given_labels,
    object_id,
    split_id,
    template_of,
)


@dataclass(frozen=True, slots=True)
class MatrixPeer:
    """A row or column that a person sees: a workload (`id` set) or an address range.

    `id` is that of a workload or Pod of the project: Pods whose controlling owner is not there have the owner's name in
    `text` and the first Pod's id. `columns` are its classes; `nodes` the Nodes on which its Pods run (where that
    matters), `spots` the same for each of `columns` (None: on no Node yet); `host_network` whether they share the
    network of those; `pods` one Pod of each of its classes; `labelled` one of each set of labels, where more than one:
    a Service may ask for a label that tells nobody apart here.
    """

    text: str
    id: str
    columns: tuple[int, ...]
    nodes: frozenset[str] = frozenset()
    host_network: bool = False
    pods: tuple[PodState, ...] = field(default=(), compare=False, repr=False)
    spots: tuple[frozenset[str | None], ...] = ()
    labelled: tuple[PodState, ...] = field(default=(), compare=False, repr=False)

    @property
    def is_range(self) -> bool:
        """Whether it stands for addresses outside the cluster."""
        return not self.id


@dataclass(frozen=True, slots=True)
class PeerLayout:
    """Where peers find their cells in a row of columns.

    `index` by text; `first` the first column of each; `others` the peers with more columns, and those; `hosts` the
    peers that share the network of their Nodes; `workloads` how many peers are no ranges (they come first).
    """

    index: dict[str, int]
    first: npt.NDArray[np.int32]
    others: tuple[tuple[int, tuple[int, ...]], ...]
    hosts: tuple[int, ...]
    workloads: int


def layout_of(peers: Sequence[MatrixPeer]) -> PeerLayout:
    """The layout of these peers."""
    return PeerLayout(
        {peer.text: index for index, peer in enumerate(peers)},
        np.array([peer.columns[0] for peer in peers], dtype=np.int32),
        tuple((index, peer.columns[1:]) for index, peer in enumerate(peers) if len(peer.columns) > 1),
        tuple(index for index, peer in enumerate(peers) if peer.host_network),
        sum(1 for peer in peers if not peer.is_range),
    )


def visible_pods(project: Project, control: ControlPlaneState) -> list[PodState]:
    """The Pods of the matrix, and one for each workload that has none (its replicas are 0, or nothing took it)."""
    assumed = {oid for oid in project.cluster.assumed if not _comes_from_file(project, oid)}
    found = [
        pod
        for pod in control.pods.values()
        if pod.phase not in FINISHED_PHASES and (pod.owner or pod.id) not in assumed
    ]
    owners = {pod.owner for pod in control.pods.values()}
    for kind in WORKLOAD_KINDS:
        for workload in project.of(kind):
            if workload.id not in owners and workload.id not in assumed and isinstance(workload, AnyWorkload):
                template = template_of(workload)
                key = f"{workload.id}#template"
                labels = template.metadata.labels
                found.append(
                    PodState(key, workload.namespace, workload.name, None, (), labels, template.spec, workload.id)
                )
    return found


def _comes_from_file(project: Project, oid: str) -> bool:
    origin = project.provenance.get(oid)
    return origin is not None and bool(origin.file)


def matrix_peers(project: Project, pods: Sequence[PodState], columns: Columns) -> tuple[MatrixPeer, ...]:
    """Workloads by text; Pods of one owner with different labels are told apart by the labels in which they differ.

    Labels that a controller generates (a StatefulSet's index, a rollout's hash) do so only where a policy asks for
    them.
    """
    elsewhere = owners_elsewhere(project)
    asked = frozenset(key for one in columns.classes for key in one.labels)
    # Pods of one workload have the very same labels: those are compared once.
    runs: dict[tuple[str, int], list[int]] = {}
    before: PodState | None = None
    run: list[int] = []
    for index, pod in enumerate(pods):
        if before is None or not pod.owner or pod.owner != before.owner or pod.labels is not before.labels:
            run = runs.setdefault((pod.owner or elsewhere.get(pod.id, pod.id), id(pod.labels)), [])
            before = pod
        run.append(index)
    groups: dict[str, dict[FrozenMap[str, str], list[list[int]]]] = {}
    for (owner, _), run in runs.items():
        groups.setdefault(owner, {}).setdefault(given_labels(pods[run[0]].labels, asked), []).append(run)
    class_of = columns.class_of.tolist()
    # Nodes matter only between Pods and hostNetwork Pods.
    placed = any(cls.host_network for cls in columns.classes)
    peers = []
    for oid, variants in groups.items():
        kind, namespace, name = split_id(oid)
        text = f"{namespace}/{name}[{kind}]"
        common = set.intersection(*(set(labels.items()) for labels in variants)) if len(variants) > 1 else set()
        for labels, alike in variants.items():
            shown = text
            if len(variants) > 1:
                extra = ",".join(f"{k}={v}" for k, v in sorted(labels.items()) if (k, v) not in common)
                shown = f"{text}{{{extra}}}"
            members = sorted(chain.from_iterable(alike)) if len(alike) > 1 else sorted(alike[0])
            examples = {class_of[index]: pods[index] for index in reversed(members)}
            if len(examples) > 1:
                examples = {number: examples[number] for number in dict.fromkeys(class_of[i] for i in members)}
            spots: dict[int, set[str | None]] = {}
            for index in members if placed else ():
                spots.setdefault(class_of[index], set()).add(pods[index].node)
            first = pods[members[0]]
            peers.append(
                MatrixPeer(
                    shown, first.owner or first.id, tuple(examples),
                    frozenset(node for found in spots.values() for node in found if node is not None),
                    first.host_network, tuple(examples.values()), tuple(map(frozenset, spots.values())),
                    tuple(pods[one[0]] for one in alike) if len(alike) > 1 else (),
                )
            )  # fmt: skip
    peers.sort(key=lambda peer: peer.text)
    last = len(columns.classes)
    ranges = (MatrixPeer(r.text, "", (last + number,)) for number, r in enumerate(columns.ranges))
    return (*peers, *ranges)


@dataclass(frozen=True, slots=True)
class Meeting:
    """How Pods of two columns may stand to each other: on one Node, on different ones; both where there are several."""

    same: frozenset[str]
    apart: bool


def meeting(left: frozenset[str | None], right: frozenset[str | None]) -> Meeting:
    """On which Nodes Pods of both run, and whether some pair of them runs on different ones (None: on none yet)."""
    same = frozenset(node for node in left & right if node is not None)
    return Meeting(same, len(left | right) > 1 or None in left or None in right)


Spots = frozenset[str | None]
Way = bool | None


def ways(senders: Senders, here: Spots, there: Spots) -> dict[Way, tuple[str | None, str | None]]:
    """How packets of Nodes `here` may come to Pods of other Nodes `there`, each way with a pair of Nodes.

    By the address of the plugin's device (True), by the Node's own (False), not known (None, as on no Node yet).
    """
    found: dict[Way, tuple[str | None, str | None]] = {}
    left, right = (_by_link(senders, spots) for spots in (here, there))
    for some in left:
        for others in right:
            pair = next(((a, b) for a in some for b in others if a != b or a is None), None)
            if pair is not None:
                a, b = pair
                found.setdefault(None if a is None or b is None else senders.way(a, b), pair)
    return found


def _by_link(senders: Senders, spots: Spots) -> list[list[str | None]]:
    """Nodes that stand alike, of each kind at most two: one differs from any other Node."""
    found: dict[str | None, list[str | None]] = {}
    for node in sorted(spots, key=lambda one: (one is None, one or "")):
        alike = found.setdefault(None if node is None else senders.link(node), [])
        if len(alike) < 2:
            alike.append(node)
    return list(found.values())


def owners_elsewhere(project: Project) -> dict[str, str]:
    """Pod id → id of the controlling owner that is not in the input, so that Pods of one owner are one workload.

    A Pod of a kubelet's own folder has its Node as the owner, which is no workload: it stands for itself. An owner that
    is named without its kind appears as a Pod.
    """
    found = {}
    for pod in project.of(Pod):
        reference = next((ref for ref in pod.metadata.ownerReferences if ref.controller), None)
        if reference is not None and reference.kind != "Node":
            found[pod.id] = object_id(reference.kind or Pod.KIND, pod.namespace, reference.name)
    return found
