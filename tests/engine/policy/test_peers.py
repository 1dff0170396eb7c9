"""Whom Pods stand for in the matrix: the owner that controls them (issue 5, Conventions)."""

import pytest

from designer.engine.policy.peers import owners_elsewhere
from designer.manifests import read_texts

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop, ownerReferences: [OWNER]}
spec: {containers: [{name: c, image: i}]}
"""


@pytest.mark.parametrize(
    ("owner", "stands_for"),
    [
        ("{kind: ReplicaSet, name: rs, controller: true}", "ReplicaSet:shop/rs"),
        ("{name: rs, controller: true}", "Pod:shop/rs"),
        ("{kind: ReplicaSet, name: rs}", None),
        ("{kind: Node, name: n1, controller: true}", None),
    ],
    ids=["a controller", "no kind: never a nameless one", "not controlling", "a kubelet's own"],
)
def test_pods_stand_for_the_owner_that_controls_them(owner: str, stands_for: str | None) -> None:
    project = read_texts([("a.yaml", POD.replace("OWNER", owner))]).project
    assert owners_elsewhere(project).get("Pod:shop/p") == stands_for
