"""Survival of a study's women: Kaplan-Meier, log-rank, the figure."""
