"""The first process of a slot: imports the heavy libraries once, confines itself, and forks a worker per request.

It never computes: a thread pool started here would hang in every fork. Its text and its settings come by a socket to
the judge, the standard input: nothing that workers inherit tells where the grader is.
"""

import contextlib
import functools
import gc
import importlib._bootstrap_external as bootstrap
import json
import linecache
import os
import resource
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

_PR_SET_PDEATHSIG = 1
_NOFILE = 64
_COMPLAINT = 3000
_CHUNK = 1 << 22
_NAP = 0.002
_STACK = 64 << 20
_ADDRESSES = 16 << 30
_SLOTS = (1 << 19) + 1024


def main(control: socket.socket, settings: dict[str, Any]) -> None:
    """Get warm, then serve."""
    sys.argv[:], sys.orig_argv[:] = [""], []
    _die_with_parent()
    try:
        worker, confine = _warm(settings)
    except BaseException:
        control.send(traceback.format_exc()[-_COMPLAINT:].encode())
        raise
    gc.collect()
    gc.freeze()  # a worker that looks through what it shares would copy it
    control.send(b"ready")
    limits = {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _NOFILE,
        resource.RLIMIT_CPU: settings["cpu_seconds"],
        # The sandbox counts anonymous memory; this counts private copies of files too.
        resource.RLIMIT_DATA: settings["memory"],
        # Nor is a stack data; and somebody's shell may let it grow without end.
        resource.RLIMIT_STACK: min([_STACK, *filter(_is_finite, resource.getrlimit(resource.RLIMIT_STACK))]),
    }
    if sys.platform == "linux":
        # Page tables are nobody's memory: 4 kB for each 2 MB that is mapped. TensorFlow and JAX reserve some gigabytes.
        limits[resource.RLIMIT_AS] = settings["memory"] + _ADDRESSES
    settings.clear()
    _serve(control, lambda end: _work(end, confine, limits, worker))


def _warm(settings: dict[str, Any]) -> tuple[Any, Any]:
    """Import everything that workers are to find imported, then give up all but what they may read."""
    # tempfile would try to write somewhere, and there is nowhere to write.
    tempfile.tempdir = os.devnull
    os.chdir("/")
    own = sys.path[:]
    sys.path.extend(settings["packages"])
    with _few_looks():
        _import_ours(settings["sources"])
        for name in settings["preload"]:
            __import__(name)
    _tune()
    from grader.sandbox.inside import landlock, privileges, readable, worker  # noqa: PLC0415

    walls = settings["walls"]
    confine = None if walls == "none" else landlock.confiner(relaxed=walls == "relaxed")
    sys.path[:] = own
    if confine is not None:
        privileges.drop_capabilities()
        confine(readable.places([*settings["private"], *settings["packages"]]))
    return worker, confine


@contextlib.contextmanager
def _few_looks() -> Iterator[None]:
    """Meanwhile imports look at each file and folder once, and read without asking for sizes.

    The sandbox answers each look itself, which takes longer than the look: importing Keras is 40,000 of them, with this
    17,000.
    """
    meanwhile: dict[tuple[Any, str], Any] = {
        (bootstrap, "_path_stat"): functools.cache(vars(bootstrap)["_path_stat"]),
        (bootstrap.FileLoader, "get_data"): _read,
        (linecache, "checkcache"): lambda filename=None: None,  # noqa: ARG005  TensorFlow asks for each operation's source
    }
    own = {(place, name): getattr(place, name) for place, name in meanwhile}
    _put(meanwhile)
    try:
        yield
    finally:
        _put(own)


def _put(functions: dict[tuple[Any, str], Any]) -> None:
    for (place, name), function in functions.items():
        setattr(place, name, function)


