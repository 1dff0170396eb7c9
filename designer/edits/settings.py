"""Changing the cluster's settings."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from pydantic import ValidationError

from designer.edits.edit import Edit, refusal, refused
from designer.edits.fields import get_field, plain, without_nulls
from designer.edits.paths import PathError, is_too_deep, parse_path, path_text, read, write
from designer.edits.recreate import recreate_seen
from designer.edits.validation import problems_of
from designer.edits.validity import Check, address, cidr, cidr_list, dns_subdomain, port_number, value_problems
from designer.model import CNI_BACKENDS, ClusterSettings, Problem, Project

# The entry of `nodePortAddresses` that stands for a Node's primary addresses, and stands alone.
PRIMARY = "primary"


def address_range(value: Any) -> str:
    """Why `value` is neither a CIDR nor a range ``a-b`` of addresses, "" when it is one."""
    if isinstance(value, str) and "-" in value:
        first, _, last = value.partition("-")
        wrong = address(first.strip()) or address(last.strip())
        return "must be a range such as 10.0.0.10-10.0.0.20" if wrong else ""
    return cidr(value)


def node_port_addresses(value: Any) -> str:
    """Why `value` is no entry of `nodePortAddresses`, "" when it is one: a range, host bits and all, or `primary`."""
    try:
        good = value == PRIMARY or bool("/" in value and ip_network(value, strict=False))
    except (TypeError, ValueError):
        good = False
    return "" if good else f"must be an address range such as 10.0.0.0/8, or {PRIMARY}"


def bind_address(value: Any) -> str:
    """Why `value` is no address to listen on, "" when it is one: an IP address, with a port or without."""
    host, colon, port = str(value).rpartition(":")
    with_port = bool(colon) and (":" not in host or host.endswith("]"))
    wrong = address((host if with_port else str(value)).strip("[]"))
    wrong = wrong or (port_number(port) if with_port else "")
    return "must be an address and a port such as 0.0.0.0:10256" if wrong else ""


CLUSTER_CHECKS: tuple[tuple[str, Check], ...] = (
    ("podCIDRs.*", cidr),
    ("serviceCIDRs.*", cidr),
    ("nodeNetwork", cidr),
    ("nodeNetworkV6", cidr),
    ("dnsDomain", dns_subdomain),
    ("cni.pool.*", cidr),
    ("kubeProxy.clusterCIDR", cidr_list),
    ("kubeProxy.healthzBindAddress", bind_address),
    ("kubeProxy.metricsBindAddress", bind_address),
    ("kubeProxy.nodePortAddresses.*", node_port_addresses),
    ("loadBalancer.pools.*.addresses.*", address_range),
)


def set_cluster(project: Project, path: str, value: Any) -> Edit:
    """The edit that puts `value` at `path` of the cluster settings; None gives the default back."""
    label = f"Change {path} of the cluster"
    data = project.cluster.dump()
    try:
        parts = parse_path(path)
        if is_too_deep(value):
            raise PathError(f"The value of {path} is nested too deeply.")
        for end, part in enumerate(parts):
            # An element of a list that was never set is one of its default.
            if not isinstance(part, str) and end and read(data, parts[:end]) is None:
                write(data, parts[:end], get_field(project.cluster, path_text(parts[:end])))
        write(data, parts, without_nulls(plain(value)))
    except PathError as error:
        return refused(label, project, refusal("EDIT-02", str(error), field=path, fix="Name a setting that exists."))
    if parts[0] not in ClusterSettings.model_fields:
        return refused(label, project, refusal("EDIT-02", f"There is no setting {path}", field=path))
    return _changed(project, data, label, path_text(parts))


def use_cni(project: Project, plugin: str, backend: str | None = None) -> Edit:
    """The edit that changes the network plugin; without `backend` it takes the plugin's default one.

    An address pool of the old plugin does not go with it, nor who enforced policies, nor do addresses that it was seen
    to give to Pods: they start anew. Where the old plugin was only taken for granted, the new one is what the cluster
    has, and they stay.
    """
    label = f"Use {plugin}" + (f" with {backend}" if backend else "")
    if plugin not in CNI_BACKENDS:
        fix = f"Choose one of {', '.join(CNI_BACKENDS)}."
        return refused(label, project, refusal("EDIT-09", f"There is no network plugin {plugin}", fix=fix))
    data = project.cluster.dump()
    cni = dict(data.get("cni", {}))
    if project.cluster.cni.plugin != plugin:
        cni.pop("pool", None)
        if "setting:cni" not in project.cluster.assumed:
            cni.pop("policyController", None)
            project = recreate_seen(project)
    data["cni"] = {**cni, "plugin": plugin, "backend": backend or CNI_BACKENDS[plugin][0]}
    return _changed(project, data, label, "cni")


def use_settings(project: Project, plugin: str = "", backend: str = "", mode: str = "") -> Edit:
    """The edit that takes a network plugin with its backend and a mode of kube-proxy; "" leaves what there is.

    Without effect (the very project) when nothing would change.
    """
    edit = Edit("Use other settings", project)
    cni = project.cluster.cni
    wanted = backend or (cni.backend if plugin == cni.plugin else "")
    if plugin and (cni.plugin, cni.backend) != (plugin, wanted):
        edit = use_cni(project, plugin, wanted or None)
    if edit.ok and mode and edit.project.cluster.kubeProxy.mode != mode:
        second = set_cluster(edit.project, "kubeProxy.mode", mode)
        label = f"{edit.label}, {mode}" if edit.project is not project else f"Use {mode} mode"
        edit = Edit(label, second.project if second.ok else project, problems=second.problems)
    return edit


def _changed(project: Project, data: dict[str, Any], label: str, path: str) -> Edit:
    """The edit that makes `data` the settings; what a person set is no longer assumed."""
    assumed = [name for name in data.get("assumed", []) if not _covers(path, str(name))]
    if "assumed" in data and path.split("[")[0] != "assumed":
        data["assumed"] = assumed
    try:
        settings = ClusterSettings.model_validate(data)
    except ValidationError as error:
        return refused(label, project, *problems_of(error, "EDIT-09"))
    problems = [*value_problems(CLUSTER_CHECKS, "", project.cluster.dump(), settings.dump()), *_together(settings)]
    if problems:
        return refused(label, project, *problems)
    changed = project if settings.dump() == project.cluster.dump() else replace(project, cluster=settings)
    return Edit(label, changed, f"cluster:{path}")


def _covers(path: str, assumed: str) -> bool:
    """Whether setting `path` says something about the setting that was assumed, or about a part or whole of it."""
    one, other = f"{path}.", f"{assumed.removeprefix('setting:')}."
    return one.replace("[", ".").startswith(other) or other.startswith(one.replace("[", "."))


def _together(settings: ClusterSettings) -> list[Problem]:
    """Problems of values that are fine alone but not together."""
    found = []
    backends = CNI_BACKENDS[settings.cni.plugin]
    if settings.cni.backend not in backends:
        title = f"{settings.cni.plugin} has no backend {settings.cni.backend}"
        found.append(refusal("EDIT-09", title, field="cni.backend", fix=f"Choose one of {', '.join(backends)}."))
    if PRIMARY in settings.kubeProxy.nodePortAddresses and len(settings.kubeProxy.nodePortAddresses) > 1:
        title, field = f"nodePortAddresses holds {PRIMARY} beside address ranges", "kubeProxy.nodePortAddresses"
        found.append(refusal("EDIT-09", title, field=field, fix=f"Name {PRIMARY} alone, or ranges."))
    first, last = settings.nodePortRange
    if not 1 <= first <= last <= 65535:
        title = f"The node port range {first} to {last} is not a range of ports"
        found.append(refusal("EDIT-09", title, field="nodePortRange", fix="Kubernetes' default is 30000 to 32767."))
    return found
