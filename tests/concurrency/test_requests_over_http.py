"""Many patients, few slots: over HTTP, against real web processes, on the database at hand."""

import secrets

from tests.support.live import wait_until

from .conftest import new_key, statuses

CLIENTS = 200
ROUNDS = 5


def together(arena, people, tokens, keys=None):
    arena.do("forget_origins")
    return arena.post_together(
        [
            (person["session"], token, keys[number] if keys else new_key())
            for number, (person, token) in enumerate(zip(people, tokens, strict=True))
        ]
    )


def test_two_hundred_clients_one_slot_five_rounds(arena):
    """pains 1: exactly one appointment a round, 199 polite pages with the nearest free times, one message each."""
    stage = arena.do("stage")
    people = arena.do("crowd", count=CLIENTS)
    for day in range(ROUNDS):
        answers = together(arena, people, [stage["tokens"][f"0:{day}:4"]] * CLIENTS)
        assert statuses(answers) == {302: 1, 409: CLIENTS - 1}, sorted({a.body[:200] for a in answers if not a.status})
        lost = [(number, answer) for number, answer in enumerate(answers) if answer.status == 409]
        for number, answer in lost:
            assert answer.body.count('name="slot"') >= 3, "no other times are offered"
            assert f"Words {number}" in answer.body, "what was typed is lost"
    facts = arena.do("facts", provider=stage["provider"])
    assert len(facts["appointments"]) == facts["holds"] == ROUNDS
    assert facts["overlaps"] == 0
    winners = {row["pk"]: row["patient_id"] for row in facts["appointments"]}
    expected = [[pk, "bookings.patient_request_received", patient] for pk, patient in winners.items()]
    expected += [[pk, "bookings.provider_request_received", stage["owner"]] for pk in winners]
    assert sorted(facts["messages"]) == sorted(expected)
    # and out they go, once each
    arena.site.start_worker()
    arena.site.start_beat()
    try:
        wait_until(lambda: len(arena.site.mails(to=stage["owner_email"])) >= ROUNDS, seconds=45, what="the e-mails")
        assert len(arena.site.mails(to=stage["owner_email"])) == ROUNDS
        # The site is shared with the other races: their messages go out as well, each once too.
        sent = [mail["Message-ID"] for mail in arena.site.mails()]
        assert len(sent) == len(set(sent))
    finally:
        arena.site.stop("beat")
        arena.site.stop("worker")


def test_overlapping_starts_of_different_length(arena):
    """pains 5 and 11: three hours and half hours of one practitioner, at once: no two of them overlap."""
    stage = arena.do("stage", durations=[180])
    people = arena.do("crowd", count=60)
    for day in range(3):
        wanted = [stage["tokens"][f"{service}:{day}:{half}"] for service, half in
                  ((1, 2), (1, 3), (1, 5), (0, 5), (0, 6), (1, 8))]  # fmt: skip
        answers = together(arena, people, [wanted[number % len(wanted)] for number in range(len(people))])
        assert set(statuses(answers)) == {302, 409}
        assert 1 <= statuses(answers)[302] <= 3
    facts = arena.do("facts", provider=stage["provider"])
    assert facts["overlaps"] == 0
    assert len(facts["appointments"]) == facts["holds"]


def test_one_patient_asks_twice_at_once(arena):
    """pains 1: two windows of one person, two practitioners, one time: one request; a double click: the same one."""
    first, second = arena.do("stage"), arena.do("stage")
    people = arena.do("crowd", count=2)
    tokens = [stage["tokens"]["0:0:6"] for stage in (first, second)]
    answers = together(arena, [people[0]] * 20, tokens * 10)
    assert statuses(answers) == {302: 1, 409: 19}
    assert sum(len(arena.do("facts", provider=stage["provider"])["appointments"]) for stage in (first, second)) == 1
    key = new_key()
    answers = together(arena, [people[1]] * 20, [first["tokens"]["0:1:6"]] * 20, keys=[key] * 20)
    assert statuses(answers) == {302: 20}
    assert len({answer.location for answer in answers}) == 1


def test_thirty_for_anyone_of_three_doctors(arena):
    """pains 4: assignment and insert are one: three win, each with another doctor, and nothing overlaps."""
    stage = arena.do("stage", practitioners=3)
    people = arena.do("crowd", count=30)
    for day in range(2):
        answers = together(arena, people, [stage["tokens"][f"0:{day}:8"]] * 30)
        assert statuses(answers) == {302: 3, 409: 27}
    facts = arena.do("facts", provider=stage["provider"])
    assert facts["overlaps"] == 0
    by_time: dict[str, set[int]] = {}
    for row in facts["appointments"]:
        by_time.setdefault(row["starts_at"], set()).add(row["practitioner_id"])
    assert [people == set(stage["practitioners"]) for people in by_time.values()] == [True, True]


def test_a_made_up_token_is_a_polite_page(arena):
    person = arena.do("crowd", count=1)[0]
    answers = together(arena, [person], [secrets.token_urlsafe(48)])
    assert statuses(answers) == {400: 1}
