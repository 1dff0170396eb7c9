"""The certificate that an Ingress controller shows over TLS, where the Secret that it should come from is not there.

domain/ingress-gateway.md section 2, "TLS": HTTPS still answers, with a certificate of the controller's own, and clients
see an error of trust. Secrets are known by name alone, never read.
"""

from __future__ import annotations

from designer.engine.l7.asked import Asked
from designer.engine.l7.matching import host_rank
from designer.engine.l7.promised import issued_for, promised_secrets
from designer.model import Ingress, Project

OWN_CERTIFICATES = {"ingress-nginx": "the Kubernetes Ingress Controller Fake Certificate"}


def certificate_aside(project: Project, profile: str, ingress: str, asked: Asked) -> str:
    """What a client sees over HTTPS where the Ingress' Secret is not in the input, as a sentence; "" where it is."""
    found = project.find(Ingress, ingress)
    if asked.scheme != "https" or found is None:
        return ""
    host = asked.sni or asked.host
    there = issued_for(found) | {n for space, n in promised_secrets(project) if space == found.namespace}
    for tls in found.spec.tls:
        covers = not tls.hosts or any(host_rank(one, host) is not None for one in tls.hosts)
        if not covers or not tls.secretName or tls.secretName in there:
            continue
        if f"v1/Secret:{found.namespace}/{tls.secretName}" not in project.foreign:
            own = OWN_CERTIFICATES.get(profile, "a certificate of the controller's own")
            return (
                f"Secret {found.namespace}/{tls.secretName} is not in the input: without it clients get {own}, which "
                "they do not trust."
            )
    return ""
