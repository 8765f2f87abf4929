"""The other graders: the same kata and checks, made into the format of each at run time."""

from benchmarks.peers.check50 import Check50
from benchmarks.peers.gradescope import GradescopeUtils
from benchmarks.peers.nbgrader import Nbgrader
from benchmarks.peers.otter import Otter
from benchmarks.peers.peer import Peer
from benchmarks.peers.plain_pytest import PlainPytest

PEERS: tuple[Peer, ...] = (Otter(), Nbgrader(), PlainPytest(), Check50(), GradescopeUtils())

__all__ = ["PEERS", "Peer"]
