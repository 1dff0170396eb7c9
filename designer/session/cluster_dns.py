"""The cluster's DNS as one edit, for a cluster that was drawn without: names lead nowhere until somebody answers."""

from __future__ import annotations

from designer.edits.edit import Edit
from designer.manifests.assume import Assumptions, assume_dns
from designer.model import Project, Service

KUBE_DNS = "Service:kube-system/kube-dns"


def has_cluster_dns(project: Project) -> bool:
    """Whether the project has the Service that the Pods of a kubeadm cluster ask for names."""
    return KUBE_DNS in project.slice(Service)


def add_cluster_dns(project: Project) -> Edit:
    """The edit that adds kube-dns with CoreDNS behind it, as kubeadm sets them up; none where they are there."""
    found = Assumptions()
    assume_dns(project, project.cluster, found)
    return Edit("Add cluster DNS", project.with_objects(found.objects), select=(KUBE_DNS,))
