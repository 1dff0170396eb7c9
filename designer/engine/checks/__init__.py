"""The problems of a cluster: one small function each, in one table."""

from designer.engine.checks.table import CHECKS, check

__all__ = ["CHECKS", "check"]
