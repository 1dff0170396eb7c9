"""Bytes ↔ `Project`: the project file's envelope, safe writing, and the journal that survives a crash.

``encode`` and ``decode`` are pure; ``open_file`` and ``save_file`` touch the disk and tell what went wrong as problems.
"""

from designer.storage.decode import decode
from designer.storage.encode import encode
from designer.storage.files import FileStamp, Opened, Saved, open_file, save_file

__all__ = [
    "FileStamp",
    "Opened",
    "Saved",
    "decode",
    "encode",
    "open_file",
    "save_file",
]
