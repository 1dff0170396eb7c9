"""What an ingress-nginx does beside its rules, in losses and in the comparison.

kubernetes/ingress-nginx: ipallowlist (LocationDenied), nginx.tmpl (CORS, own pages, default certificate),
lua_ingress.lua (redirect to https), ngx_http_rewrite_module (`return` with a fixed URL, a rewrite to a URL); Gateway
API v1 for what a Gateway does in their place.
"""

from typing import Any

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.l7.asked import Asked
from designer.engine.migration import Comparison, Loss, Migration, compare, prepared
from designer.engine.migration.distinctions import Distinction, Distinctions
from designer.engine.migration.equivalence import Side, doing
from designer.engine.migration.representatives import hosts_of, paths_of, representatives
from designer.model import Project
from tests.engine.migration.sets import after, ingress, moved, of_kind

SHOP = "shop.example.com"
NOTE = "metadata.annotations[nginx.ingress.kubernetes.io/{}]"


def root(name: str = "web", host: str = SHOP, **more: Any) -> Any:
    return ingress(name, (host, "/", "Prefix", "web"), **more)


def loss_at(found: Migration, field: str) -> Loss:
    (one,) = [loss for loss in found.losses if loss.field == field]
    return one


def urls(found: Comparison) -> list[str]:
    return [one.asked.url() for one in found.differences]


def test_a_list_of_addresses_that_denies_is_said() -> None:
    found, _ = moved(root(whitelist_source_range="10.0.0.0/8,oops"))
    assert "answers 503 to every request" in loss_at(found, NOTE.format("whitelist-source-range")).why
    found, _ = moved(root(whitelist_source_range="10.0.0.0/8"))
    assert "503" not in loss_at(found, NOTE.format("whitelist-source-range")).why


def test_preflights_are_said() -> None:
    found, _ = moved(root(enable_cors="true", cors_max_age="60"))
    assert "preflight" in loss_at(found, NOTE.format("enable-cors")).why
    assert "enable-cors" in loss_at(found, NOTE.format("cors-max-age")).why


def test_an_annotation_that_is_off_is_no_loss() -> None:
    found, _ = moved(root(enable_cors="false", enable_modsecurity="false"))
    assert not [loss for loss in found.losses if loss.field.startswith("metadata.annotations")]


def test_a_value_that_later_versions_refuse_is_said_and_open() -> None:
    found, comparison = moved(root(permanent_redirect="https://new.example.com$request_uri"))
    assert "leaves the whole Ingress out" in loss_at(found, NOTE.format("permanent-redirect")).why
    assert comparison.undecided
    assert not comparison.differences


def test_the_redirect_to_https_differs_by_a_final_slash_only() -> None:
    found, comparison = moved(root(tls=(SHOP,)))
    assert "final slash" in loss_at(found, "spec.tls").why
    assert urls(comparison) == [f"http://{SHOP}/zz-no-rule/"]
    (one,) = comparison.differences
    assert (one.old.redirect, one.new.redirect) == (f"https://{SHOP}/zz-no-rule", f"https://{SHOP}/zz-no-rule/")
    _, kept = moved(root(tls=(SHOP,), preserve_trailing_slash="true"))
    assert kept.proven


def test_a_fixed_redirect_differs_by_the_query_only() -> None:
    _, comparison = moved(root(permanent_redirect="https://new.example.com/start"))
    assert urls(comparison) == [f"http://{SHOP}/?x1=1"]
    (one,) = comparison.differences
    assert (one.old.redirect, one.new.redirect) == (
        "https://new.example.com/start", "https://new.example.com/start?x1=1",
    )  # fmt: skip
    assert "leaves the query of a request out" in one.because[0].why


def test_a_redirect_to_a_path_stays_at_its_host() -> None:
    found, comparison = moved(root(permanent_redirect="/new"))
    (route,) = of_kind(found.objects, "HTTPRoute")
    assert route["spec"]["rules"][0]["filters"][0]["requestRedirect"] == {
        "statusCode": 301, "path": {"type": "ReplaceFullPath", "replaceFullPath": "/new"},
    }  # fmt: skip
    assert urls(comparison) == [f"http://{SHOP}/?x1=1"]


