"""The threshold that keeps a risk, and confidence that means what it says."""

from contextlib import suppress

import numpy as np
import pytest

from index.errors import ConfigInvalid, RiskUnreachable
from qa import Config
from qa.confidence import recalibrated
from qa.evaluation import Question, Run
from qa.evaluation.calibrate import calibrate, guaranteed, write_config
from tests.qa.evaluation.conftest import SETTINGS, made


def drawn(n: int, seed: int, odds=lambda c: c):
    """n records of random confidence, right with a probability that confidence gives."""
    dice = np.random.default_rng(seed)
    for i in range(n):
        confidence = round(float(dice.random()), 4)
        right = dice.random() < odds(confidence)
        yield made(
            Question(str(i), "When?", ("noon",)),
            sentence="Soup is served at noon." if right else "It is hot.",
            confidence=confidence,
        )


def test_the_risk_is_kept_as_often_as_was_promised():
    """Confidence c is right with probability c: at or above t, (1 - t) / 2 of the answers are wrong."""
    kept = broken = 0
    for seed in range(200):
        dice = np.random.default_rng(seed)
        confidence = dice.random(500)
        with suppress(RiskUnreachable):
            threshold, _ = guaranteed(confidence, (dice.random(500) < confidence).astype(float), 0.3, 0.9)
            kept, broken = kept + ((1 - threshold) / 2 <= 0.3), broken + ((1 - threshold) / 2 > 0.3)
    assert kept > 150
    assert broken <= 20


def test_the_threshold_is_not_needlessly_high():
    dice = np.random.default_rng(1)
    confidence = dice.random(20_000)
    threshold, bound = guaranteed(confidence, (dice.random(20_000) < confidence).astype(float), 0.1, 0.95)
    assert 0.8 < threshold < 0.86
    assert 0.07 < bound <= 0.1


def test_the_half_held_out_bears_it_out(run):
    found = calibrate(run(*drawn(2000, 5)), 0.2)
    assert found.fitted.questions == found.held_out.questions == 1000
    assert found.held_out.risk < 0.2
    assert 0.2 < found.held_out.coverage < 0.4
    assert found.only_answerable


def test_too_sure_a_confidence_is_put_right(run):
    found = calibrate(run(*drawn(2000, 6, lambda c: recalibrated(c, 1, -1.5))), 0.4)
    assert found.slope == pytest.approx(1, abs=0.2)
    assert found.shift == pytest.approx(-1.5, abs=0.3)
    assert found.error_before > 0.15
    assert found.held_out.error < 0.05


def test_a_confidence_that_means_what_it_says_is_left_alone(run):
    found = calibrate(run(*drawn(400, 9)), 0.4)
    assert (found.slope, found.shift) == (1, 0)
    assert found.held_out.error == found.error_before


def test_with_few_questions_confidence_stays_as_it_is(run):
    found = calibrate(run(*drawn(100, 7)), 0.5)
    assert (found.slope, found.shift) == (1, 0)


def test_a_fit_on_top_of_a_fit_is_one_fit(run):
    records = [*drawn(2000, 6, lambda c: recalibrated(c, 1, -1.5))]
    plain = calibrate(run(*records), 0.4)
    fitted = SETTINGS["answer"] | {"confidence_slope": 2.0, "confidence_shift": 0.5}
    again = calibrate(Run(tuple(records), SETTINGS | {"answer": fitted}, 2000), 0.4)
    assert again.slope == pytest.approx(2 * plain.slope)
    assert again.shift == pytest.approx(0.5 * plain.slope + plain.shift)
    assert again.decline_below == plain.decline_below


def test_a_risk_that_cannot_be_kept_says_what_it_would_take(run):
    with pytest.raises(RiskUnreachable, match=r"of the 50 questions fitted on, at least \d+ would have to be answered"):
        calibrate(run(*drawn(100, 8)), 0.01)


def test_what_was_found_is_written_into_the_configuration_and_nothing_else(run, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("# mine\n[answer]\ndecline_below = 0.2  # why\n\n[search]\ntop_k = 3\n")
    found = calibrate(run(*drawn(2000, 6)), 0.2)
    write_config(found, path)
    assert path.read_text().startswith("# mine\n[answer]\ndecline_below = ")
    assert "# why" in path.read_text()
    config = Config.read(path)
    assert config.search.top_k == 3
    assert config.answer.decline_below == found.decline_below
    assert config.answer.confidence_slope == pytest.approx(found.slope, abs=1e-4)


def test_a_new_configuration_is_begun_and_a_broken_one_left_alone(run, tmp_path):
    found = calibrate(run(*drawn(2000, 6)), 0.2)
    write_config(found, tmp_path / "new.toml")
    assert Config.read(tmp_path / "new.toml").answer.decline_below == found.decline_below
    (tmp_path / "broken.toml").write_text("[answer")
    with pytest.raises(ConfigInvalid, match="is not TOML"):
        write_config(found, tmp_path / "broken.toml")


def test_recalibrated_confidence_keeps_its_order_and_its_bounds():
    values = [recalibrated(c, 1.7, -0.4) for c in (0, 0.0001, 0.3, 0.5, 0.9, 1)]
    assert values == sorted(values)
    assert values[0] > 0 and values[-1] < 1
    assert recalibrated(0.3, 1, 0) == 0.3
