"""Trained models on disk: folders with weights, metrics, rivals and a card in plain words."""