def test_a_rewrite_to_a_url_becomes_a_redirect() -> None:
    """The host's root has the annotation too, and no group to put in for `$2` (createServers)."""
    one = ingress("i", (SHOP, "/old(/|$)(.*)", "ImplementationSpecific", "web"), rewrite_target="https://x.example/$2")
    found, comparison = moved(one)
    (route,) = of_kind(found.objects, "HTTPRoute")
    to = {"scheme": "https", "hostname": "x.example", "statusCode": 302}
    assert {rule["matches"][0]["path"]["value"]: rule["filters"][0]["requestRedirect"] for rule in
            route["spec"]["rules"]} == {
        "/old": {**to, "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
        "/": {**to, "path": {"type": "ReplaceFullPath", "replaceFullPath": "/"}},
    }  # fmt: skip
    assert not any("backendRefs" in rule for rule in route["spec"]["rules"])
    assert {one.asked.path for one in comparison.differences} == {"/OLD/X1"}, "without case, as the loss says"


def test_its_own_pages_and_certificate_are_said_once() -> None:
    found, comparison = moved(root(), root("b", "b.example.com"))
    assert comparison.proven, "they are beside all rules"
    assert (loss_at(found, "/healthz").object, loss_at(found, "spec.tls").object) == ("IngressClass:nginx",) * 2
    assert f"b.example.com, {SHOP}" in loss_at(found, "spec.tls").why
    found, comparison = moved(root("every", ""))
    paths = {one.asked.path.partition("/x1")[0].rstrip("/") for one in comparison.differences}
    assert {"/healthz", "/nginx_status"} <= paths, "where a rule takes every host, they are in its way"
    assert all(one.because for one in comparison.differences)


def test_two_canaries_of_one_backend_are_said() -> None:
    canaries = [root(name, canary="true", canary_weight="10") for name in ("c1", "c2")]
    parts = [
        one.model_copy(update={"spec": ingress(one.name, (SHOP, "/", "Prefix", one.name)).spec}) for one in canaries
    ]
    found, _ = moved(root(), *parts)
    assert any("defines one at most" in loss.why for loss in found.losses)


def test_a_www_redirect_of_a_wildcard_makes_no_listener() -> None:
    """`server_name www.*.example.com` is no name that nginx takes, nor is it one of a listener."""
    found, comparison = moved(root(host="*.example.com", from_to_www_redirect="true"))
    (gateway,) = of_kind(found.objects, "Gateway")
    assert [one.get("hostname") for one in gateway["spec"]["listeners"]] == ["*.example.com"]
    assert any("refuses its whole configuration" in one.reason for one in comparison.undecided)


def test_nothing_to_listen_for_makes_no_gateway() -> None:
    one = ingress("i", (SHOP, "/z(.*)", "ImplementationSpecific", "web"), rewrite_target="/x/$1/y")
    found, _ = moved(one)
    assert of_kind(found.objects, "Gateway") == []


def test_a_wildcard_is_asked_with_a_label_that_no_rule_names() -> None:
    assert hosts_of(["*.a.example", "one.a.example"])[:2] == ("one1.a.example", "two.one1.a.example")


def test_a_dot_in_an_expression_is_any_sign() -> None:
    found = paths_of([Distinction("", "/a.b", True)])
    assert {"/a.b", "/axb", "/a/b"} <= set(found)
    assert "/axb" not in paths_of([Distinction("", "/a.b")])


def test_a_path_without_rule_is_asked_with_its_slash_too() -> None:
    side = Distinctions(hosts={SHOP: None})
    assert {"/zz-no-rule", "/zz-no-rule/"} <= {one.path for one in representatives(side)}


def test_an_alias_is_explained_by_the_losses_of_its_ingress() -> None:
    one = ingress(
        "i", (SHOP, "/a.b", "ImplementationSpecific", "web"), use_regex="true", server_alias="old.example.com"
    )
    _, comparison = moved(one)
    at_alias = [one for one in comparison.differences if one.asked.host == "old.example.com"]
    assert at_alias
    assert all(one.because for one in at_alias)


def test_counter_examples_are_true() -> None:
    """Each difference that is told is one: both sides, asked anew, do different things."""
    found, comparison = moved(
        root(tls=(SHOP,)),
        root("t", "*.t.example.com"),
        root("m", "m.example.com", permanent_redirect="https://x.example"),
    )
    old, new = Side.of(found.old), Side.of(after(found, found.objects))
    assert len(comparison.differences) >= 3
    for one in comparison.differences:
        asked: Asked = one.asked
        assert doing(old.answer(asked)) != doing(new.answer(asked))


@pytest.mark.parametrize(
    ("notes", "example"),
    [
        ({"enable_cors": "true"}, ("OPTIONS", "*")),
        ({"enable_cors": "true", "cors_allow_origin": "https://*.a.example"}, ("OPTIONS", "https://one.a.example")),
    ],
)
def test_two_sets_that_differ_by_preflights_are_not_the_same(notes: dict[str, str], example: tuple[str, str]) -> None:
    """The check of any two sets takes no annotation out."""
    found = difference(root(**notes), root())
    assert {(one.asked.method, one.asked.headers.get("Origin")) for one in found.differences} >= {example}
    assert {one.asked.method for one in found.differences} == {"OPTIONS"}
    assert difference(root(**notes), root(**notes)).proven


@pytest.mark.parametrize(
    ("notes", "header"),
    [
        ({"canary_by_cookie": "beta"}, ("Cookie", "beta=always")),
        ({"canary_by_header": "X-C", "canary_by_header_pattern": "^blue$"}, ("X-C", "blue")),
        ({"canary_by_header": "X-C", "canary_by_header_value": "green"}, ("X-C", "green")),
    ],
)
def test_two_sets_that_differ_by_a_canary_are_not_the_same(notes: dict[str, str], header: tuple[str, str]) -> None:
    canary = ingress("c", (SHOP, "/", "Prefix", "new"), canary="true", **notes)
    none = ingress("c", (SHOP, "/", "Prefix", "new"), canary="true")
    found = compare(compiled(root(), canary), compiled(root(), none))
    assert found.differences
    assert all(header in one.asked.headers.items() for one in found.differences)


def compiled(*objects: Any) -> ClusterState:
    """The cluster of some Ingresses with what they refer to."""
    return compile_project(prepared(Project().with_objects(list(objects))).project)


def difference(old: Any, new: Any) -> Comparison:
    """Two Ingresses held against each other as they are."""
    return compare(compiled(old), compiled(new))
