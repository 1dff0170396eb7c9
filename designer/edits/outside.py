"""Addresses for what is drawn outside the cluster."""

from __future__ import annotations

import ipaddress

from designer.model import ExternalClient, ExternalHost, Project

# Documentation ranges (RFC 5737): what a person draws has an address of these until somebody says otherwise.
CLIENTS = "198.51.100.0/24"
HOSTS = "192.0.2.0/24"


def outside_objects(project: Project) -> tuple[ExternalClient | ExternalHost, ...]:
    """Everything that is drawn outside the cluster."""
    return (*project.of(ExternalClient), *project.of(ExternalHost))


def free_address(project: Project, network: str = CLIENTS) -> str:
    """The first address of `network`, from .10 on, that nothing outside has; the last one when all are taken."""
    taken = {address for obj in outside_objects(project) for address in obj.spec.addresses}
    hosts = [str(host) for host in ipaddress.ip_network(network).hosts()][9:]
    return next((host for host in hosts if host not in taken), hosts[-1])
