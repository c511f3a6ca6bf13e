"""A pipeline under a name, for the pages that train, and as a link, for other people."""

from urllib.parse import quote, urlencode

import streamlit as st

from cvlib.augmentation import Pipeline, parsed
from cvlib.augmentation.presets import PRESETS
from cvlib.tasks.box_formats import LONGEST_NAME, distinct_names
from cvlib.ui.augmentation import state
from cvlib.ui.augmentation.cards import Cards
from cvlib.ui.errors import escaped

NAME, NAMED = "augmentation.away.name", "augmentation.away.named"
"""The field, and how often something was saved: the field begins anew then."""
MOST_SAVED = 20
LEFT_OUT = frozenset({"step", "network"})
"""Words of the address that say where somebody was, not what was built."""


def draw(pipeline: Pipeline) -> None:
    """The field for a name, what is saved, and the link."""
    st.subheader("Keep it")
    if pipeline:
        _form(pipeline)
    _list()
    if pipeline:
        _link(pipeline)


def _form(pipeline: Pipeline) -> None:
    key = f"{NAME}.{st.session_state.get(NAMED, 0)}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name", key=key, max_chars=LONGEST_NAME, placeholder="such as: gentle turns", width=320,
            help="The pages that train will offer your pipeline under this name, in this session.",
        )  # fmt: skip
        st.button(
            "Save", key="augmentation.away.save", icon=":material/bookmark_add:", on_click=save, args=(key, pipeline),
            disabled=len(saved()) >= MOST_SAVED, help="Keeps the pipeline as it is now under this name.",
        )  # fmt: skip
    if not name and not saved():
        st.caption("Saved pipelines can be chosen by name wherever a network is trained.")
    if len(saved()) >= MOST_SAVED:
        st.caption(f"There are {MOST_SAVED} already, which is as many as fit. Remove one first.")


def saved() -> dict[str, str]:
    """The person's own pipelines: name to text."""
    return dict(st.session_state.get(state.SAVED, {}))


def save(key: str, pipeline: Pipeline) -> None:
    """Keep a pipeline under what a field says; a name that is taken gets a number."""
    state.save(free_name(st.session_state.get(key, ""), pipeline), pipeline)
    st.session_state[NAMED] = st.session_state.get(NAMED, 0) + 1


def free_name(written: str, pipeline: Pipeline) -> str:
    """A name of one line and at most 40 characters that nothing else has; empty text takes the steps' titles."""
    titles = ", ".join(step.card.title for step in pipeline.active)
    taken = [state.BUILT, *saved(), *(each.title for each in PRESETS.values()), *state.named()]
    return distinct_names([*dict.fromkeys(taken), written.strip() or titles])[-1]


def _list() -> None:
    for number, (name, text) in enumerate(saved().items()):
        found = parsed(text)
        if found is None:
            continue
        titles = ", ".join(step.card.title for step in found.active)
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{escaped(name)}**  \n{escaped(titles)}", width="stretch")
            st.button(
                "Use", key=f"augmentation.away.use.{number}", icon=":material/input:", on_click=Cards.begin,
                args=(found,), help="Makes it the pipeline that is built, in place of the present one.",
            )  # fmt: skip
            st.button(
                "Remove", key=f"augmentation.away.remove.{number}", icon=":material/delete:", on_click=remove,
                args=(name,), help="Forgets this name; networks that were trained with it stay.",
            )  # fmt: skip


def remove(name: str) -> None:
    """Forget one of the person's own pipelines."""
    st.session_state[state.SAVED] = {known: text for known, text in saved().items() if known != name}


def _link(pipeline: Pipeline) -> None:
    with_picture = "picture" in st.query_params
    st.markdown("**A link to it.** The page's address holds the whole pipeline" + (
        " and names the picture: whoever opens it sees the same." if with_picture else
        ". Your own picture stays here: whoever opens it tries the pipeline on another one."
    ))  # fmt: skip
    st.code(address_of(pipeline), language=None, wrap_lines=True)


def address_of(pipeline: Pipeline) -> str:
    """The page's address with the whole pipeline."""
    words = {name: value for name, value in st.query_params.items() if name not in LEFT_OUT}
    words["pipeline"] = pipeline.to_text()
    base = (st.context.url or "").split("?")[0]
    return base + "?" + urlencode(words, quote_via=quote, safe=":,=.!")
