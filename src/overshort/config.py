"""Settings: flag > environment > project file > user file > default.

The project file is ``overshort.toml`` in the working directory, the user file ``config.toml`` in the user's
configuration folder.  Both hold plain keys, for example ``home = "/data/overshort"``.
Keys of paid services are no settings: they stand in the environment only, and in no file of this program.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from overshort.errors import ConfigError

__all__ = ["SETTINGS", "Setting", "Settings", "load"]

PROJECT_FILE = "overshort.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its environment variable, how its text is read, its default, what it does."""

    name: str
    variable: str
    read: Callable[[str], object]
    default: Callable[[], object]
    about: str


def _path(text: str) -> Path:
    if not text.strip():
        raise ValueError("it is empty")
    return Path(text).expanduser().absolute()


def _default_home() -> Path:
    return user_data_path("overshort", appauthor=False)


def _agent(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise ValueError("a user agent is one line of plain letters")
    return text.strip()


SETTINGS: Mapping[str, Setting] = {
    s.name: s
    for s in (
        Setting("home", "OVERSHORT_HOME", _path, _default_home, "folder of the local store"),
        Setting(
            "user_agent",
            "OVERSHORT_USER_AGENT",
            _agent,
            str,
            "who asks publishers' servers, such as 'Jane Doe jane@example.com'; the SEC answers nobody else",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, and where each came from."""

    home: Path
    user_agent: str
    origin: Mapping[str, str]


def _file(path: Path) -> Mapping[str, object]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} cannot be read as TOML ({error}); mend it or move it away") from None
    if unknown := sorted(set(found) - set(SETTINGS)):
        raise ConfigError(f"{path} sets {', '.join(unknown)}, which no setting is called; known: {', '.join(SETTINGS)}")
    return found


def _value(setting: Setting, raw: object, origin: str) -> object:
    if not isinstance(raw, str):
        raise ConfigError(f"{setting.name} = {raw!r} ({origin}) is not text; put it in quotes")
    try:
        return setting.read(raw)
    except ValueError as error:
        raise ConfigError(f"{setting.name} = {raw!r} ({origin}) cannot be used: {error}; give a valid value") from None


def load(
    flags: Mapping[str, str | None] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    project: Path | None = None,
    user: Path | None = None,
) -> Settings:
    """Resolve every setting.

    Parameters
    ----------
    flags
        Values given on the command line; ``None`` values count as not given.
    environment
        The environment; the process's own where left out.
    project, user
        The two files; ``overshort.toml`` here and ``config.toml`` in the user's configuration folder where left out.

    Raises
    ------
    ConfigError
        If a file is no TOML, sets an unknown key, or a value cannot be used.
    """
    environment = os.environ if environment is None else environment
    project = Path(PROJECT_FILE) if project is None else project
    user = user_config_path("overshort", appauthor=False) / "config.toml" if user is None else user
    layers: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("flag", {k: v for k, v in (flags or {}).items() if v is not None}),
        ("environment", {s.name: environment[s.variable] for s in SETTINGS.values() if environment.get(s.variable)}),
        (str(project), _file(project)),
        (str(user), _file(user)),
    )
    values: dict[str, object] = {}
    origin: dict[str, str] = {}
    for setting in SETTINGS.values():
        where = next(((o, layer[setting.name]) for o, layer in layers if setting.name in layer), None)
        values[setting.name] = setting.default() if where is None else _value(setting, where[1], where[0])
        origin[setting.name] = "default" if where is None else where[0]
    home, agent = values["home"], values["user_agent"]
    assert isinstance(home, Path)
    assert isinstance(agent, str)
    return Settings(home=home, user_agent=agent, origin=origin)
