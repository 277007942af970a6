"""Who asks: a key, a signed token or a trusted proxy's word → an Asker with groups."""

from ui.signin.asker import ANONYMOUS, Asker, SignInFailed
from ui.signin.keys import Key, Keys
from ui.signin.signin import SignIn
from ui.signin.tokens import Tokens

__all__ = ["ANONYMOUS", "Asker", "Key", "Keys", "SignIn", "SignInFailed", "Tokens"]
