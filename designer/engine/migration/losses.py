"""What of an Ingress has no place in Gateway API, why, and what to do instead, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from designer.engine.l7.asked import Asked
from designer.engine.l7.nginx import CATCH_ALL
from designer.engine.l7.nginx_notes import PREFIX, RANGE_LISTS, ranges
from designer.engine.l7.nginx_values import FALSE
from designer.model import FrozenMap, Ingress

When = Literal["", "slash", "query", "https"]
POLICY = "Use a policy of the Gateway's implementation and attach it to the HTTPRoute."


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was not carried over. `object` is an id, `field` its path or annotation, `host` "" for any.

    `tells` says that a comparison may find it: annotations that are lost are left out of what is compared. `paths` are
    beginnings of the paths that it is about at every host, none for any other loss. `when` says which requests alone it
    bears on: plain ones whose URL ends in a slash, those with a query, those over HTTPS; "" for any.
    """

    object: str
    field: str
    why: str
    fix: str
    host: str = ""
    tells: bool = True
    paths: tuple[str, ...] = ()
    when: When = ""

    def bears_on(self, asked: Asked) -> bool:
        """Whether a request is of the kind that `when` says."""
        tests = {
            "slash": asked.scheme == "http" and asked.url().endswith("/"),
            "query": asked.query is not None,
            "https": asked.scheme == "https",
        }
        return tests.get(self.when, True)

    def near(self, asked: Asked, decided: bool) -> bool:
        """Whether a request is of this host, or its path one of `paths`, which no Ingress has `decided`."""
        if self.paths:
            return asked.path.startswith(self.paths) and not decided
        below = self.host.startswith("*.") and asked.host.endswith(self.host[1:])
        return self.host in (CATCH_ALL, asked.host) or below


def tell(losses: list[Loss], loss: Loss) -> None:
    """Add a loss once."""
    if loss not in losses:
        losses.append(loss)


# Annotations that the conversion reads itself: a loss of theirs is told where it comes about.
CARRIED = frozenset(
    {
        "app-root", "canary", "canary-by-header", "canary-by-header-value", "canary-weight", "canary-weight-total",
        "force-ssl-redirect", "from-to-www-redirect", "permanent-redirect", "permanent-redirect-code",
        "preserve-trailing-slash", "rewrite-target", "server-alias", "ssl-redirect", "temporal-redirect",
        "temporal-redirect-code", "upstream-vhost", "use-regex",
    }
)  # fmt: skip
NO_SUCH = "Gateway API has no field for it"
# Annotation, or a part of it with a star → why, what to do.
TABLE: tuple[tuple[str, str, str], ...] = (
    ("auth-tls-*", "client certificates are asked for at the Gateway, not by path",
     "Set frontend validation (spec.tls.frontend) on the Gateway."),
    ("auth-*", "authentication is no part of the standard channel",
     "Use the filter ExternalAuth or ExtensionRef, if the implementation has them."),
    ("whitelist-source-range", "matching on source addresses is not part of HTTPRoute", POLICY),
    ("allowlist-source-range", "matching on source addresses is not part of HTTPRoute", POLICY),
    ("denylist-source-range", "matching on source addresses is not part of HTTPRoute", POLICY),
    ("limit-*", "rate limits are not part of HTTPRoute", POLICY),
    ("global-rate-limit*", "rate limits are not part of HTTPRoute", POLICY),
    ("*-snippet", "configuration text of nginx means nothing to another controller",
     "Say what it does by filters of HTTPRoute, or by a policy of the implementation."),
    ("enable-modsecurity", "a web application firewall is not part of Gateway API", POLICY),
    ("modsecurity-*", "a web application firewall is not part of Gateway API", POLICY),
    ("enable-owasp-core-rules", "a web application firewall is not part of Gateway API", POLICY),
    ("custom-http-errors", NO_SUCH, "Answer errors in the backend."),
    ("default-backend", "a Gateway answers 503 where a Service has no endpoint",
     "Keep the Service supplied with Pods."),
    ("canary-by-header-pattern", "a regular expression is read as each implementation likes",
     "Use one header value a rule."),
    ("canary-by-cookie", "HTTPRoute cannot match a cookie", "Match a header of its own, or use weights."),
    ("affinity*", "session persistence is experimental in Gateway API",
     "Use spec.rules[].sessionPersistence (GEP-1619) where the implementation has it."),
    ("session-cookie-*", "session persistence is experimental in Gateway API",
     "Use spec.rules[].sessionPersistence (GEP-1619) where the implementation has it."),
    ("enable-cors", "ingress-nginx answers preflight requests (OPTIONS) itself, with 204; a Gateway sends them on",
     "Add a CORS filter to the rules, or let the backend answer preflight requests."),
    ("cors-*", "it belongs to enable-cors", "Say it in the CORS filter."),
    ("backend-protocol", "the protocol stands at the Service's port",
     "Set appProtocol on the port; for HTTPS add a BackendTLSPolicy, for gRPC a GRPCRoute."),
    ("proxy-ssl-*", "TLS to backends has an object of its own", "Write a BackendTLSPolicy."),
    ("proxy-read-timeout", "a timeout between two reads has no counterpart", "Set spec.rules[].timeouts."),
    ("proxy-send-timeout", "a timeout between two writes has no counterpart", "Set spec.rules[].timeouts."),
    ("proxy-connect-timeout", NO_SUCH, POLICY),
    ("proxy-next-upstream*", "retries are experimental in Gateway API", POLICY),
    ("proxy-body-size", NO_SUCH, POLICY),
    ("mirror-*", "the target is a URL, and a Gateway mirrors to Services", "Add a RequestMirror filter."),
    ("service-upstream", "whether a Gateway goes to Pods or to the ClusterIP is the implementation's affair",
     "Nothing, unless you rely on it."),
    ("ssl-passthrough", "TLS that is passed through has a route of its own", "Write a TLSRoute and a TLS listener."),
    ("satisfy", NO_SUCH, POLICY),
    ("x-forwarded-prefix", "a header that goes to the backend", "Add a RequestHeaderModifier filter."),
    ("custom-headers", "headers of the response", "Add a ResponseHeaderModifier filter."),
)  # fmt: skip


