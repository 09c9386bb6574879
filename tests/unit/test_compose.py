"""docker-compose.yml, held without a Docker engine: its schema, its promises, its commands."""

import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from django.conf import settings

from storemonitor.launch import services
from tests.paths import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
LASTING = ("postgres", "redis", "web", "proxy", "tls", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


def test_it_is_valid_by_the_compose_schema():
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [sys.executable, *command, ROOT / "docker-compose.yml"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_it_has_the_processes_of_the_production_start():
    assert set(SERVICES) == {"secrets", *LASTING, *OURS}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["tls"]


def test_it_keeps_the_queue_over_a_restart_and_drops_no_task():
    options = SERVICES["redis"]["command"][-1].replace("\\\n", " ")
    options = " ".join(options.split())
    assert "--appendonly yes" in options
    assert "--maxmemory-policy noeviction" in options


@pytest.mark.parametrize("name", LASTING)
def test_it_checks_the_health_of_every_lasting_process(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_it_keeps_data_in_named_volumes():
    mounted = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(COMPOSE["volumes"])
    assert {"pgdata", "redisdata", "media"} <= mounted


def test_it_gives_web_and_workers_the_same_files():
    assert SERVICES["web"]["volumes"] == SERVICES["worker"]["volumes"]
    folder = SERVICES["web"]["volumes"][0].partition(":")[2]
    assert f"VAR_DIR={folder} " in DOCKERFILE


@pytest.mark.parametrize("name", OURS)
def test_it_runs_one_image(name):
    assert SERVICES[name]["image"] == COMPOSE["x-application"]["image"]
    assert SERVICES[name]["init"] is True


@pytest.mark.parametrize("name", SERVICES)
def test_it_gives_no_more_rights_than_needed(name):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_it_limits_memory_and_processes(name):
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])
    assert SERVICES[name]["pids_limit"] <= 256


@pytest.mark.parametrize("name", sorted({*SERVICES} - {"secrets", *OURS}))
def test_it_names_exact_versions_of_the_images_of_others(name):
    assert re.search(r":\d+\.\d+(\.\d+)?(-alpine)?$", SERVICES[name]["image"])
    assert re.search(r"^FROM python:3\.\d+\.\d+-slim$", DOCKERFILE, re.MULTILINE)


def test_it_shows_each_password_only_to_those_who_need_it():
    def having(volume):
        return {
            name: mount.rpartition(":")[2]
            for name, service in SERVICES.items()
            for mount in service.get("volumes", [])
            if mount.startswith(f"{volume}:")
        }

    ours = dict.fromkeys(OURS, "ro")
    made = {"secrets": having("database-secret")["secrets"]}
    assert having("database-secret") == {**made, **ours, "postgres": "ro"}
    made = {"secrets": having("queue-secret")["secrets"]}
    assert having("queue-secret") == {**made, **ours, "redis": "ro"}
    assert SERVICES["secrets"]["network_mode"] == "none"


def test_it_has_no_password_in_an_environment():
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            assert "PASSWORD" not in variable or value.startswith("/run/secrets/"), variable
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), variable


@pytest.fixture
def make_passwords(tmp_path):
    """Return what makes the passwords, below this folder."""
    for name in ("database", "queue"):
        (tmp_path / name).mkdir()
    *shell, script = SERVICES["secrets"]["command"]
    script = script.replace("$$", "$").replace("/run/secrets", str(tmp_path))

    def run():
        subprocess.run([*shell, script], check=True)
        return [(tmp_path / name / "password").read_text() for name in ("database", "queue")]

    return run


def test_it_makes_passwords_once(make_passwords, tmp_path):
    first = make_passwords()
    assert all(re.fullmatch(r"[a-zA-Z0-9]{35,44}", password) for password in first)
    assert first[0] != first[1]
    assert make_passwords() == first
    assert not [*tmp_path.glob("*/new")]


def test_it_makes_a_password_again_that_was_not_written_completely(make_passwords, tmp_path):
    (tmp_path / "queue/password").touch()
    (tmp_path / "queue/new").write_text("half")
    assert len(make_passwords()[1]) >= 35


def test_it_does_not_run_as_root():
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users[-1:] not in ([], ["root"], ["0"])
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.index("pip install")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_it_starts_after_the_migration_and_the_queue(name):
    conditions = {key: value["condition"] for key, value in SERVICES[name]["depends_on"].items()}
    assert conditions == {
        "migrate": "service_completed_successfully",
        "redis": "service_healthy",
    }


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_it_starts_servers_once_their_passwords_are_made(name):
    condition = SERVICES[name]["depends_on"]["secrets"]["condition"]
    assert condition == "service_completed_successfully"


def test_it_migrates_once_the_database_is_up():
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize(
    ("name", "command"),
    [("web", services.WEB), ("worker", services.WORKER), ("beat", services.BEAT)],
)
def test_it_runs_the_commands_that_the_launcher_and_the_end_to_end_tests_run(name, command):
    assert SERVICES[name]["command"] == list(command)


@pytest.mark.parametrize("name", OURS)
def test_it_names_only_commands_that_exist(name):
    program, *arguments = SERVICES[name]["command"]
    assert program == "python" or importlib.util.find_spec(program)
    if program == "python":
        assert (ROOT / arguments[0]).is_file()
        assert f"COPY {arguments[0]} " in DOCKERFILE


def test_it_shows_the_database_and_the_queue_to_nobody_outside():
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "web"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert SERVICES["proxy"]["ports"] == ["${PUBLISH:-127.0.0.1:8000}:8080"]


def test_its_proxy_takes_what_the_application_takes_and_is_counted_as_one():
    said = "".join((ROOT / one["file"]).read_text() for one in COMPOSE["configs"].values())
    sizes = [int(size) * 1024 * 1024 for size in re.findall(r"client_max_body_size (\d+)m;", said)]
    assert sizes == [settings.MAX_JSON_BYTES, settings.MAX_UPLOAD_BYTES]
    assert "server web:8000;" in said
    assert "listen 8080;" in said
    assert "listen 8443 ssl;" in said
    assert SERVICES["tls"]["ports"] == ["${PUBLISH_TLS:-443}:8443"]
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-1}"


def test_it_starts_without_any_setting():
    text = (ROOT / "docker-compose.yml").read_text()
    assert len(VARIABLE.findall(text)) == len(re.findall(r"\$\{[A-Z_]+:-", text))


def test_it_lists_every_setting_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text()
    listed = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(listed) == set(VARIABLE.findall(text))


def test_it_is_said_which_settings_it_passes_on():
    tables, _, under_compose = (
        (ROOT / "docs/configuration.md").read_text().partition("## Under docker compose")
    )
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", tables, re.MULTILINE))
    said = re.findall(r"`([A-Z_]+)`", under_compose.partition("`.env.example`")[0])
    passed_on = set(VARIABLE.findall(str(COMPOSE["x-application"]["environment"])))
    assert set(said) == passed_on & documented


def test_it_puts_every_package_of_ours_into_the_image():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for package in project["tool"]["importlinter"]["root_packages"]:
        assert f"COPY {package} {package}" in DOCKERFILE
        assert f"!{package}\n" in (ROOT / ".dockerignore").read_text()
