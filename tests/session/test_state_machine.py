"""A person's work at random, and what always holds.

Create, edit, rename, connect, move, delete, paste, recreate, verify, undo, redo, save, load.
"""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from designer.edits import arrange, clipboard, create, drops, fields, recreate, remove
from designer.edits.edit import Edit
from designer.edits.palette import PALETTE
from designer.edits.podkeys import owner_of
from designer.edits.settings import set_cluster, use_cni
from designer.edits.verification import keep_verification
from designer.engine.compile import compile_project
from designer.engine.controlplane import allocate
from designer.model import Placement, Project, split_id
from designer.session import Session
from designer.storage import decode, encode, fingerprint, recover
from tests.storage.samples import verification

KINDS = st.sampled_from([item.kind for item in PALETTE])
PLACES = st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000))
LABELS = st.dictionaries(st.sampled_from(["app", "tier", "x.io/role"]), st.sampled_from(["web", "db", ""]), max_size=2)
# Paths and values as a person types them: right ones, wrong ones, and ones that fit only some kinds.
FIELDS = st.sampled_from(
    [
        ("spec.replicas", 1),
        ("spec.replicas", 3),
        ("spec.replicas", "many"),
        ("spec.type", "NodePort"),
        ("spec.type", "LoadBalancer"),
        ("spec.clusterIP", "None"),
        ("spec.clusterIP", "10.96.0.77"),
        ("spec.ports[+]", {"name": "more", "port": 443}),
        ("spec.ports[0]", None),
        ("spec.ports[0].port", 70000),
        ("spec.template.spec.hostNetwork", True),
        ("spec.template.spec.nodeName", "node-1"),
        ("spec.taints[+]", {"key": "k", "effect": "NoExecute"}),
        ("spec.policyTypes[+]", "Egress"),
        ("spec", 7),
        ("", 1),
    ]
)
SETTINGS = st.sampled_from(
    [
        ("podCIDRs", ["10.200.0.0/16"]),
        ("podCIDRs", ["nonsense"]),
        ("nodeCIDRMaskV4", 26),
        ("serviceCIDRs", ["10.97.0.0/24"]),
    ]
)


def small_cluster() -> Project:
    """One of each kind, so that every rule has something to work on from the first step."""
    project = Project()
    for kind in ("Node", "Node", *(item.kind for item in PALETTE)):
        target = "Deployment:default/web-2" if kind in ("Service", "NetworkPolicy") else None
        edit = create.create(project, kind, target=target)
        assert edit.ok, edit.problems
        project = edit.project
    return project


