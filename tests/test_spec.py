"""The training specification: what it refuses, and that equal ones have equal names."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvlib.errors import SpecError
from cvlib.spec import BOUNDS, OPTIMIZERS, SCHEDULES, TrainingSpec

SPECS = st.builds(
    TrainingSpec,
    data=st.sampled_from(["digits", "faces"]),
    epochs=st.integers(1, 200),
    batch_size=st.integers(4, 1024),
    learning_rate=st.floats(1e-6, 10.0),
    optimizer=st.sampled_from(OPTIMIZERS),
    schedule=st.sampled_from(SCHEDULES),
    dropout=st.floats(0, 0.9),
    l2=st.floats(0, 1),
    train_size=st.none() | st.integers(10, 1_000_000),
    seed=st.integers(0, 2**31 - 1),
)


def test_the_default_is_valid_and_its_digest_is_known() -> None:
    spec = TrainingSpec()
    assert len(spec.digest) == 64 and int(spec.digest, 16)
    assert json.loads(spec.canonical_json())["recipe"] >= 1


@given(SPECS)
def test_the_way_through_json_keeps_the_specification(spec: TrainingSpec) -> None:
    again = TrainingSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert again == spec and again.digest == spec.digest


@given(SPECS, SPECS)
def test_different_specifications_have_different_digests(one: TrainingSpec, other: TrainingSpec) -> None:
    assert (one.digest == other.digest) == (one == other)


@given(SPECS)
def test_every_field_counts(spec: TrainingSpec) -> None:
    changed = spec.replace(seed=(spec.seed + 1) % 2**31)
    assert changed.digest != spec.digest


def test_equal_numbers_of_other_types_are_the_same() -> None:
    assert TrainingSpec(epochs=20.0, dropout=0).digest == TrainingSpec(epochs=20, dropout=0.0).digest


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1, 1e12, "7", True, [1]])
def test_numbers_out_of_bounds_are_refused_with_what_was_received(name: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"{name} must be .*received"):
        TrainingSpec(**{name: value})


@pytest.mark.parametrize("name", ["epochs", "batch_size", "seed"])
def test_what_is_counted_is_whole_and_there(name: str) -> None:
    for value in (1.5, None):
        with pytest.raises(SpecError):
            TrainingSpec(**{name: value})


@pytest.mark.parametrize("name", ["data", "model", "task"])
@pytest.mark.parametrize("value", ["", "../x", "a b", "x" * 100, 7, None, "<script>"])
def test_names_are_plain(name: str, value: object) -> None:
    with pytest.raises(SpecError, match=name):
        TrainingSpec(**{name: value})


@pytest.mark.parametrize("name", ["optimizer", "schedule", "precision"])
def test_an_unknown_choice_lists_the_choices(name: str) -> None:
    with pytest.raises(SpecError, match="must be one of .*, .*; received 'other'"):
        TrainingSpec(**{name: "other"})


def test_an_unknown_setting_lists_the_settings() -> None:
    with pytest.raises(SpecError, match="no setting 'epoch'.*epochs"):
        TrainingSpec.from_dict({"epoch": 3})


def test_adversarial_training_has_a_strength_and_plain_runs_keep_their_names() -> None:
    plain = TrainingSpec(epsilon=8)
    assert plain == TrainingSpec() and "epsilon" not in plain.canonical_json()
    hardened = TrainingSpec(adversarial="pgd", epsilon=8)
    assert hardened.digest not in (plain.digest, TrainingSpec(adversarial="fgsm", epsilon=8).digest)
    assert TrainingSpec.from_dict(hardened.to_dict()) == hardened
    with pytest.raises(SpecError, match="epsilon above 0"):
        TrainingSpec(adversarial="pgd")
    with pytest.raises(SpecError, match="adversarial must be one of"):
        TrainingSpec(adversarial="prayer", epsilon=8)


def test_an_augmentation_is_a_name_of_its_own_and_none_keeps_the_old_one() -> None:
    assert TrainingSpec().digest == "574a33c8f2dab05b3239a632905e4981cec8041224242cbebd03704bf4b79e4b"
    assert "augmentation" not in TrainingSpec().canonical_json()
    turned = TrainingSpec(augmentation="rotation:angle=-15..15")
    assert turned.digest not in (TrainingSpec().digest, TrainingSpec(augmentation="rotation:angle=-9..9").digest)
    assert TrainingSpec.from_dict(json.loads(json.dumps(turned.to_dict()))) == turned


@pytest.mark.parametrize("value", [None, 3, ["flip"], "x" * 2001, "flip\n", "dréhen", "\x00"])
def test_an_augmentation_is_a_plain_text(value: object) -> None:
    with pytest.raises(SpecError, match="augmentation must"):
        TrainingSpec(augmentation=value)
