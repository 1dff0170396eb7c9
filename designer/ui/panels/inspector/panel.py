"""The inspector panel: form or YAML of what is selected, and below it what the engine computed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from designer.edits.kept import rename_any
from designer.edits.keptreferences import is_gateway_api, kind_of
from designer.edits.recreate import recreate
from designer.edits.remove import remove
from designer.edits.settings import set_cluster
from designer.edits.staging import is_staged_policy
from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.kubeproxy import tables_text
from designer.model import replaces_kube_proxy, split_id
from designer.present.computed_rows import ComputedRow, ComputedSection, computed
from designer.present.drawn_words import drawn_words
from designer.present.kept_policies import STANDING_WORDS
from designer.present.pinned_rows import pinned_to
from designer.present.rule_rows import is_rule, service_lines, virtual_lines
from designer.present.table_rows import table_lines
from designer.present.words import count_text, object_text
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button
from designer.ui.kit.focus_order import go_on
from designer.ui.kit.messages import InlineBanner
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.tokens import PANEL_PADDING
from designer.ui.panels.inspector.cluster_form import CLUSTER
from designer.ui.panels.inspector.computed_view import ComputedView
from designer.ui.panels.inspector.fields import Section
from designer.ui.panels.inspector.form_view import FormView
from designer.ui.panels.inspector.forms import FORMS, LEADING
from designer.ui.panels.inspector.gateway_forms import GATEWAY_FORMS
from designer.ui.panels.inspector.header import InspectorHeader
from designer.ui.panels.inspector.yaml_page import YamlPage
from designer.ui.panels.link_button import LinkButton
from designer.ui.panels.live import LivePanel

COUNTED_SERVICES = 1_000


def _rules_naming(state: ClusterState, service: str) -> tuple[str, str, str]:
    """The Service, the first Node, and what of its tables belongs to the Service: ``14 rules``."""
    node = next(iter(state.control.nodes), "")
    mode = state.project.cluster.kubeProxy.mode
    settings = state.project.cluster
    text, _problems = tables_text(state.control, settings, node, mode)
    brought = virtual_lines(state.control, settings, service, node) if mode == "ipvs" else ()
    lines = service_lines(table_lines(text), service, brought)
    if replaces_kube_proxy(settings):
        return service, node, count_text(len(lines), "entry", "entries")
    return service, node, count_text(sum(is_rule(line) for line in lines), "rule")


class InspectorPanel(LivePanel):
    """Shows the one selected object, the cluster when nothing is selected, a summary for several.

    `tablesWanted` carries the id of the Service whose rules a person wants to see.
    """

    NAME = "Inspector"
    tablesWanted = Signal(str)

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.header = InspectorHeader()
        self.banner = InlineBanner()
        self.banner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.computed = ComputedView()
        self.yaml = YamlPage(session)
        self.forms: list[FormView] = []
        self._shown: str | None = None
        self.recreate_button = push_button("Recreate this Pod", self.recreate_pod, icon_name="refresh")
        self.delete_button = push_button("Delete", self._delete, icon_name="delete")
        self.rules_link = LinkButton("", lambda: self.tablesWanted.emit(self._object_id()))
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show_rules)
        self._build()
        selection.changed.connect(lambda _ids: self._on_selection())
        self._catch_up()

    def _build(self) -> None:
        self.setMinimumWidth(220)
        body = QWidget()
        self._body = QVBoxLayout(body)
        self._body.setContentsMargins(PANEL_PADDING, 4, PANEL_PADDING, PANEL_PADDING)
        self._body.setSpacing(12)
        self._body.addWidget(self.recreate_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._body.addWidget(self.delete_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._body.addWidget(self.computed)
        self._body.addWidget(self.rules_link)
        self._body.addStretch(1)
        self._scroll = ScrollArea()
        self._scroll.setAccessibleName("What is selected")
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(body)
        page = QWidget()
        around = QVBoxLayout(page)
        around.setContentsMargins(PANEL_PADDING, 4, PANEL_PADDING, PANEL_PADDING)
        around.addWidget(self.yaml)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(page)
        head = QWidget()
        top = QVBoxLayout(head)
        top.setContentsMargins(PANEL_PADDING, 12, PANEL_PADDING, 0)
        top.setSpacing(8)
        top.addWidget(self.header)
        top.addWidget(self.banner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(head)
        self.column.addWidget(self._pages, 1)
        self.header.viewChanged.connect(self._show_view)
        self.header.renamed.connect(self._rename)
        self.computed.objectWanted.connect(self.selection.show)
        self.yaml.renamed.connect(self._follow)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Whether Tab has gone on: in the order of what stands here, which comes and goes."""
        return go_on(self, forward) or super().focusNextPrevChild(forward)

    def refresh(self) -> None:
        """Nothing; shows what is selected as it is now."""
        if self._target() != self._shown:
            self._show_target()
            return
        self._show_header()
        for form in self.forms:
            form.refresh()
        if self._pages.currentIndex() == 1:
            self.yaml.refresh()
        self._show_computed()

    def _target(self) -> str:
        """What to show: an object id, "" for the cluster, "*" for several objects."""
        ids = self.selection.ids
        return "" if not ids else ids[0] if len(ids) == 1 else "*" + "\n".join(ids)

    def _on_selection(self) -> None:
        if self._target() != self._shown:
            self.banner.hide()
            if self.isVisible():
                self._show_target()
            else:
                self._stale = True

    def _object_id(self) -> str:
        """The selected object's id; that of a drawn Pod for the key or id of its derived state; "" for none.

        An object that is only kept has one too.
        """
        single = self.selection.single or ""
        project = self.session.project
        return single if project.get(single) is not None or single in project.foreign else ""

    def _pod(self) -> PodState | None:
        single = self.selection.single or ""
        state = self.state
        if state is None or not single:
            return None
        found = state.control.pods.get(single)
        # Only Pods of workloads have keys of another form than their ids; looking for one takes every Pod.
        if found is None and "#" in single:
            found = next((pod for pod in state.control.pods.values() if pod.key == single), None)
        return found

    def _show_target(self) -> None:
        self._shown = self._target()
        for old in self.forms:
            self._body.removeWidget(old)
            old.hide()
            old.deleteLater()
        oid = self._object_id()
        kind = kind_of(oid) if oid else ""
        sections = CLUSTER if not self.selection.ids else self._sections(oid)
        lead = LEADING.get(kind, 1) if oid else len(sections)
        # What was computed stands below what matters most, not below everything that can be set.
        self.forms = [
            FormView(self.session, part, oid, self._body.parentWidget())
            for part in (sections[:lead], sections[lead:])
            if part
        ]
        for place, form in enumerate(self.forms):
            form.renamed.connect(self._follow)
            form.objectWanted.connect(self.selection.show)
            form.fieldWanted.connect(self._focus_field)
            form.helpWanted.connect(self.helpWanted)
            self._body.insertWidget(0 if place == 0 else self._body.indexOf(self.rules_link) + 1, form)
        self._scroll.verticalScrollBar().setValue(0)
        self._show_header()
        self._show_view(self.header.views.value())
        self._show_computed()

    def _sections(self, oid: str) -> tuple[Section, ...]:
        """The form of an object; kept objects have one where they are of Gateway API."""
        if oid in self.session.project.foreign:
            return GATEWAY_FORMS.get(kind_of(oid), ()) if is_gateway_api(oid) else ()
        return FORMS.get(split_id(oid)[0], ()) if oid else ()

    def _focus_field(self, path: str) -> None:
        for form in self.forms:
            form.focus_field(path)

    def _show_header(self) -> None:
        ids, oid, pod = self.selection.ids, self._object_id(), self._pod()
        project = self.session.project
        if not ids:
            settings = project.cluster
            proxy = "no kube-proxy" if replaces_kube_proxy(settings) else settings.kubeProxy.mode
            words = f"Kubernetes {settings.kubernetesVersion} · {settings.cni.plugin} · {proxy}"
            self.header.show_object("Cluster", settings.name, words, editable=True, yaml=False)
        elif len(ids) > 1:
            self.header.show_object("Several objects", count_text(len(ids), "object"), "", editable=False, yaml=False)
        elif oid:
            kind, namespace, name = split_id(oid)
            # Of a kept object the kind is written with its group; but for Gateway API only its YAML can be edited.
            editable = oid not in project.foreign or is_gateway_api(oid)
            staged = STANDING_WORDS["staged"] if is_staged_policy(project, oid) else ""
            below = " · ".join(part for part in (namespace, staged) if part)
            self.header.show_object(kind.rpartition("/")[2], name, below, editable=editable, yaml=True)
        elif pod is not None:
            below = f"{pod.namespace} · made by {object_text(pod.owner)}" if pod.owner else pod.namespace
            self.header.show_object("Pod", pod.name, below, editable=False, yaml=False)
        else:
            self.header.show_object(*drawn_words(project, self.state, ids[0]), editable=False, yaml=False)
        self.recreate_button.setVisible(pod is not None and len(ids) == 1)
        self.delete_button.setVisible(len(ids) > 1)
        self.delete_button.setText(f"Delete {count_text(len(ids), 'object')}")

    def _show_view(self, view: str) -> None:
        yaml = view == "yaml" and bool(self._object_id())
        self._pages.setCurrentIndex(1 if yaml else 0)
        if yaml:
            self.yaml.show_object(self._object_id())

    def _show_computed(self) -> None:
        state, ids, pod = self.state, self.selection.ids, self._pod()
        if state is None or not ids:
            self.computed.show_sections(())
        elif len(ids) > 1:
            counts: dict[str, int] = {}
            for oid in ids:
                counts[split_id(oid)[0]] = counts.get(split_id(oid)[0], 0) + 1
            kinds = tuple(ComputedRow(str(count), kind) for kind, count in sorted(counts.items()))
            rows = tuple(
                ComputedRow(split_id(oid)[2], " · ".join(filter(None, split_id(oid)[:2])), oid) for oid in ids[:50]
            )
            listed = ComputedSection("Selected", rows, max(0, len(ids) - 50))
            self.computed.show_sections((ComputedSection("Kinds", kinds), listed))
        else:
            self.computed.show_sections(computed(state, pod.id if pod is not None else ids[0]))

        self._count_rules()

    def show_field(self, path: str) -> None:
        """Nothing; shows the YAML of the selected object with the cursor on a field."""
        self.header.views.set_value("yaml")
        self.yaml.show_field(path)

    def wait(self) -> bool:
        """Whether the counting that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _count_rules(self) -> None:
        """Count the rules of a Service in the background; a link to them stands there at once."""
        state, oid = self.state, self._object_id()
        service = state.control.services.get(oid) if state is not None else None
        shown = service is not None and state is not None and bool(state.control.nodes)
        self.rules_link.setVisible(shown)
        if not shown or state is None:
            self._jobs.cancel()
            return
        self.rules_link.set_words("Show its rules in Tables")
        # A very large cluster has hundreds of thousands of rules: there the link has to do.
        if len(state.control.services) <= COUNTED_SERVICES:
            self._jobs.start(lambda: _rules_naming(state, oid))

    def _show_rules(self, found: tuple[str, str, str]) -> None:
        service, node, words = found
        if service == self._object_id():
            self.rules_link.set_words(f"Show its {words} on {node} in Tables")

    def _follow(self, oid: str) -> None:
        self.selection.select((oid,))
        if self.yaml.oid and self._pages.currentIndex() == 1:
            self.yaml.show_object(oid)

    def _rename(self, name: str) -> None:
        oid = self._object_id()
        project = self.session.project
        edit = rename_any(project, oid, name) if oid else set_cluster(project, "name", name)
        errors = [problem for problem in edit.problems if problem.severity == "error"]
        self.header.say(f"{errors[0].title}. {errors[0].fix}".strip() if errors else "")
        if errors or edit.project is project:
            return
        self.session.apply(edit)
        if oid and edit.select:
            self._follow(edit.select[0])

    def _delete(self) -> None:
        project = self.session.project
        ids = tuple(oid for oid in self.selection.ids if project.get(oid) is not None or oid in project.foreign)
        if ids and self.session.apply(remove(self.session.project, ids)):
            self.selection.clear()

    def recreate_pod(self) -> None:
        """Nothing; lets the selected Pod start anew, and says what still points at its old address."""
        pod = self._pod()
        if pod is None or not self.session.apply(recreate(self.session.project, pod.key)):
            return
        state = self.state
        fresh = next((p for p in state.control.pods.values() if p.key == pod.key), None) if state else None
        if fresh is None:
            return
        if fresh.id != pod.id:
            self.selection.select((fresh.id,))
        now = f"{fresh.name} has {', '.join(fresh.ips) or 'no address yet'}; before {', '.join(pod.ips) or 'none'}."
        pinned = [row for address in pod.ips for row in pinned_to(self.session.project, address, fresh.id)]
        if pinned:
            names = ", ".join(dict.fromkeys(f"{row.object} ({row.field})" for row in pinned[:5]))
            self.banner.show_message(f"{now} Pinned to the old address: {names}.", "warning")
        else:
            self.banner.show_message(f"{now} Nothing is pinned to the old address.", "success")
