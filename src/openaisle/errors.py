"""Every error a user can meet. Each says what is wrong and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class OpenAisleError(Exception):
    """Base of all errors shown to users.

    `title` names the kind of problem (stable, one line), `detail` says what happened this time, `mend` what to do.
    `exit_status` is the command's exit status (1 the work failed, 2 the call was wrong), `http_status` the answer's.
    """

    title: ClassVar[str] = "OpenAisle failed"
    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, detail: str, mend: str) -> None:
        super().__init__(f"{detail} {mend}")
        self.detail = detail
        self.mend = mend

    @property
    def type(self) -> str:
        """The stable machine name, such as `FilterSyntaxError`."""
        return type(self).__name__

    def as_dict(self) -> dict[str, str]:
        return {"type": self.type, "title": self.title, "detail": self.detail, "mend": self.mend}


class BadRequest(OpenAisleError):
    """The call itself is wrong; repeating it will not help."""

    title = "The request is not valid"
    exit_status = 2
    http_status = 400


# Settings and shop


class SettingsError(BadRequest):
    """openaisle.toml or an environment variable holds something that cannot be used."""

    title = "A setting is not valid"


class ShopNotFound(BadRequest):
    """The folder is not a shop."""

    title = "No shop here"
    http_status = 404


class ShopExists(BadRequest):
    """`openaisle init` was asked to make a shop where one already is."""

    title = "There is already a shop here"
    http_status = 409


class ShopLocked(OpenAisleError):
    """Another process is writing to this shop."""

    title = "The shop is being written by another process"
    http_status = 409


class StorageError(OpenAisleError):
    """The disk or database refused: full, read-only, unreachable."""

    title = "The store cannot be read or written"
    http_status = 503


# Catalogue


class FeedError(BadRequest):
    """The feed as a whole cannot be read (a single bad row is a reject, never an error)."""

    title = "The feed cannot be read"


class FeedShrunk(OpenAisleError):
    """A full-feed sync would retire more products than the guard allows."""

    title = "The feed lost most of its products"
    http_status = 409


class ProductNotFound(BadRequest):
    """No product has this id."""

    title = "No such product"
    http_status = 404


class InvalidProduct(BadRequest):
    """A product sent one by one does not pass validation."""

    title = "The product is not valid"
    http_status = 422


# Events


class EventsError(BadRequest):
    """A file of events cannot be read (a single bad row is a reject, never an error)."""

    title = "The events cannot be read"


class InvalidEvent(BadRequest):
    """An event sent one by one does not pass validation."""

    title = "The event is not valid"
    http_status = 422


# Search


class FilterSyntaxError(BadRequest):
    """A filter expression does not parse; the detail shows the position."""

    title = "The filter does not parse"


class UnknownField(BadRequest):
    """A filter, facet or sort names a field that no product has."""

    title = "Unknown field"


class WrongKind(BadRequest):
    """A filter or facet asks for an order among values that are not numbers."""

    title = "The field holds values of another kind"


class LimitExceeded(BadRequest):
    """A query, page, filter or body is larger than the limit."""

    title = "A limit was exceeded"


class IndexMismatch(OpenAisleError):
    """The index was built with another encoder, analysis or schema than the one that would read it."""

    title = "The index does not fit this version"
    http_status = 503


class IndexCorrupt(OpenAisleError):
    """A file of the index is missing or damaged."""

    title = "The index is damaged"
    http_status = 503


# Models


class ModelError(OpenAisleError):
    """A model cannot be found, read or run."""

    title = "The model cannot be used"


class ModelNotFound(BadRequest):
    """The shop's registry has no model or version of this name."""

    title = "No such model"
    http_status = 404


class ModelInUse(OpenAisleError):
    """A model that the shop uses, or may go back to, cannot be deleted."""

    title = "The model is in use"
    http_status = 409


class PromotionRefused(OpenAisleError):
    """A guarded metric fell, or the model does not fit the shop; nothing was changed."""

    title = "The model was not promoted"
    http_status = 409


class QueriesError(BadRequest):
    """A file of queries cannot be read."""

    title = "The queries cannot be read"


class MissingExtra(BadRequest):
    """An optional part is not installed."""

    title = "An optional part is not installed"


class NotTrained(BadRequest):
    """The shop's recommendations were never trained."""

    title = "There are no recommendations yet"
    http_status = 409


class TooFewEvents(BadRequest):
    """There are too few events to measure what was asked for."""

    title = "There are too few events"


class RecommendationsCorrupt(OpenAisleError):
    """A file of the trained recommendations is missing or damaged."""

    title = "The recommendations are damaged"
    http_status = 503


# Learning


class RecipeError(BadRequest):
    """A recipe holds something that cannot be used."""

    title = "The recipe is not valid"


class TrainingError(OpenAisleError):
    """A training cannot start, go on, or be resumed."""

    title = "The training cannot go on"


class TrainingDiverged(TrainingError):
    """The loss is no number any more."""

    title = "The training diverged"


class ExportError(OpenAisleError):
    """A trained model cannot be written so that it runs without PyTorch, or what was written answers differently."""

    title = "The model cannot be exported"


# Evaluation


class JudgmentsError(BadRequest):
    """The judgments file cannot be read."""

    title = "The judgments cannot be read"


class RunError(BadRequest):
    """A saved run cannot be read or written."""

    title = "The saved run cannot be used"


class DataError(BadRequest):
    """Data to learn from cannot be read, or cannot be learnt from."""

    title = "The data cannot be used"


class ExperimentError(BadRequest):
    """An experiment, a log of decisions or a trial cannot be read, or nothing can be told from it."""

    title = "The experiment cannot be used"


# Ads


class InvalidCampaign(BadRequest):
    """A campaign holds something that cannot be used."""

    title = "The campaign is not valid"
    http_status = 422


class CampaignExists(BadRequest):
    """A campaign has this id already."""

    title = "There is such a campaign already"
    http_status = 409


class CampaignNotFound(BadRequest):
    """No campaign has this id."""

    title = "No such campaign"
    http_status = 404


class InvalidAdToken(BadRequest):
    """A click names a showing that this shop did not make, or names another ad than the one shown."""

    title = "The ad was not shown by this shop"
    http_status = 422


# Server


class Unauthorized(BadRequest):
    """No key, or a key that is not known."""

    title = "A valid key is needed"
    http_status = 401


class Forbidden(BadRequest):
    """The key is known but its scope does not allow this."""

    title = "The key's scope does not allow this"
    http_status = 403


class PortInUse(OpenAisleError):
    """The address to serve on is taken."""

    title = "The port is in use"


class KeyNotFound(BadRequest):
    """No API key in use has this id or prefix."""

    title = "No such key"
    http_status = 404


class TaskNotFound(BadRequest):
    """No task has this id."""

    title = "No such task"
    http_status = 404


class BodyNotReadable(BadRequest):
    """A request's body is not what its content type says."""

    title = "The body cannot be read"


class BodyTooLarge(BadRequest):
    """A request's body is larger than the limit."""

    title = "The body is too large"
    http_status = 413


class UnsupportedMediaType(BadRequest):
    """A body of a type that this address does not take."""

    title = "The body has the wrong type"
    http_status = 415


class TooManyRequests(BadRequest):
    """A key or an address asked more often than it may."""

    title = "Too many requests"
    http_status = 429
