"""What a user can put right: one subclass for each remedy, one line that says what happened and what to do."""


class UserError(Exception):
    """Shown as one line, without a traceback."""


class InputMissing(UserError):
    """A path or pattern that was named matches nothing."""


class ConfigInvalid(UserError):
    """config.toml holds an unknown key or a value of the wrong kind."""


class IndexMissing(UserError):
    """There is no index in the directory."""


class IndexBroken(UserError):
    """The store cannot be read as an index."""


class IndexNewer(UserError):
    """The index was made by a newer version of this program."""


class IndexBusy(UserError):
    """Another process is writing to the index."""


class IndexReadOnly(UserError):
    """The index directory cannot be written: permissions or a full disk."""


class ModelMismatch(UserError):
    """The index was made with another embedding model or another language."""


class ModelMissing(UserError):
    """The embedding model cannot be loaded or is not the one it should be."""


class FilterInvalid(UserError):
    """A filter asks for something that cannot be."""


class QuestionInvalid(UserError):
    """The question is empty or too long."""


class RiskUnreachable(UserError):
    """No confidence threshold keeps the risk that was asked for."""


class FeedbackInvalid(UserError):
    """A verdict is on no answer from these articles."""


class FeedbackUnkept(UserError):
    """A verdict on an answer cannot be written down."""


class QuestionsUnusable(UserError):
    """A file of questions holds none, or cannot be read."""
