"""Credit models: scorecard, logistic regression, boosted trees, their sum, and the one that is shipped."""

from services.credit.models.model import CreditModel, load_model, refuse_rating, score

__all__ = ["CreditModel", "load_model", "refuse_rating", "score"]
