"""The first process of a slot: imports the heavy libraries once, confines itself, and forks a worker per request.

It never computes: a thread pool started here would hang in every fork. Its text and its settings come by a socket to
the judge, the standard input: nothing that workers inherit tells where the grader is.
"""

import gc
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import traceback
from types import FunctionType, ModuleType
from typing import Any

_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo")
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random")
_PR_SET_PDEATHSIG = 1
_NOFILE = 64
_COMPLAINT = 3000
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
    }
    settings.clear()
    _serve(control, lambda end: _work(end, confine, limits, worker))


def _warm(settings: dict[str, Any]) -> tuple[Any, Any]:
    """Import everything that workers are to find imported, then give up all but what they may read."""
    # tempfile would try to write somewhere, and there is nowhere to write.
    tempfile.tempdir = os.devnull
    os.chdir("/")
    own = sys.path[:]
    sys.path.extend(settings["packages"])
    _import_ours(settings["sources"])
    from grader.learner import worker  # noqa: PLC0415

    for name in settings["preload"]:
        __import__(name)
    _tune()
    confine = _confiner(settings["confined"])
    sys.path[:] = own
    if confine is not None:
        confine(_readable([*settings["private"], *settings["packages"]]))
    return worker, confine


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
            _, status, used = os.wait4(int(request), 0)
            control.send(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]).encode())
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


def _work(end: int, confine: Any, limits: dict[int, int], worker: Any) -> None:
    """Give up what a worker has no business with, and serve."""
    _die_with_parent()
    channel = os.dup2(end, 3)
    os.closerange(4, 4096)
    for standard in (0, 2):
        os.dup2(1, standard)  # /dev/null
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    end_of_channel = socket.socket(fileno=channel)
    if confine is not None:
        # The zygote's own confinement says what may be read; this one keeps the worker from signalling the zygote.
        confine(["/"])
        sys.modules["grader.learner.syscalls"].restrict()
    worker.serve(end_of_channel)


def _import_ours(sources: dict[str, str]) -> None:
    """Make the modules of grader.learner that a worker needs, and nothing else of the package."""
    package, learner = ModuleType("grader"), ModuleType("grader.learner")
    package.__path__, learner.__path__ = [], []
    sys.modules.update({"grader": package, "grader.learner": learner})
    for name in (name for name in sources if name != "zygote"):
        module = ModuleType(f"grader.learner.{name}")
        module.__file__ = f"{name}.py"
        sys.modules[module.__name__] = module
        setattr(learner, name, module)
        exec(compile(sources[name], module.__file__, "exec"), vars(module))  # noqa: S102  our own text


def _confiner(confined: str) -> Any:
    if confined == "bare":
        return None
    import sandlock  # noqa: PLC0415  not installed where bare is all there is

    relaxed = list(sandlock.Protection) if confined == "sandlock-degraded" else []

    def confine(paths: list[str]) -> None:
        sandlock.confine(
            sandlock.Sandbox(fs_readable=[path for path in paths if os.path.exists(path)], allow_degraded=relaxed)
        )

    return confine


def _readable(private: list[str]) -> list[str]:
    """The packages that are imported, the standard library and system libraries; no folder with a private one in it."""
    library = os.path.dirname(os.__file__)
    kept = {os.path.realpath(place) for place in [*private, f"{library}/site-packages", f"{library}/dist-packages"]}
    folders = dict.fromkeys(os.path.realpath(folder) for folder in (library, *_SYSTEM) if os.path.isdir(folder))
    return [*(place for folder in folders for place in _around(folder, kept)), *sorted(_packages(library)), *_DEVICES]


def _around(place: str, kept: set[str]) -> list[str]:
    """A place, or so much of what is in it as holds nothing that is kept private."""
    if place in kept:
        return []
    if not any(each.startswith(f"{place}/") for each in kept):
        return [place]
    return [found for name in sorted(os.listdir(place)) for found in _around(f"{place}/{name}", kept)]


def _packages(library: str) -> set[str]:
    """Folders (or files) of what is imported from outside the standard library, and the libraries they bundle."""
    found: set[str] = set()
    for name, module in list(sys.modules.items()):
        if "." in name or name in ("grader", "__main__"):
            continue
        places = list(getattr(module, "__path__", None) or [getattr(module, "__file__", None) or ""])
        found.update(
            os.path.realpath(place) for place in places if place and _foreign(os.path.realpath(place), library)
        )
    for site in filter(os.path.isdir, {os.path.dirname(place) for place in found}):
        found.update(f"{site}/{name}" for name in os.listdir(site) if name.endswith(".libs"))
    return {place for place in found if not place.endswith("-packages")}


def _foreign(place: str, library: str) -> bool:
    return not place.startswith(f"{library}/") or place.startswith(
        (f"{library}/site-packages/", f"{library}/dist-packages/")
    )


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
