"""Every setting there is: name, type, bounds, default and description. No other file states a default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval, Len, Predicate

SEARCHABLE = ("title", "brand", "category", "attributes", "description", "identifiers")
"""The fields that words are looked for in; `identifiers` are id, GTIN and MPN."""

ENCODER_NAMES = "starter, none, model:NAME@VERSION, onnx:FOLDER, huggingface:NAME, endpoint:URL"


_OWN_MODEL = re.compile(r"[a-z0-9][a-z0-9-]*@[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Doc:
    """What a setting means, what it allows where its type does not tell, an example where there is no default."""

    text: str
    allowed: str = ""
    example: str | int = ""


RERANKER_NAMES = "none, starter, model:NAME@VERSION, onnx:FOLDER"


def _names_a_reranker(name: str) -> bool:
    kind, _, rest = name.partition(":")
    return name in ("none", "starter") or (kind in ("model", "onnx") and bool(rest))


def _names_an_encoder(name: str) -> bool:
    kind, _, rest = name.partition(":")
    if kind == "model":
        return _OWN_MODEL.fullmatch(rest) is not None
    return name in ("starter", "none") or (kind in ("onnx", "huggingface", "endpoint") and bool(rest))


def _searchable(names: tuple[str, ...]) -> bool:
    return set(names) <= set(SEARCHABLE)


def _currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isupper()


def _rising(slots: tuple[int, ...]) -> bool:
    return all(1 <= slot <= 255 for slot in slots) and list(slots) == sorted(set(slots))


def _amount(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", text) is not None


Weight = Annotated[float, Interval(ge=0, le=1000)]
Share = Annotated[float, Interval(ge=0, le=1)]
SearchableFields = Annotated[tuple[str, ...], Predicate(_searchable)]
_SEARCHABLE = Doc("", allowed=f"a list of {', '.join(SEARCHABLE)}")


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """The shop itself."""

    name: Annotated[str, Len(1, 200), Doc("The shop's name, as reports and pages show it.")] = "My shop"
    currency: Annotated[
        str | None,
        Predicate(lambda code: code is None or _currency(code)),
        Doc("Currency of prices that state none.", allowed="an ISO 4217 code", example="CNY"),
    ] = None


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the catalogue is kept."""

    url: Annotated[
        str | None,
        Doc(
            "Database of the catalogue; without it, SQLite in the file shop.db of the shop's folder.",
            allowed="an SQLAlchemy URL",
            example="postgresql+psycopg://user:password@localhost/shop",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The model that turns queries and products into vectors. After a change, run `openaisle reindex`."""

    name: Annotated[
        str,
        Predicate(_names_an_encoder),
        Doc("Which encoder; none searches by words alone.", allowed=f"one of {ENCODER_NAMES}"),
    ] = "starter"
    model: Annotated[str | None, Doc("Name of the model to ask an endpoint for.", example="text-embedding-3-small")] = (
        None
    )
    api_key_env: Annotated[
        str | None,
        Doc(
            "Environment variable that holds the endpoint's key; the key itself never stands in this file.",
            example="EMBEDDING_API_KEY",
        ),
    ] = None
    dimensions: Annotated[
        int | None,
        Interval(ge=8, le=8192),
        Doc("Length of an endpoint's vectors; without it, the model's own.", example=512),
    ] = None
    batch_size: Annotated[int, Interval(ge=1, le=4096), Doc("Products encoded at a time.")] = 64
    threads: Annotated[int, Interval(ge=0, le=256), Doc("Threads of the model; 0 takes every core.")] = 0
    query_prefix: Annotated[
        str | None,
        Len(0, 1000),
        Doc("Text put before every query; without it, what the model was trained with.", example="query: "),
    ] = None
    document_prefix: Annotated[
        str | None,
        Len(0, 1000),
        Doc("Text put before every product; without it, what the model was trained with.", example="passage: "),
    ] = None
    fields: Annotated[
        SearchableFields,
        Len(1, 6),
        Doc("Fields of a product that are encoded; long texts blur short queries and take long.", _SEARCHABLE.allowed),
    ] = ("title",)
    cache_size: Annotated[int, Interval(ge=0, le=1_000_000), Doc("Query vectors kept in memory.")] = 10_000


@dataclass(frozen=True, slots=True)
class RerankerSettings:
    """The model that reads the best products once more together with the query, as far as the time allows."""

    name: Annotated[str, Predicate(_names_a_reranker), Doc("Which reranker.", allowed=f"one of {RERANKER_NAMES}")] = (
        "none"
    )
    top: Annotated[int, Interval(ge=2, le=200), Doc("Most products that are read, from the best down.")] = 20
    budget_ms: Annotated[
        float, Interval(ge=0, le=10_000), Doc("Milliseconds that this may take; 0 switches it off.")
    ] = 50.0
    weight: Annotated[Weight, Doc("What full relevance adds to a score; words and meaning together add about 1.")] = 0.2
    threads: Annotated[int, Interval(ge=0, le=256), Doc("Threads of the model; 0 takes every core.")] = 0
    fields: Annotated[SearchableFields, Len(1, 6), Doc("Fields of a product that are read.", _SEARCHABLE.allowed)] = (
        "title",
    )


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """How much a word counts by the field it is found in; 0 leaves the field out."""

    title: Annotated[Weight, Doc("Weight of the title.")] = 3.0
    brand: Annotated[Weight, Doc("Weight of the brand.")] = 2.0
    category: Annotated[Weight, Doc("Weight of the category path.")] = 1.0
    attributes: Annotated[Weight, Doc("Weight of attribute values.")] = 1.0
    description: Annotated[Weight, Doc("Weight of the description.")] = 0.5
    identifiers: Annotated[Weight, Doc("Weight of id, GTIN and MPN.")] = 5.0


@dataclass(frozen=True, slots=True)
class TypoSettings:
    """Which misspellings are forgiven. Model numbers never are."""

    one_from: Annotated[
        int, Interval(ge=2, le=100), Doc("Letters a word needs for one typo to be forgiven; 100 forgives none.")
    ] = 5
    two_from: Annotated[int, Interval(ge=3, le=100), Doc("Letters a word needs for two typos to be forgiven.")] = 9


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How queries are matched and ranked, and how large a request may be."""

    lexical_candidates: Annotated[
        int, Interval(ge=10, le=10_000), Doc("Best products by words that enter the fusion.")
    ] = 200
    dense_candidates: Annotated[
        int, Interval(ge=10, le=10_000), Doc("Best products by meaning that enter the fusion.")
    ] = 100
    dense_weight: Annotated[
        Share, Doc("Share of meaning in the fused score, the rest being words; evidence in the query moves it.")
    ] = 0.5
    relevance_floor: Annotated[
        Share,
        Doc(
            "Relevance that the best product found by meaning alone must reach, on the encoder's scale from unrelated "
            "(0) to a good answer (1); below it, nothing is relevant. 0 shows everything."
        ),
    ] = 0.4
    prefix: Annotated[bool, Doc("Whether the last word of a query also matches as the beginning of a word.")] = True
    max_page_size: Annotated[int, Interval(ge=1, le=10_000), Doc("Most hits one answer may hold.")] = 1000
    max_offset: Annotated[
        int, Interval(ge=0, le=10_000_000), Doc("Most hits a request may skip; export the catalogue to go further.")
    ] = 100_000
    max_query_length: Annotated[
        int, Interval(ge=1, le=100_000), Doc("Most characters a query may have; a longer one is refused.")
    ] = 1024
    max_facets: Annotated[int, Interval(ge=1, le=1000), Doc("Most facets one request may ask for.")] = 32
    max_facet_values: Annotated[
        int, Interval(ge=1, le=100_000), Doc("Most values that are counted per facet, the most frequent ones.")
    ] = 100
    weights: FieldWeights = field(default_factory=FieldWeights)
    typos: TypoSettings = field(default_factory=TypoSettings)


@dataclass(frozen=True, slots=True)
class PersonalizationSettings:
    """How far what a shopper did moves what a search with `shopper` shows them."""

    strength: Annotated[
        Share,
        Doc(
            "How much a shopper's profile counts: at 1 it adds up to 0.25 to a score, of which words and meaning make "
            "about 1; 0 switches it off."
        ),
    ] = 0.5


@dataclass(frozen=True, slots=True)
class AdsSettings:
    """Sponsored products on the pages of search results; none are shown before a campaign runs."""

    slots: Annotated[
        tuple[int, ...],
        Len(0, 8),
        Predicate(_rising),
        Doc("Positions on the page that ads may take, from 1; [] shows none.", allowed="a rising list of numbers"),
    ] = (4, 9)
    floor: Annotated[Share, Doc("Quantile of the page's own scores that an ad's score must reach.")] = 0.25
    auction: Annotated[
        Literal["vcg", "gsp"],
        Doc("What a click costs; vcg: what the ad costs the others, gsp: what is needed to keep the place."),
    ] = "vcg"
    reserve: Annotated[
        str,
        Len(1, 20),
        Predicate(_amount),
        Doc("The least that a click costs, in the shop's currency.", allowed="an amount such as 0.05, in quotes"),
    ] = "0.01"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The HTTP service."""

    host: Annotated[str, Len(1, 255), Doc("Address to listen on; 0.0.0.0 is every address of the machine.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Interval(ge=1, le=65_535), Doc("Port to listen on.")] = 8000
    workers: Annotated[int, Interval(ge=1, le=256), Doc("Processes that answer; one per core is a good number.")] = 1
    keys: Annotated[
        Literal["auto", "always", "never"],
        Doc(
            "Whether a request needs an API key; auto: once a key has been made, or when others than this machine can "
            "connect."
        ),
    ] = "auto"
    cors: Annotated[
        tuple[str, ...],
        Doc("Origins of the pages whose scripts may call.", allowed="a list of origins such as https://shop.example"),
    ] = ()
    body_limit: Annotated[int, Interval(ge=1024, le=1_073_741_824), Doc("Most bytes a request's body may have.")] = (
        10_485_760
    )
    rate: Annotated[
        int, Interval(ge=0, le=1_000_000), Doc("Requests a minute allowed per key or address; 0 is no limit.")
    ] = 0


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """How feeds are read."""

    guard: Annotated[
        Share,
        Doc("Share of the products that a full-feed sync must keep; fewer is taken for a broken feed. 0 lets all go."),
    ] = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one shop."""

    shop: ShopSettings = field(default_factory=ShopSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    reranker: RerankerSettings = field(default_factory=RerankerSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    personalization: PersonalizationSettings = field(default_factory=PersonalizationSettings)
    ads: AdsSettings = field(default_factory=AdsSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
