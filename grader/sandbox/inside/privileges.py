"""What a process of a slot gives up for good besides its system calls: the powers of root."""

import ctypes
import struct

_PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL = 24, 28, 47, 4
_LOCKED = 0xEF
"""Securebits: root's number brings no capabilities, none is kept or made ambient, and all of that stays so."""
_VERSION = 0x2008_0522
_MOST = 64


def drop_capabilities() -> None:
    """Leave this process, and all that it forks, no capability. Raises OSError where that fails.

    Whoever isn't root has none; the steps that only root may take then fail, and nothing is missing.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    for capability in range(_MOST):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    libc.prctl(_PR_SET_SECUREBITS, _LOCKED, 0, 0, 0)
    libc.prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0)
    header, nothing = struct.pack("=Ii", _VERSION, 0), bytes(24)
    if libc.capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capabilities can't be dropped")
