"""Hidden checks of ads/calibration.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from calibration import ece, isotonic_apply, isotonic_fit, undo_downsampling
from hypothesis import given

from grader import checking, datasets
from grader.checks.answers import about, as_lists
from grader.checks.oracles.calibration import one_pass, slow_curve, slow_ece, slow_isotonic
from grader.checks.strategies.predictions import (
    Floats,
    Log,
    Model,
    bin_counts,
    curves,
    exact_logs,
    logs,
    probabilities,
    rates,
    shuffled_logs,
)

# Of ten bins four hold something: 2 rows with a gap of .05, 4 of .25, 1 of .39, 1 of .97, of either sign. With nine or
# eleven bins the four fall apart.
CLICKS = (np.array([0.26, 0.97, 0.03, 0.22, 0.61, 0.28, 0.07, 0.24]), np.array([1, 0, 0, 0, 1, 0, 0, 1]))


def log_of(labels: dict[int, str]) -> Log:
    """A log by sixteenths of p: {3: "01"} is two rows of p = 3/16, with labels 0 and 1."""
    p = [sixteenth / 16 for sixteenth, text in labels.items() for _ in text]
    return np.array(p), np.array([int(label) for text in labels.values() for label in text])


# 1 and 3 pool to 1/2; 5 and 8 to 2/5, which is below 1/2, so all four to 3/7. 11 and 13 pool to 3/4.
SHELF = log_of({8: "00", 1: "1", 13: "110", 3: "0", 15: "1", 5: "101", 11: "1"})


# --- Interface -------------------------------------------------------------------------------------------------------


@pytest.mark.interface(spec="G1 I1 A1 U1", hint=1)
def test_answers_are_a_float_and_arrays() -> None:
    """`ece` gives a float, `isotonic_fit` a tuple of two float64 arrays, the others one float64 array."""
    p, y = CLICKS
    assert isinstance(ece(p, y), float), "ece gives a float"
    model = isotonic_fit(p, y)
    assert isinstance(model, tuple), "isotonic_fit gives a tuple"
    assert len(model) == 2, "isotonic_fit gives knots and values"
    applied = isotonic_apply((np.array([0.25, 0.5]), np.array([0.0, 1.0])), p)
    for array in (*model, applied, undo_downsampling(p, 0.5)):
        assert isinstance(array, np.ndarray), "knots, values and probabilities are arrays"
        assert array.dtype == np.float64, "knots, values and probabilities are float64"
        assert array.shape == p.shape, "one entry for each of eight different p"


@pytest.mark.interface(spec="G1", hint=1)
def test_arguments_are_left_alone() -> None:
    """Predictions, labels and models are the caller's: what is asked of them later has the same answer."""
    p, y = (checking.resident(column.copy()) for column in CLICKS)
    knots, values = checking.resident(np.array([0.25, 0.5])), checking.resident(np.array([0.25, 0.75]))
    before = ece(p, y, 4)
    for call in (isotonic_fit, ece):
        call(p, y)
    isotonic_apply((knots, values), p)
    undo_downsampling(p, 0.5)
    assert ece(p, y, 4) == about(before)
    assert as_lists(isotonic_apply((knots, values), np.array([0.25, 0.5]))) == about([0.25, 0.75])


# --- Examples --------------------------------------------------------------------------------------------------------


@pytest.mark.examples(spec="U1", hint=1)
def test_undoing_the_sampling_scales_the_odds() -> None:
    """The probability under the full log has `rate` times the odds."""
    # Odds 1:1, 3:1, 1:3 and 1:15 become 1:4, 3:4, 1:12 and 1:60.
    p = np.array([0.5, 0.75, 0.25, 0.0625])
    assert as_lists(undo_downsampling(p, 0.25)) == about([1 / 5, 3 / 7, 1 / 13, 1 / 61])
    assert as_lists(undo_downsampling(p, 0.1)) == about([1 / 11, 3 / 13, 1 / 31, 1 / 151])


@pytest.mark.examples(spec="E1 E2", hint=1)
def test_gaps_are_weighted_by_the_size_of_the_bin() -> None:
    """The calibration error is the mean gap of the bins, each weighted by its share of the predictions; 10 bins."""
    assert ece(*CLICKS) == about((2 * 0.05 + 4 * 0.25 + 0.39 + 0.97) / 8)


@pytest.mark.examples(spec="E1 E2", hint=1)
def test_as_many_bins_as_asked() -> None:
    """The bins are as many as asked for, of equal width."""
    assert ece(*CLICKS, 4) == about((4 * 0.11 + 2 * 0.23 + 0.39 + 0.97) / 8)
    assert ece(*CLICKS, 1) == about((3 - 2.68) / 8)


