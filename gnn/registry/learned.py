"""A model of `gnn.models` made ready for the registry: features with their sentences, purpose, limits."""

from collections.abc import Mapping

from gnn.models import Model
from gnn.registry.folder import Figures, Seen, Trained

_PURPOSE = {"nodes": "model_for_segment", "links": "model_for_links"}
_NEVER = {
    "nodes": ("model_never_alone", "model_never_probability"),
    "links": ("model_never_ground", "model_never_alone", "model_never_probability"),
}


def trained(
    model: Model, seen: Seen, figures: tuple[str, Figures, int], rivals: tuple[str, Mapping[str, Figures]]
) -> Trained:
    """What `registry.register` takes. `figures`: the headline, all of them on what the model never saw, and
    over how many samples; `rivals`: the simplest one, and the figures of all."""
    headline, metrics, samples = figures
    rival, ablations = rivals
    more = () if model.spec.kind == "sign" else ("torch-geometric",)
    return Trained(
        kind=model.spec.kind,
        model=model.about(),
        weights=model.weights,
        features=feature_groups(model),
        seed=model.spec.seed,
        seen=seen,
        metrics=metrics,
        headline=headline,
        samples=samples,
        ablations=ablations,
        rival=rival,
        purpose=_PURPOSE[model.task],
        never=_NEVER[model.task],
        libraries=("numpy", "scipy", "torch", *more),
    )


def feature_groups(model: Model) -> dict[str, int]:
    """Key of a label → columns: the columns of a projection are one feature, over all node types."""
    groups: dict[str, int] = {}
    for names in model.inputs.values():
        for name in names:
            stem, _, number = name.rpartition("_")
            key = f"feature_{stem if number.isdigit() else name}"
            groups[key] = groups.get(key, 0) + 1
    return groups
