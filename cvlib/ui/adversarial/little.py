"""How little does it take? The smallest bound, and accuracy against it."""

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.adversarial import asking
from cvlib.adversarial.strength import HIGHEST, Point, Smallest
from cvlib.figures import heat, perturbation
from cvlib.networks import Network
from cvlib.ui.adversarial.cases import MOST, cases, siblings
from cvlib.ui.errors import escaped
from cvlib.ui.following import follow
from cvlib.ui.session import engine
from cvlib.ui.subject import Subject
from cvlib.ui.words import bounded_accuracy, percent

ONE, ALL, POINTS = "adversarial.smallest.one", "adversarial.smallest.all", "adversarial.points"
TINY_EPSILONS = (0, 8, 16, 25, 38, 51, 64, 76)
PHOTO_EPSILONS = (0, 1, 2, 4, 8, 16)
NAMES = {"fgsm": "FGSM", "bim": "BIM", "mi_fgsm": "MI-FGSM", "pgd": "PGD", "noise": "random noise"}
PGD_STEPS = 20
MANY = 50
SIZES = (100, 200, 500, 1000, 2000)
MOST_NETWORKS = 4
SHOWN_PX = 160


def draw(subject: Subject) -> None:
    """This picture, many pictures, and the curve."""
    _one(subject)
    st.divider()
    _curve(subject)


def _one(subject: Subject) -> None:
    st.markdown("**How little fools it on this picture?** PGD is tried with ever narrower bounds, half-way between one "
                "that was too small and one that was enough.")  # fmt: skip
    left, right = st.columns(2)
    many = cases(subject.network, MANY)
    if left.button("Find the smallest", type="primary", icon=":material/search:", key="adversarial.one"):
        st.session_state[ONE] = subject.digest, _search(subject, subject.seen[None], np.array([subject.ranked[0]]))
    if right.button(f"Find it for {many.words}", icon=":material/search:", key="adversarial.all"):
        st.session_state[ALL] = subject.network.name, _search(subject, many.images, many.labels)
    digest, found = st.session_state.get(ONE, (None, None))
    if digest == subject.digest and found is not None:
        _show_one(subject, found)
    name, found = st.session_state.get(ALL, (None, None))
    if name == subject.network.name and found is not None:
        _show_all(subject, found, many.images)


def _search(subject: Subject, images: np.ndarray, labels: np.ndarray) -> Smallest | None:
    token = subject.ask(asking.begin_smallest, images, labels)
    found = None
    for parts in follow(token, lambda part: part.share, text="Narrowing the bound", key="adversarial.smallest"):
        found = parts[-1]
    return found


def _show_one(subject: Subject, found: Smallest) -> None:
    least = float(found.epsilon[0])
    if not np.isfinite(least):
        st.info(f"Nothing within {HIGHEST} of 255 fooled it.")
        return
    st.metric("Smallest epsilon", f"{least:.0f} of 255")
    if least == 1:
        st.caption("One shade up or down: less than that no file and no screen can show.")
    change = found.images[0].astype(np.int16) - subject.seen
    shown, factor = perturbation.magnified(change)
    with st.container(horizontal=True, gap="small"):
        for pixels, caption in (
            (subject.seen, "The original"),
            (shown, f"What was added, {factor} times as strong"),
            (found.images[0], "Enough to fool it"),
        ):
            st.image(heat.enlarged(pixels, SHOWN_PX), caption=caption, width=SHOWN_PX, output_format="PNG")


def _show_all(subject: Subject, found: Smallest, images: np.ndarray) -> None:
    known = found.epsilon[np.isfinite(found.epsilon)]
    if not len(known):
        st.info(f"Nothing within {HIGHEST} of 255 fooled it on any of them.")
        return
    st.markdown(f"Half of {len(images)} pictures are fooled with an epsilon of **{np.median(found.epsilon):.0f}** of "
                f"255 or less; the hardest of those that were fooled took {known.max():.0f}.")  # fmt: skip
    order = np.argsort(found.epsilon, kind="stable")
    with st.container(horizontal=True, gap="small"):
        for place in [*order[:4], *order[-4:]] if len(order) > 8 else order:
            least = found.epsilon[place]
            words = f"{least:.0f}" if np.isfinite(least) else f"over {HIGHEST}"
            st.image(heat.enlarged(images[place], 80), caption=words, width=80, output_format="PNG")
    counts = pd.Series(known.astype(int)).value_counts().sort_index()
    st.bar_chart(counts.rename_axis("smallest epsilon (of 255)").rename("pictures").reset_index(),
                 x="smallest epsilon (of 255)", y="pictures", height=220)  # fmt: skip


