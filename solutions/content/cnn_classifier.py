"""A convolutional classifier of product images: the reference."""

import keras
import numpy as np
from numpy.typing import NDArray


def preprocess(images: np.ndarray) -> NDArray[np.float32]:
    """Images as the network reads them, (N, H, W, C), from 0 to 1. The dtype alone says what a value means."""
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[3] not in (1, 3):
        raise ValueError(f"images are (N, H, W) or (N, H, W, 1 or 3), not {images.shape}")
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"pixels are uint8, or floats from 0 to 1, not {images.dtype}")
    if not np.all((images >= 0) & (images <= 1)):  # false for NaN, too
        raise ValueError("pixels that are floats lie between 0 and 1")
    return images.astype(np.float32)


def build_model(input_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    """Two convolutions with pooling, then a hidden layer (after LeNet-5, LeCun et al. 1998), compiled.

    (batch, *input_shape) -> (batch, n_classes). 56,714 parameters for (28, 28, 1) and ten classes.
    """
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def predict_topk(model: keras.Model, images: np.ndarray, k: int) -> list[list[tuple[int, float]]]:
    """For every raw image its k likeliest (class, probability), best first; equal ones by class."""
    if k < 0:
        raise ValueError(f"k counts classes: 0 or more, not {k}")
    batch = preprocess(images)
    if not len(batch):
        return []  # Keras can't predict nothing
    probabilities = model.predict(batch, verbose=0)
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return [
        [(label, float(row[label])) for label in labels]
        for row, labels in zip(probabilities, best.tolist(), strict=True)
    ]
