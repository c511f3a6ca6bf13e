"""Does it pay? The same network with and without the pipeline, on few and on many pictures, over several seeds."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from cvlib import data, models, recipes, runs
from cvlib.augmenting import paying
from cvlib.augmenting.paying import Outcome, Pair
from cvlib.engine import Job, State, limits
from cvlib.errors import Busy, UserError
from cvlib.spec import TrainingSpec
from cvlib.ui import address
from cvlib.ui.augmentation import pay_result, state
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine, owner
from cvlib.ui.settings import one_of
from cvlib.ui.words import count, seconds

DATA, MODEL, SIZES, SEEDS, LONGER = "pay_data", "pay_model", "pay_sizes", "pay_seeds", "pay_longer"
"""Keys of the controls, and their words in the address."""
WANTED = "augmentation.pay.wanted"
"""Digests of the trainings that this session has asked for and still waits for."""
ASKED = "augmentation.pay.asked"
"""Of those, the ones that the engine was asked for already."""
DRAWN = "augmentation.pay.drawn"
"""Numbers of pictures whose result is on the page already."""
KNOWN = "augmentation.pay.known"
"""Outcomes by the digests of their specifications."""
PROBLEM = "augmentation.pay.problem"
REFRESH_SECONDS = 1.0
LENGTHS = {1: "as usual", 2: "twice as many", 4: "four times as many"}
USUAL_SIZES, USUAL_SEEDS = ("30", "100"), 3
ALL = "all"

Plan = Mapping[int | None, tuple[Pair, ...]]
"""For each number of pictures what is to be trained."""


def draw(subject: Subject) -> None:
    """The step: choose, train, and see.

    Args:
        subject: the picture of the page; the trainings begin with the data set that it is from.
    """
    st.markdown(
        "The only proof is a test. The same network is trained **with and without** your pipeline, from the same first "
        "weights and on the same pictures, and both are tested on pictures that neither has seen. Other seeds repeat "
        "it with other first weights and other training pictures: so you see what is chance."
    )
    text = state.pipeline().canonical().to_text()
    plan = _choose(subject, text)
    if plan is None:
        return
    missing = [spec for spec in specs_of(plan) if outcome_of(spec) is None]
    _buttons(plan, missing)
    if problem := st.session_state.get(PROBLEM):
        st.warning(escaped(problem), icon=":material/info:")
    if not missing:
        st.session_state.pop(WANTED, None)
    elif st.session_state.get(WANTED) == _names(plan):
        _following(plan)
    pay_result.draw({size: _outcomes(pairs) for size, pairs in plan.items()}, plan)


# -- what is to be trained --------------------------------------------------------------------------------------


def _choose(subject: Subject, text: str) -> Plan | None:
    """Draw the controls; None while nothing can be trained with what they say."""
    address.restore({
        DATA: one_of(data.CATALOG), MODEL: one_of(models.CATALOG), SIZES: _parse_sizes, SEEDS: _parse_seeds,
        LONGER: _parse_longer,
    })  # fmt: skip
    left, right = st.columns(2)
    with left:
        name = _choose_data(subject)
        sizes = _choose_sizes(name)
    with right:
        model = _choose_model(name)
        seeds = st.segmented_control(
            "Seeds", paying.SEEDS, default=USUAL_SEEDS, required=True, key=SEEDS, persist_state="session",
            help="How often each training is repeated with other chance. More seeds make the answer surer.",
        )  # fmt: skip
    longer = st.segmented_control(
        "Epochs", tuple(LENGTHS), default=1, required=True, format_func=LENGTHS.__getitem__, key=LONGER,
        persist_state="session", wrap=True,
        help="With and without always train equally long. Augmented training often needs more epochs: what is new in "
        "every epoch takes longer to learn.",
    )  # fmt: skip
    address.write({
        DATA: None if name == "digits" else name, MODEL: None if model == recipes.default_model(name) else model,
        SIZES: None if tuple(sizes) == USUAL_SIZES else "-".join(sizes),
        SEEDS: None if seeds == USUAL_SEEDS else str(seeds), LONGER: None if longer == 1 else str(longer),
    })  # fmt: skip
    if not sizes:
        st.info("Choose how many training pictures.", icon=":material/touch_app:")
        return None
    numbers = [None if size == ALL else int(size) for size in sizes]
    plan = {size: paying.pairs(name, model, size, text, seeds, longer=longer) for size in numbers}
    _say_what(plan, text)
    return plan


def _parse_sizes(text: str) -> list[str]:
    sizes = [size for size in text.split("-") if size]
    if not sizes or any(size not in _names_of_sizes(paying.SIZES) for size in sizes):
        raise ValueError("unknown number of pictures")
    return sizes


def _parse_seeds(text: str) -> int:
    if int(text) not in paying.SEEDS:
        raise ValueError("unknown number of seeds")
    return int(text)


def _parse_longer(text: str) -> int:
    if int(text) not in LENGTHS:
        raise ValueError("unknown length")
    return int(text)


def _names_of_sizes(sizes: Sequence[int | None]) -> list[str]:
    return [ALL if size is None else str(size) for size in sizes]


def _choose_data(subject: Subject) -> str:
    names = list(data.CATALOG)
    return st.selectbox(
        "Pictures",
        names,
        index=names.index(subject.data) if subject.data in names else names.index("digits"),
        format_func=lambda name: data.info(name).title,
        key=DATA,
        persist_state="session",
        help="What the networks learn to tell apart.",
    )


def _choose_model(name: str) -> str:
    options = [model for model in models.CATALOG if recipes.fits(name, model)]
    if st.session_state.get(MODEL, options[0]) not in options:
        del st.session_state[MODEL]
    return st.selectbox(
        "Network",
        options,
        index=options.index(recipes.default_model(name)),
        format_func=lambda model: models.info(model).title,
        key=MODEL,
        persist_state="session",
        help="All of them are built the same way; only the training pictures differ.",
    )


def _choose_sizes(name: str) -> list[str]:
    options = _names_of_sizes(paying.sizes_of(name))
    if any(size not in options for size in st.session_state.get(SIZES) or ()):
        st.session_state[SIZES] = [size for size in st.session_state[SIZES] if size in options]
    chosen = st.pills(
        "Training pictures",
        options,
        selection_mode="multi",
        default=[size for size in USUAL_SIZES if size in options],
        key=SIZES,
        persist_state="session",
        help="Augmentation stands in for pictures that one does not have: compare few with many.",
    )
    return [size for size in options if size in chosen]


def _say_what(plan: Plan, text: str) -> None:
    parts = [
        f"{pay_result.size_title(size)}: {count(pairs[0].without.epochs, 'epoch')}" for size, pairs in plan.items()
    ]
    st.caption(f"With: **{escaped(recipes.augmentation_title(text))}**. {'; '.join(parts)}.")


def specs_of(plan: Plan) -> Iterator[TrainingSpec]:
    """All trainings, in the order in which they are done."""
    return (spec for pairs in plan.values() for pair in pairs for spec in pair.both)


def _names(plan: Plan) -> tuple[str, ...]:
    return tuple(spec.digest for spec in specs_of(plan))


# -- what is known ----------------------------------------------------------------------------------------------


def outcome_of(spec: TrainingSpec) -> Outcome | None:
    """What the training of this specification gave; None if the store does not have it."""
    known = st.session_state.setdefault(KNOWN, {})
    if spec.digest not in known:
        run = runs.load(engine().store, spec.digest)
        if run is None:
            return None
        answers, record = run.test, run.record
        right = answers["probabilities"].argmax(axis=1) == answers["labels"]
        known[spec.digest] = Outcome(right, record["history"], record["seconds"])
    return known[spec.digest]


def _outcomes(pairs: Sequence[Pair]) -> list[tuple[Outcome, Outcome]] | None:
    """Of every pair; None unless all are there."""
    found = [(outcome_of(pair.without), outcome_of(pair.augmented)) for pair in pairs]
    return None if any(outcome is None for both in found for outcome in both) else found


# -- training ---------------------------------------------------------------------------------------------------


def _buttons(plan: Plan, missing: Sequence[TrainingSpec]) -> None:
    total = len(_names(plan))
    waits = bool(missing) and st.session_state.get(WANTED) == _names(plan)
    label = f"Train {count(len(missing), 'network')}" if missing else "Trained"
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:" if missing else ":material/check:",
        key="augmentation.pay.train",
        disabled=not missing or waits,
        on_click=_begin,
        args=(plan,),
        help=f"{total - len(missing)} of {total} are trained already; the result stays on this host.",
    )


def _begin(plan: Plan) -> None:
    st.session_state[WANTED], st.session_state[ASKED] = _names(plan), set()
    st.session_state[DRAWN] = set()
    st.session_state.pop(PROBLEM, None)


def _end(problem: str | None = None) -> None:
    st.session_state.pop(WANTED, None)
    if problem:
        st.session_state[PROBLEM] = problem
    st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
def _following(plan: Plan) -> None:
    """Asks for one training after the other, for a session may have only one running and one waiting."""
    missing = [spec for spec in specs_of(plan) if outcome_of(spec) is None]
    drawn = {size for size, pairs in plan.items() if _outcomes(pairs)}
    if not missing:
        _end()
    problem = advance(missing)
    if problem:
        _end(problem)
    if drawn != st.session_state.get(DRAWN, drawn):
        st.session_state[DRAWN] = drawn
        st.rerun()  # the result of one more number of pictures is there
    bar, cancel = st.columns([5, 1], vertical_alignment="center")
    bar.progress(*_progress(plan, missing))
    if cancel.button("Cancel", key="augmentation.pay.cancel", width="stretch"):
        for spec in missing:
            engine().cancel(spec.digest, owner=owner())
        _end("Cancelled. What was trained is kept; press Train to go on.")


def advance(missing: Sequence[TrainingSpec]) -> str | None:
    """See that the engine has as much to do for this session as it may have.

    Args:
        missing: what is still to be trained.

    Returns:
        What went wrong, in a sentence; None if nothing did.
    """
    asked, active = st.session_state.setdefault(ASKED, set()), 0
    for spec in missing:
        job = engine().job(spec.digest, owner=owner())
        if job is not None and job.state.is_active:
            active += 1
        elif job is not None and spec.digest in asked:
            if job.state is not State.DONE or runs.load(engine().store, spec.digest) is None:
                return _problem(job)
        elif active < limits.JOBS_A_SESSION:
            try:
                engine().train(spec, owner=owner())
            except Busy:
                return None  # something else of this session trains; the next look tries again
            except UserError as error:
                return str(error)
            asked.add(spec.digest)
            active += 1
    return None


def _problem(job: Job) -> str:
    if job.state is State.CANCELLED:
        return job.error or "One of the trainings was cancelled. Press Train to go on."
    return job.error or "A trained network could not be kept: the host's disk may be full."


def _progress(plan: Plan, missing: Sequence[TrainingSpec]) -> tuple[float, str]:
    """The share that is done, and where it stands in words."""
    total = len(_names(plan))
    jobs = [engine().job(spec.digest) for spec in missing]
    running = max((job.progress for job in jobs if job is not None and job.state is State.RUNNING), default=0.0)
    done = total - len(missing)
    words = f"{done} of {total} networks trained"
    left = _seconds_left(plan, missing)
    if left is not None:
        words += f" · about {seconds(left)} left"
    return min(1.0, (done + running) / total), words


def _seconds_left(plan: Plan, missing: Sequence[TrainingSpec]) -> float | None:
    """By what the others took, those of the same kind first; None while nothing is known."""
    taken: dict[tuple[int | None, bool], list[float]] = {}
    for spec in specs_of(plan):
        if (outcome := outcome_of(spec)) is not None:
            taken.setdefault((spec.train_size, bool(spec.augmentation)), []).append(outcome.seconds)
    if not taken:
        return None
    every = [value for values in taken.values() for value in values]
    alike = [taken.get((spec.train_size, bool(spec.augmentation)), every) for spec in missing]
    return sum(sum(values) / len(values) for values in alike)
