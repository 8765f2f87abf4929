"""What a slot is started with."""

from pathlib import Path

import pytest

from grader.isolation import environment
from grader.learner.pool import PROFILES


@pytest.mark.parametrize("name", ["HOME", "TMPDIR", "KERAS_HOME"])
def test_nobody_not_even_root_makes_a_file_where_libraries_keep_their_settings(name: str) -> None:
    """A file that one library wrote there outside a slot can't be read in one: no slot would start again."""
    home = Path(environment(PROFILES["keras"])[name])
    with pytest.raises(NotADirectoryError):
        (home / "below").mkdir(parents=True)
