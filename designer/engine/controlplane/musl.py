"""Where musl's resolver (Alpine and what is built on it) ends otherwise than the one that lookups follow.

Lookups follow glibc (`domain/dns.md` section 4). musl (src/network/lookup_name.c, name_from_dns_search; res_msend.c):

- a name with as many dots as `ndots` says, or more, is asked for as it is and never with the search list;
- the search ends at the first name that exists without an address (NODATA) or that a server fails to answer
  (SERVFAIL); only NXDOMAIN goes on;
- all name servers are asked at once, and the first answer that is no failure counts, NXDOMAIN too;
- a search line of more than 255 characters is ignored; of the options only ndots, timeout and attempts are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from designer.engine.controlplane.records import ADDRESS_TYPES
from designer.engine.controlplane.resolvconf import ResolvConf
from designer.engine.controlplane.resolve import Query, Resolution

MAX_LINE = 255


def musl_aside(found: Resolution, conf: ResolvConf) -> str:
    """What a process with musl sees instead, as a sentence; "" where it sees the same."""
    if not found.queries or found.queries[0].type not in ADDRESS_TYPES or found.status == "name-not-found":
        return ""
    differences = [text for text in (_search(found, conf), _servers(conf), _options(conf)) if text]
    return f"A process with musl (Alpine) may see something else: {'; '.join(differences)}." if differences else ""


def _search(found: Resolution, conf: ResolvConf) -> str:
    """Where musl's search ends before the one that was followed."""
    tries = [(name, tuple(pair)) for name, pair in groupby(found.queries, lambda query: query.name)]
    plain = found.name.removesuffix(".")
    searched = tries[-1][0] != plain
    if plain == found.name and plain.count(".") >= conf.ndots:
        return f"it asks for {plain} as it is and not with the search list (ndots:{conf.ndots})" if searched else ""
    if len(" ".join(conf.searches)) > MAX_LINE and plain == found.name:
        return f"it ignores a search line of more than {MAX_LINE} characters" if searched else ""
    ended = next((name for name, pair in tries[:-1] if not _goes_on(pair)), "")
    return f"its search ends at {ended}, which is no NXDOMAIN" if ended else ""


def _goes_on(pair: Sequence[Query]) -> bool:
    return any(query.rcode == "NXDOMAIN" for query in pair)


def _servers(conf: ResolvConf) -> str:
    if len(conf.nameservers) < 2:
        return ""
    return f"it asks {', '.join(conf.nameservers)} at once and takes the first answer, NXDOMAIN too"


def _options(conf: ResolvConf) -> str:
    return "it does not know the option use-vc and asks by UDP" if "use-vc" in dict(conf.options) else ""
