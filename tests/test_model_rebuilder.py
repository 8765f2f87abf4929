"""What a model must not hold to be rebuilt, and how that is told."""

from typing import Any

import pytest

from grader.protocol.errors import reason_of
from grader.sandbox.inside import model_rebuilder
from grader.sandbox.inside.errors import ForeignModelError, kind_of
from grader.sentences import ENGLISH

BUILT_IN = "which isn't one of Keras' built-in layers; build it from those"
FOREIGN: dict[str, dict[str, Any]] = {
    f"the model holds Lambda of keras.layers, {BUILT_IN}": {"class_name": "Lambda", "module": "keras.layers"},
    f"the model holds Own, {BUILT_IN}": {"class_name": "Own", "module": None},
    f"the model holds my>Dense of keras.layers, {BUILT_IN}": {
        "class_name": "Dense",
        "module": "keras.layers",
        "registered_name": "my>Dense",
    },
}


@pytest.mark.parametrize("words", FOREIGN)
def test_a_layer_that_is_not_built_in_is_told(words: str) -> None:
    with pytest.raises(ValueError, match="layer not built in") as error:
        model_rebuilder._refuse_foreign({"config": {"layers": [FOREIGN[words]]}})
    assert isinstance(error.value, ForeignModelError)
    assert kind_of(error.value) == "ValueError"
    assert ENGLISH.sentence(reason_of(error.value)) == words


def test_built_in_layers_are_taken() -> None:
    model_rebuilder._refuse_foreign({"class_name": "Dense", "module": "keras.layers", "registered_name": "Dense"})
