"""Parts that pages are made of. With `pages` and `app.py`, the only code that imports streamlit."""
