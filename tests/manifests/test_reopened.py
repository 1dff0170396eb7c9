"""Options that are not followed are told again of a project that was saved and opened."""

from pathlib import Path

from designer.cli.opening import open_paths
from designer.manifests import read_texts, unfollowed_problems
from designer.storage import decode, encode

FLANNEL = """
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-flannel-cfg, namespace: kube-flannel}
data:
  net-conf.json: '{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "VNI": 99}}'
"""
FELIX = """
apiVersion: crd.projectcalico.org/v1
kind: FelixConfiguration
metadata: {name: default}
spec: {wireguardEnabled: true}
"""


def test_what_is_not_followed_is_said_again(tmp_path: Path) -> None:
    for text in (FLANNEL, FELIX):
        first = read_texts([("plugin.yaml", text)])
        said = [one.title for one in first.problems if one.code == "READ-15"]
        assert said, "the import says it"
        opened, _ = decode(encode(first.project))
        assert opened is not None
        again = unfollowed_problems(opened.foreign, opened.provenance)
        assert [one.title for one in again] == said
        assert {one.file for one in again} <= {"plugin.yaml", ""}
        path = tmp_path / "kept.cnd"
        path.write_bytes(encode(first.project))
        assert [one.title for one in open_paths([str(path)]).problems if one.code == "READ-15"] == said


def test_a_project_without_such_options_says_nothing() -> None:
    plain = FLANNEL.replace(', "VNI": 99', "")
    project = read_texts([("plugin.yaml", plain)]).project
    assert unfollowed_problems(project.foreign, project.provenance) == ()
