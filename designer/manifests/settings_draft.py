"""Settings while they are gathered: values by path, what said them, and what could not be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from designer.manifests.cleaning import line_of
from designer.manifests.raw_objects import RawObject
from designer.manifests.report import ReportEntry
from designer.model import KIND_BY_NAME, ClusterSettings, Problem, object_id

# Settings that are address ranges (kube-proxy's clusterCIDR joins two by a comma; an empty one means none), and those
# with limits (Calico's IPPool reference, kube-controller-manager's --node-cidr-mask-size).
RANGES = ("podCIDRs", "serviceCIDRs", "kubeProxy.clusterCIDR", "cni.pool", "cni.nativeRoutingCIDRs")
LIMITS: dict[str, tuple[int, int]] = {
    "cni.blockSize": (20, 32),
    "cni.blockSizeV6": (116, 128),
    "nodeCIDRMaskV4": (1, 32),
    "nodeCIDRMaskV6": (1, 128),
}


def is_network(text: str) -> bool:
    """Whether a text is an address range, or several joined by commas."""
    try:
        return all(ip_network(part.strip(), strict=False) for part in text.split(","))
    except ValueError:
        return False


@dataclass(slots=True)
class SettingsDraft:
    """Settings gathered so far: paths (``kubeProxy.mode``) and values, with what said them.

    `ebpf` is what asks for Calico's eBPF data plane, `operator` Calico's Installation, `node_ranges` what has Cilium
    give Pods addresses of their Nodes' podCIDRs; None where there is none.
    """

    values: dict[str, Any] = field(default_factory=dict)
    entries: list[ReportEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pools: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ebpf: RawObject | None = None
    operator: RawObject | None = None
    node_ranges: RawObject | None = None
    whole: ClusterSettings | None = None  # from the program's own ClusterSettings, which says everything
    _said: dict[str, str] = field(default_factory=dict)

    def set(self, path: str, value: Any, raw: RawObject, *source: str) -> None:
        """Take a setting and report where it came from; an absent value (None) changes nothing."""
        if value is None:
            return
        if (
            path in RANGES
            and value
            and not all(is_network(part) for part in (value if isinstance(value, tuple) else [value]))
        ):
            self.wrong(raw, ".".join(source) or path, value, "an address range such as 10.244.0.0/16")
            return
        low, high = LIMITS.get(path, (None, None))
        if low is not None and high is not None and not low <= value <= high:
            self.wrong(raw, ".".join(source) or path, value, f"between {low} and {high}")
            return
        line = line_of(raw.data, source) or raw.line
        if path.startswith("kubeProxy.") and path in self.values and self.values[path] != value:
            self._contradicted(path, value, raw, line)
        self.values[path] = value
        self._said[path] = f"{raw.file}:{line}" if raw.file else f"line {line}"
        self.entries.append(ReportEntry("set", f"`{path}` is {shown(value)}, from {raw.shown}", "", raw.file, line))

    def _contradicted(self, path: str, value: Any, raw: RawObject, line: int) -> None:
        """Note a setting of kube-proxy that a second configuration gives another value."""
        was = f"{shown(self.values[path])} in {self._said.get(path, 'another object')}"
        self.problems.append(
            Problem(
                "READ-16",
                "warning",
                f"{raw.shown}: `{path}` is {shown(value)}, but {was}",
                field=path,
                why="A project has one configuration of kube-proxy for all Nodes: the last one that is read holds.",
                fix="Open one of the configurations only, with the Nodes that run it.",
                file=raw.file,
                line=line,
            )
        )

    def unfollowed(self, raw: RawObject, said_by: str, path: tuple[str, ...], value: Any) -> None:
        """Note an option that the program does not follow, once; its name is the last part of its path."""
        title = f"{said_by} sets `{path[-1]}` to {shown(value)}, which the program does not follow"
        if any(problem.title == title for problem in self.problems):
            return
        known = raw.kind in KIND_BY_NAME
        self.problems.append(
            Problem(
                "READ-15",
                "warning",
                title,
                object=object_id(raw.kind, raw.namespace or "default", raw.name) if known else raw.kept_id,
                field=".".join(path),
                why="Answers are those of a cluster without it: packets may take another way or another address.",
                fix="Keep in mind what the option does where it touches a connection that you ask for.",
                file=raw.file,
                line=line_of(raw.data, path) or raw.line,
            )
        )

    def wrong(self, raw: RawObject, path: str, value: Any, wanted: str) -> None:
        """Note a setting that cannot be used."""
        self.problems.append(
            Problem(
                "READ-07",
                "error",
                f"{raw.shown}: `{path}` must be {wanted}, found {shown(value)}",
                field=path,
                why="The setting is left at its default.",
                fix=f"Correct `{path}`.",
                file=raw.file,
                line=line_of(raw.data, path.split(".")) or raw.line,
            )
        )


def shown(value: Any) -> str:
    """A setting's value in a sentence."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value) or "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "empty" if value == "" else str(value)


def at(data: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def fits(value: Any, wanted: type) -> bool:
    """Whether a value has the type that its field needs."""
    if wanted is list:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
