"""What a person sees when something goes wrong: a sentence to act on, or one that admits a fault."""

import contextlib
import logging
import re
import secrets
from collections.abc import Iterator

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from cvlib.errors import UserError

log = logging.getLogger(__name__)
MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~$:-])")


def escaped(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return MARKUP.sub(r"\\\1", text)


@contextlib.contextmanager
def guard() -> Iterator[None]:
    """Show what goes wrong inside as one sentence where it happened; the rest of the page stays."""
    try:
        yield
    except (RerunException, StopException):
        raise
    except UserError as error:
        st.warning(escaped(str(error)), icon=":material/info:")
    except Exception:
        number = secrets.token_hex(3)
        log.exception("Fault %s", number)
        st.error(
            "Something went wrong in the workshop itself; it is not your doing. Try again, or reload the page. "
            f"If it stays, tell the host this number: {number}.",
            icon=":material/error:",
        )
