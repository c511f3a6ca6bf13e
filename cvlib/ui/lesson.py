"""The lesson card: first a prediction, then the person's own result, computed and never written beforehand."""

from collections.abc import Sequence

import streamlit as st


def lesson(question: str, options: Sequence[str], *, answer: int, explanation: str, key: str) -> bool:
    """Ask, and score the answer against the result.

    Args:
        question: in words.
        options: what may be answered.
        answer: index of the option that the result bears out.
        explanation: the result in words.
        key: names the card in the session.

    Returns:
        Whether it has been answered.
    """
    with st.container(border=True):
        st.markdown(f":material/lightbulb: **What do you think?** {question}")
        guess = st.pills(question, options, key=key, label_visibility="collapsed")
        if guess is None:
            return False
        if options.index(guess) == answer:
            st.success(f"Right. {explanation}", icon=":material/check_circle:")
        else:
            st.info(
                f"Not this time. The answer: **{options[answer].lower()}**. {explanation}", icon=":material/cancel:"
            )
    return True
