import pytest
from django.db import connection
from django.test import override_settings


def test_alive_asks_nothing(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_database_and_broker_answer(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "broker": "ok"})


@pytest.mark.django_db
@override_settings(REDIS_URL="redis://127.0.0.1:9/0")
def test_a_broker_that_is_away_does_not_count(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "broker": "down"})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_down_is_a_plain_503(client, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    connection.close()
    client.raise_request_exception = False
    try:
        pages = client.get("/profile/", headers={"cookie": "sessionid=anything"})
        ready = client.get("/readyz")
    finally:
        connection.close()
        monkeypatch.undo()
    assert pages.status_code == 503
    assert pages["Retry-After"] == "30"
    assert "default-src 'none'" in pages["Content-Security-Policy"]
    assert "Back in a moment" in pages.content.decode()
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
