"""What the network's answers to augmented pictures come to, in sentences. All are computed from the answers."""

from collections.abc import Sequence

from cvlib.augmentation import Pipeline
from cvlib.augmentation.schema import Parameter
from cvlib.augmentation.words import number as written
from cvlib.augmenting.answers import SURE, Answers, ClassChange, Fall, chance_of
from cvlib.ui.errors import escaped
from cvlib.ui.words import bounded_accuracy, percent

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MOST_OF_THE_WRONG = 0.5
"""If so many of a class's wrong pictures are taken for one other class, they have got its meaning."""
MOST_PAIRS = 4
ENOUGH = 5
"""With fewer pictures of a class nothing is said of its meaning."""
SEVERAL = 3
HARDLY = 0.03
"""So little lost is hardly anything."""


def spelled(count: int) -> str:
    """`2` -> `two`, `24` -> `24`."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count}"


def drawn(total: int, lost: int, *, known: bool = True) -> str:
    """`9, 2` -> `Nine draws, two lost.`; where nobody knows the truth, `two named otherwise`."""
    draws = f"{spelled(total).capitalize()} {'draw' if total == 1 else 'draws'}"
    return f"{draws}, {'all' if lost == total else spelled(lost)} {'lost' if known else 'named otherwise'}."


def how_judged(truth: str | None, pipeline: Pipeline) -> str:
    """What counts as right.

    Args:
        truth: name of the picture's true class; None if nobody knows.
        pipeline: whether it mixes decides.
    """
    if pipeline.mixes:
        return (
            "A mixed picture has no single truth: half a cat and half a cup is half of each. Here it counts as right "
            "if the network names the picture with the larger share in it."
        )
    if truth is not None:
        return (
            f"✓ with a green, whole frame: right, it is “{truth}”. ✗ with an orange, broken frame: taken for another."
        )
    return (
        "✓ in a green, whole frame: the same answer as to the untouched picture, for nobody has said what this network "
        "should call it. ✗ in an orange, broken frame: another answer."
    )


def axis_title(parameter: Parameter) -> str:
    """Of the axis of its values: `angle (°)`."""
    unit = parameter.unit.strip()
    return parameter.title.lower() + (f" ({unit})" if unit else "")


def curve_reading(
    parameter: Parameter, untouched: Answers, measured: dict[float, Answers], falls: Sequence[Fall]
) -> str:
    """Where the curve falls, a sentence for each side."""
    words = [_side(parameter, untouched, measured, fall) for fall in falls]
    return f"Untouched it is right on {percent(untouched.accuracy)}. " + " ".join(words)


def _side(parameter: Parameter, untouched: Answers, measured: dict[float, Answers], fall: Fall) -> str:
    def at(value: float) -> str:
        return f"{written(parameter, value)} ({percent(measured[value].accuracy)})"

    if fall.first is None:
        return f"As far as {at(fall.end)} it loses nothing that could not be chance."
    parts = []
    if fall.calm is not None:
        small = untouched.accuracy - measured[fall.calm].accuracy <= HARDLY
        parts.append(f"up to {at(fall.calm)} {'it hardly minds' if small else 'the loss could be chance'}")
    same = fall.half == fall.first
    parts.append(f"at {at(fall.first)} it is **clearly worse**{' and has lost half' if same else ''}")
    if fall.half is not None and not same:
        parts.append(f"at {at(fall.half)} **half is lost**")
    if fall.end not in (fall.first, fall.half):
        parts.append(f"at {written(parameter, fall.end)} it is right on {percent(measured[fall.end].accuracy)}")
    sentence = "; ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def plain_reading(change: str, untouched: Answers, after: Answers) -> str:
    """What a transform without a strength costs."""
    words = f"Untouched it is right on {percent(untouched.accuracy)}; {escaped(change)}: {percent(after.accuracy)}"
    if chance_of(untouched, after) >= SURE:
        return f"{words}. Such a loss could be chance."
    half = " and has lost half" if after.accuracy <= untouched.accuracy / 2 else ""
    low, high = bounded_accuracy(after.right, after.total)
    return (
        f"{words} (95 % interval of {after.total:,} pictures: {percent(low)} to {percent(high)}). It is **clearly "
        f"worse**{half}."
    )


def taken_for(change: ClassChange, names: Sequence[str]) -> str:
    """What a class's wrong pictures are taken for, for a table: `9 (80 %)`."""
    return "–" if change.into is None else f"{names[change.into]} ({percent(change.into_share)})"


def class_reading(changes: Sequence[ClassChange], names: Sequence[str], change: str) -> str:
    """Which class suffers most, and whether its meaning has changed.

    Args:
        changes: of all classes, the worst first.
        names: of all classes.
        change: what was done, such as `Rotation at 180°`.
    """
    worst = changes[0]
    if worst.loss <= 0:
        return f"{escaped(change)} costs no class anything."
    if max(one.total for one in changes) < ENOUGH:
        lost = sum(one.loss > 0 for one in changes)
        return f"{escaped(change)}: {lost} of {len(changes)} classes lose. Each has too few pictures to say more."
    name, still = escaped(names[worst.label]), percent(worst.after)
    words = [f"“{name}” suffers most: {percent(worst.before)} were right, {still} still are.", _meaning(changes, names)]
    spared = [escaped(names[one.label]) for one in changes if one.loss <= 0]
    if spared:
        words.append(f"{_listed(spared)} {'loses' if len(spared) == 1 else 'lose'} nothing.")
    return " ".join(words)


def _meaning(changes: Sequence[ClassChange], names: Sequence[str]) -> str:
    sink = catch_all(changes)
    turned = [one for one in changes if one.into != sink and has_become_another(one)]
    words = []
    if turned:
        pairs = [
            f"of “{escaped(names[one.label])}” {percent(one.into_share)} are taken for “{escaped(names[one.into])}”"
            for one in sorted(turned, key=lambda one: -one.into_share)[:MOST_PAIRS]
        ]
        words.append(f"**Here a change of pixels has become a change of meaning**: {', '.join(pairs)}.")
    if sink is not None:
        words.append(f"Most of what it no longer recognises it calls “{escaped(names[sink])}”, whatever it was: that "
                     "is no new meaning, it cannot read the pictures any more.")  # fmt: skip
    return " ".join(words) or "Its wrong answers are few, or scattered over several classes: no class means another."


def catch_all(changes: Sequence[ClassChange]) -> int | None:
    """The class that most wrong pictures of all classes are taken for, if most are wrong, of several classes."""
    wrong = sum((1 - one.after) * one.total for one in changes)
    if wrong <= MOST_OF_THE_WRONG * sum(one.total for one in changes):
        return None
    for label in {one.into for one in changes if one.into is not None}:
        given = [one for one in changes if one.into == label and one.loss > 0]
        if len(given) >= SEVERAL and sum(one.into_share * one.total for one in given) > MOST_OF_THE_WRONG * wrong:
            return label
    return None


def has_become_another(change: ClassChange) -> bool:
    """Whether more pictures of a class are taken for one other than for itself, and most of the wrong ones for it."""
    return (
        change.total >= ENOUGH
        and change.into_share > change.into_before
        and change.into_share > change.after
        and change.into_share >= MOST_OF_THE_WRONG * (1 - change.after)
    )


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
