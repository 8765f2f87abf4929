"""How hypothesis draws examples for checks: the same for the grader, for plain pytest and for benchmarks."""

from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, settings

NAME = "kata"
NO_SHRINK = (Phase.explicit, Phase.generate, Phase.target)

settings.register_profile(
    NAME,
    database=None,
    deadline=None,
    max_examples=50,
    print_blob=False,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def set_home(folder: Path) -> None:
    """Have hypothesis keep its Unicode tables in this folder. To make them takes a second."""
    hypothesis.configuration.set_hypothesis_home_dir(folder)
