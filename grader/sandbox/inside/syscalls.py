"""The system calls that a worker may make: an allow-list in the kernel, on top of the sandbox's own deny-list.

What isn't listed fails as on a kernel that lacks it, so libraries fall back to what is. Without this list a worker
could set the limits of any process of the same user, connect by MPTCP or TCP fast open, listen on a port, outlive its
parents, and as root set the clock.
"""

import ctypes
import platform
import struct
from typing import Any, NamedTuple

_FREE = """
    read readv pread64 write writev lseek close dup dup2 dup3 getdents64 getcwd fstat
    poll ppoll select pselect6 pipe2 eventfd2
    epoll_create1 epoll_ctl epoll_wait epoll_pwait recvfrom recvmsg sendto sendmsg
    munmap mprotect mremap brk mincore get_mempolicy
    futex set_robust_list rseq membarrier sched_yield sched_getaffinity getcpu arch_prctl set_tid_address
    restart_syscall
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack exit exit_group
    getpid gettid getppid getuid geteuid getgid getegid getpgrp getrandom uname sysinfo getrusage times
    time gettimeofday clock_gettime clock_getres nanosleep clock_nanosleep
""".split()


_NO_SUCH_FILE = "stat lstat statx access faccessat faccessat2".split()
"""Answered as if there were nothing: the sandbox can't tell paths apart here. Files are looked at by opening them."""
_NOTHING = ("readlink", "readlinkat")
"""Answered with an empty text: TensorFlow asks for the path of its interpreter, and aborts at an error."""

_ADVICE = (0, 1, 2, 3, 4, 8, 14, 15, 16, 17, 18, 19)
"""NORMAL RANDOM SEQUENTIAL WILLNEED DONTNEED FREE HUGEPAGE NOHUGEPAGE DONTDUMP DODUMP WIPEONFORK KEEPONFORK."""
_SIGNALS = tuple(number for number in range(65) if number != 9)  # noqa: PLR2004
"""All but SIGKILL: who is killed by it was killed by somebody else."""
_O_PATH = 0x20_0000
_AT_EMPTY_PATH = 0x1000
_ALLOW, _KILL, _ZERO, _ENOENT, _ENOSYS = 0x7FFF_0000, 0x8000_0000, 0x0005_0000, 0x0005_0000 | 2, 0x0005_0000 | 38


class _Only(NamedTuple):
    """A system call that is allowed where half an argument, masked, has one of these values."""

    name: str
    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFF_FFFF
    half: int = 0
    """0 the lower one, 1 the upper."""
    refused: int = _ENOSYS


def _only(own: int | None) -> tuple[_Only, ...]:
    of_a_worker = (
        _Only("kill", 0, (own or 0,)),
        _Only("kill", 1, _SIGNALS),
        _Only("tgkill", 0, (own or 0,)),
        _Only("tgkill", 2, _SIGNALS),
        _Only("clone", 0, (0x1_0000,), mask=0x1_0000),  # CLONE_THREAD: no processes
    )
    return (
        *(of_a_worker if own else ()),
        _Only("mmap", 3, (0,), mask=0x101),  # neither MAP_GROWSDOWN nor MAP_SHARED: neither is counted as data
        _Only("prctl", 0, (15, 16, 0x53564D41)),  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
        _Only("fcntl", 1, (0, 1, 2, 3, 4, 1030)),  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
        # TCGETS, by which open() asks whether it is a terminal; FIONBIO, to wait or not
        _Only("ioctl", 1, (0x5401, 0x5421)),
        _Only("openat", 2, (0,), mask=_O_PATH),  # opens what may not be read, for looking at it
        _Only("open", 1, (0,), mask=_O_PATH),
        # the C library's fstat; a path beside this flag can't be seen from here
        _Only("newfstatat", 3, (_AT_EMPTY_PATH,), mask=_AT_EMPTY_PATH, refused=_ENOENT),
        _Only("madvise", 2, _ADVICE),
        # limits may be read, never set
        _Only("prlimit64", 2, (0,)),
        _Only("prlimit64", 2, (0,), half=1),
    )


_LOAD, _EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_MACHINES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2


def program(own: int | None = None, more: tuple[str, ...] = ()) -> bytes:
    """The filter of a process that may make some more calls; with its number it may signal itself and start threads.

    Raises KeyError for a machine that isn't known.
    """
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in _program(own, more))


def restrict(program: bytes) -> None:
    """Leave this process, for good, what it needs to compute. Raises OSError where that can't be had."""
    held = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    pointer = ctypes.create_string_buffer(described, len(described))
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(pointer), 0, 0):
        raise OSError(ctypes.get_errno(), "no filter for system calls")


def _program(own: int | None, more: tuple[str, ...]) -> list[tuple[int, int, int, int]]:
    """Berkeley packet filter: operation, steps to skip if it holds and if not, operand."""
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _MACHINES[platform.machine()]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    answers = {
        **dict.fromkeys(_FREE, _ALLOW),
        **dict.fromkeys(_NO_SUCH_FILE, _ENOENT),
        **dict.fromkeys(_NOTHING, _ZERO),
        **dict.fromkeys(more, _ALLOW),
    }
    for name, answer in answers.items():
        if (number := _number(name)) is not None:
            program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    rules: dict[str, list[_Only]] = {}
    for rule in _only(own):
        rules.setdefault(rule.name, []).append(rule)
    for name, tests in rules.items():
        body = [step for test in tests for step in _tested(test)]
        if (number := _number(name)) is not None:
            program += [(_EQUAL, 0, len(body) + 1, number), *body, (_RETURN, 0, 0, _ALLOW)]
    return [*program, (_RETURN, 0, 0, _ENOSYS)]


def _tested(rule: _Only) -> list[tuple[int, int, int, int]]:
    many = len(rule.values)
    return [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * rule.argument + 4 * rule.half),
        (_AND, 0, 0, rule.mask),
        *[(_EQUAL, many - nth, 0, value) for nth, value in enumerate(rule.values)],
        (_RETURN, 0, 0, rule.refused),
    ]


def _number(name: str) -> int | None:
    """The number of a system call on this machine; None if it isn't there."""
    from sandlock import _sdk  # noqa: PLC0415  where there is a sandbox

    number: Any = _sdk._lib.sandlock_syscall_nr(name.encode())  # noqa: SLF001  the table that the sandbox itself uses
    return None if number < 0 else int(number)
