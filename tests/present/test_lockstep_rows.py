"""Two requests of the shop in lockstep, in words: the web tier must not reach the data, the logic may."""

from designer.engine.trace import Request
from designer.engine.trace.lockstep import Lockstep, lockstep
from designer.present.lockstep_rows import lockstep_rows, lockstep_text
from tests.present.shop import answer


def parted() -> Lockstep:
    bad = answer(Request("Deployment:shop/frontend", "db:5432")).trace.paths()[0]
    good = answer(Request("Deployment:shop/api", "db:5432")).trace.paths()[0]
    return lockstep(bad, good)


def test_the_deciding_row_is_the_policy_of_the_web_tier() -> None:
    found = parted()
    (row,) = [row for row in lockstep_rows(found) if "decides" in row.mark]
    assert row.layer == "Policy"
    assert row.mark == "≠ first difference, ✕ decides"
    assert row.left.endswith(": denied") and row.right.endswith(": allowed")
    assert row.parts


def test_the_words_name_both_ends_and_the_rules() -> None:
    ends, first = lockstep_text(parted(), "frontend", "api")
    assert ends == "frontend ends with “denied by policy”, api with “delivered”."
    assert first.startswith("Up to row 6 both are treated alike. frontend: ")
    assert "shop/frontend (policies.yaml:38)" in first
    assert "allowed, decided by shop/api (policies.yaml:92)" in first


def test_rows_after_the_end_stand_on_one_side() -> None:
    rows = lockstep_rows(parted())
    assert [row.left for row in rows[7:]] == [""] * (len(rows) - 7)
    assert {row.mark for row in rows[7:]} == {"≠ only here"}


def test_the_same_request_has_nothing_to_tell() -> None:
    way = answer(Request("Deployment:shop/api", "db:5432")).trace.paths()[0]
    found = lockstep(way, way)
    assert lockstep_text(found, "one", "other") == (
        "Both end alike: delivered.",
        f"Step by step both do the same ({len(way.hops)} steps).",
    )
    assert {row.mark for row in lockstep_rows(found)} == {""}


def test_a_way_that_ends_early_is_told() -> None:
    found = parted()
    # Cut before the policy: the left way has ended, the right one goes on.
    from dataclasses import replace

    short = replace(found.left, hops=found.left.hops[:6], verdict="dropped")
    told = lockstep_text(lockstep(short, found.right), "frontend", "api")
    assert "frontend has ended there; api goes on" in told[1] + told[-1]
