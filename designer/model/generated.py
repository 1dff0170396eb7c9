"""Labels that controllers give to single Pods or to one rollout, which nobody means by a Pod's labels."""

from __future__ import annotations

from collections.abc import Set

from designer.model.frozen import FrozenMap

# kubernetes/api, "Well-Known Labels": set by the Deployment, DaemonSet, StatefulSet and Job controllers.
GENERATED_LABELS = frozenset(
    (
        "pod-template-hash",
        "pod-template-generation",
        "controller-revision-hash",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-completion-index",
    )
)


def given_labels(labels: FrozenMap[str, str], asked: Set[str] = frozenset()) -> FrozenMap[str, str]:
    """The labels without those that a controller generates, but with the keys that somebody asks for."""
    generated = [key for key in GENERATED_LABELS if key in labels and key not in asked]
    return FrozenMap({k: v for k, v in labels.items() if k not in generated}) if generated else labels
