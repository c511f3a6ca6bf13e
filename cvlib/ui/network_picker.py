"""The choice of a trained network: a person's own run, or one that others trained on ImageNet."""

import streamlit as st

from cvlib import networks, runs
from cvlib.errors import UserError
from cvlib.models import pretrained
from cvlib.networks import Network
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine
from cvlib.ui.words import percent

FETCH_SECONDS = 300.0
MOST = 30
KEY = "network"


def choose_network() -> Network | None:
    """Draw the choice; return the network that is chosen and at hand, None while none is.

    The address holds its name (`?network=imagenet/mobilenet_v2`).
    """
    own = {network.name: network for network in networks.own(engine().store)[:MOST]}
    options = [*own, *pretrained.CATALOG]
    _restore(options)
    here = {network.name: network for network in networks.here()}
    first = next(iter([*here, *own]), None)
    name = st.selectbox(
        "Network",
        options,
        index=options.index(first) if first else None,
        format_func=lambda name: label(own[name]) if name in own else _offer(name, name in here),
        placeholder="Choose a network",
        key=KEY,
        persist_state="session",
        help="Networks that were trained on this host, and networks that others trained on 1.3 million photos.",
    )
    if name is None:
        return None
    st.query_params[KEY] = name
    if name in own:
        return own[name]
    st.caption(pretrained.info(name).description)
    return here.get(name) or _fetched(name)


def _restore(options: list[str]) -> None:
    wanted = st.query_params.get(KEY)
    if wanted in options and KEY not in st.session_state:
        st.session_state[KEY] = wanted
    elif wanted is not None and wanted not in options and KEY not in st.session_state:
        st.caption(":material/link_off: The network in the address is not on this host; another one is taken.")
    if st.session_state.get(KEY) not in (None, *options):
        st.session_state.pop(KEY)


def label(network: Network) -> str:
    """A person's own network in one line."""
    stopped = " (cancelled)" if network.name.endswith(runs.STOPPED) else ""
    return f"{network.title} · {percent(network.run.metrics['accuracy'])}{stopped}"


def _offer(name: str, is_here: bool) -> str:
    card = pretrained.info(name)
    return card.title if is_here else f"{card.title} · to be fetched, {card.megabytes} MB"


def _fetched(name: str) -> Network | None:
    """The network after its download, if the person asks for it and the internet has it."""
    card = pretrained.info(name)
    if not st.button(f"Fetch {card.title} ({card.megabytes} MB)", icon=":material/download:", key="network.fetch"):
        st.info(f"{card.title} is not on this host yet. Fetch it, or choose another network.")
        return None
    with st.spinner(f"Fetching {card.title} …"):
        try:
            engine().run(pretrained.fetch, name, timeout=FETCH_SECONDS)
        except UserError as error:
            st.warning(escaped(str(error)), icon=":material/cloud_off:")
            return None
    return networks.of_pretrained(name)