def _curve(subject: Subject) -> None:
    st.markdown("**Accuracy under attack.** How many pictures are still named correctly, against how much may change?")
    others = {one.name: one for one in siblings(subject.network)}
    left, right = st.columns(2)
    names = left.multiselect(
        "Networks", list(others), [subject.network.name], format_func=lambda name: label(others, name),
        max_selections=MOST_NETWORKS, key=f"adversarial.networks.{subject.network.name}",
    )  # fmt: skip
    attacks = right.multiselect("Attacks", list(NAMES), ["fgsm", "pgd", "noise"], format_func=NAMES.__getitem__,
                                key="adversarial.attacks")  # fmt: skip
    count = MOST
    if subject.network.run is not None:
        total = len(subject.network.test_labels)
        sizes = [*(size for size in SIZES if size < total), total]
        count = st.select_slider(
            "Test pictures", sizes, min(MOST, total), key=f"adversarial.count.{total}",
            format_func=lambda size: "all" if size == total else f"{size:,}",
            help="The first so many; more take longer, and their intervals are narrower.",
        )  # fmt: skip
    ready = bool(names and attacks)
    if st.button("Measure", icon=":material/timeline:", key="adversarial.curve", disabled=not ready):
        _measure(subject, [others[name] for name in names], attacks, count)
    kept: tuple[str, list[Point]] | None = st.session_state.get(POINTS)
    if kept is not None and kept[0] == subject.network.name and kept[1]:
        _show_curve(kept[1])


def _measure(subject: Subject, chosen: list[Network], attacks: list[str], count: int) -> None:
    points: list[Point] = []
    st.session_state[POINTS] = subject.network.name, points
    place = st.empty()
    tiny = max(subject.seen.shape[:2]) <= 64
    epsilons = TINY_EPSILONS if tiny else PHOTO_EPSILONS
    for network in chosen:
        judged = cases(network, count)
        for attack in attacks:
            settings = {"count": PGD_STEPS} if attack == "pgd" else {}
            title = f"{network.title} · {NAMES[attack]}"
            token = engine().run_with_model(
                network.name, asking.begin_accuracy, judged.images, judged.labels, epsilons, attack, network.title,
                settings,
            )  # fmt: skip
            for parts in follow(token, lambda part: part.epsilon / epsilons[-1], text=title, key=f"adv.{title}"):
                points += parts
                place.vega_lite_chart(_chart(points), key=f"adversarial.points.{len(points)}")
    place.empty()


def _rows(points: list[Point]) -> list[dict]:
    rows = []
    for point in points:
        low, high = bounded_accuracy(point.right, point.total)
        rows.append(
            {"line": f"{point.network} · {NAMES[point.attack]}", "epsilon": point.epsilon, "low": 100 * low,
             "share": 100 * point.right / point.total, "high": 100 * high}
        )  # fmt: skip
    return rows


def _chart(points: list[Point]) -> dict:
    rows = _rows(points)
    return perturbation.robustness(rows, list(dict.fromkeys(row["line"] for row in rows)))


def _show_curve(points: list[Point]) -> None:
    st.vega_lite_chart(_chart(points), key="adversarial.points.chart",
                       alt="Accuracy against epsilon, a line a network and attack.")  # fmt: skip
    clean = {point.network: point.right / point.total for point in points if point.epsilon == 0}
    words = ", ".join(f"{escaped(name)} {percent(share)}" for name, share in clean.items())
    st.caption(f"At the left end, without attack: {words}. The bands are 95 % intervals of {points[0].total} pictures. "
               "A picture counts as fooled if any smaller epsilon has fooled it.")  # fmt: skip
    frame = pd.DataFrame(_rows(points))
    st.download_button("Table as CSV", frame.to_csv(index=False), "accuracy-under-attack.csv", "text/csv",
                       on_click="ignore", icon=":material/download:", key="adversarial.csv")  # fmt: skip


def label(found: dict[str, Network], name: str) -> str:
    """A network's title, with the accuracy of an own run."""
    network = found[name]
    return network.title if network.run is None else f"{network.title} · {percent(network.run.metrics['accuracy'])}"
