"""The command migrate: its forms, exit statuses and messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from designer.__main__ import main

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: shop{notes}}}
spec:
  ingressClassName: nginx
  rules:
  - host: {host}
    http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: {service}, port: {{number: 80}}}}}}}}]}}
"""


@pytest.fixture
def write(tmp_path: Path) -> object:
    def call(name: str, notes: str = "", host: str = "shop.example.com", service: str = "web") -> str:
        path = tmp_path / name
        text = INGRESS.format(notes=f", annotations: {{{notes}}}" if notes else "", host=host, service=service)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return call


class Write:
    """Type of the `write` fixture."""

    def __call__(self, name: str, notes: str = "", host: str = "shop.example.com", service: str = "web") -> str:
        raise AssertionError("only a type")


def test_a_migration_that_is_the_same(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", write("a.yaml"), "--to", "gateway"]) == 0
    out = capsys.readouterr().out
    assert "1 Ingress with 1 path became 1 GatewayClass, 1 Gateway, 1 HTTPRoute." in out
    assert "The same: " in out


def test_a_difference_is_status_1_with_a_counter_example(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", write("a.yaml", host='"*.example.com"'), "--output", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["equivalence"]["verdict"] == "different"
    assert found["equivalence"]["differences"][0]["url"] == "http://two.one.example.com/"
    assert found["losses"][0]["object"] == "Ingress shop/web"


def test_yaml_is_what_kubectl_takes_and_the_rest_goes_to_standard_error(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", write("a.yaml", "nginx.ingress.kubernetes.io/limit-rps: '5'"), "--output", "yaml"]) == 0
    captured = capsys.readouterr()
    assert [data["kind"] for data in yaml.safe_load_all(captured.out)] == ["GatewayClass", "Gateway", "HTTPRoute"]
    assert "limit-rps" in captured.err


def test_a_folder_can_be_held_against_the_source(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, folder = write("a.yaml"), tmp_path / "new"
    assert main(["migrate", source, "--output", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "gatewayclass.yaml", "shop-gateway.yaml", "shop-httproute.yaml"]  # fmt: skip
    assert main(["migrate", "--check", source, str(folder)]) == 0
    assert "The same: " in capsys.readouterr().out
    route = folder / "shop-httproute.yaml"
    route.write_text(route.read_text(encoding="utf-8").replace("name: web", "name: other"), encoding="utf-8")
    assert main(["migrate", "--check", source, str(folder), "--output", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (first, *_) = found["differences"]
    assert (first["old"]["backends"], first["new"]["backends"]) == ({"shop/web": 1.0}, {"shop/other": 1.0})


def test_two_sets_of_ingresses(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write("a.yaml"), write("b.yaml", service="api")
    assert main(["migrate", "--check", old, old]) == 0
    assert main(["migrate", "--check", old, new]) == 1
    assert "Difference 1: GET http://shop.example.com/" in capsys.readouterr().out


def test_what_cannot_be_migrated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "pod.yaml"
    empty.write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n", "utf-8")
    assert main(["migrate", str(empty)]) == 2
    assert "There is no Ingress in" in capsys.readouterr().err
    assert main(["migrate"]) == 2
    assert "needs a PATH" in capsys.readouterr().err
    assert main(["migrate", str(tmp_path / "missing.yaml")]) == 2


def test_sameness_is_not_sure_where_a_document_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\nkind: [\n")
    (tmp_path / "new.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    assert main(["migrate", "--check", str(tmp_path / "new.yaml"), str(tmp_path / "new.yaml")]) == 0
    assert main(["migrate", "--check", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]) == 2
    assert "could not be read" in capsys.readouterr().err


def test_of_several_default_classes_the_newest_takes_an_ingress_without_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ingress-gateway.md 3, row 'Several defaults'."""
    parts = [
        f"""\
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: {name}
  creationTimestamp: "{year}-01-01T00:00:00Z"
  annotations: {{ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {{controller: {controller}}}
"""
        for name, year, controller in (
            ("old", 2024, "k8s.io/ingress-nginx"),
            ("new", 2025, "traefik.io/ingress-controller"),
        )
    ]
    rule = "{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}"
    parts.append(f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i}}\nspec: {{rules: [{rule}]}}\n")
    (tmp_path / "all.yaml").write_text("---\n".join(parts))
    main(["migrate", str(tmp_path / "all.yaml"), "--to", "gateway"])
    assert "Ingress default/i has no class and is taken to be of class new." in capsys.readouterr().out


def test_a_word_that_is_no_form_makes_no_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write("a.yaml")
    monkeypatch.chdir(tmp_path)
    assert main(["migrate", source, "--output", "yml"]) == 2
    assert "yml is none of text, json, yaml" in capsys.readouterr().err
    assert not (tmp_path / "yml").exists()
    assert main(["migrate", source, "--output", "./yml"]) in (0, 1)
    assert list((tmp_path / "yml").iterdir())
    assert main(["migrate", source, "--output", "yml"]) in (0, 1), "a folder that is there is one"


def test_a_name_of_a_file_is_no_folder(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = tmp_path / "routes.yaml"
    assert main(["migrate", write("a.yaml"), "--output", str(wanted)]) == 2
    assert f"--output yaml > {wanted}" in capsys.readouterr().err
    assert not wanted.exists()


def test_differences_of_one_sort_are_told_once_with_a_counter_example(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two labels under a wildcard: several requests stand for them, all for one reason."""
    assert main(["migrate", write("a.yaml", host='"*.example.com"')]) == 1
    text = capsys.readouterr().out
    assert text.count("Difference ") == 1
    assert "Difference 1: GET http://two.one.example.com/\n" in text
    assert " requests more of this sort" in text


def test_a_comment_says_of_which_ingress_a_route_comes(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate", write("a.yaml"), "--output", "yaml"])
    text = capsys.readouterr().out
    assert "---\n# Of Ingress shop/web.\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n" in text


def test_routes_of_other_namespaces_are_let_in_only_where_there_are_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """AllowedRoutes: Same is the default."""
    one = INGRESS.format(notes="", host="a.example.com", service="web")
    path = tmp_path / "one.yaml"
    path.write_text(one, encoding="utf-8")
    main(["migrate", str(path), "--output", "yaml"])
    assert "allowedRoutes" not in capsys.readouterr().out
    other = INGRESS.format(notes="", host="b.example.com", service="web").replace("namespace: shop", "namespace: ops")
    path.write_text(f"{one}---\n{other}", encoding="utf-8")
    main(["migrate", str(path), "--output", "yaml"])
    documents = [data for data in yaml.safe_load_all(capsys.readouterr().out) if data["kind"] == "Gateway"]
    assert [one["allowedRoutes"] for one in documents[0]["spec"]["listeners"]] == [{"namespaces": {"from": "All"}}] * 2
