"""Names of classes as labels of a figure."""


def plain(name: str, longest: int = 14) -> str:
    """Plotly reads markup in labels, so what would be markup is taken out of them; long names are cut."""
    inert = name.replace("<", "‹").replace(">", "›").replace("&", "＆")
    return inert if len(inert) <= longest else inert[: longest - 1] + "…"
