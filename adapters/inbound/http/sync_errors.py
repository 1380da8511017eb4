"""Why a sync did not go well, in words that a person can act on."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["reconnect", "wait", "contact_admin", "sync_again"]


@dataclass(frozen=True, slots=True)
class Explanation:
    detail: str
    next_step: str
    action: Action


_EXPLANATIONS = {
    "needs_reauth": Explanation("The provider no longer accepts our access.", "Reconnect the account.", "reconnect"),
    "provider_unavailable": Explanation("The provider cannot be reached.", "Wait a while, then sync again.", "wait"),
    "provider_throttled": Explanation(
        "The provider asks us to slow down.", "Wait: the sync goes on by itself.", "wait"
    ),
    "quota_exceeded": Explanation(
        "The account has used up what the provider allows it.",
        "Wait until the provider's next period, or ask the provider's administrator for a larger plan.",
        "wait",
    ),
    "client_refused": Explanation(
        "The provider does not accept this installation.",
        "Ask the administrator of this installation to check its client id and secret.",
        "contact_admin",
    ),
    "provider_not_configured": Explanation(
        "This installation has no client id and secret for the provider any more.",
        "Ask the administrator of this installation to set them.",
        "contact_admin",
    ),
    "access_forbidden": Explanation(
        "The account may not read some of this.",
        "Ask the provider's administrator for access, then reconnect the account.",
        "reconnect",
    ),
    "listing_incomplete": Explanation(
        "The provider does not show all that there is.", "Share less at once with it, then sync again.", "sync_again"
    ),
    "answer_too_large": Explanation(
        "The provider's answer is larger than can be taken.", "Divide what is so large, then sync again.", "sync_again"
    ),
    "cursor_expired": Explanation(
        "The provider forgets how far it was read, again and again.", "Sync again later.", "wait"
    ),
    "cursor_loop": Explanation(
        "The provider's listing does not end.", "Sync again; if it stays, report it.", "sync_again"
    ),
    "disconnected": Explanation("The account was disconnected meanwhile.", "Connect it again to go on.", "reconnect"),
}
_OTHERWISE = Explanation(
    "The provider's answer could not be read.", "Sync again; if it stays, report it.", "sync_again"
)


def explain(code: str) -> Explanation:
    return _EXPLANATIONS.get(code, _OTHERWISE)
