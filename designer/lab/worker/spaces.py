"""Network namespaces as file descriptors: made, entered, and given their kernel settings.

They have no names and no process of their own: when this process ends, however it ends, the kernel takes them away.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from dataclasses import dataclass, field

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class SpaceError(Exception):
    """A namespace cannot be made here; the message is the kernel's word, `step` what was tried."""

    def __init__(self, step: str, error: int) -> None:
        super().__init__(os.strerror(error))
        self.step = step
        self.errno = error


def _call(step: str, answer: int) -> None:
    if answer != 0:
        raise SpaceError(step, ctypes.get_errno())


def enter_alone() -> str:
    """How this process left the machine's network: "user" (a user namespace of its own) or "root" (as root, without).

    Raises SpaceError where the kernel allows neither. Both namespaces come in one call, and the death of the parent is
    asked for afterwards, because the kernel forgets that wish when rights change.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 and not _users_allowed(uid, gid):
        how = "root"
        _call("a network namespace", _libc.unshare(CLONE_NEWNET))
    else:
        how = "user"
        _leave(uid, gid)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return how


def _leave(uid: int, gid: int) -> None:
    """Go into a user namespace of our own as its root, and into a network namespace that belongs to it."""
    _call("a user namespace", _libc.unshare(CLONE_NEWUSER | CLONE_NEWNET))
    try:
        _map_ids(uid, gid)
    except OSError as refused:
        raise SpaceError("a user namespace", refused.errno or 1) from refused


def _users_allowed(uid: int, gid: int) -> bool:
    """Whether a child may do so: there is no way back from a half-made user namespace."""
    child = os.fork()
    if child == 0:
        try:
            _leave(uid, gid)
        except SpaceError:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _map_ids(uid: int, gid: int) -> None:
    """Become root of the new user namespace. Raises OSError where the system does not let an ordinary user do so."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def raise_file_limit() -> None:
    """Allow as many open files as the system lets this process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass(slots=True)
class Spaces:
    """The namespaces of a lab by name. `own` is the one that the worker started in; `current` where it is now."""

    own: int
    files: dict[str, int] = field(default_factory=dict)
    current: str = ""

    @classmethod
    def start(cls) -> Spaces:
        """No namespaces yet but the worker's own."""
        return cls(os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC))

    def make(self, name: str) -> None:
        """Make a namespace and stay in it."""
        _call("a network namespace", _libc.unshare(CLONE_NEWNET))
        self.files[name] = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.current = name

    def enter(self, name: str) -> None:
        """Go into a namespace ("" is the worker's own); everything opened from now on belongs to it."""
        if name != self.current:
            _call("entering a network namespace", _libc.setns(self.files[name] if name else self.own, CLONE_NEWNET))
            self.current = name

    def set(self, setting: str, value: str) -> bool:
        """Whether a kernel setting of the current namespace (``net/ipv4/ip_forward``) took the value."""
        try:
            with open(f"/proc/sys/{setting}", "w", encoding="ascii") as file:
                file.write(value)
        except OSError:
            return False
        return True
