"""Settings of the whole cluster as a form: a declared table of fields, each kept by an edit as soon as it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from designer.edits.fields import get_field
from designer.edits.settings import set_cluster, use_cni
from designer.engine.kubeproxy.ipvs import SCHEDULERS
from designer.model import CNI_BACKENDS
from designer.ui.app.actions import CNI_NAMES
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.fields import FieldRow, SpinBox
from designer.ui.kit.labels import SectionHeader

Editor = Literal["text", "list", "int", "bool", "choice", "cni", "pools", "range"]


@dataclass(frozen=True, slots=True)
class ClusterField:
    """One setting: its path in `ClusterSettings`, its name, how it is edited, and what it is for.

    `choices` are those of a choice, `least` and `most` the bounds of a number. `group` begins with its first field.
    """

    path: str
    name: str
    editor: Editor
    hint: str = ""
    group: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 65535


CLUSTER_FIELDS: Final = (
    ClusterField("name", "Name", "text", group="Cluster"),
    ClusterField("dnsDomain", "DNS domain", "text", "Names end in it: backend.default.svc.cluster.local."),
    ClusterField("podCIDRs", "Pod ranges", "list", "One CIDR a family, for example 10.244.0.0/16.", "Addresses"),
    ClusterField("nodeCIDRMaskV4", "Mask of a Node's Pod range", "int", "24 gives each Node 256 addresses.", least=1,
                 most=32),
    ClusterField("serviceCIDRs", "Service ranges", "list", "For example 10.96.0.0/12."),
    ClusterField("nodeNetwork", "Network of the Nodes", "text", "Addresses of Nodes that say none are taken from it."),
    ClusterField("nodePortRange", "Node ports", "range", "First and last, for example 30000-32767."),
    ClusterField("maxPods", "Pods on a Node at most", "int", "The kubelet's maxPods.", least=1, most=2000),
    ClusterField("cni", "Plugin and backend", "cni", group="Network plugin"),
    ClusterField("cni.pool", "Address pool of the plugin", "list", "Empty: the Pod ranges."),
    ClusterField("cni.blockSize", "Block size", "int", "Calico's IPv4 block, 26 has 64 addresses.", least=20, most=32),
    ClusterField("cni.linkMTU", "MTU of the Nodes' network", "int", least=576, most=65535),
    ClusterField("cni.natOutgoing", "Pods leave the cluster with their Node's address", "bool"),
    ClusterField("loadBalancer.pools", "Addresses to hand out", "pools",
                 "CIDRs or ranges a-b. Empty: Services of type LoadBalancer stay pending.", "Load balancer"),
    ClusterField("loadBalancer.ipMode", "Mode of the address", "choice", choices=("VIP", "Proxy")),
    ClusterField("seed", "Seed", "int", "Repeats what Kubernetes leaves to chance.", "Repeatability", least=0,
                 most=2_000_000_000),
)  # fmt: skip

PROXY_FIELDS: Final = (
    ClusterField("kubeProxy.mode", "Mode", "choice", group="kube-proxy", choices=("iptables", "nftables", "ipvs")),
    ClusterField("kubeProxy.detectLocalMode", "How local traffic is detected", "choice",
                 choices=("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix")),
    ClusterField("kubeProxy.clusterCIDR", "Cluster CIDR", "text", "What counts as Pods; empty: nothing does."),
    ClusterField("kubeProxy.bridgeInterface", "Bridge", "text", "For BridgeInterface, for example cni0."),
    ClusterField("kubeProxy.interfaceNamePrefix", "Prefix of Pod interfaces", "text", "For InterfaceNamePrefix."),
    ClusterField("kubeProxy.masqueradeAll", "Masquerade all traffic to Services", "bool", group="Masquerading"),
    ClusterField("kubeProxy.masqueradeBit", "Mark bit", "int", least=0, most=31),
    ClusterField("kubeProxy.nftablesMasqueradeAll", "The same in nftables mode", "bool"),
    ClusterField("kubeProxy.nftablesMasqueradeBit", "Mark bit in nftables mode", "int", least=0, most=31),
    ClusterField("kubeProxy.nodePortAddresses", "Addresses for node ports", "list",
                 "CIDRs, or primary. Empty: every address, in nftables mode the primary one.", "Node ports"),
    ClusterField("kubeProxy.localhostNodePorts", "Node ports on localhost", "bool"),
    ClusterField("kubeProxy.allowServiceExternalIPs", "External IPs of Services count", "bool",
                 "The feature gate AllowServiceExternalIPs."),
    ClusterField("kubeProxy.ipvsScheduler", "Scheduler", "choice", group="ipvs mode", choices=SCHEDULERS),
    ClusterField("kubeProxy.ipvsStrictARP", "Strict ARP", "bool", "MetalLB in layer 2 mode needs it."),
    ClusterField("kubeProxy.conntrackTCPBeLiberal", "Let packets pass that conntrack calls invalid", "bool",
                 group="Connection tracking"),
    ClusterField("kubeProxy.healthzBindAddress", "Health endpoint", "text", "Address and port.", "Endpoints"),
    ClusterField("kubeProxy.metricsBindAddress", "Metrics", "text", "Address and port."),
)  # fmt: skip

_SEPARATORS = str.maketrans({",": " ", ";": " ", "\n": " "})


def to_text(field: ClusterField, value: Any) -> str:
    """A setting's value as it stands in a line."""
    if field.editor == "pools":
        return ", ".join(address for pool in value for address in pool.get("addresses", ()))
    if field.editor == "range":
        return f"{value[0]}-{value[1]}"
    if field.editor == "list":
        return ", ".join(value)
    return "" if value is None else str(value)


