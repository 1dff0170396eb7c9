"""Who enforces NetworkPolicy in the input: the plugin's own engine, a program beside the plugin, or nobody.

Authorities: Weave Net's "Configuration Options" (``EXPECT_NPC``) and "Weave NPC" (what it does without its
controller); K3s' "Networking Services" (a controller is built in, ``--disable-network-policy``); kube-router's user
guide (``--run-firewall``, ``--run-router``); flannel's chart (``netpol.enabled`` adds kube-network-policies); the
README of Amazon VPC CNI (``--enable-network-policy`` of the node agent, off by default).
"""

from __future__ import annotations

from typing import Any

from designer.manifests.raw_objects import RawObject
from designer.manifests.settings_draft import SettingsDraft, at
from designer.model import Problem, object_id

SETTING = "cni.policyController"
K3S = "+k3s"
NO_POLICY = "--disable-network-policy"
NETWORK_POLICIES = "kube-network-policies"
OFF = ("false", "0", "f")


def containers(raw: RawObject) -> list[Any]:
    """The containers of a DaemonSet's template, or of a Pod."""
    found = at(raw.data, "spec.containers" if raw.kind == "Pod" else "spec.template.spec.containers")
    return found if isinstance(found, list) else []


def policy_controller(raws: list[RawObject], daemons: dict[str, RawObject], draft: SettingsDraft) -> None:
    """Take who enforces; `daemons` are the DaemonSets of the input by name (or a Pod of each)."""
    for name, read in (("weave-net", _weave), ("aws-node", _amazon), ("kube-router", _kube_router)):
        if name in daemons:
            read(daemons[name], draft)
    if draft.values.get("cni.plugin") == "flannel" and SETTING not in draft.values:
        _beside_flannel(raws, daemons, draft)


def _weave(raw: RawObject, draft: SettingsDraft) -> None:
    found = containers(raw)
    if not found or draft.values.get("cni.plugin", "weave") != "weave":
        return
    expected = [at(entry, "value") for one in found for entry in _list(one, "env") if at(entry, "name") == "EXPECT_NPC"]
    if "0" in expected:
        draft.set(SETTING, "none", raw, "spec")
    elif not any("npc" in f"{at(one, 'name')} {at(one, 'image')}" for one in found):
        draft.problems.append(
            Problem(
                "READ-11",
                "warning",
                "Weave Net runs without its policy controller weave-npc, and expects it",
                object=object_id(raw.kind, raw.namespace or "default", raw.name),
                why="Without EXPECT_NPC=0 it drops connections to Pods that no rule of weave-npc accepts, so that "
                "nearly all fail; here they are answered as if weave-npc ran.",
                fix="Add the container weave-npc, or set EXPECT_NPC=0, with which no NetworkPolicy is enforced.",
                file=raw.file,
                line=raw.line,
            )
        )


def _amazon(raw: RawObject, draft: SettingsDraft) -> None:
    agents = [one for one in containers(raw) if str(at(one, "name")).endswith(("nodeagent", "network-policy-agent"))]
    said = [value for one in agents if (value := flag(one, "enable-network-policy")) is not None]
    if containers(raw) and (not agents or (said[-1] if said else "false").lower() in OFF):
        draft.set(SETTING, "none", raw, "spec")


def _kube_router(raw: RawObject, draft: SettingsDraft) -> None:
    """Its firewall is on unless it is told otherwise; beside Flannel it is there for policies alone."""
    for one in containers(raw):
        firewall, router = flag(one, "run-firewall") or "true", flag(one, "run-router") or "true"
        if firewall.lower() in OFF and draft.values.get("cni.plugin") != "flannel":
            draft.set(SETTING, "none", raw, "spec")
        elif firewall.lower() not in OFF and router.lower() in OFF and draft.values.get("cni.plugin") == "flannel":
            draft.set(SETTING, "kube-router", raw, "spec")


def _beside_flannel(raws: list[RawObject], daemons: dict[str, RawObject], draft: SettingsDraft) -> None:
    for name in ("kube-flannel-ds", "kube-flannel", NETWORK_POLICIES):
        raw = daemons.get(name)
        if raw is not None and any(NETWORK_POLICIES in str(at(one, "image")) for one in containers(raw)):
            draft.set(SETTING, NETWORK_POLICIES, raw, "spec")
            return
    nodes = [raw for raw in raws if raw.kind == "Node"]
    for raw in nodes:
        version = str(at(raw.data, "status.nodeInfo.kubeletVersion") or "")
        if K3S in version and not any(NO_POLICY in _node_args(node) for node in nodes):
            draft.set(SETTING, "kube-router", raw, "status", "nodeInfo", "kubeletVersion")
            return


def _node_args(raw: RawObject) -> str:
    """What K3s was started with, as it writes it on its Node."""
    annotations = at(raw.data, "metadata.annotations")
    return str(annotations.get("k3s.io/node-args", "")) if isinstance(annotations, dict) else ""


def flag(container: Any, name: str) -> str | None:
    """The value of ``--name=value`` among a container's words ("true" where it stands alone), None without it."""
    words = [str(word) for word in (*_list(container, "command"), *_list(container, "args"))]
    for word in reversed(words):
        if word.lstrip("-") == name:
            return "true"
        if word.lstrip("-").startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def _list(data: Any, path: str) -> list[Any]:
    found = at(data, path)
    return found if isinstance(found, list) else []
