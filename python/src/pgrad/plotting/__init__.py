"""Plots of trainings, drawn with matplotlib: pip install 'pgrad[plot]'."""

from pgrad.plotting._bands import Band, band
from pgrad.plotting._curves import learning_curve, training_curves
from pgrad.plotting._figures import require_picture, saved_figure

__all__ = ["Band", "band", "learning_curve", "require_picture", "saved_figure", "training_curves"]
