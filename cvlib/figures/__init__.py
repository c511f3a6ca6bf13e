"""Numbers become figures: plotly figures, Vega-Lite specifications and enlarged pictures, each with a reading."""
