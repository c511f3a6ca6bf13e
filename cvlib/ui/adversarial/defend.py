"""Defend it: change the picture first, train against attacks, or add noise and prove something."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import runs
from cvlib.adversarial import asking, defence
from cvlib.adversarial.asking import Request
from cvlib.adversarial.defence import Verdict
from cvlib.figures import heat
from cvlib.networks import Network, of_run
from cvlib.ui import training_panel
from cvlib.ui.adversarial.cases import cases
from cvlib.ui.adversarial.fool import MADE, Made
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine
from cvlib.ui.subject import Subject, remember
from cvlib.ui.words import percent, seconds

JUDGED, COMPARED, CERTIFIED = "adversarial.judged", "adversarial.compared", "adversarial.certified"
PICTURES = 100
SHOWN_PX = 160
NONE = "none"
TINY_EPSILONS, PHOTO_EPSILONS = (8, 16, 25, 38, 51), (1, 2, 4, 8)
KINDS = {"pgd": "With PGD (thorough)", "fgsm": "With FGSM (fast)"}


def draw(subject: Subject) -> None:
    """The three ways."""
    tiny = max(subject.seen.shape[:2]) <= 64
    options = TINY_EPSILONS if tiny else PHOTO_EPSILONS
    epsilon = st.select_slider(
        "The attacks may change a pixel by (epsilon)",
        options,
        options[len(options) // 2 + tiny],
        key=f"adversarial.defend.{tiny}",
        help="Of 255 shades.",
    )
    with st.expander("Train against attacks", icon=":material/shield:", expanded=True):
        _training(subject, epsilon)
    with st.expander("Change the picture first", icon=":material/auto_fix_high:"):
        _inputs(subject, epsilon)
    with st.expander("Add noise, and prove something", icon=":material/verified:"):
        _smoothing(subject)


# -- adversarial training ---------------------------------------------------------------------------------------


def _training(subject: Subject, epsilon: int) -> None:
    run = subject.network.run
    if run is None:
        st.info("Only a network that was trained here can be trained again. Choose one on the left.")
        return
    if run.spec.adversarial != "none":
        st.info("This network is hardened already. Choose the plain one on the left to compare them.")
        return
    st.markdown(
        "The network learns from pictures that were **just made to fool it**, with their right labels. It costs time, "
        "and often some accuracy on pictures that nobody has touched."
    )
    kind = st.segmented_control("Adversarial training", tuple(KINDS), default="pgd", required=True,
                                format_func=KINDS.__getitem__, key="adversarial.kind")  # fmt: skip
    spec = run.spec.replace(adversarial=kind, epsilon=float(epsilon))
    job = engine().job(spec.digest)
    twin = runs.load(engine().store, spec.digest)
    if twin is None:
        if st.button("Train a hardened twin", type="primary", icon=":material/play_arrow:", key="adversarial.train"):
            training_panel.request(spec)
            job = engine().job(spec.digest)
        if job is not None:
            training_panel.follow(spec, pending=lambda: None)
        twin = runs.load(engine().store, spec.digest)
    if twin is None:
        return
    pair = {"As it was": subject.network, "Hardened": of_run(twin)}
    rows = remember(("twins", subject.network.name, spec.digest, epsilon), lambda: _compare(pair, epsilon))
    shown = [{name: _shown(value) for name, value in row.items()} for row in rows]
    st.dataframe(pd.DataFrame(shown), hide_index=True)
    gain, price = (rows[1][column] - rows[0][column] for column in ("PGD, 40 steps", "No attack"))
    st.markdown(
        f"Under PGD with an epsilon of {epsilon}, the hardened network is right on **{100 * gain:+.1f} points** more "
        f"of the pictures; without an attack on {100 * price:+.1f} points."
    )
    st.caption(
        f"Measured on {cases(subject.network).words}. Nobody has found a way to make a network immune: a stronger "
        "attack, or another kind of change, still finds something."
    )


def _compare(pair: dict[str, Network], epsilon: int) -> list[dict[str, Any]]:
    """A row a network: shares of the pictures that it names correctly, 0 to 1."""
    rows = []
    with st.spinner("Attacking both …"):
        for name, network in pair.items():
            judged = cases(network)
            said = engine().run_with_model(network.name, asking.say, judged.images)
            row: dict[str, Any] = {"Network": name, "No attack": float((said.argmax(axis=1) == judged.labels).mean())}
            for title, attack, settings in (("FGSM", "fgsm", {}), ("PGD, 40 steps", "pgd", {"count": 40})):
                request = Request(attack, float(epsilon), settings=settings)
                made = engine().run_with_model(network.name, asking.attack, request, judged.images, judged.labels)
                row[title] = 1 - float(made.success.mean())
            row["Training"] = seconds(network.run.record["seconds"])
            rows.append(row)
    return rows


def _shown(value: Any) -> str:
    return percent(value) if isinstance(value, float) else value


# -- input defences ---------------------------------------------------------------------------------------------


def _inputs(subject: Subject, epsilon: int) -> None:
    st.markdown(
        "The picture is changed before the network sees it, so that the attack's fine pattern is lost. Does it hold "
        "when the attacker **knows** of it?"
    )
    _on_this_picture(subject)
    key = (subject.network.name, epsilon)
    if st.button("Try the three", type="primary", icon=":material/science:", key="adversarial.inputs"):
        st.session_state[JUDGED] = key, _judge(subject, epsilon)
    kept = st.session_state.get(JUDGED)
    if kept is None or kept[0] != key:
        return
    rows = [
        {
            "Defence": defence.info(name).title,
            "Verdict": _words(one),
            "No attack": percent(one.clean_defended),
            "Attacked, no defence": percent(one.attacked),
            "Attack does not know": percent(one.unaware),
            "Attack knows": percent(one.aware),
        }
        for name, one in kept[1].items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    hidden = [defence.info(name).title for name, one in kept[1].items() if one.only_hides]
    if hidden:
        st.warning(
            f"{', '.join(hidden)}: this looked like a defence as long as nobody knew of it. It does not make the "
            "network stronger, it only hides the gradient (gradient masking).",
            icon=":material/visibility_off:",
        )
    st.caption(
        f"On {cases(subject.network, PICTURES).words}: share named correctly, under PGD with 20 steps. The attack that "
        "knows asks the defended network, and takes the better of its two results (BPDA; Athalye et al., 2018)."
    )


def _on_this_picture(subject: Subject) -> None:
    """The attacked picture with a defence switched on."""
    made: Made | None = st.session_state.get(MADE)
    if made is None or made.digest != subject.digest:
        st.caption("Attack your picture under “Fool it”, and you can switch the defences on and off for it here.")
        return
    name = st.segmented_control(
        "On your attacked picture", (NONE, *defence.CATALOG), default=NONE, required=True, key="adversarial.defence",
        format_func=lambda name: "None" if name == NONE else defence.info(name).title, wrap=True,
    )  # fmt: skip
    pixels, shares = made.result.images[0], made.result.after[0]
    if name != NONE:
        pixels, shares = subject.ask(asking.defended, name, pixels)
    now = int(shares.argmax())
    left, right = st.columns([1, 2])
    left.image(heat.enlarged(pixels, SHOWN_PX), width="stretch", output_format="PNG")
    before = escaped(subject.name_of(subject.ranked[0]))
    right.markdown(
        f"It says **“{escaped(subject.name_of(now))}”**, {percent(float(shares[now]))} sure; of the original it said "
        f"“{before}”."
    )
    right.caption(defence.info(name).how if name != NONE else "The picture as the attack left it.")


def _judge(subject: Subject, epsilon: int) -> dict[str, Verdict]:
    judged = cases(subject.network, PICTURES)
    found, bar = {}, st.progress(0.0, text="Attacking …")
    for number, name in enumerate(defence.CATALOG):
        found[name] = subject.ask(asking.judge, name, judged.images, judged.labels, float(epsilon))
        bar.progress((number + 1) / len(defence.CATALOG), text=defence.info(name).title)
    bar.empty()
    return found


def _words(one: Verdict) -> str:
    if one.only_hides:
        return "only hides the gradient"
    return "helps" if one.aware - one.attacked > defence.MASKED else "does not help"


# -- randomised smoothing ---------------------------------------------------------------------------------------


def _smoothing(subject: Subject) -> None:
    st.markdown(
        "The network is asked about 500 **noisy copies** of the picture, and the answer that most of them get is "
        "taken. From how clear the vote is, it can be **proven** how far any attacker would have to go (Cohen et "
        "al., 2019)."
    )
    sigma = st.select_slider("Noise (sigma, of 255)", (4, 8, 16, 32, 64, 96), 32, key="adversarial.sigma")
    key = (subject.digest, sigma)
    if st.button("Vote and prove", type="primary", icon=":material/how_to_vote:", key="adversarial.certify"):
        with st.spinner("500 copies …"):
            st.session_state[CERTIFIED] = key, subject.ask(asking.certify, subject.seen, float(sigma))
    kept = st.session_state.get(CERTIFIED)
    if kept is None or kept[0] != key:
        return
    found = kept[1]
    left, right = st.columns([1, 2])
    left.image(heat.enlarged(found.example, SHOWN_PX), caption="One of the copies", width="stretch",
               output_format="PNG")  # fmt: skip
    total = int(found.counts.sum())
    if found.label is None:
        right.info("No answer has a clear majority among the copies, so nothing can be proven. Try less noise.")
        return
    votes = int(found.counts[found.label])
    per_value = found.radius / np.sqrt(subject.seen.size)
    right.markdown(f"**“{escaped(subject.name_of(found.label))}”** got {votes} of {total} votes. No change with an L2 "
                   f"size under **{found.radius:.0f}** can turn this vote, whatever it is.")  # fmt: skip
    right.caption(f"That is {per_value:.1f} of 255 a value if it is spread evenly. The proof is wrong with a chance of "
                  "1 in 1,000, and it holds for the vote, not for the network alone.")  # fmt: skip
