"""The rows of the facts about Ingress, sections 1 to 5 of the document, in labels of our own."""

from tests.facts.citations import Document

ELSEWHERE = "what Gateway API is and how it is installed changes no answer about an Ingress"

INGRESS = Document(
    "ingress-gateway.md",
    {
        1: {
            "Ingress v1": "that an API is frozen changes no answer",
            "ingress-nginx is retired": "",
            "Gateway API": ELSEWHERE,
            "Install": ELSEWHERE,
        },
        2: {
            "Exact": "",
            "Prefix": "",
            "Prefix of the root": "",
            "ImplementationSpecific": "",
            "Host empty": "",
            "Host exact": "",
            "Host wildcard": "",
            "Precedence of hosts": "",
            "Longest path, then Exact": "",
            "Default backend": "",
            "TLS": "",
            "Missing Secret": "",
            "Backend": "",
            "Refused host": "",
            "Refused path": "",
            "Refused backend": "",
            "Accepted though missing": "",
        },
        3: {
            "Class exists": "",
            "Class missing": "",
            "One default": "",
            "Several defaults": "",
            "No class": "",
            "Watched without class": "",
            "Annotation": "",
            "Two controllers": "",
        },
        4: {
            "ingress-nginx, same path": "",
            "Traefik, same path": "",
            "Specification, same path": "",
            "Regular expressions of a host": "",
            "Oldest for the host": "",
            "ssl-redirect": "",
            "No server": "",
            "No endpoint": "",
            "Strict path types": "",
            "Equal times": "",
            "Traefik, rule length": "",
            "Traefik, prefix": "",
        },
        5: {
            "Load balancer, Cluster": "",
            "Load balancer, Local": "",
            "NodePort": "",
            "hostPort and hostNetwork": "",
            "Straight to Pods": "",
            "ExternalName": "",
        },
    },
)
