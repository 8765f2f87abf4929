"""A convolutional classifier of product images. The task: cnn_classifier.md.

You may import the standard library, numpy and keras; no other library, such as pandas, scipy or sklearn.
"""

import keras
import numpy as np


def preprocess(images: np.ndarray) -> np.ndarray:
    """Turn images into what the network reads: a new float32 array (N, H, W, C), each value from 0 to 1.

    `images` is (N, H, W), or (N, H, W, C) with 1 or 3 channels; either uint8 from 0 to 255, or floats from 0 to 1.
    Raises ValueError for any other shape, dtype or value.

    >>> preprocess(np.array([[[0, 51], [102, 255]]], dtype=np.uint8))[0, :, :, 0]
    array([[0. , 0.2],
           [0.4, 1. ]], dtype=float32)
    """
    raise NotImplementedError


def build_model(input_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    """Build and compile a convolutional network, (batch, H, W, C) -> (batch, n_classes) probabilities.

    `input_shape` is (H, W, C), with H and W at least 16. `fit` takes labels from 0 to n_classes - 1, not one-hot.
    """
    raise NotImplementedError


def predict_topk(model: keras.Model, images: np.ndarray, k: int) -> list[list[tuple[int, float]]]:
    """Name the k likeliest classes of each image: (class index, probability), best first, equal ones by class index.

    `model` is one that `build_model` made, `images` are as `preprocess` takes them.
    Raises ValueError for a negative k, and for what `preprocess` refuses.
    """
    raise NotImplementedError
