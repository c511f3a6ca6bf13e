"""The vision workshop: its front door. Run with `streamlit run app.py`."""

import streamlit as st

from cvlib.ui.badge import badge
from cvlib.ui.pages import PageCard, navigation

PAGES = (
    PageCard("home.py", "Start", "Home", ":material/home:", "What this is.", default=True),
    PageCard(
        "classification.py", "Tasks", "Classification", ":material/category:",
        "Teach a network to tell pictures apart, see what it gets wrong, and try it on a picture of your own.",
    ),
    PageCard(
        "detection.py", "Tasks", "Object detection", ":material/frame_inspect:",
        "Find every thing in a picture and draw a box around it: train a detector, judge it, label your own.",
    ),
    PageCard(
        "segmentation.py", "Tasks", "Segmentation", ":material/format_paint:",
        "Give every pixel its class: road, sky, car. Train a network, paint against it, and judge it fairly.",
    ),
    PageCard(
        "transfer_learning.py", "Tasks", "Transfer learning", ":material/model_training:",
        "Make classes of your own with a few pictures or the camera, and teach them to a network in seconds.",
    ),
    PageCard(
        "augmentation.py", "Improve", "Augmentation", ":material/auto_awesome_motion:",
        "Change pictures at random, see what a network would see, and find out when it helps and when it hurts.",
    ),
    PageCard(
        "interpretability.py", "Question", "Interpretability", ":material/local_fire_department:",
        "Ask a network why it said that: heat maps over your picture, tests of whether to trust them, and a network "
        "that cheats.",
    ),
    PageCard(
        "adversarial.py", "Question", "Adversarial examples", ":material/bolt:",
        "Change a picture so little that nobody sees it, and watch the network fall for it; then defend it.",
    ),
)  # fmt: skip

st.set_page_config(
    page_title="Vision workshop", page_icon=":material/visibility:", layout="wide", initial_sidebar_state=210
)
page = navigation(PAGES)
with st.sidebar:
    badge()
page.run()
