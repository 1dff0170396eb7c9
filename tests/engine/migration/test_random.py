"""Random Ingresses migrate to Gateways that do the same, and a change of the result is found by a request.

The counter-example must differ by a slow matcher written from the text of Gateway API, and where none is found the slow
matcher must see no difference on any of the requests that the rules are made of.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.l7.asked import Asked
from designer.engine.migration import compare
from tests.engine.migration.sets import after, changed, ingress, moved, of_kind, slow

HOSTS = ("a.example.com", "b.example.com", "c.example.org", "")
PATHS = ("/", "/a", "/a/", "/a/b", "/ab", "/b/c/d")
PIECES = ("/", "/a", "/a/", "/a/b", "/a/bx", "/ab", "/ab/c", "/b", "/b/c/d", "/b/c/d/e", "/other", "/a/other",
          "/ab/other", "/a/b/other", "/b/c/d/other", "/other/x", "/A")  # fmt: skip
row = st.tuples(
    st.sampled_from(HOSTS), st.sampled_from(PATHS), st.sampled_from(("Exact", "Prefix")), st.sampled_from("abc")
)
rows = st.lists(row, min_size=1, max_size=5, unique_by=lambda r: (r[0], r[1].rstrip("/"), r[2]))
notes = st.fixed_dictionaries(
    {},
    optional={
        "ssl_redirect": st.sampled_from(("true", "false")),
        "force_ssl_redirect": st.just("true"),
        "permanent_redirect": st.sampled_from(("https://new.example.net/start", "http://old.example.net")),
        "app_root": st.just("/start"),
        "upstream_vhost": st.just("inside.example.net"),
    },
)


@st.composite
def sets(draw: Any) -> list[Any]:
    """One to three Ingresses, each with its own annotations, TLS hosts and default backend."""
    made = []
    for number in range(draw(st.integers(1, 3))):
        listed = draw(rows)
        hosts = sorted({r[0] for r in listed if r[0]})
        tls = draw(st.lists(st.sampled_from(hosts), unique=True)) if hosts else []
        default = draw(st.sampled_from(("", "d")))
        created = f"2026-01-0{number + 1}T00:00:00Z"
        made.append(ingress(f"i{number}", *listed, tls=tls, default=default, created=created, **draw(notes)))
    return made


@settings(max_examples=40, deadline=None)
@given(sets())
def test_random_ingresses_do_the_same_afterwards(made: list[Any]) -> None:
    found, comparison = moved(*made)
    unexplained = [one for one in comparison.differences if not one.because]
    assert not unexplained, [(one.asked.url(), one.old, one.new) for one in unexplained]
    # Exact and Prefix of one path from several Ingresses: nginx gets one location twice, and refuses them all.
    assert all("refuses its whole configuration" in one.reason for one in comparison.undecided)
    assert comparison.compared > 0
    told = [loss for loss in found.losses if loss.tells]
    assert comparison.same or told


@settings(max_examples=40, deadline=None)
@given(sets(), st.fixed_dictionaries({"rule": st.integers(0, 50), "how": st.integers(0, 4)}))
def test_a_change_of_the_result_is_found(made: list[Any], pick: dict[str, int]) -> None:
    found, _ = moved(*made)
    if not of_kind(found.objects, "HTTPRoute"):
        return
    other, _ = changed(found.objects, pick)
    comparison = compare(after(found, found.objects), after(found, other))
    assert not comparison.undecided
    for one in comparison.differences:
        assert slow(found.objects, one.asked) != slow(other, one.asked), one.asked.url()
    if not comparison.differences:
        for host in (*HOSTS[:3], "unlisted.invalid"):
            for path in PIECES:
                for scheme in ("http", "https"):
                    port = 443 if scheme == "https" else 80
                    asked = Asked(scheme, host, port, path, sni=host if port == 443 else "")
                    assert slow(found.objects, asked) == slow(other, asked), asked.url()
