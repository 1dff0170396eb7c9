"""Paths of Ingresses that mean another thing than they seem to: `domain/pitfalls.md`, "Ingress and Gateway"."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.checks.survey import Survey, short
from designer.engine.l7 import ControllerRoutes
from designer.engine.l7.entries import Entry
from designer.engine.l7.matching import path_matches
from designer.engine.l7.nginx import CATCH_ALL, Server
from designer.model import Problem


def exact_without_slash(s: Survey) -> Iterator[Problem]:
    """ING-08: an Exact path whose form with a slash at the end no path of the host takes."""
    for routes in s.state.routes.controllers.values():
        for entry in routes.entries:
            asked = f"{entry.path}/"
            if entry.path_type != "Exact" or entry.path.endswith("/") or _taken(routes, entry.host, asked):
                continue
            title = f"{short(entry.ingress)}: {entry.host or '*'}{entry.path} does not take {asked}"
            why = "Exact means this very path; the same with a slash at its end, and paths below it, are others."
            fix = "Make it Prefix, or add the other form, if clients may call it."
            yield s.problem("ING-08", "info", entry.ingress, f"{entry.field}.pathType", title, why, fix)


def _taken(routes: ControllerRoutes, host: str, path: str) -> bool:
    return any(
        path_matches(entry.path, entry.path_type, path, routes.profile) is not False
        for entry in routes.entries
        if entry.host == host
    )


def prefix_by_character(s: Survey) -> Iterator[Problem]:
    """ING-09: a Prefix path at a controller that compares it as a text; told once for an Ingress."""
    for routes in s.state.routes.controllers.values():
        if routes.profile.prefix != "character":
            continue
        told: set[str] = set()
        for entry in routes.entries:
            if entry.path_type != "Prefix" or entry.path.endswith("/") or entry.ingress in told:
                continue
            told.add(entry.ingress)
            title = f"{short(entry.ingress)}: {entry.host or '*'}{entry.path} takes {entry.path}x too"
            why = f"{routes.profile.title} compares a Prefix letter by letter, not element by element."
            fix = f"Set strictPrefixMatching in {routes.profile.title}, or add an Exact path beside {entry.path}/."
            yield s.problem("ING-09", "warning", entry.ingress, f"{entry.field}.path", title, why, fix)


def regex_of_another(s: Survey) -> Iterator[Problem]:
    """ING-15: paths that became regular expressions through the annotation of another Ingress of their host."""
    for routes in s.state.routes.controllers.values():
        for server in routes.servers.servers.values() if routes.servers is not None else ():
            found = _turned(server) if server.regex and server.host != CATCH_ALL else None
            if found is None:
                continue
            cause, victim = found
            title = f"{short(victim.ingress)}: {server.host}{victim.path} is a regular expression because of "
            title += short(cause.ingress)
            why = "use-regex and rewrite-target hold for all paths of a host, whichever Ingress they stand in."
            fix = f"Give {short(cause.ingress)} a host of its own, or write all its paths without expressions."
            yield s.problem("ING-15", "warning", victim.ingress, f"{victim.field}.path", title, why, fix)


def _turned(server: Server) -> tuple[Entry, Entry] | None:
    """A path whose Ingress asks for regular expressions, and one whose Ingress does not; None unless there are both."""
    listed = [(location.entry, location.notes) for location in server.locations if location.entry is not None]
    asking = next((entry for entry, notes in listed if notes.regex or notes.rewrite), None)
    turned = (entry for entry, notes in listed if not (notes.regex or notes.rewrite) and entry.rule is not None)
    victim = next((entry for entry in turned if asking is None or entry.ingress != asking.ingress), None)
    return (asking, victim) if asking is not None and victim is not None else None