class Window(RuleBasedStateMachine):
    """One window with its journal, and a file; and what holds after every step."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="session-")
        self.file = Path(self.folder.name) / "work.cnd"
        self.session = Session(small_cluster(), journal_folder=Path(self.folder.name) / "journal")
        self.origin = self.session.project
        self.snapshots: list[Project] = [self.origin]
        self.saved: Project | None = None

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        while self.session.can_undo:
            assert self.session.undo().ok
        assert self.session.project is self.origin
        self.session.close()
        self.folder.cleanup()

    def apply(self, edit: Edit) -> None:
        before = self.session.project
        outcome = self.session.apply(edit)
        assert not [p for p in outcome.problems if p.code.startswith(("SESSION", "FILE"))]
        if outcome.ok:
            assert self.session.project is before or self.session.undo_label == edit.label
        else:
            assert self.session.project is before and outcome.problems

    def pick(self, data: st.DataObject, of: str = "") -> str | None:
        ids = [obj.id for obj in self.session.project.all() if not of or of == obj.KIND]
        return data.draw(st.sampled_from(ids)) if ids else None

    @invariant()
    def the_file_form_holds_everything(self) -> None:
        data = encode(self.session.project)
        again, problems = decode(data)
        assert again == self.session.project and not problems
        assert encode(again) == data

    @invariant()
    def the_ledger_fits_the_objects(self) -> None:
        project = self.session.project
        assert allocate(project)[0] is project.ledger
        owners = {owner_of(key) for key in project.ledger.pods}
        assert all(project.get(oid) is not None for oid in (*owners, *project.ledger.services))
        assert {f"Node:{name}" for name in project.ledger.nodes} == set(project.objects.get("Node", {}))
        assert all(f"Node:{r.node}" in project.objects.get("Node", {}) for r in project.ledger.pods.values() if r.node)

    @invariant()
    def nothing_stands_that_does_not_exist(self) -> None:
        project = self.session.project
        placed = [oid for places in project.canvas.placements.values() for oid in places]
        assert all(project.get(owner_of(oid)) is not None or oid in project.foreign for oid in placed)
        assert all(
            oid == obj.id and split_id(oid)[0] == kind for kind, s in project.objects.items() for oid, obj in s.items()
        )

    @invariant()
    def the_journal_leads_here(self) -> None:
        journal = self.session._recovery._journal
        assert journal is not None and journal.file_path is not None
        copy = journal.file_path.with_suffix(".copy")
        copy.write_bytes(journal.file_path.read_bytes())
        found = recover(copy)
        copy.unlink()
        assert found.project is not None and not found.problems
        assert found.project == self.session.project
        assert encode(found.project) == encode(self.session.project)

    @invariant()
    def compiling_step_by_step_is_compiling_from_scratch(self) -> None:
        assert self.session.state_is_current
        fresh = compile_project(self.session.project)
        assert self.session.state.control == fresh.control
        assert self.session.state.problems == fresh.problems


class Work(Window):
    """What a person may do in it."""

    @rule(kind=KINDS, at=st.none() | PLACES, data=st.data())
    def create(self, kind: str, at: tuple[float, float] | None, data: st.DataObject) -> None:
        target = self.pick(data) if data.draw(st.booleans()) else None
        self.apply(create.create(self.session.project, kind, at=at, target=target))

    @rule(field=FIELDS, data=st.data())
    def edit(self, field: tuple[str, Any], data: st.DataObject) -> None:
        if oid := self.pick(data):
            self.apply(fields.set_field(self.session.project, oid, *field))

    @rule(labels=LABELS, data=st.data())
    def relabel(self, labels: dict[str, str], data: st.DataObject) -> None:
        if oid := self.pick(data):
            self.apply(fields.set_field(self.session.project, oid, "metadata.labels", labels))

    @rule(name=st.sampled_from(["a", "b.c", "node-9", "Bad Name", ""]), data=st.data())
    def rename(self, name: str, data: st.DataObject) -> None:
        if oid := self.pick(data):
            self.apply(fields.rename(self.session.project, oid, name))

    @rule(data=st.data())
    def connect(self, data: st.DataObject) -> None:
        """Draw a Service on a workload and an Ingress on a Service."""
        if workload := self.pick(data, "Deployment"):
            self.apply(create.create(self.session.project, "Service", target=workload))
        if service := self.pick(data, "Service"):
            self.apply(create.create(self.session.project, "Ingress", target=service))

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        one, other = self.pick(data), self.pick(data)
        if one and other:
            self.apply(drops.move(self.session.project, one, other))

    @rule(at=PLACES, data=st.data())
    def move(self, at: tuple[float, float], data: st.DataObject) -> None:
        if oid := self.pick(data):
            self.apply(arrange.place(self.session.project, "nodes", {oid: Placement(x=at[0], y=at[1])}))

    @rule(view=st.sampled_from(["nodes", "traffic"]), only_new=st.booleans())
    def lay_out(self, view: str, only_new: bool) -> None:
        boxes = {obj.id: (120.0, 60.0) for obj in self.session.project.all()}
        self.apply(arrange.auto_layout(self.session.project, view, boxes, only_new=only_new))

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        if oid := self.pick(data):
            self.apply(remove.remove(self.session.project, [oid]))
            assert self.session.project.get(oid) is None

    @rule(at=st.none() | PLACES, data=st.data())
    def paste(self, at: tuple[float, float] | None, data: st.DataObject) -> None:
        if oid := self.pick(data):
            text = clipboard.copy(self.session.project, [oid])
            self.apply(clipboard.paste(self.session.project, text, "nodes", at))

    @rule(data=st.data())
    def recreate(self, data: st.DataObject) -> None:
        if keys := sorted(self.session.project.ledger.pods):
            self.apply(recreate.recreate(self.session.project, data.draw(st.sampled_from(keys))))

    @rule(setting=SETTINGS)
    def set_up(self, setting: tuple[str, Any]) -> None:
        self.apply(set_cluster(self.session.project, *setting))

    @rule(plugin=st.sampled_from(["calico", "flannel", "weave"]))
    def change_plugin(self, plugin: str) -> None:
        self.apply(use_cni(self.session.project, plugin))

    @rule()
    def verify(self) -> None:
        """Keep what the lab says of the cluster as it is now."""
        project = self.session.project
        found = verification().model_copy(update={"tested": fingerprint(project)})
        self.apply(keep_verification(project, found))
        assert fingerprint(self.session.project) == found.tested, "keeping it makes no other cluster"

    @precondition(lambda self: self.session.can_undo)
    @rule()
    def undo_and_redo(self) -> None:
        now = self.session.project
        assert self.session.undo().ok and self.session.project is not now
        assert self.session.redo().ok and self.session.project is now

    @precondition(lambda self: self.session.can_undo)
    @rule()
    def undo(self) -> None:
        assert self.session.undo().ok

    @precondition(lambda self: self.session.can_redo)
    @rule()
    def redo(self) -> None:
        assert self.session.redo().ok

    @rule()
    def save(self) -> None:
        outcome = self.session.save(self.file)
        assert outcome.ok and not outcome.problems and not self.session.dirty
        self.saved = self.session.project

    @precondition(lambda self: self.saved is not None)
    @rule()
    def load(self) -> None:
        outcome = self.session.open(self.file)
        assert outcome.ok and not outcome.problems and not self.session.dirty
        assert self.session.project == self.saved
        assert fingerprint(self.session.project) == fingerprint(self.saved)
        self.origin = self.session.project


TestWork = Work.TestCase
TestWork.settings = settings(
    max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
