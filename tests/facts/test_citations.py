"""Every row of the facts is named by a test or has a reason why none can; and the finder of citations is sound."""

import pytest

from tests.facts.citations import Citation, Document, citations, citations_in, faults
from tests.facts.cni_rows import CNI
from tests.facts.dns_rows import DNS
from tests.facts.ingress_rows import INGRESS
from tests.facts.kube_proxy_rows import KUBE_PROXY
from tests.facts.policies_rows import POLICIES, TIERED
from tests.facts.services_rows import SERVICES

DOCUMENTS = (SERVICES, KUBE_PROXY, CNI, DNS, INGRESS, POLICIES, TIERED)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[document.name for document in DOCUMENTS])
def test_every_row_is_named_by_a_test_or_says_why_not(document: Document) -> None:
    found = faults(document, citations())
    assert not found, "\n".join(found)


def test_every_citation_is_of_a_known_document() -> None:
    known = {document.name for document in DOCUMENTS}
    assert [c for c in citations() if c.row[0] not in known] == []


def test_citations_are_read_across_lines_and_in_lists() -> None:
    text = "Before. a-b.md 3, rows 'One, two',\n    'Three' and 'Four'; c.md 10, row 'Five' after."
    assert citations_in(text) == [
        ("a-b.md", 3, "One, two"),
        ("a-b.md", 3, "Three"),
        ("a-b.md", 3, "Four"),
        ("c.md", 10, "Five"),
    ]


def test_faults_are_found() -> None:
    document = Document("x.md", {1: {"held": "", "missing": "", "history": "no program decides it", "both": "why"}})
    named = (
        Citation(("x.md", 1, "held"), "a::b"),
        Citation(("x.md", 1, "both"), "a::b"),
        Citation(("x.md", 2, "held"), "a::c"),
        Citation(("y.md", 1, "other"), "a::d"),
    )
    assert faults(document, named) == [
        "a::c names ('x.md', 2, 'held'), which no table of rows has",
        "no test names ('x.md', 1, 'missing'), and no reason says why",
        "('x.md', 1, 'both') is named by a test, so it needs no reason",
    ]
