"""What of an open shop stands on its encoder: the encoder itself, the indexer and the pipeline, made together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from openaisle.ads.advertising import Advertising
from openaisle.ads.campaign import Campaign
from openaisle.ads.targeting import Targets, aim_with
from openaisle.catalog.store import Catalog
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.engines.protocol import Engine
from openaisle.indexing.indexer import Indexer, IndexingPlan
from openaisle.indexing.texts import SPELLING
from openaisle.models.cache import QueryCache
from openaisle.models.open import EncoderOptions, open_encoder
from openaisle.models.protocol import Encoder
from openaisle.profiles.service import Profiles
from openaisle.search.analysis import IndexAnalysis
from openaisle.search.personalize import PersonalizeStep
from openaisle.search.pipeline import SearchPipeline
from openaisle.search.rerank import RerankStep
from openaisle.settings import Settings
from openaisle.sponsoring import Sponsoring

MODELS = "models"
"""Folder of a shop that holds its own models."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Replaced as a whole when the shop gets another encoder, so that no search ever mixes two."""

    settings: Settings
    encoder: Encoder | None
    indexer: Indexer
    pipeline: SearchPipeline

    @classmethod
    def of(
        cls,
        folder: Path,
        settings: Settings,
        catalog: Catalog,
        engine: EmbeddedEngine,
        profiles: Profiles | None = None,
        *,
        ads: Advertising | None = None,
    ) -> Standing:
        """Opens the encoder that the settings name. Without `profiles` no search is personalised, and without both no
        page shows sponsored products.

        Raises `ModelError`, `MissingExtra`.
        """
        encoder = encoder_of(folder, settings)
        indexer = indexer_of(settings, encoder, catalog, engine)
        reranking = reranking_of(folder, settings, catalog)
        strength = settings.personalization.strength
        personalizing = PersonalizeStep(profiles, strength) if profiles is not None and strength > 0 else None
        analysis = IndexAnalysis(engine)
        pipeline = SearchPipeline(
            engine,
            encoder,
            catalog.get_bodies,
            settings.search,
            reranking,
            personalizing=personalizing,
            ads=sponsoring_of(ads, profiles, analysis, encoder) if ads is not None and profiles is not None else None,
            analysis=analysis,
        )
        return cls(settings, encoder, indexer, pipeline)


def encoder_of(folder: Path, settings: Settings) -> Encoder | None:
    """The model named in the settings; None for `none`, and where the starter is not installed."""
    if settings.encoder.name == "starter" and find_spec("openaisle_starter") is None:
        return None
    encoder = open_encoder(settings.encoder.name, _options(folder, settings))
    cache = settings.encoder.cache_size
    return encoder if encoder is None or cache == 0 else QueryCache(encoder, cache)


def reranking_of(folder: Path, settings: Settings, catalog: Catalog) -> RerankStep | None:
    """The step that re-ranks with the model named in the settings; None for `none` or without a budget."""
    chosen = settings.reranker
    if chosen.name == "none" or chosen.budget_ms == 0:
        return None
    from openaisle.models.open_reranker import open_reranker  # a shop without a reranker never loads its runtime

    reranker = open_reranker(chosen.name, threads=chosen.threads, registry=folder / MODELS)
    return None if reranker is None else RerankStep(reranker, chosen, catalog.get_bodies)


def sponsoring_of(ads: Advertising, profiles: Profiles, analysis: IndexAnalysis, encoder: Encoder | None) -> Sponsoring:
    """The ads of searches, found by the words and the encoder that products are found by."""

    def aim(running: Sequence[Campaign]) -> Targets:
        return aim_with(analysis.analyzer(), encoder)(running)

    return Sponsoring(lambda: ads.server(aim), profiles.known_as)


def indexer_of(settings: Settings, encoder: Encoder | None, catalog: Catalog, engine: Engine) -> Indexer:
    chosen = settings.encoder
    return Indexer(catalog, engine, encoder, IndexingPlan(chosen.fields, repr(settings.search.weights), chosen.name))


def field_weights(settings: Settings) -> dict[str, FieldWeight]:
    weights = settings.search.weights
    boosts = {
        "title": weights.title,
        "brand": weights.brand,
        "category": weights.category,
        "attributes": weights.attributes,
        "description": weights.description,
        "identifiers": weights.identifiers,
    }
    return {**{field: FieldWeight(boost) for field, boost in boosts.items() if boost > 0}, SPELLING: FieldWeight(0.0)}


def _options(folder: Path, settings: Settings) -> EncoderOptions:
    chosen = settings.encoder
    return EncoderOptions(
        threads=chosen.threads,
        query_prefix=chosen.query_prefix,
        document_prefix=chosen.document_prefix,
        model=chosen.model,
        api_key_env=chosen.api_key_env,
        dimensions=chosen.dimensions,
        batch_size=chosen.batch_size,
        registry=folder / MODELS,
    )