@pytest.mark.examples(spec="I1 I2", hint=2)
def test_violators_are_pooled() -> None:
    """A value below the one before is pooled with it, and the block with what comes before that, while it is below."""
    knots, values = as_lists(isotonic_fit(*SHELF))
    assert knots == about([1 / 16, 3 / 16, 5 / 16, 8 / 16, 11 / 16, 13 / 16, 15 / 16])
    assert values == about([3 / 7, 3 / 7, 3 / 7, 3 / 7, 3 / 4, 3 / 4, 1])


@pytest.mark.examples(spec="A1 A2", hint=3)
def test_curve_is_read_between_and_beyond_its_knots() -> None:
    """Between two knots the curve is straight; before the first and after the last it is flat."""
    model = (np.array([0.125, 0.25, 0.75]), np.array([0.125, 0.25, 0.5]))
    asked = np.array([0.625, 0.0, 0.25, 1.0, 0.1875, 0.375])
    assert as_lists(isotonic_apply(model, asked)) == about([0.4375, 0.125, 0.25, 0.5, 0.1875, 0.3125])


# --- Edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.edges(spec="E1", hint=1)
def test_bins_are_closed_on_the_left() -> None:
    """A prediction on the edge of two bins belongs to the upper one, and 1 to the last."""
    # By bin: 0 | 1/4 | 1/2 | 3/4 and 1, gaps 1, 3/4, 1/2 and 3/4 when multiplied by their sizes.
    assert ece(np.array([1.0, 0.5, 0.75, 0.25, 0.0]), np.array([0, 1, 1, 1, 1]), 4) == about(3 / 5)
    assert ece(np.array([1.0, 0.9375, 0.5, 0.4375]), np.array([0, 1, 0, 1])) == about((0.9375 + 0.5 + 0.5625) / 4)


@pytest.mark.edges(spec="I2 A1 A2", hint=2)
def test_labels_of_one_kind_give_a_flat_curve() -> None:
    """If all labels are 1, or all 0, so is the curve, with one knot as with many."""
    for label in (0, 1):
        for p in (np.array([0.25]), np.array([0.75, 0.25, 0.5, 0.25])):
            knots, values = isotonic_fit(p, np.full(len(p), label))
            assert as_lists(knots) == about(sorted(set(p.tolist())))
            assert as_lists(values) == about([float(label)] * len(knots))
            assert as_lists(isotonic_apply((knots, values), np.array([0.0, 0.3, 1.0]))) == about([float(label)] * 3)


@pytest.mark.edges(spec="U1", hint=1)
def test_the_certain_and_the_rare_keep_their_odds() -> None:
    """0 stays 0, 1 stays 1, and also where p is very small its odds shrink by `rate`, no more and no less."""
    assert as_lists(undo_downsampling(np.array([0.0, 1.0]), 0.5)) == about([0.0, 1.0])
    rare = as_lists(undo_downsampling(np.array([1e-9]), 0.5))
    assert rare == pytest.approx([1e-9 / (2 - 1e-9)], rel=1e-9, abs=0)


@pytest.mark.edges(spec="G1 A1 U1", hint=1)
def test_of_no_predictions_nothing_comes_back() -> None:
    """Nothing to apply a curve to, or to correct, gives an empty array."""
    assert as_lists(isotonic_apply((np.array([0.25, 0.5]), np.array([0.0, 1.0])), np.array([]))) == []
    assert as_lists(undo_downsampling(np.array([]), 0.5)) == []


@pytest.mark.edges(spec="G1", hint=1)
def test_labels_and_predictions_of_any_type() -> None:
    """Labels that are bools, bytes or floats, and predictions in float32 or integers, count as the numbers they are."""
    # Two clicks of three, first with one p, then with three that are pooled.
    same, different = np.full(3, 0.25), np.array([0.25, 0.5, 0.75])
    for kind in (bool, np.uint8, float):
        labels = np.array([1, 1, 0]).astype(kind)
        assert ece(same, labels) == about(2 / 3 - 0.25), f"labels are {labels.dtype}"
        assert as_lists(isotonic_fit(same, labels)[1]) == about([2 / 3]), f"labels are {labels.dtype}"
        assert as_lists(isotonic_fit(different, labels)[1]) == about([2 / 3] * 3), f"labels are {labels.dtype}"
    single = np.array([0.1, 0.7], dtype=np.float32)
    one, seven = single.astype(float).tolist()
    found = undo_downsampling(single, 0.1)
    assert as_lists(found) == about([one / (one + (1 - one) * 10), seven / (seven + (1 - seven) * 10)])
    assert ece(single, np.array([0, 0]), 4) == about((one + seven) / 2)
    assert as_lists(isotonic_fit(np.array([1, 0, 0]), np.array([1, 0, 1]))) == [about([0.0, 1.0]), about([0.5, 1.0])]


