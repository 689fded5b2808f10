"""Precedence of settings, and what happens to settings that cannot be used."""

from pathlib import Path

import pytest

from overshort import config
from overshort.errors import ConfigError

NOWHERE = Path("/nonexistent/overshort.toml")


def loaded(tmp_path: Path, **layers: str) -> config.Settings:
    files = {}
    for name in ("project", "user"):
        files[name] = tmp_path / f"{name}.toml"
        if name in layers:
            files[name].write_text(f'home = "{layers[name]}"\n')
    environment = {"OVERSHORT_HOME": layers["environment"]} if "environment" in layers else {}
    return config.load({"home": layers.get("flag")}, environment=environment, **files)


def test_flag_environment_project_user_default(tmp_path: Path) -> None:
    layers = {"flag": "/f", "environment": "/e", "project": "/p", "user": "/u"}
    for name in tuple(layers):
        assert loaded(tmp_path, **layers).home == Path(layers[name])
        del layers[name]
        for file in tmp_path.glob("*.toml"):
            file.unlink()
    found = loaded(tmp_path)
    assert found.origin == {"home": "default", "user_agent": "default"}
    assert found.user_agent == ""
    assert found.home.name == "overshort"


def test_origin_names_the_layer(tmp_path: Path) -> None:
    assert loaded(tmp_path, environment="/e").origin["home"] == "environment"
    assert loaded(tmp_path, project="/p").origin["home"] == str(tmp_path / "project.toml")


def test_a_user_agent_is_one_plain_line() -> None:
    said = {"OVERSHORT_USER_AGENT": " Jane Doe jane@example.com "}
    assert config.load(environment=said, project=NOWHERE, user=NOWHERE).user_agent == "Jane Doe jane@example.com"
    with pytest.raises(ConfigError, match="user_agent"):
        config.load(environment={"OVERSHORT_USER_AGENT": "a\nHost: b"}, project=NOWHERE, user=NOWHERE)


@pytest.mark.parametrize("text", ["home = ", "home = 3", 'hom = "/x"', 'home = " "'])
def test_a_bad_file_is_refused_with_the_key_or_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load(environment={}, project=tmp_path / "bad.toml", user=NOWHERE)
    assert "bad.toml" in str(caught.value)


def test_every_setting_has_a_variable_and_a_text() -> None:
    for name, setting in config.SETTINGS.items():
        assert setting.variable == f"OVERSHORT_{name.upper()}"
        assert setting.about