def without_lost(ingress: Ingress) -> Ingress:
    """The Ingress without the annotations that are not carried over."""
    notes = ingress.metadata.annotations
    kept = {k: v for k, v in notes.items() if k.removeprefix(PREFIX) in CARRIED or k.partition("/")[0] not in LOST}
    if len(kept) == len(notes):
        return ingress
    return ingress.model_copy(update={"metadata": ingress.metadata.model_copy(update={"annotations": FrozenMap(kept)})})


def annotation_losses(ingress: Ingress) -> tuple[Loss, ...]:
    """A loss for each annotation of a controller that the conversion does not carry over."""
    found = []
    for key, value in sorted(ingress.metadata.annotations.items()):
        prefix, slash, name = key.partition("/")
        if key.startswith(PREFIX):
            if name in CARRIED or value in FALSE:
                continue
            why, fix = _row(name)
            if name in RANGE_LISTS and ranges(value.strip()) is None:
                why = f"{value} is no list of addresses, for which ingress-nginx answers 503 to every request for the "
                why += "Ingress' paths; a Gateway sends them to the backends"
                fix = "Decide who may call, mend the list, and write a policy of the implementation."
        elif slash and prefix in OTHERS:
            why, fix = f"an annotation of {OTHERS[prefix]}", "Say it in Gateway API, or by a policy."
        else:
            continue
        found.append(Loss(ingress.id, f"metadata.annotations[{key}]", why, fix, tells=False))
    return tuple(found)


# Prefixes of annotations by which other controllers are told what to do.
OTHERS: Mapping[str, str] = {
    "traefik.ingress.kubernetes.io": "Traefik",
    "haproxy.org": "HAProxy Technologies' controller",
    "haproxy-ingress.github.io": "haproxy-ingress",
    "ingress.kubernetes.io": "several controllers",
    "nginx.org": "F5 NGINX's controller",
    "konghq.com": "Kong",
    "alb.ingress.kubernetes.io": "the AWS controller",
}
# Annotations under these prefixes are carried over, or lost; what is under any other says nothing about routing.
LOST = frozenset((PREFIX.rstrip("/"), *OTHERS))


def _row(name: str) -> tuple[str, str]:
    for pattern, why, fix in TABLE:
        head, star, tail = pattern.partition("*")
        if name == pattern or (star and name.startswith(head) and name.endswith(tail)):
            return why, fix
    return NO_SUCH, "Look for a policy of the implementation, or leave it out."
