"""Fool it: choose an attack, run it on the picture, and see what it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from cvlib.adversarial import asking, catalogue, distance
from cvlib.adversarial.asking import Request
from cvlib.adversarial.base import AttackResult, Frame
from cvlib.adversarial.catalogue import Attack
from cvlib.figures import heat, perturbation, probabilities
from cvlib.ui import address
from cvlib.ui.adversarial.cases import cases
from cvlib.ui.errors import escaped
from cvlib.ui.following import follow
from cvlib.ui.lesson import lesson
from cvlib.ui.subject import Subject
from cvlib.ui.words import count, percent, seconds

MADE = "adversarial.made"
SHOWN_PX = 224
FRAMES = 40
TINY_PX = 64
STRENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 25, 38, 51, 76, 102, 128)
PHOTO_STRENGTH, TINY_STRENGTH = 4, 38
NORM_NAMES = {"linf": "Every pixel a little", "l2": "The sum of all changes"}
MANY, OTHERS = 48, 8
GOALS = {False: "Any other answer", True: "An answer I choose"}
TOP = 5


@dataclass(frozen=True, eq=False)
class Made:
    """An attack that was run.

    Attributes:
        key: what it was run with.
        digest: of the network and the picture.
        request: which attack.
        wanted: the class to be reached; None for any other.
        result: what it gave; the picture is the first.
        frames: the picture on its way.
        noise: uint8 (H, W, C), the picture with as much chance.
        noise_shares: float32 (K,), what the network says of that.
    """

    key: tuple
    digest: str
    request: Request
    wanted: int | None
    result: AttackResult
    frames: tuple[Frame, ...]
    noise: np.ndarray
    noise_shares: np.ndarray


def choose(subject: Subject) -> tuple[Request, int | None]:
    """The attack, its goal and its strength, in the left column."""
    address.restore({"attack": _known})
    name = st.selectbox(
        "Attack", list(catalogue.CATALOG), format_func=lambda name: catalogue.info(name).title, key="attack",
        persist_state="session", help="How the changed picture is looked for.",
    )  # fmt: skip
    card = catalogue.info(name)
    st.caption(f"{card.how} ({card.paper})")
    address.write({"attack": None if name == next(iter(catalogue.CATALOG)) else name})
    wanted = _choose_goal(subject, card)
    epsilon, norm = _choose_strength(subject, card)
    with st.expander("More settings", icon=":material/tune:"):
        settings = _choose_settings(card)
        seed = st.number_input("Seed", 0, 9999, 0, key="adversarial.seed", help="Of everything random.")
    return Request(name, epsilon, norm, wanted is not None, seed, settings), wanted


def _known(text: str) -> str:
    if text not in catalogue.CATALOG:
        raise ValueError("unknown name")
    return text


def _choose_goal(subject: Subject, card: Attack) -> int | None:
    if not card.targets:
        st.caption(":material/info: It goes wherever the way is shortest; no class can be chosen.")
        return None
    targeted = st.segmented_control(
        "It is to see", (False, True), default=card.name == "patch", required=True, format_func=GOALS.__getitem__,
        key=f"adversarial.goal.{card.name == 'patch'}",
        wrap=True,
    )  # fmt: skip
    if not targeted:
        return None
    said = subject.ranked[0]
    options = sorted((index for index in range(len(subject.probabilities)) if index != said), key=subject.name_of)
    second = subject.ranked[1]
    return st.selectbox("Class", options, index=options.index(second), format_func=subject.name_of,
                        key=f"adversarial.wanted.{subject.digest[:12]}")  # fmt: skip


def _choose_strength(subject: Subject, card: Attack) -> tuple[float | None, str | None]:
    if not card.norms:
        return None, None
    tiny = max(subject.seen.shape[:2]) <= TINY_PX
    strength = st.select_slider(
        "Strength (epsilon)", STRENGTHS, TINY_STRENGTH if tiny else PHOTO_STRENGTH, key=f"adversarial.epsilon.{tiny}",
        help="By how many of 255 shades a pixel may change.",
    )  # fmt: skip
    if len(card.norms) < 2:
        return float(strength), card.norms[0]
    norm = st.segmented_control(
        "What is bounded", card.norms, default=card.norms[0], required=True, format_func=NORM_NAMES.__getitem__,
        key="adversarial.norm", help="L-infinity: no pixel changes more than epsilon. L2: the changes together are as "
        "large as if every pixel had changed by epsilon, but they may gather in a few places.", wrap=True,
    )  # fmt: skip
    if norm == "l2":
        return float(strength * np.sqrt(subject.seen.size)), "l2"
    return float(strength), "linf"


def _choose_settings(card: Attack) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, usual in card.settings.items():
        key = f"adversarial.{card.name}.{name}"
        if name == "count":
            chosen[name] = st.slider("Steps", 1, 300, usual, key=key)
        elif name == "restarts":
            chosen[name] = st.slider("Starts", 1, 10, usual, key=key, help="So often it begins from another place.")
        elif name == "searches":
            chosen[name] = st.slider("Searches", 1, 9, usual, key=key,
                                     help="So often the weight of success is tried anew.")  # fmt: skip
        elif name == "pixels":
            chosen[name] = st.slider("Most pixels", 1, 200, usual, key=key)
        elif name == "rounds":
            chosen[name] = st.slider("Rounds over all pictures", 1, 60, usual, key=key)
        elif name == "share":
            chosen[name] = st.slider("Size of the patch (% of the picture)", 1, 40, round(100 * usual), key=key) / 100
        elif name == "step_size":
            size = st.slider("Step size (0: chosen for you)", 0.0, 32.0, 0.0, 0.5, key=key,
                             help="In shades of 255.")  # fmt: skip
            chosen[name] = size or None
    return chosen


def draw(subject: Subject, request: Request, wanted: int | None) -> None:
    """The original, the button, and what the attack gave."""
    key = (subject.digest, request.attack, request.epsilon, request.norm, wanted, request.seed,
           tuple(sorted(request.settings.items())))  # fmt: skip
    said = subject.name_of(subject.ranked[0])
    share = percent(float(subject.probabilities[subject.ranked[0]]))
    st.markdown(f"**1** The network says “{escaped(said)}”, {share} sure. **2** Choose an attack on the left. **3** "
                "Run it. **4** See what it says then.")  # fmt: skip
    title = catalogue.info(request.attack).title
    pressed = st.button(f"Attack with {title}", type="primary", icon=":material/bolt:", key="adversarial.run")
    # What is drawn below keeps its place while the attack runs.
    running, below = st.container(), st.container()
    if pressed:
        with running:
            st.session_state[MADE] = _run(subject, request, wanted, key)
    with below:
        _draw_made(subject, key)


def _draw_made(subject: Subject, key: tuple) -> None:
    made: Made | None = st.session_state.get(MADE)
    if made is None or made.digest != subject.digest:
        st.image(heat.enlarged(subject.seen, SHOWN_PX), width=SHOWN_PX, caption="The picture as the network sees it",
                 output_format="PNG")  # fmt: skip
        return
    if made.key != key:
        st.caption(":material/info: The settings have changed since; this is what the last attack gave.")
    _show(subject, made)


def _run(subject: Subject, request: Request, wanted: int | None, key: tuple) -> Made:
    card = catalogue.info(request.attack)
    images, said = subject.seen[np.newaxis], np.array([subject.ranked[0]])
    if card.needs_many:
        more = cases(subject.network, MANY)
        images, said = np.concatenate([images, more.images]), np.concatenate([said, more.labels])
    labels = said if wanted is None else np.full(len(said), wanted)
    frames: list[Frame] = []
    token = subject.ask(asking.begin, request, images, labels)
    result = None
    for parts in follow(token, lambda part: part.share, text=card.title, key="adversarial.run"):
        frames += [part.frame for part in parts if part.frame is not None]
        result = parts[-1].result or result
    norm = request.norm or "l2"
    noise, shares = subject.ask(asking.noisy, images[:1], result.perturbation[:1], norm, request.seed)
    return Made(key, subject.digest, request, wanted, _few(result), thinned(frames), noise[0], shares[0])


def _few(result: AttackResult) -> AttackResult:
    """The result with as many pictures as are shown: sessions are many, and their memory is one."""
    images, change = result.images[: 1 + OTHERS].copy(), result.perturbation[:1].copy()
    return replace(result, images=images, perturbation=change, after=result.after[: 1 + OTHERS].copy())


def thinned(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """At most so many frames, evenly, with the first and the last."""
    places = np.unique(np.linspace(0, len(frames) - 1, min(FRAMES, len(frames))).round().astype(int))
    return tuple(frames[place] for place in places)


def verdict(said: int, now: int, wanted: int | None, name_of: Any) -> tuple[str, str]:
    """Which of the three ends it is (`wanted`, `other`, `not`), and in words."""
    if now == said:
        return "not", f"**Not fooled.** It still says “{escaped(name_of(said))}”."
    if wanted is not None and now != wanted:
        return "other", f"**Fooled, but into another class:** it says “{escaped(name_of(now))}”."
    chosen = "into the class you chose" if wanted is not None else "into another class"
    return "wanted", f"**Fooled {chosen}:** it now says “{escaped(name_of(now))}”."


def _show(subject: Subject, made: Made) -> None:
    result = made.result
    said, after = subject.ranked[0], result.after[0]
    now = int(after.argmax())
    end, words = verdict(said, now, made.wanted, subject.name_of)
    words = f"{words.removesuffix('.')}, {percent(float(after[now]))} sure."
    {"wanted": st.success, "other": st.warning, "not": st.info}[end](words, icon=":material/gavel:")
    shown, factor = perturbation.magnified(result.perturbation[0])
    pictures = (
        (subject.seen, "The original"),
        (shown, f"What was added, {factor} times as strong; grey: nothing"),
        (result.images[0], "The adversarial picture"),
        (made.noise, "The same amount of random noise"),
    )
    for place, (pixels, caption) in zip(st.columns(len(pictures)), pictures, strict=True):
        place.image(heat.enlarged(pixels, SHOWN_PX), caption=caption, output_format="PNG", width="stretch")
    _bars(subject, {"Original": subject.probabilities, "Adversarial": after, "Random noise": made.noise_shares})
    _numbers(result)
    noise_says = int(made.noise_shares.argmax())
    lesson(
        "Random noise of the same size: does it change the answer, too?",
        ("Yes", "No"),
        answer=int(noise_says == said),
        explanation=f"With the noise it says “{escaped(subject.name_of(noise_says))}”, "
        f"{percent(float(made.noise_shares[noise_says]))} sure. An attack does not add more, but in the right places.",
        key=f"lesson.noise.{hash(made.key)}",
    )
    if catalogue.info(made.request.attack).needs_many:
        _many(subject, made)
    if len(made.frames) > 1:
        _on_its_way(subject, made, now)


def _bars(subject: Subject, answers: Mapping[str, np.ndarray]) -> None:
    for place, (name, shares) in zip(st.columns(len(answers)), answers.items(), strict=True):
        place.markdown(f"**{name}**")
        place.plotly_chart(
            probabilities.probability_bars(subject.network.class_names, shares, top=TOP), key=f"adversarial.{name}",
            config={"displayModeBar": False}, alt=f"What the network says: {name}.",
        )  # fmt: skip


def _numbers(result: AttackResult) -> None:
    apart = distance.distance(result.images[0], result.images[0] - result.perturbation[0])
    total = result.images[0].shape[0] * result.images[0].shape[1]
    names = ("Largest change (L∞)", "All changes (L2)", "Changed pixels (L0)", "PSNR")
    psnr = "∞" if np.isinf(apart.psnr) else f"{apart.psnr:.0f} dB"
    values = (f"{apart.linf:.0f} of 255", f"{apart.l2:.0f}", percent(apart.l0 / total), psnr)
    for place, name, value in zip(st.columns(4), names, values, strict=True):
        place.metric(name, value)
    st.caption(
        f"Made in {seconds(result.seconds)} with up to {count(result.steps, 'step')}. It was rounded to whole shades "
        "before the network judged it, as any file, screen or print does."
    )


def _many(subject: Subject, made: Made) -> None:
    others = made.result.success[1:]
    kind = "patch" if "patch" in made.result.extra else "perturbation"
    st.markdown(f"**The same {kind} on other pictures** fools the network on {int(others.sum())} of {len(others)}.")
    with st.container(horizontal=True, gap="small"):
        if kind == "patch":
            st.image(heat.enlarged(made.result.extra["patch"], 96), caption="The patch", width=96, output_format="PNG")
        for picture, shares in zip(made.result.images[1:], made.result.after[1:], strict=True):
            name = subject.name_of(int(shares.argmax()))
            st.image(heat.enlarged(picture, 96), caption=escaped(name), width=96, output_format="PNG")


def _on_its_way(subject: Subject, made: Made, now: int) -> None:
    with st.expander("Watch it happen, step by step", icon=":material/animation:"):
        classes = list(dict.fromkeys([subject.ranked[0], now, *([] if made.wanted is None else [made.wanted])]))
        shares = np.stack([frame.probabilities for frame in made.frames])[:, classes]
        left, right = st.columns([1, 2])
        left.image(perturbation.animation([frame.image for frame in made.frames], SHOWN_PX), width="stretch",
                   caption="The picture on its way")  # fmt: skip
        names = [subject.name_of(index) for index in classes]
        right.vega_lite_chart(
            perturbation.on_its_way([frame.step for frame in made.frames], shares, names), key="adversarial.way",
            alt="Probabilities over the steps of the attack.",
        )  # fmt: skip
        steps = list(range(len(made.frames)))
        at = st.select_slider("Step", steps, steps[-1], format_func=lambda place: str(made.frames[place].step),
                              key=f"adversarial.step.{hash(made.key)}")  # fmt: skip
        frame = made.frames[at]
        top = int(frame.probabilities.argmax())
        st.image(heat.enlarged(frame.image, SHOWN_PX), width=SHOWN_PX, output_format="PNG",
                 caption=f"{escaped(subject.name_of(top))}, {percent(float(frame.probabilities[top]))}")  # fmt: skip
