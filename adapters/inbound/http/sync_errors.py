"""Why a sync did not go well, in words that a person can act on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    detail: str
    next_step: str


_EXPLANATIONS = {
    "needs_reauth": Explanation("The provider no longer accepts our access.", "Reconnect the account."),
    "provider_unavailable": Explanation("The provider cannot be reached.", "Wait a while, then sync again."),
    "provider_throttled": Explanation("The provider asks us to slow down.", "Wait: the sync goes on by itself."),
    "access_forbidden": Explanation(
        "The account may not read this.", "Ask the provider's administrator for access, then reconnect the account."
    ),
    "cursor_loop": Explanation("The provider's listing does not end.", "Sync again; if it stays, report it."),
    "disconnected": Explanation("The account was disconnected meanwhile.", "Connect it again to go on."),
}
_OTHERWISE = Explanation("The provider's answer could not be read.", "Sync again; if it stays, report it.")


def explain(code: str) -> Explanation:
    return _EXPLANATIONS.get(code, _OTHERWISE)
