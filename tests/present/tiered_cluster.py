"""A shop with policies of every family: NetworkPolicy, ClusterNetworkPolicy, Calico's and Cilium's own."""

from __future__ import annotations

from designer.model import Project
from tests.present.matrix_cluster import deployment, project_of

ADMIN = "policy.networking.k8s.io/v1alpha2/ClusterNetworkPolicy:no-outside"
GLOBAL = "projectcalico.org/v3/GlobalNetworkPolicy:only-8080"
CILIUM = "cilium.io/v2/CiliumNetworkPolicy:shop/only-cluster"
NATIVE = "NetworkPolicy:shop/db"
POLICIES = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: no-outside}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {matchLabels: {team: a}}}
  egress:
  - {name: stop, action: Deny, to: [{networks: ["203.0.113.0/24"]}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: only-8080}
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
  - {action: Allow, protocol: TCP, destination: {ports: [8080]}}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: only-cluster, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress: [{fromEntities: [cluster]}]
"""


def tiered(plugin: str = "calico") -> Project:
    """The shop under a network plugin: web with two Pods, db with two, and watch/prober with one."""
    workloads = (deployment("shop", "web", 8080), deployment("shop", "db", 5432), deployment("watch", "prober", 90, 1))
    return project_of(POLICIES, *workloads, plugin=plugin)
