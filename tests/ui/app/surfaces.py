"""Everything that can stand on the screen: each dialog by its class, the messages that ask, the panels, every form.

A dialog that is not in `DIALOGS` fails the test that walks them: a new one needs its line here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QApplication, QDialog

from designer.edits import shapes
from designer.edits.create import create
from designer.edits.edit import Edit
from designer.edits.staging import stage
from designer.engine.trace.hops import Request
from designer.manifests import ImportReport, ReportEntry
from designer.manifests.sources import FileChange
from designer.model import NetworkPolicy, Problem, Service
from designer.storage import RecoveryInfo
from designer.ui.app import dialogs
from designer.ui.app.dialogs.chooser import ChooserDialog
from designer.ui.app.dialogs.frame import FramedDialog
from designer.ui.app.window import MainWindow
from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.inspector.forms import FORMS
from designer.ui.panels.inspector.gateway_forms import GATEWAY_FORMS
from designer.ui.panels.inspector.groups import GroupList

Open = Callable[[MainWindow], object]
LONG: Final = "a-name-of-sixty-three-characters-is-the-longest-kubernetes-take"
HOST: Final = ".".join(("a-label-of-a-host-with-many-characters-as-dns-allows",) * 4)[:253]


def dialog_classes() -> frozenset[type[QDialog]]:
    """Every class of a dialog that the program has, but the two frames that dialogs have in common."""
    for module in pkgutil.iter_modules(dialogs.__path__):
        importlib.import_module(f"{dialogs.__name__}.{module.name}")
    found: set[type[QDialog]] = set()
    waiting: list[type[QDialog]] = [QDialog]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            if cls.__module__.startswith("designer."):
                found.add(cls)
    return frozenset(found - {FramedDialog, ChooserDialog})


def _act(name: str) -> Open:
    return lambda window: window.action_set.actions[name].trigger()


def _shop(window: MainWindow) -> None:
    window.files.open_sample("shop.cnd")


def _migrate(window: MainWindow) -> None:
    window.files.open_sample("two-controllers.cnd")
    window.action_set.actions["ana.migrate"].trigger()


def _problems(window: MainWindow) -> None:
    from designer.ui.app.dialogs.problem_list import ProblemListDialog

    found = [
        Problem("SVC-01", "error", f"Service {LONG} selects nothing", "", "Change its selector.", f"Service:x/{LONG}"),
        Problem("NP-02", "warning", "A policy selects nothing"),
    ]
    ProblemListDialog(found, window).open()


def _report(window: MainWindow) -> None:
    from designer.ui.app.dialogs.import_report import ImportReportDialog

    entries = (
        ReportEntry("read", "Service", f"Service:{LONG}/{LONG}", f"cluster/{LONG}.yaml", 3),
        ReportEntry("assumed", "The network plugin is assumed to be Calico."),
    )
    ImportReportDialog(ImportReport(entries), (), window.shell.selection, window).open()


def _recovery(window: MainWindow) -> None:
    recovery = window.commands.recovery
    recovery.found = [RecoveryInfo(Path("x.journal"), f"/home/somebody/{LONG}.cnd", 12, "Move", 1_700_000_000.0)]
    recovery.dialog()


def _diff(window: MainWindow) -> None:
    from designer.ui.app.dialogs.file_diff import FileDiffDialog

    changes = (
        FileChange(f"{LONG}.yaml", "port: 80\n", "port: 8080\n"),
        FileChange("new.yaml", None, f"host: {HOST}\n"),
    )
    FileDiffDialog("Save to manifests", "These files change.", changes, "Save", lambda: None, window).open()


def _swapped(window: MainWindow) -> None:
    _shop(window)
    window.action_set.actions["ana.cni.flannel.vxlan"].trigger()
    assert window.swaps.wait()
    QApplication.processEvents()
    window.swaps.show_last()


def _staged(window: MainWindow) -> None:
    _shop(window)
    policy = window.shell.bridge.project.of(NetworkPolicy)[0].id
    window.shell.bridge.apply(stage(window.shell.bridge.project, policy))
    window.action_set.actions["ana.staged"].trigger()


def _without(window: MainWindow) -> None:
    _shop(window)
    window.commands.policies.without(window.shell.bridge.project.of(NetworkPolicy)[0].id)


def _connect(window: MainWindow) -> None:
    _shop(window)
    window.shell.selection.select((next(iter(window.shell.bridge.project.slice(Service))),))
    window.action_set.actions["edit.connect"].trigger()


def _save_request(window: MainWindow) -> None:
    window.commands.simulate.ask(Request("client", f"http://{HOST}/"))
    window.action_set.actions["sim.save"].trigger()


def _after(sample: str, action: str) -> Open:
    def show(window: MainWindow) -> None:
        window.files.open_sample(sample)
        window.action_set.actions[action].trigger()

    return show


DIALOGS: Final[dict[str, Open]] = {
    "ChangesDialog": _swapped,
    "ClusterDialog": _act("ana.cluster"),
    "CompareDialog": _after("shop.cnd", "ana.compare"),
    "ConnectDialog": _connect,
    "ConnectivityDiff": _after("shop.cnd", "ana.diff"),
    "FileDiffDialog": _diff,
    "FinderDialog": _act("edit.commands"),
    "ImportReportDialog": _report,
    "IsolateDialog": _after("shop.cnd", "ana.isolate"),
    "LocalDropsDialog": _after("exposure.cnd", "ana.local"),
    "MigrationDialog": _migrate,
    "PreferencesDialog": _act("edit.preferences"),
    "PrintPreview": _act("file.preview"),
    "ProblemListDialog": _problems,
    "RecoveryDialog": _recovery,
    "RepairDialog": _after("shop.cnd", "ana.repair"),
    "RoutingDialog": _act("ana.routing"),
    "ScenarioDialog": _save_request,
    "StagedDialog": _staged,
    "VerifyDialog": _act("ana.verify"),
    "WithoutDialog": _without,
    "WordsDialog": _act("help.shortcuts"),
}
# Other states of the same classes, by name.
MORE: Final[dict[str, Open]] = {
    "kube-proxy": _act("ana.proxy"),
    "find": _act("edit.find"),
    "about": _act("help.about"),
    "doctor": _act("help.doctor"),
    "verdicts": _act("help.verdicts"),
}


def opened(window: MainWindow, name: str) -> QDialog:
    """The dialog of that name, on the screen."""
    known = {id(widget) for widget in window.findChildren(QDialog)}
    {**DIALOGS, **MORE}[name](window)
    found = [made for made in window.findChildren(QDialog) if id(made) not in known and made.isVisible()]
    assert len(found) == 1, (name, found)
    return found[0]


# What the palette does not make: kinds that only come with manifests, each as small as it can be.
_TEMPLATE: Final = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [shapes.container()]}}
_OTHER_KINDS: Final[dict[str, dict[str, Any]]] = {
    "CronJob": {"spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": _TEMPLATE}}}},
    "EndpointSlice": {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"port": 80}]},
    "IngressClass": {"spec": {"controller": "k8s.io/ingress-nginx"}},
    "Job": {"spec": {"template": _TEMPLATE}},
    "ReplicaSet": {"spec": {"selector": {"matchLabels": {"app": "a"}}, "template": _TEMPLATE}},
    "ReplicationController": {"spec": {"selector": {"app": "a"}, "template": _TEMPLATE}},
    "ServiceCIDR": {"spec": {"cidrs": ["10.112.0.0/16"]}},
}


def form_kinds() -> tuple[str, ...]:
    """Every kind that the Inspector has a form for, and what it shows without one object."""
    return ("cluster", *sorted({*FORMS, *GATEWAY_FORMS}), "several")


def form_of(window: MainWindow, kind: str) -> InspectorPanel:
    """The Inspector with the form of a kind, every list of it with one entry more."""
    window.sides.show_side("inspector", True)
    panel, shell = window.make_inspector(), window.shell
    project = shell.bridge.project
    if kind == "cluster":
        shell.selection.clear()
    elif kind == "several":
        services = [obj.id for obj in project.of(Service)]
        shell.selection.select(services)
    elif kind in _OTHER_KINDS:
        made = shapes.build(kind, f"a-{kind.lower()}", **_OTHER_KINDS[kind])
        assert shell.bridge.apply(Edit(f"Add {kind}", project.with_objects([made])))
        shell.selection.select((made.id,))
    else:
        edit = create(project, kind)
        assert shell.bridge.apply(edit), edit.problems
        shell.selection.select(edit.select[:1])
    QApplication.processEvents()
    for groups in panel.findChildren(GroupList):
        if groups.isVisible():
            groups.add()
    QApplication.processEvents()
    return panel
