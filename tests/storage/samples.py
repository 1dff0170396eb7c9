"""Projects that hold something of everything, for the tests of storage."""

from dataclasses import replace

from designer.edits import create
from designer.edits.palette import PALETTE
from designer.model import (
    Canvas,
    ClusterSettings,
    ForeignObject,
    FrozenMap,
    Ledger,
    NodeRecord,
    Note,
    PodRecord,
    Project,
    Provenance,
    Scenario,
    ServiceRecord,
    Verification,
    VerifiedRow,
    VerifiedRules,
)


def full_project() -> Project:
    """A project in which every section, and most fields of the ledger, are filled."""
    project = Project()
    for number, item in enumerate(PALETTE):
        project = create.create(project, item.kind, at=(100.0 * number, 0.5)).project
    ledger = Ledger(
        pods=FrozenMap({"Pod:default/web": PodRecord(name="web", node="node-1", ips=("10.244.0.2",), sandbox=1)}),
        nodes=FrozenMap(
            {"node-1": NodeRecord(addresses=("192.168.10.1",), lastReserved=FrozenMap({"r": "10.244.0.2"}))}
        ),
        services=FrozenMap({"Service:default/web": ServiceRecord(clusterIPs=("10.96.0.12",))}),
        draws=FrozenMap({"ports": 3}),
    )
    foreign = {"apiVersion": "x.io/v1", "kind": "Y", "metadata": {"name": "z"}, "big": 10**30, "text": 'ä\n\u2028"{['}
    return replace(
        project,
        cluster=ClusterSettings(name="shop", podCIDRs=("10.244.0.0/16", "fd00::/56")),
        ledger=ledger,
        canvas=Canvas.model_validate(
            {**project.canvas.dump(), "view": "traffic", "collapsed": ["Namespace:team"]}
        ).model_copy(update={"notes": FrozenMap({"note-1": Note(text="Grüße", x=1)})}),
        scenarios=FrozenMap({"shop": Scenario(name="shop", source="Pod:default/web", destination="http://web")}),
        foreign=FrozenMap({"x.io/v1/Y:default/z": ForeignObject("x.io/v1/Y:default/z", foreign)}),
        provenance=FrozenMap(
            {"Service:default/web": Provenance(file="a.yaml", line=3, fieldLines=FrozenMap({"spec": 7}))}
        ),
        verification=verification(),
    )


def verification() -> Verification:
    """A kept result of the lab with a row of each kind."""
    rules = VerifiedRules(
        status="different", predicted=("node-1 forward: filter FORWARD 1",), observed=(), why="The kernel hit no rule."
    )
    rows = (
        VerifiedRow(source="Pod:default/web", destination="10.96.0.12:80", status="different", rules=rules),
        VerifiedRow(source="Pod:default/web", destination="shop", status="not-testable", scenario="shop", why="SCTP."),
        VerifiedRow(source="Node:node-1", destination="10.96.0.12:80", status="confirmed", attempts=16, port=80),
    )
    return Verification(
        date="2026-11-23T15:02Z", mode="iptables", scope="services", tested="0" * 64, connections=17, rows=rows
    )
