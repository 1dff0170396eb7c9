"""Policies of other kinds in requests: NPEP-285 and KEP-2091 (admin policies before, a baseline after NetworkPolicy),
which policy engine enforces which kinds (`domain/policies.md`, the engines' own resources), and what is left open."""

import pytest

from designer.edits.settings import use_cni
from designer.engine.compile import compile_project
from designer.engine.policy.matrix import connectivity
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request, TraceResult
from designer.manifests import read_texts

PODS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {tier: front}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
"""
ALLOW = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{}]}
---
"""
ADMIN = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: %s
metadata: {name: %s}
spec:
  priority: 5
  subject: %s
  ingress:
  - {name: strict, action: Deny, from: [{namespaces: {}}]}
"""
EVERYBODY = "{namespaces: {}}"


def answer(extra: str, plugin: str = "calico") -> TraceResult:
    project = read_texts([("all.yaml", PODS + extra)]).project
    state = compile_project(use_cni(project, plugin).project)
    address = state.control.pods["Pod:shop/web"].ips[0]  # no name: the question to DNS is a connection of its own
    result, problems = ask(state, Request("Pod:shop/client", f"http://{address}"))
    assert result is not None, problems
    return result


@pytest.mark.parametrize("first", ["", ALLOW])
def test_an_admin_policy_turns_an_allowed_connection_round_and_is_named_with_its_line(first: str) -> None:
    text = first + ADMIN % ("AdminNetworkPolicy", "upper", EVERYBODY)
    found = answer(text)
    assert found.verdict == "denied"
    assert "AdminNetworkPolicy upper (priority 5), ingress rule 1 'strict' denies" in found.reason
    (path,) = found.trace.paths()
    stop = next(hop for hop in path.hops if hop.outcome == "denied")
    assert path.policies[0] == "policy.networking.k8s.io/v1alpha1/AdminNetworkPolicy:upper"
    (evidence,) = stop.decided_by
    line = (PODS + text).splitlines().index("  - {name: strict, action: Deny, from: [{namespaces: {}}]}") + 1
    assert (evidence.field, evidence.file, evidence.line) == ("spec.ingress[0].from[0]", "all.yaml", line)


@pytest.mark.parametrize(
    ("subject", "verdict"),
    [
        ("{namespaces: {matchLabels: {tier: front}}}", "denied"),
        ("{namespaces: {matchLabels: {tier: back}}}", "delivered"),
        ("{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}", "denied"),
        ("{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: other}}}}", "delivered"),
        ("{namespaces: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}", "delivered"),
    ],
)
def test_it_decides_only_about_its_subject(subject: str, verdict: str) -> None:
    assert answer(ADMIN % ("AdminNetworkPolicy", "strict", subject)).verdict == verdict


def test_a_baseline_is_not_asked_where_a_network_policy_selects_the_pod() -> None:
    """KEP-2091: the baseline takes what no NetworkPolicy isolates."""
    baseline = ADMIN % ("BaselineAdminNetworkPolicy", "default", EVERYBODY)
    assert answer(baseline).verdict == "denied"
    assert answer(ALLOW + baseline).verdict == "delivered"


OWN = """
apiVersion: %s
kind: %s
metadata: {name: own%s}
spec: %s
"""
CALICO_SPEC = "{ingress: [{action: Deny}]}"
CILIUM_SPEC = "{endpointSelector: {}, ingress: [{}]}"


@pytest.mark.parametrize(
    ("api", "kind", "namespace", "plugin", "verdict"),
    [
        ("projectcalico.org/v3", "GlobalNetworkPolicy", "", "calico", "denied"),
        ("projectcalico.org/v3", "NetworkPolicy", "shop", "calico", "denied"),
        ("crd.projectcalico.org/v1", "NetworkPolicy", "other", "calico", "delivered"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy", "", "flannel", "delivered"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "", "calico", "delivered"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "", "cilium", "denied"),
        ("cilium.io/v2", "CiliumNetworkPolicy", "shop", "cilium", "denied"),
        ("cilium.io/v2", "CiliumNetworkPolicy", "shop", "weave", "delivered"),
    ],
)
def test_each_engine_reads_its_own_kinds(api: str, kind: str, namespace: str, plugin: str, verdict: str) -> None:
    where = f", namespace: {namespace}" if namespace else ""
    spec = CILIUM_SPEC if "cilium" in api else CALICO_SPEC
    assert answer(OWN % (api, kind, where, spec), plugin).verdict == verdict


LATER = ADMIN.replace("v1alpha1", "v9") % ("AdminNetworkPolicy", "later", EVERYBODY)


def test_a_version_that_is_not_known_leaves_it_open() -> None:
    found = answer(LATER)
    assert found.verdict == "cannot-tell"
    assert "AdminNetworkPolicy later may decide about shop/web too" in found.reason
    assert answer(LATER.replace("ingress:", "egress:").replace(EVERYBODY, BACK)).verdict == "delivered"


BACK = "{namespaces: {matchLabels: {tier: back}}}"


def test_the_matrix_says_what_it_leaves_open() -> None:
    state = compile_project(read_texts([("all.yaml", PODS + LATER)]).project)
    notes = connectivity(state.project, state.control, state.policies).notes
    assert any("AdminNetworkPolicy later: cannot be evaluated" in note for note in notes)
