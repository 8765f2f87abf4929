"""The figures of `docs/data.md`, and the picture: `python benchmarks/data_figures.py [SECTION ...] [--data DIR]`.

Sections: ratings, interactions, impressions, images (Keras: about a minute), cost, picture (writes
docs/shop_images.png). Each prints a table of one row a seed and its mean. With --data, ratings and images are those of
your own copy of MovieLens 100K or Fashion-MNIST in DIR: how like them the generated shop is.
"""

import os
import runpy
import struct
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from grader import datasets
from grader.content import catalog
from grader.datasets.opinions import ODDS_TAKEN_UP

SEEDS = range(5)
TOP, NEIGHBOURS = 10, 50
HELD_OUT = 0.2
TRAIN, TEST, BATCH, EPOCHS = 2_000, 1_000, 64, (5, 8)
Matrix = NDArray[np.float64]
Row = dict[str, float]


def main(
    sections: Annotated[list[str] | None, typer.Argument(help="Which figures; all of them without a name.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with your own MovieLens 100K or Fashion-MNIST.")] = None,
) -> None:
    """Print the tables asked for."""
    if unknown := [name for name in sections or [] if name not in SECTIONS]:
        raise typer.BadParameter(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    if data is not None:
        own = {"u.data": movielens, "train-images-idx3-ubyte.gz": fashion}
        found = [show for name, show in own.items() if (data / name).exists()]
        if not found:
            raise typer.BadParameter(f"{data} holds none of {', '.join(own)}")
        for show in found:
            show(data)
        return
    for section in sections or SECTIONS:
        SECTIONS[section]()


def table(title: str, rows: Iterable[Row]) -> None:
    """Print one row a seed, as it is known, then the mean."""
    done: list[Row] = []
    for seed, row in enumerate(rows):
        if not done:
            print(f"\n{title}\n| seed | {' | '.join(row)} |\n| --- |{' ---: |' * len(row)}")
        print(f"| {seed} | {' | '.join(f'{value:.3f}' for value in row.values())} |", flush=True)
        done.append(row)
    print(f"| mean | {' | '.join(f'{np.mean([row[name] for row in done]):.3f}' for name in done[0])} |")


def ratings() -> None:
    """RMSE on the held-out stars."""
    table("RMSE, ratings", map(_ratings, SEEDS))


def movielens(folder: Path) -> None:
    """RMSE on a random fifth of one's own MovieLens."""
    ratings = datasets.movielens_100k(folder).ratings
    users, user = np.unique(ratings["user_id"], return_inverse=True)
    items, item = np.unique(ratings["item_id"], return_inverse=True)

    def row(seed: int) -> Row:
        held = np.random.default_rng(seed).random(len(ratings)) < HELD_OUT
        known, held_out = np.zeros((2, len(users), len(items)))
        known[user[~held], item[~held]] = ratings["rating"][~held]
        held_out[user[held], item[held]] = ratings["rating"][held]
        return _errors(known, held_out)

    table("RMSE, ratings of MovieLens", map(row, SEEDS))


def _ratings(seed: int) -> Row:
    return _errors(*datasets.shop(seed).rating_matrices())


def _errors(known: Matrix, held_out: Matrix) -> Row:
    predict = runpy.run_path(str(catalog.content_root() / "solutions" / "recommendation" / "user_cf.py"))["predict"]
    user_mean = np.broadcast_to(_mean(known, 1), known.shape)
    centred = np.where(known > 0, known - user_mean, 0)
    item_bias = centred.sum(axis=0) / ((known > 0).sum(axis=0) + 3)
    alike = np.maximum(_cosine(centred.T), 0)
    weight = (known > 0) @ alike
    by_item = user_mean + np.divide(centred @ alike, weight, out=np.zeros_like(weight), where=weight > 0)
    norms = _cosine(known)
    answers = {
        "user mean": user_mean,
        "item mean": np.broadcast_to(_mean(known, 0), known.shape),
        "user and item mean": user_mean + item_bias,
        "user-kNN, k=10": predict(known, 10),
        "user-kNN, all": predict(known),
        "item-kNN, centred": by_item,
        "zeros counted": norms @ known / norms.sum(axis=1, keepdims=True),
    }
    return {name: float(np.sqrt(np.mean((answer - held_out)[held_out > 0] ** 2))) for name, answer in answers.items()}


def interactions() -> None:
    """Recall on the held-out interactions."""
    table(f"recall@{TOP}, interactions", map(_interactions, SEEDS))


def _interactions(seed: int) -> Row:
    shop = datasets.shop(seed)
    known, held_out = shop.interaction_matrices()
    answers = {
        "random": np.random.default_rng(seed).random(known.shape),
        "popularity": np.broadcast_to(known.sum(axis=0), known.shape),
        "co-counts": known @ (known.T @ known),
        "item-kNN": known @ _nearest(_cosine(known.T)),
        "user-kNN": _nearest(_cosine(known)).T @ known,
        "the truth": shop.products.popularity + ODDS_TAKEN_UP * shop.affinity,
    }
    return {name: _recall(np.where(known > 0, -np.inf, answer), held_out) for name, answer in answers.items()}


def _recall(scores: Matrix, held_out: Matrix) -> float:
    """The mean share of a user's held-out items that are among their best, of as many as can be."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    found = np.take_along_axis(held_out, best, axis=1).sum(axis=1)
    return float(np.mean(found / np.minimum(held_out.sum(axis=1), TOP)))


def _mean(known: Matrix, axis: int) -> Matrix:
    """The mean of what is known of each user or item; of everything where nothing is."""
    count = (known > 0).sum(axis=axis, keepdims=True)
    overall = np.full(count.shape, known[known > 0].mean())
    return np.divide(known.sum(axis=axis, keepdims=True), count, out=overall, where=count > 0)


def _cosine(rows: Matrix) -> Matrix:
    """Of every two rows; 0 on the diagonal."""
    norms = np.maximum(np.linalg.norm(rows, axis=1), 1e-9)
    similarity = np.asarray(rows @ rows.T / np.outer(norms, norms))
    np.fill_diagonal(similarity, 0)
    return similarity


def _nearest(similarity: Matrix) -> Matrix:
    """Each column keeps its nearest."""
    return np.where(similarity >= -np.sort(-similarity, axis=0)[NEIGHBOURS - 1], similarity, 0)


def impressions() -> None:
    """How well the truth, and a logistic regression on the features, order what happens; how position biases."""
    table("AUC and bias, impressions", map(_impressions, SEEDS))


def _impressions(seed: int) -> Row:
    seen = datasets.shop(seed).impressions
    clicked, half = seen.click == 1, len(seen) // 2
    x = np.column_stack([seen.features, np.log(seen.examined)])
    row = {"CTR": seen.click.mean(), "carts": seen.cart.sum(), "buys": seen.buy.sum()}
    for step, truth in (("click", seen.p_click), ("buy", seen.p_buy)):
        happened = getattr(seen, step)
        fitted = LogisticRegression(max_iter=500).fit(x[:half], happened[:half])
        row[f"{step}: truth"] = roc_auc_score(happened[half:], truth[half:])
        row[f"{step}: features"] = roc_auc_score(happened[half:], fitted.predict_proba(x[half:])[:, 1])
    conversion = seen.p_buy / seen.p_click
    row |= {"p(buy given click), clicked": conversion[clicked].mean(), "the same, all": conversion.mean()}
    top, low = seen.position == 0, seen.position == 9  # noqa: PLR2004
    for name, part in (("logged", ~seen.randomised), ("shuffled", seen.randomised)):
        row[f"CTR last/first, {name}"] = seen.p_click[low & part].mean() / seen.p_click[top & part].mean()
    return row


def images() -> None:
    """Accuracy on pictures of a network that is no more than a kata asks for, and of a linear model."""
    table("accuracy, images", map(_images, SEEDS))


def _images(seed: int) -> Row:
    return _accuracies(seed, *datasets.shop_images(TRAIN + TEST, seed))


def fashion(folder: Path) -> None:
    """Accuracy on as many pictures of one's own Fashion-MNIST."""
    own = datasets.fashion_mnist(folder)

    def row(seed: int) -> Row:
        chosen = np.random.default_rng(seed).permutation(len(own.train_images))[: TRAIN + TEST]
        return _accuracies(seed, own.train_images[chosen], own.train_labels[chosen])

    table("accuracy, images of Fashion-MNIST", map(row, SEEDS))


def _accuracies(seed: int, pictures: NDArray[np.uint8], labels: NDArray[np.integer]) -> Row:
    x, train, test = pictures[..., np.newaxis] / np.float32(255), slice(TRAIN), slice(TRAIN, None)
    flat = x.reshape(len(x), -1)
    linear = LogisticRegression(max_iter=100)  # it has long memorised the pictures by then
    row = {}
    row["logistic regression: seconds"] = _cpu(lambda: linear.fit(flat[train], labels[train]))
    row["logistic regression"] = linear.score(flat[test], labels[test])
    for epochs in EPOCHS:
        network = _network(seed)
        spent = _cpu(lambda: network.fit(x[train], labels[train], batch_size=BATCH, epochs=epochs, verbose=0))  # noqa: B023
        row[f"CNN, {epochs} epochs: seconds"] = spent
        row[f"CNN, {epochs} epochs"] = float(np.mean(np.argmax(network(x[test]), axis=1) == labels[test]))
    return row


def _network(seed: int):  # noqa: ANN202  keras is imported only where it is wanted
    import keras  # noqa: PLC0415
    from keras import layers  # noqa: PLC0415

    keras.utils.set_random_seed(seed)
    blocks = [
        *(layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D()),
        *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()),
    ]
    head = [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
    network = keras.Sequential([keras.Input((28, 28, 1)), *blocks, *head])
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return network


def cost() -> None:
    """CPU seconds of making each set for the first time."""
    makers = {
        "shop": datasets.shop,
        "1,000 images": lambda seed: datasets.shop_images(1_000, 100 + seed),
        "1,000 RGB images": lambda seed: datasets.shop_images(1_000, 100 + seed, rgb=True),
    }
    made = ({name: _cpu(lambda: maker(100 + seed)) for name, maker in makers.items()} for seed in SEEDS)  # noqa: B023
    print(f"\ncdnow: {_cpu(datasets.cdnow):.3f} CPU s; again {_cpu(datasets.cdnow):.3f}")
    table("CPU seconds", made)


def _cpu(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def picture() -> None:
    """Write docs/shop_images.png: ten pictures of each class, a row a class, three times as large."""
    pictures, labels = datasets.shop_images(300, 3)
    rows = [np.hstack([_framed(one) for one in pictures[labels == label][:10]]) for label in range(10)]
    target = catalog.content_root() / "docs" / "shop_images.png"
    target.write_bytes(png(np.vstack(rows)))
    print(f"\n{target.name}: {target.stat().st_size:,} bytes")


def _framed(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.pad(np.kron(image, np.ones((3, 3), dtype=np.uint8)), 3, constant_values=255)


def png(image: NDArray[np.uint8]) -> bytes:
    """A grey picture as a PNG file."""
    height, width = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0),
        b"IDAT": zlib.compress(rows, 9),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


SECTIONS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (ratings, interactions, impressions, images, cost, picture)
}

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    typer.run(main)
