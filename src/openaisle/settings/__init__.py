"""openaisle.toml and the environment, read into frozen, typed settings; and what can be set, for docs and messages."""

from openaisle.settings.loading import FILE_NAME, load
from openaisle.settings.sections import (
    AdsSettings,
    EncoderSettings,
    FieldWeights,
    IngestSettings,
    PersonalizationSettings,
    RerankerSettings,
    SearchSettings,
    ServerSettings,
    Settings,
    ShopSettings,
    StoreSettings,
    TypoSettings,
)
from openaisle.settings.template import default_toml

__all__ = [
    "FILE_NAME",
    "AdsSettings",
    "EncoderSettings",
    "FieldWeights",
    "IngestSettings",
    "PersonalizationSettings",
    "RerankerSettings",
    "SearchSettings",
    "ServerSettings",
    "Settings",
    "ShopSettings",
    "StoreSettings",
    "TypoSettings",
    "default_toml",
    "load",
]
