"""Names that recipes speak of, and what each task takes where the recipe does not say."""

from __future__ import annotations

FIELDS = ("title", "brand", "category", "attributes", "description")
SOURCES_OF_NEGATIVES = ("model", "bm25")

LOSS = {
    "match": "multiple_negatives",
    "rerank": "binary_cross_entropy",
    "classify": "cross_entropy",
    "multilabel": "binary_cross_entropy",
    "regress": "mean_squared_error",
    "tag": "cross_entropy",
    "mlm": "cross_entropy",
    "simcse": "multiple_negatives",
    "tsdae": "cross_entropy",
    "distil": "embedding_distillation",
}
"""The loss of a task whose recipe names none."""

METRIC = {
    "match": "ndcg@10",
    "rerank": "ndcg@10",
    "classify": "accuracy",
    "multilabel": "micro_f1",
    "regress": "spearman",
    "tag": "f1",
    "mlm": "loss",
    "simcse": "loss",
    "tsdae": "loss",
    "distil": "loss",
}
"""The validation metric of a task whose recipe names none."""

RATE = {
    "everything": 2e-5,
    "last": 5e-5,
    "gradual": 5e-5,
    "head": 1e-3,
    "adapter": 5e-4,
    "lora": 5e-4,
    "adalora": 1e-3,
    "ia3": 5e-3,
    "prefix": 1e-2,
    "prompt": 1e-2,
}
"""A learning rate that each choice of weights commonly learns with: the fewer weights, the higher."""

UNCOMPARED = frozenset({"mlm", "simcse", "tsdae", "distil"})
"""Tasks that no test split measures: what they are worth shows in the task that is trained next."""

ALLOWED_FALL = 0.005
"""How much the metric of a task may get worse before promotion is refused, where the recipe guards nothing."""
