"""A virtual environment for each peer, made once and used again while it holds what is asked for."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks import frozen
from benchmarks.peers.peer import Peer, Tools
from benchmarks.processes import run

SHARED = ("numpy", "hypothesis", "pytest")
"""What the checks need: everybody has them in the version that we have."""
_LISTED = (
    "import json; from importlib.metadata import distributions as found;"
    "print(json.dumps({each.name.lower(): each.version for each in found()}))"
)


class Installed(NamedTuple):
    """A peer that is ready to grade."""

    peer: Peer
    tools: Tools
    template: Path
    versions: dict[str, str]


def installed(peer: Peer, environments: Path, folder: Path) -> Installed:
    """Install a peer if need be, and write the kata in its format. Raises OSError saying what failed."""
    place = environments / peer.name.replace(" ", "-")
    wanted = [*peer.packages, *(f"{name}=={version(name)}" for name in SHARED)]
    mark = place / "benchmark.json"
    if not mark.exists() or json.loads(mark.read_text(encoding="utf-8")) != wanted:
        _called([sys.executable, "-m", "venv", "--clear", str(place)])
        _called([str(place / "bin" / "pip"), "install", "--quiet", *wanted])
        mark.write_text(json.dumps(wanted), encoding="utf-8")
    own = folder / peer.name
    tools = Tools(place / "bin", _environment(place, own / "home"))
    template = own / "template"
    peer.write(template)
    for command in peer.built(template, tools):
        if complaint := run([command]).complaint:
            raise OSError(f"{peer.name} can't be made ready: {complaint}")
    return Installed(peer, tools, template, _versions(place))


def _environment(place: Path, home: Path) -> dict[str, str]:
    found = frozen.environment(home)
    return {**found, "PATH": f"{place / 'bin'}:{found.get('PATH', '')}"}


def _versions(place: Path) -> dict[str, str]:
    listed = [str(place / "bin" / "python"), "-c", _LISTED]
    told = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    found: dict[str, str] = json.loads(told)
    return found


def _called(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=frozen.inherited())
    if done.returncode:
        raise OSError(f"{Path(command[0]).name} {command[1]} failed: {done.stderr.strip().rpartition(chr(10))[2]}")
