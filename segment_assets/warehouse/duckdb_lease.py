"""The sender's lease of a sync on an embedded state: a file lock that dies with its holder."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from segment_assets.errors import Busy, StateError


@contextmanager
def hold(path: Path, sync: str, holder: str) -> Iterator[str]:
    """Hold the lock file and yield a fresh token; the kernel frees it when the process dies.

    Raises `Busy`, naming the holder, when another process (or thread) has it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(f"{sync}: the lock file {path} can't be opened: {error}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            named = os.pread(descriptor, 1_000, 0).decode(errors="replace").strip()
            raise Busy(
                f"{sync} is being worked on by {named or 'another process'}. "
                "One plan or delivery per sync at a time: wait for it, or stop it, and run again"
            ) from None
        words = f"{holder or 'a run'} (process {os.getpid()} on {socket.gethostname()})\n"
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, words.encode(), 0)
        except OSError as error:
            raise StateError(
                f"{sync}: the lock file {path} can't be written: {error}. "
                "Free some space and run again; nothing was sent"
            ) from error
        yield uuid4().hex
    finally:
        os.close(descriptor)
