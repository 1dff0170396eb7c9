"""A project being worked on, without Qt: current snapshot, history, compile pipeline, file, recovery."""

from designer.session.change import Change, Listener, Outcome
from designer.session.compiler import Compiler, ImmediateCompiler
from designer.session.history import History, Step
from designer.session.session import Session

__all__ = ["Change", "Compiler", "History", "ImmediateCompiler", "Listener", "Outcome", "Session", "Step"]
