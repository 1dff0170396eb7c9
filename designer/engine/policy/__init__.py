"""NetworkPolicy: what it allows, which rule says so, and who reaches whom."""

from designer.engine.policy.compiled import DIRECTIONS, CompiledPolicy, CompiledRule, Direction
from designer.engine.policy.evaluate import PolicySet, compile_policies
from designer.engine.policy.matchers import Peer
from designer.engine.policy.verdict import PolicyVerdict, RuleNote

__all__ = [
    "DIRECTIONS",
    "CompiledPolicy",
    "CompiledRule",
    "Direction",
    "Peer",
    "PolicySet",
    "PolicyVerdict",
    "RuleNote",
    "compile_policies",
]
