"""Whether a matcher of a rule means the other end of a connection: one question for every kind of matcher."""

from __future__ import annotations

from designer.engine.policy.matchers import FINISHED_PHASES, Answer, BlockMatch, Peer, PodMatch
from designer.engine.policy.tiers import Surroundings, TierPeer


def peer_answer(match: TierPeer, peer: Peer, view: Surroundings) -> Answer:
    """Whether `match` means `peer`; None with a reason where that cannot be told."""
    if isinstance(match, BlockMatch):
        return match.answer(peer, view.enforcement)
    if not isinstance(match, PodMatch):
        return match.answer(peer, view)
    if peer.pod is None and match.beyond(view.enforcement):
        return None, f"{match.text}, which only excludes, may mean what is no Pod too, as {peer.text}"
    if peer.pod is None:
        return False, f"{peer.text} is no Pod that selectors can match"
    if peer.pod.phase in FINISHED_PHASES:
        return False, f"{peer.text} has ended; policies ignore it"
    if match.selects(peer.pod.namespace, peer.pod.labels, view.namespace_labels(peer.pod.namespace)):
        return True, ""
    return False, f"{peer.text} is not in {match.text}"


def first_answer(answers: list[Answer]) -> tuple[int | None, Answer]:
    """The entry that decides a list: the first that matches, else the first unknown, else the first; none: matches."""
    if not answers:
        return None, (True, "")
    for wanted in (True, None):
        for index, answer in enumerate(answers):
            if answer[0] is wanted:
                return index, answer
    return 0, (False, "; ".join(dict.fromkeys(said for _, said in answers)))