@pytest.mark.edges(spec="G2", hint=1)
def test_what_is_no_probability_is_refused() -> None:
    """A prediction below 0, above 1 or NaN raises ValueError, in all four functions."""
    model = (np.array([0.25, 0.5]), np.array([0.0, 1.0]))
    for wrong in (-0.25, 1.25, math.nan):
        p, y = np.array([0.5, wrong, 0.75]), np.array([0, 1, 1])
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            ece(p, y)
        with pytest.raises(ValueError):  # noqa: PT011
            isotonic_fit(p, y)
        with pytest.raises(ValueError):  # noqa: PT011
            isotonic_apply(model, p)
        with pytest.raises(ValueError):  # noqa: PT011
            undo_downsampling(p, 0.5)


@pytest.mark.edges(spec="G3", hint=1)
def test_what_is_no_log_is_refused() -> None:
    """Another label than 0 and 1, more or fewer labels than predictions, or none, raises ValueError."""
    short, p = np.array([0.5]), np.array([0.5, 0.25])
    for predictions, labels in (
        (p, np.array([0.0, 0.5])),
        (p, np.array([-1, 1])),
        (p, np.array([2, 1])),
        (p, np.array([math.nan, 1.0])),
        (p, np.array([1])),
        (short, np.array([0, 1])),
        (np.array([]), np.array([])),
    ):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            ece(predictions, labels)
        with pytest.raises(ValueError):  # noqa: PT011
            isotonic_fit(predictions, labels)


@pytest.mark.edges(spec="E3 U2", hint=1)
def test_arguments_that_cannot_be_are_refused() -> None:
    """Fewer than one bin, or a rate that is NaN, 0, negative or above 1, raises ValueError."""
    for n_bins in (0, -3):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            ece(*CLICKS, n_bins)
    for rate in (0.0, -0.5, 1.5, math.nan):
        with pytest.raises(ValueError):  # noqa: PT011
            undo_downsampling(np.array([0.5]), rate)


# --- Properties ------------------------------------------------------------------------------------------------------


@pytest.mark.properties(spec="U1", hint=1)
@given(probabilities, rates)
def test_undoing_is_the_inverse_of_sampling(p: Floats, rate: float) -> None:
    """What sampling makes of a probability, undoing turns back into it; with a rate of 1 nothing changes."""
    sampled = p / (p + (1 - p) * rate)
    assert as_lists(undo_downsampling(sampled, rate)) == about(as_lists(p))
    assert as_lists(undo_downsampling(p, 1.0)) == about(as_lists(p))


@pytest.mark.properties(spec="E1 E2", hint=1)
@given(logs)
def test_finer_bins_never_hide_an_error(log: Log) -> None:
    """One bin sees the gap between the two means; cutting every bin in two never lowers the error; it is at most 1."""
    p, y = log
    errors = [ece(p, y, n_bins) for n_bins in (1, 2, 4, 8)]
    assert errors[0] == about(abs(float(p.mean() - y.mean())))
    for coarse, fine in pairwise([*errors, 1.0]):
        assert fine >= coarse - 1e-9, f"1, 2, 4 and 8 bins give {errors}: each at least the one before, none above 1"


@pytest.mark.properties(spec="E2", hint=1)
@given(exact_logs(), bin_counts)
def test_exact_predictions_have_no_error(log: Log, n_bins: int) -> None:
    """If among the rows of every p a share of p is 1, the calibration error is 0."""
    assert ece(*log, n_bins) == about(0.0)


@pytest.mark.properties(spec="I2", hint=2)
@given(logs)
def test_fitted_values_rise_and_are_calibrated(log: Log) -> None:
    """Fitted values never fall, and among the rows with one fitted value, that value is the mean of the labels."""
    p, y = log
    knots, values = as_lists(isotonic_fit(p, y))
    assert all(b >= a - 1e-9 for a, b in pairwise(values)), f"{values} falls"
    fitted = np.round(np.array(values)[np.searchsorted(knots, p)], 9)
    for value in np.unique(fitted):
        assert value == pytest.approx(float(y[fitted == value].mean()), abs=1e-8), f"labels of the rows at {value}"


