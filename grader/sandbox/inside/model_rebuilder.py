"""Rebuilds a Keras model from data and answers for it.

Runs in a confined worker that holds no learner's code: what a model says of itself is a claim, what it predicts here
is a fact. Only built-in layers are rebuilt; nothing is imported or run on the word of a configuration.
"""

import json
from typing import Any

import numpy as np

from grader.sandbox.inside.errors import ForeignModelError

Array = np.ndarray[Any, np.dtype[Any]]

LAYERS = frozenset(
    """
    Activation Add Attention Average AveragePooling1D AveragePooling2D BatchNormalization Bidirectional
    Concatenate Conv1D Conv2D Cropping2D Dense DepthwiseConv2D Dot Dropout EinsumDense ELU Embedding Flatten
    Functional GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
    GroupNormalization GRU Identity InputLayer LayerNormalization LeakyReLU LSTM Masking Maximum MaxPooling1D
    MaxPooling2D Minimum MultiHeadAttention Multiply Normalization Permute PReLU RandomContrast RandomFlip
    RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape SeparableConv2D Sequential
    SimpleRNN Softmax SpatialDropout1D SpatialDropout2D Subtract TimeDistributed UnitNormalization UpSampling2D
    ZeroPadding2D
    """.split()
)
MODULES = ("keras", "keras.layers", "keras.models", "keras.src.models.functional", "keras.src.models.sequential")
# A configuration also names what a layer holds; none of these runs code that isn't Keras' own.
PARTS = ("keras.initializers", "keras.regularizers", "keras.constraints")
POLICIES = ("DTypePolicy",)
OPERATIONS = ("keras.src.ops", "keras.ops")
LIMIT = 4_000_000
"""Numbers in all weights together."""


def taken_apart(model: Any) -> tuple[str, list[Array]]:
    """A model as data: its configuration in JSON, and its weights."""
    import keras  # noqa: PLC0415  only workers of Keras katas pay for it

    config = json.dumps(keras.saving.serialize_keras_object(model))
    return config, [np.asarray(weight) for weight in model.get_weights()]


class Rebuilt:
    """A model of built-in layers. Raises ForeignModelError, a ValueError, for anything else."""

    def __init__(self, config: str, weights: list[Array]) -> None:
        import keras  # noqa: PLC0415

        described = json.loads(config)
        described["compile_config"] = None  # how it was trained is no part of what it predicts
        _refuse_foreign(described)
        if sum(weight.size for weight in weights) > LIMIT:
            raise ForeignModelError("model_too_large", most=LIMIT)
        self._model = keras.saving.deserialize_keras_object(described, safe_mode=True)
        self._own = weights
        self._model.set_weights(weights)

    def outputs(self) -> list[str]:
        """Names of the outputs, in order; one output without a name is 'output'."""
        return list(self._named(self._model.outputs if not hasattr(self._model, "_outputs_struct") else self._struct()))

    def weights(self) -> list[Array]:
        """Every weight, in the model's order."""
        return self._own

    def trainable(self) -> list[bool]:
        """For every weight, whether training changes it."""
        return [bool(weight.trainable) for weight in self._model.weights]

    def predict(self, inputs: Array, weights: list[Array] | None = None) -> dict[str, Array]:
        """The outputs for a batch of inputs, with these weights in place of its own for this call."""
        if weights is not None:
            self._model.set_weights(weights)
        try:
            answers = self._named(self._model(inputs, training=False))
            return {name: np.asarray(value) for name, value in answers.items()}
        finally:
            if weights is not None:
                self._model.set_weights(self._own)

    def _struct(self) -> Any:
        return self._model._outputs_struct  # noqa: SLF001  the only place where Keras keeps the names of a dict of outputs

    def _named(self, outputs: Any) -> dict[str, Any]:
        if isinstance(outputs, dict):
            return outputs
        if isinstance(outputs, list | tuple):
            if len(outputs) == 1:
                return {"output": outputs[0]}
            return dict(zip(self._model.output_names, outputs, strict=True))
        return {"output": outputs}


def _refuse_foreign(node: Any) -> None:
    if isinstance(node, list):
        for part in node:
            _refuse_foreign(part)
    if not isinstance(node, dict):
        return
    if "class_name" in node:
        _refuse_foreign_class(str(node["class_name"]), str(node.get("module")), node.get("registered_name"))
    for part in node.values():
        _refuse_foreign(part)


def _refuse_foreign_class(name: str, module: str, registered: object) -> None:
    if name in LAYERS and module in MODULES and registered in (None, name):
        return
    if name in ("__tuple__", "__tensor__", "__numpy__", "__keras_tensor__", "__bytes__"):
        return
    if module in PARTS or (module == "keras" and name in POLICIES):
        return
    if module.startswith(OPERATIONS):
        return
    named = "" if module == "None" else module
    raise ForeignModelError("layer_not_built_in", layer=str(registered or name), module=named)