def _read(_loader: Any, path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(iter(lambda: os.read(descriptor, _CHUNK), b""))
    finally:
        os.close(descriptor)


def _tune() -> None:
    """Make libraries fit for a slot, where there is no /proc and every worker starts anew."""
    if "threadpoolctl" in sys.modules:
        # scikit-learn asks it for the libraries that are loaded; it would read /proc
        sys.modules["threadpoolctl"]._HAS_PROCFS = False  # type: ignore[attr-defined]  # noqa: SLF001
    if "tensorflow" in sys.modules:
        # A graph is run too seldom here to earn back what it costs to optimise it: a tenth of a small model's training.
        sys.modules["tensorflow"].config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def _serve(control: socket.socket, work: Any) -> None:
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not request:
            return
        if request == b"fork":
            control.send(str(_forked(control, descriptors[0], work)).encode())
        else:
            _, number, patience = request.split()
            control.send(json.dumps(_ended(int(number), float(patience))).encode())
        for descriptor in descriptors:
            os.close(descriptor)


def _forked(control: socket.socket, end: int, work: Any) -> int:
    """Fork a worker, and wait until the sandbox knows of it: one that is killed before counts for ever."""
    known, tell = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        pid = -1
    if pid == 0:
        control.close()
        os.close(os.open(os.devnull, os.O_RDONLY))  # the sandbox is asked about this, and so learns of us
        os.close(tell)
        work(end)
    os.close(tell)
    os.read(known, 1)
    os.close(known)
    return pid


def _ended(pid: int, patience: float) -> tuple[int, float, bool]:
    """How a worker ended, its CPU seconds, and whether it had to be killed.

    Done here because its parent alone can't mistake another process for it.
    """
    until = time.monotonic() + patience
    while not (found := os.wait4(pid, os.WNOHANG))[0] and time.monotonic() < until:
        time.sleep(_NAP)
    killed = not found[0]
    if killed:
        os.kill(pid, signal.SIGKILL)
        found = os.wait4(pid, 0)
    _, status, used = found
    return status, used.ru_utime + used.ru_stime, killed


def _is_finite(limit: int) -> bool:
    return limit != resource.RLIM_INFINITY


def _work(end: int, confine: Any, limits: dict[int, int], worker: Any) -> None:
    """Give up what a worker has no business with, and serve."""
    _die_with_parent()
    channel = os.dup2(end, 3)
    os.closerange(4, 4096)
    for standard in (0, 2):
        os.dup2(1, standard)  # /dev/null
    for limit, value in limits.items():
        _, most = resource.getrlimit(limit)
        held = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (held, held))
    end_of_channel = socket.socket(fileno=channel)
    if confine is not None:
        # The zygote's own confinement says what may be read; this one keeps the worker from signalling the zygote.
        confine(["/"])
        sys.modules["grader.sandbox.inside.looks"].by_opening()
        syscalls = sys.modules["grader.sandbox.inside.syscalls"]
        syscalls.restrict(syscalls.program(os.getpid()))
    os.write(channel, b"k")  # the kernel adds who wrote it
    worker.serve(end_of_channel)


def _import_ours(sources: dict[str, str]) -> None:
    """Make the modules of the grader that a worker needs, and nothing else of the package."""
    for name in ("grader", "grader.protocol", "grader.sandbox", "grader.sandbox.inside"):
        package = ModuleType(name)
        package.__path__ = []
        _known(package)
    for name in (name for name in sources if not name.endswith(".zygote")):
        module = ModuleType(f"grader.{name}")
        module.__file__ = f"{name.rpartition('.')[2]}.py"
        _known(module)
        exec(compile(sources[name], module.__file__, "exec"), vars(module))  # noqa: S102  our own text


def _known(module: ModuleType) -> None:
    """Have a module found by its name, and as a part of its package."""
    sys.modules[module.__name__] = module
    package, _, name = module.__name__.rpartition(".")
    if package:
        setattr(sys.modules[package], name, module)


def _die_with_parent() -> None:
    parent = os.getppid()
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def roomy(function: Any) -> Any:
    """The function with a frame of 4 MB, never touched, in a chunk of 8.

    CPython keeps frames in chunks of 16 kB and maps and unmaps one whenever a call crosses the end of a chunk: 12,000
    times while Keras is imported. The sandbox looks at each. Below this frame there is room for all.
    """
    return FunctionType(function.__code__.replace(co_stacksize=_SLOTS), function.__globals__)
