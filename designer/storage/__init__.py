"""Bytes ↔ `Project`: the project file's envelope, safe writing, and the journal that survives a crash.

``encode`` and ``decode`` are pure; ``open_file`` and ``save_file`` touch the disk and tell what went wrong as problems.
"""

from designer.storage.decode import decode
from designer.storage.encode import Encoded, Encoder, encode
from designer.storage.files import PROJECT_SUFFIX, FileStamp, Opened, Saved, holds_project, open_file, save_file
from designer.storage.fingerprint import fingerprint
from designer.storage.journal import Journal, Recovered, RecoveryInfo, discard, recover, recoverable
from designer.storage.parse import is_project

__all__ = [
    "PROJECT_SUFFIX",
    "Encoded",
    "Encoder",
    "FileStamp",
    "Journal",
    "Opened",
    "Recovered",
    "RecoveryInfo",
    "Saved",
    "decode",
    "discard",
    "encode",
    "fingerprint",
    "holds_project",
    "is_project",
    "open_file",
    "recover",
    "recoverable",
    "save_file",
]
