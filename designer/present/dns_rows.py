"""A name lookup in words, and the Pods that can ask."""

from __future__ import annotations

from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.controlplane.dns import Resolution
from designer.engine.controlplane.resolve import THROUGH_CACHE
from designer.engine.controlplane.state import PodState
from designer.engine.trace.dns_traffic import Carried
from designer.engine.trace.lookup import Lookup
from designer.present.words import object_text, share_text, verdict_text


def source_pods(state: ClusterState) -> tuple[PodState, ...]:
    """The Pods that can send a query (they run on a Node), those of kube-system last, by namespace and name."""
    running = [pod for pod in state.control.pods.values() if pod.node]
    return tuple(sorted(running, key=lambda pod: (pod.namespace == "kube-system", pod.namespace, pod.name)))


QueryRow = tuple[int, str, str, str, str, str, str, str]


def query_rows(found: Resolution) -> list[QueryRow]:
    """Number, type, name, code, answer, server asked, who answered, rule of every query in order."""
    return [
        (number, query.type, query.name, query.rcode, ", ".join(query.answers), query.server, query.by, query.rule)
        for number, query in enumerate(found.queries, start=1)
    ]


def shown_queries(found: Resolution) -> list[tuple[int, str, str, str, str, str, str]]:
    """The rows of a table: as `query_rows`, with the server beside who answered where it is another."""
    return [
        (number, kind, name, code, answer, f"{_short(by)} ({server})" if by not in ("", server) else server, rule)
        for number, kind, name, code, answer, server, by, rule in query_rows(found)
    ]


def _short(by: str) -> str:
    """Who answered in the words of a column: NodeLocal DNSCache first, as it is what the Pod asked."""
    behind = by.removesuffix(THROUGH_CACHE)
    return f"NodeLocal: {behind}" if behind != by else by


def outcome_text(found: Lookup) -> str:
    """The outcome in one sentence with its cost."""
    resolution = found.resolution
    if found.status != "ok":
        return f"{resolution.name}: {found.reason} ({resolution.cost})"
    canonical = ""
    if resolution.canonical and resolution.canonical != resolution.name:
        canonical = f" ({resolution.canonical})"
    return f"{resolution.name} → {', '.join(found.answers)}{canonical}: {found.reason} ({resolution.cost})"


def carried_text(carried: Carried) -> str:
    """``UDP 53 to 10.96.0.10: answered``, or what becomes of it."""
    where = f"{carried.protocol} 53 to {carried.server}"
    if not carried.lost:
        return f"{where}: answered"
    share = "" if carried.lost == 1 else f" for {share_text(carried.lost)}"
    return f"{where}: {carried.denied_by or verdict_text(carried.verdict)}{share}. {carried.reason}"


def resolver_text(found: Lookup) -> str:
    """resolv.conf as comments and lines, then /etc/hosts; a sentence where neither is known."""
    if found.conf is None:
        return f"# The resolver of {found.asker} is not known."
    events = "".join(f"# {event}\n" for event in found.conf.events)
    hosts = "".join(f"{address} {' '.join(names)}\n" for address, names in found.hosts)
    text = f"# dnsPolicy: {found.conf.policy}\n{found.conf.text}{events}"
    return f"{text}\n# /etc/hosts\n{hosts}" if hosts else text


def lookup_text(found: Lookup) -> str:
    """The whole answer as text: every query, the way of its packets, the resolver's files, the outcome."""
    lines = [found.note] if found.note else []
    for number, kind, name, code, answer, server, by, rule in query_rows(found.resolution):
        lines.append(f"{number:3}  {kind:<5} {name}")
        lines.append(f"       {code}{f' {answer}' if answer else ''} — {rule} [{by or server}, asked at {server}]")
    lines += [carried_text(carried) for carried in found.carried]
    lines += ["", resolver_text(found).rstrip(), ""]
    word = {"ok": "Found", "name-not-found": verdict_text("name-not-found"), "cannot-tell": verdict_text("cannot-tell")}
    return "\n".join([*lines, word[found.status], outcome_text(found)])


def lookup_json(found: Lookup) -> dict[str, Any]:
    """The whole answer as a JSON value; `cost` counts the queries by their codes."""
    resolution = found.resolution
    codes = [query.rcode for query in resolution.queries]
    conf = found.conf
    return {
        "name": resolution.name,
        "from": object_text(found.source) if found.source else found.asker,
        "status": found.status,
        "reason": found.reason,
        "answers": list(found.answers),
        "canonical": resolution.canonical,
        "object": object_text(resolution.object) if resolution.object else None,
        "cost": {"text": resolution.cost, "queries": len(codes), **{c: codes.count(c) for c in dict.fromkeys(codes)}},
        "queries": [
            {
                "name": query.name,
                "type": query.type,
                "rcode": query.rcode,
                "answers": list(query.answers),
                "server": query.server,
                "answeredBy": query.by,
                "rule": query.rule,
            }
            for query in resolution.queries
        ],
        "transport": [
            {
                "server": carried.server,
                "protocol": carried.protocol,
                "verdict": carried.verdict,
                "lost": float(carried.lost),
                "reason": carried.reason,
                "policies": [object_text(oid) for oid in carried.policies],
            }
            for carried in found.carried
        ],
        "resolvConf": None
        if conf is None
        else {
            "dnsPolicy": conf.policy,
            "nameservers": list(conf.nameservers),
            "searches": list(conf.searches),
            "options": [f"{name}:{value}" if value else name for name, value in conf.options],
            "nodeNameservers": conf.from_node,
            "events": list(conf.events),
            "text": conf.text,
        },
        "hosts": [{"address": address, "names": list(names)} for address, names in found.hosts],
        "hostname": found.hostname,
    }
