"""Figures, as Plotly draws them."""
