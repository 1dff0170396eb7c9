"""What becomes of a URL: read from what a person types, and the rules that match it as rows."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.l7.asked import Asked
from designer.engine.l7.candidates import Taken, taken
from designer.engine.l7.targets import Targets
from designer.engine.l7.urls import read_url
from designer.present.migration_rows import doing_text
from designer.present.words import object_text

WELL_KNOWN = {"http": 80, "https": 443}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
WINS, LOSES, OPEN = "✓ takes it", "loses", "? cannot tell"
# Who, what it does, rule, object, why, the object's id.
UrlRow = tuple[str, str, str, str, str, str]


def asked_url(text: str, method: str, headers: str) -> tuple[Asked | None, str]:
    """The request that a person typed, or what is wrong with it; headers as ``Name: value; Name: value``."""
    text = text.strip()
    address, wrong = read_url(text if "://" in text else f"http://{text}")
    if address is None:
        return None, f"{wrong}."
    if address.scheme not in WELL_KNOWN:
        return None, f"{address.scheme}:// carries no HTTP: write http:// or https://."
    pairs: dict[str, str] = {}
    for part in headers.split(";"):
        name, colon, value = part.partition(":")
        if part.strip() and (not colon or not name.strip()):
            return None, f'"{part.strip()}" is no header: write it like X-Version: 2; Accept: text/html.'
        if part.strip():
            pairs[name.strip()] = value.strip()
    port = address.port or WELL_KNOWN[address.scheme]
    asked = Asked(address.scheme, address.authority, port, address.path, address.query, method, pairs)
    if address.scheme == "https":
        asked = Asked(address.scheme, address.authority, port, address.path, address.query, method, pairs, asked.host)
    return asked, ""


def targets_of(state: ClusterState) -> Targets:
    """Everything in a cluster that takes requests."""
    return Targets(state.project, state.control, state.routes, state.gateways)


def url_rows(state: ClusterState, asked: Asked) -> tuple[list[UrlRow], str]:
    """The rules that match, by who has them, and the outcome in words."""
    found = taken(targets_of(state), asked)
    if not found:
        return [], "There is no Gateway and no IngressClass in this cluster: nothing takes HTTP requests from outside."
    rows = [row for one in found for row in _rows(one)]
    doing = [one for one in found if one.answer.undecided or one.answer.status not in (0, 404)]
    if not doing:
        return rows, " ".join(f"{one.title}: {doing_text(one.answer)}. {one.answer.reason}" for one in found)
    return rows, " ".join(f"{one.title}: {doing_text(one.answer)}." for one in doing)


def _rows(one: Taken) -> list[UrlRow]:
    if not one.candidates:
        return [(one.title, doing_text(one.answer), "", "", one.answer.reason, "")]
    rows = []
    for candidate in one.candidates:
        word = WINS if candidate.wins else OPEN if one.answer.undecided else LOSES
        kind, _, name = candidate.object.partition(":")
        shown = object_text(f"{kind.rpartition('/')[2]}:{name}")
        rows.append((one.title, word, candidate.rule, shown, candidate.why, candidate.object))
    return rows
