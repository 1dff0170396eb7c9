"""connectivity says which plugin it takes for granted, where its answer hangs on one that the input does not name."""

from pathlib import Path

import pytest

from designer.__main__ import main
from tests.cli.test_connectivity import DB_POLICY, SHOP

DAEMONSET = """\
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: NAME, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: cni}}
  template:
    metadata: {labels: {k8s-app: cni}}
    spec: {hostNetwork: true, containers: [{name: node, image: node}]}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHOP + DB_POLICY, True),
        (SHOP, False),  # without a policy nobody has to enforce one
        (SHOP + DB_POLICY + DAEMONSET.replace("NAME", "calico-node"), False),
        (SHOP + DB_POLICY + DAEMONSET.replace("NAME", "kube-flannel-ds"), False),
    ],
)
def test_who_enforces_policies_is_said_where_it_is_taken_for_granted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: bool
) -> None:
    """cni.md, "Feature table": under Flannel nobody enforces them, so the answer hangs on the plugin."""
    path = tmp_path / "all.yaml"
    path.write_text(text)
    assert main(["connectivity", str(path)]) == 0
    told = capsys.readouterr()
    assert ("Calico is taken for granted" in told.err) == said, told.err
    assert "taken for granted" not in told.out, "the lines stay as they are"