@pytest.mark.properties(spec="I1 I2", hint=2)
@given(shuffled_logs())
def test_order_of_rows_is_irrelevant(both: tuple[Log, Log]) -> None:
    """The same rows in another order have the same fit and the same error."""
    one, other = both
    knots, values = as_lists(isotonic_fit(*one))
    assert as_lists(isotonic_fit(*other)) == [about(knots), about(values)]
    assert ece(*other) == about(ece(*one))


@pytest.mark.properties(spec="I2", hint=2)
@given(logs)
def test_only_the_order_of_predictions_matters_to_the_fit(log: Log) -> None:
    """Squaring every p leaves the values as they are; with 1 - p and 1 - y for p and y they are 1 - value, reversed."""
    p, y = log
    _, values = as_lists(isotonic_fit(p, y))
    assert as_lists(isotonic_fit(p * p, y)[1]) == about(values)
    assert as_lists(isotonic_fit(1 - p, 1 - y)[1]) == about([1 - value for value in reversed(values)])


# --- Oracle ----------------------------------------------------------------------------------------------------------


@pytest.mark.oracle(spec="E1 E2", hint=1)
@given(logs, bin_counts)
def test_error_agrees_with_a_slow_definition(log: Log, n_bins: int) -> None:
    """The calibration error equals the one computed for one bin at a time, by its definition."""
    assert ece(*log, n_bins) == about(slow_ece(*log, n_bins))


@pytest.mark.oracle(spec="I1 I2", hint=2)
@given(logs)
def test_fit_agrees_with_a_slow_definition(log: Log) -> None:
    """Knots and values equal those of the min-max formula: over all stretches, the largest of the smallest means."""
    knots, values = slow_isotonic(*log)
    assert as_lists(isotonic_fit(*log)) == [about(knots), about(values)]


@pytest.mark.oracle(spec="A1 A2", hint=3)
@given(curves())
def test_applying_agrees_with_a_slow_definition(curve: tuple[Model, Floats]) -> None:
    """An applied curve equals the one read at one p at a time, by its definition."""
    model, asked = curve
    assert as_lists(isotonic_apply(model, asked)) == about([slow_curve(model, p) for p in asked.tolist()])


# --- Data and speed --------------------------------------------------------------------------------------------------

CDNOW = datasets.cdnow()
YEAR = np.datetime64("1998-01-01")


@pytest.mark.data(spec="E2 I2 A1 U1", hint=3)
def test_correction_works_on_customers_of_a_real_shop() -> None:
    """Learned from all who bought again and a fifth of those who didn't, undoing leaves at most 0.3 of the error."""
    before = CDNOW["date"] < YEAR
    last = CDNOW[before].groupby("customer_id")["date"].max()
    score = np.exp((last - YEAR).dt.days.to_numpy() / 100)
    buys = last.index.isin(CDNOW.loc[~before, "customer_id"]).astype(int)
    rng = np.random.default_rng(0)
    learn, judge = np.split(rng.permutation(len(buys))[:8_000], [5_000])
    kept = learn[(buys[learn] == 1) | (rng.random(5_000) < 0.2)]
    # Clipped, since what is 1 on paper may have been rounded to a bit more.
    raw = np.clip(isotonic_apply(isotonic_fit(score[kept], buys[kept]), score[judge]), 0, 1)
    undone = np.clip(undo_downsampling(raw, 0.2), 0, 1)
    error, before_it = ece(undone, buys[judge]), ece(raw, buys[judge])
    # Error after over error before, seeds 0 to 5: .08 .09 .07 .07 .08 .09; of rate times p .43 to .53.
    assert error <= 0.3 * before_it, f"error {error:.3f}; it was {before_it:.3f} before the sampling was undone"


@pytest.mark.speed(spec="I3", hint=2, seconds=20)
def test_fit_is_one_pass() -> None:
    """15,000 different p take at most 5 times the CPU time of one pass in Python over numpy scalars, plus 50 ms."""
    rng = np.random.default_rng(3)
    bar = mine = math.inf
    for _ in range(3):
        p = rng.random(15_000)
        y = (rng.random(15_000) < p * p).astype(np.int64)
        slow, found = checking.timed(one_pass, p, y), checking.timed(isotonic_fit, p, y)
        bar, mine = min(bar, slow.seconds), min(mine, found.seconds)
        values = np.asarray(found.answer[1])
        right = values.shape == slow.answer.shape and np.allclose(values, slow.answer, rtol=1e-9)
        assert right, "the values for 15,000 different p are those of the definition"
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; one pass in plain Python over numpy scalars takes {bar:.2f} s")
