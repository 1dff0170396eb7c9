"""Reduced motion takes the time out of every animation."""

from __future__ import annotations

from designer.ui.kit import motion


def test_animations_take_their_time_unless_motion_is_reduced() -> None:
    assert motion.duration(200) == 200
    assert not motion.reduced_motion()
    motion.set_reduced_motion(True)
    assert motion.reduced_motion()
    assert motion.duration(200) == 0
    motion.set_reduced_motion(False)
    assert motion.duration(motion.HOP_MS) == 600


def test_a_negative_time_is_none() -> None:
    assert motion.duration(-5) == 0
