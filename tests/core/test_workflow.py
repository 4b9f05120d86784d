import pytest

from core.workflow import Move, MoveRefused, Workflow

DOOR = Workflow(
    [
        Move("open", ("shut",), "ajar", ("guest", "guard")),
        Move("lock", ("shut", "ajar"), "locked", ("guard",)),
    ],
    noun="door",
)


def test_a_move_in_the_table_gives_its_target():
    assert DOOR.target("open", "shut", {"guest"}) == "ajar"


def test_a_move_from_another_state_is_refused_with_the_state_in_words():
    with pytest.raises(MoveRefused) as refusal:
        DOOR.target("open", "locked", {"guard"})
    assert refusal.value.message == "This door is locked now, so that is no longer possible."


def test_a_move_by_another_role_is_refused():
    with pytest.raises(MoveRefused) as refusal:
        DOOR.target("lock", "shut", {"guest"})
    assert refusal.value.message == "You cannot do that with this door."


def test_available_lists_what_the_roles_may_do_now():
    assert [move.name for move in DOOR.available("shut", {"guest"})] == ["open"]
    assert [move.name for move in DOOR.available("shut", {"guest", "guard"})] == ["open", "lock"]
    assert DOOR.available("locked", {"guard"}) == []


def test_the_diagram_has_a_line_for_each_source():
    assert DOOR.diagram().splitlines() == [
        "stateDiagram-v2",
        "    shut --> ajar: open (guest, guard)",
        "    shut --> locked: lock (guard)",
        "    ajar --> locked: lock (guard)",
    ]
