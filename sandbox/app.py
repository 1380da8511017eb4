"""The sandbox as one ASGI application: a folder per provider, a mailbox, the control calls and a page that explains
them."""

from collections.abc import Mapping

from sandbox.airtable.app import airtable
from sandbox.core.asgi import App, Receive, Scope, Send
from sandbox.core.control import control_app
from sandbox.core.guard import Guard
from sandbox.core.stage import Stage
from sandbox.core.state_file import StateFile
from sandbox.core.world import World
from sandbox.google.app import google
from sandbox.google.control import GOOGLE_CALLS
from sandbox.home import home
from sandbox.hubspot.app import hubspot
from sandbox.mail import mail_routes
from sandbox.notion.app import notion
from sandbox.settings import SandboxSettings
from sandbox.slack.app import slack

PROVIDERS = (hubspot, notion, slack, airtable, google)


def create_app(settings: SandboxSettings) -> App:
    """Raises StateFileUnreadable."""
    providers = [make(settings) for make in PROVIDERS]
    worlds = {provider.slug: World(provider, settings) for provider in providers}
    state_file = StateFile(settings.state_file, worlds)
    state_file.load()
    stages = {slug: Stage(world, world.provider.app(world), state_file) for slug, world in worlds.items()}
    return Guard(Folders(stages, control_app(worlds, state_file, [home, mail_routes(), *GOOGLE_CALLS]), state_file))


class Folders:
    """Leads each request to the provider whose folder it names, and everything else to ``rest``."""

    def __init__(self, stages: Mapping[str, App], rest: App, state_file: StateFile) -> None:
        self._stages, self._rest, self._state_file = stages, rest, state_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._stages.get(scope["path"].split("/")[1], self._rest)(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            if (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._state_file.save()
                await send({"type": "lifespan.shutdown.complete"})
                return
