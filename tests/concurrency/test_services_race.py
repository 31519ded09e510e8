"""Processes that call the services at the same instant; and the same race without the guard, as the control."""

import time

ROUNDS = 12


def tokens_of(stage, count=ROUNDS, day=0):
    return [stage["tokens"][f"0:{day + number // 10}:{2 * (number % 10)}"] for number in range(count)]


def test_four_processes_ask_for_the_same_slots(arena):
    """pains 1 and 11: each slot has exactly one winner, and nobody meets a deadlock or a locked database."""
    stage = arena.do("stage")
    people = arena.do("crowd", count=4 * 2)
    tokens = tokens_of(stage, 6)  # a patient may have eight requests open
    outcomes = arena.race(
        *(("request_each", {"tokens": tokens, "patient": people[number]["pk"]}) for number in range(4))
    )
    for slot in zip(*outcomes, strict=True):
        assert sorted(slot) == ["SlotTaken"] * 3 + ["won"]
    facts = arena.do("facts", provider=stage["provider"])
    assert (facts["holds"], facts["overlaps"]) == (6, 0)


def test_control_without_lock_and_constraint_the_race_is_lost(make_arena):
    """The control: look, then insert, with neither lock nor constraint gives slots to several people."""
    arena = make_arena()
    stage = arena.do("stage")
    people = arena.do("crowd", count=4)
    arena.do("drop_the_guard")
    tokens = tokens_of(stage)
    arena.race(*(("naive_each", {"tokens": tokens, "patient": p["pk"], "pause": 0.05}) for p in people))
    assert arena.do("facts", provider=stage["provider"])["overlaps"] > 0


def test_control_without_lock_the_constraint_still_holds(make_arena):
    """pains 3: the constraint is there and refuses what a path that forgets the lock would write.

    It keeps times apart, and no more: without the lock some inserts end in a deadlock, and a time may even go to
    nobody. That is why the services take the lock.
    """
    arena = make_arena()
    stage = arena.do("stage")
    people = arena.do("crowd", count=4)
    tokens = tokens_of(stage)
    outcomes = arena.race(*(("naive_each", {"tokens": tokens, "patient": p["pk"], "pause": 0.05}) for p in people))
    said = [outcome for actor in outcomes for outcome in actor]
    assert {"IntegrityError", "deadlock"} & set(said), "nobody needed the constraint: the race did not happen"
    facts = arena.do("facts", provider=stage["provider"])
    assert (facts["holds"], facts["overlaps"]) == (said.count("won"), 0)


def test_accept_and_withdraw_at_once(arena):
    """pains 2: of two contradictory answers one counts, and only its messages leave."""
    stage = arena.do("stage")
    patient = arena.do("crowd", count=1)[0]["pk"]
    appointments = [arena.do("ask", token=token, patient=patient) for token in tokens_of(stage, 6)]
    accepted, again, withdrawn = arena.race(
        ("accept_each", {"appointments": appointments, "actor": stage["owner"]}),
        ("accept_each", {"appointments": appointments, "actor": stage["owner"]}),
        ("withdraw_each", {"appointments": appointments, "actor": patient}),
    )
    for said in zip(accepted, again, withdrawn, strict=True):
        assert sorted(said) == ["AlreadyAnswered", "AlreadyAnswered", "won"]
    facts = arena.do("facts", provider=stage["provider"])
    events = {pk: {event for row, event, _ in facts["messages"] if row == pk} for pk in appointments}
    for row, withdrawal in zip(facts["appointments"], withdrawn, strict=True):
        assert row["state"] == ("withdrawn" if withdrawal == "won" else "confirmed")
        assert ("bookings.patient_confirmed" in events[row["pk"]]) is (row["state"] == "confirmed")
        assert ("bookings.provider_withdrawn" in events[row["pk"]]) is (row["state"] == "withdrawn")


def test_accept_and_expire_and_a_new_request_at_once(arena):
    """pains 2 and 18: at the instant at which a request runs out it is accepted, or it is free: never both."""
    stage = arena.do("stage")
    people = [person["pk"] for person in arena.do("crowd", count=2 * ROUNDS)]
    tokens = tokens_of(stage)
    appointments = [arena.do("ask", token=t, patient=p) for t, p in zip(tokens, people[:ROUNDS], strict=True)]
    first, gap = time.time() + 5, 0.3
    arena.do("set_deadlines", appointments=appointments, first=first, gap=gap)
    last = first + gap * ROUNDS + 1
    early, late = {"first": first - 0.02, "gap": gap}, {"first": first + 0.01, "gap": gap}
    accepted, _, asked = arena.race(
        ("accept_each", {"appointments": appointments, "actor": stage["owner"], **early}),
        ("expire_until", {"last": last}),
        ("request_at", {"tokens": tokens, "patients": people[ROUNDS:], **late}),
    )
    assert set(accepted) <= {"won", "RequestExpired", "AlreadyAnswered"}
    assert set(asked) <= {"won", "SlotTaken"}
    for one, other in zip(accepted, asked, strict=True):
        assert {one, other} & {"won"}, "the time is lost for everybody"
        assert (one, other) != ("won", "won")
    facts = arena.do("facts", provider=stage["provider"])
    assert (facts["holds"], facts["overlaps"]) == (ROUNDS, 0)
    states = {row["pk"]: row["state"] for row in facts["appointments"]}
    for pk, one in zip(appointments, accepted, strict=True):
        events = [event for row, event in facts["steps"] if row == pk]
        assert events == (["requested", "accepted"] if one == "won" else ["requested", "expired"])
        assert states[pk] == ("confirmed" if one == "won" else "expired")


def test_a_move_and_a_request_want_the_same_time(arena):
    """pains 1: a proposed move and a request for one slot: one of them has it."""
    stage = arena.do("stage")
    people = [person["pk"] for person in arena.do("crowd", count=2)]
    mine = arena.do("ask", token=stage["tokens"]["0:9:0"], patient=people[0])
    assert arena.race(("accept_each", {"appointments": [mine], "actor": stage["owner"]})) == [["won"]]
    tokens = tokens_of(stage, 6)
    proposed, asked = arena.race(
        ("propose_each", {"appointment": mine, "tokens": tokens, "actor": people[0]}),
        ("request_each", {"tokens": tokens, "patient": people[1]}),
    )
    assert set(proposed + asked) <= {"won", "SlotTaken"}
    facts = arena.do("facts", provider=stage["provider"])
    assert facts["overlaps"] == 0
    # A later proposal gives the earlier time back, so both may have had one slot in turn; nobody had it together.
    assert facts["holds"] == 2 + asked.count("won") or facts["holds"] == 1 + asked.count("won")


def test_nobody_agrees_to_a_time_and_asks_for_it_elsewhere(arena):
    """A patient accepts the time that one doctor offers and, at the same instant, asks another doctor for it."""
    here, there = arena.do("stage"), arena.do("stage")
    patients = [person["pk"] for person in arena.do("crowd", count=4)]
    offered, asked_for = tokens_of(here, 4), tokens_of(there, 4)
    for number, patient in enumerate(patients):
        asked = arena.do("ask", token=here["tokens"][f"0:9:{number}"], patient=patient)
        proposal = arena.do("offer", appointment=asked, token=offered[number], actor=here["owner"])
        [agreed], [won] = arena.race(
            ("agree_to_each", {"proposals": [proposal], "actor": patient}),
            ("request_each", {"tokens": [asked_for[number]], "patient": patient}),
        )
        assert sorted([agreed, won]) == ["AlreadyRequested", "won"]