def from_text(field: ClusterField, text: str) -> Any:
    """The value of a line; None where it is empty and the setting may be; what cannot be read goes on as text."""
    words = text.translate(_SEPARATORS).split()
    if field.editor == "pools":
        return [{"name": "default", "addresses": words}] if words else []
    if field.editor == "list":
        return words
    if field.editor == "range":
        ends = [part.strip() for part in text.split("-")]
        return [int(part) for part in ends] if len(ends) == 2 and all(p.isdigit() for p in ends) else text
    return text.strip() or None


class ClusterDialog(FramedDialog):
    """The form. Each field is checked when it is left; a wrong one keeps its text and says what is wrong."""

    def __init__(self, title: str, fields: Sequence[ClusterField], bridge: SessionBridge, parent: QWidget) -> None:
        super().__init__(title, parent, Buttons.Close, "Every change holds at once and can be undone.")
        self.setObjectName("clusterSettings")
        self._bridge = bridge
        self.rows: dict[str, FieldRow] = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(10)
        for field in fields:
            if field.group:
                column.addWidget(SectionHeader(field.group))
            self._add(field, column)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(scroll)

    def _add(self, field: ClusterField, column: QVBoxLayout) -> None:
        value = get_field(self._bridge.project.cluster, field.path)
        editor: QWidget
        if field.editor == "bool":
            box = QCheckBox(field.name)
            box.setChecked(bool(value))
            box.setToolTip(field.hint)
            box.toggled.connect(lambda checked: self._set(field, checked))
            column.addWidget(box)
            return
        if field.editor == "int":
            editor = self._number(field, int(value))
        elif field.editor in ("choice", "cni"):
            editor = self._choice(field, value)
        else:
            line = QLineEdit(to_text(field, value))
            line.editingFinished.connect(lambda: self._set(field, from_text(field, line.text())))
            editor = line
        row = FieldRow(field.name, editor, field.hint)
        self.rows[field.path] = row
        column.addWidget(row)

    def _number(self, field: ClusterField, value: int) -> QSpinBox:
        box = SpinBox(field.least, field.most, value)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda number: self._set(field, number))
        return box

    def _choice(self, field: ClusterField, value: Any) -> QComboBox:
        box = QComboBox()
        if field.editor == "cni":
            for plugin, backends in CNI_BACKENDS.items():
                for backend in backends:
                    box.addItem(f"{CNI_NAMES[plugin]} · {backend}", f"{plugin}.{backend}")
            cni = self._bridge.project.cluster.cni
            box.setCurrentIndex(box.findData(f"{cni.plugin}.{cni.backend}"))
        else:
            # A value of its own, as an IPVS scheduler may be, stands among them and stays.
            for choice in dict.fromkeys((*field.choices, *([value] if value else []))):
                box.addItem(choice, choice)
            box.setCurrentIndex(box.findData(value))
        box.currentIndexChanged.connect(lambda: self._set(field, box.currentData()))
        return box

    def _set(self, field: ClusterField, value: Any) -> None:
        project = self._bridge.project
        if field.editor == "cni":
            plugin, _, backend = str(value).partition(".")
            edit = use_cni(project, plugin, backend)
        else:
            edit = set_cluster(project, field.path, value)
        row = self.rows.get(field.path)
        if edit.ok:
            self._bridge.session.end_merge()
            self._bridge.apply(edit)
        if row is not None:
            problem = next((p for p in edit.problems if p.severity == "error"), None)
            row.set_error(" ".join(part for part in (f"{problem.title}.", problem.fix) if part) if problem else "")

    def sizeHint(self) -> QSize:
        """Room for the form without growing over small screens."""
        return QSize(500, 620)
