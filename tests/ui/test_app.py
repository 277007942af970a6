"""What the application refuses to be set up as."""

import pytest

from index.errors import ConfigInvalid
from qa.config import AccessSettings, Config, ServerSettings
from ui.app import _hosts, check_listening, checked_root_path


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_this_machine_may_be_listened_on_without_sign_in(host):
    check_listening(host, AccessSettings())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "qa.example"])
def test_the_network_is_let_in_only_by_sign_in_or_by_saying_so(host):
    with pytest.raises(ConfigInvalid, match="sign_in = true, or open_to_all"):
        check_listening(host, AccessSettings())
    check_listening(host, AccessSettings(sign_in=True))
    check_listening(host, AccessSettings(open_to_all=True))


@pytest.mark.parametrize(("given", "used"), [("", ""), ("/", ""), ("/kb", "/kb"), ("/kb/", "/kb"), ("/a/b", "/a/b")])
def test_a_root_path_is_written_in_one_way(given, used):
    assert checked_root_path(given) == used


@pytest.mark.parametrize("given", ["kb", "//kb", "/kb?x", "/../kb", '/"', "/k b", "/b\u00fcro", "/kb;x", "/kb\nx"])
def test_what_is_no_root_path_is_refused(given):
    with pytest.raises(ConfigInvalid, match="name the path"):
        checked_root_path(given)


@pytest.mark.parametrize("given", ["/api", "/docs", "/articles/x", "/gradio_api", "/assets", "/health"])
def test_a_root_path_is_none_of_our_own(given):
    with pytest.raises(ConfigInvalid, match="own paths"):
        checked_root_path(given)


@pytest.mark.parametrize("access", [{}, {"sign_in": True}, {"open_to_all": True}])
def test_names_are_the_same_in_small_and_large_letters(access):
    config = Config(server=ServerSettings(hosts=("Intranet.Example",)), access=AccessSettings(**access))
    assert "intranet.example" in _hosts(config)
