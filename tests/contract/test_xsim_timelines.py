"""Pages of timelines and private messages, limits with their headers, credentials: as X has them."""

from __future__ import annotations

from itertools import chain

import requests

from tests.xsim.asking import Asking
from tests.xsim.client import running


def fill(brand: Asking, count: int) -> list[str]:
    return brand.sim.bulk([{"author": f"person{n % 9}", "text": f"@MarramAir number {n}"} for n in range(count)])


def pages(brand: Asking, **query: str) -> list[list[str]]:
    found, token = [], {}
    while True:
        body = brand.mentions(max_results="5", **query, **token).json()
        found.append([post["id"] for post in body.get("data", [])])
        if "next_token" not in body["meta"]:
            return found
        token = {"pagination_token": body["meta"]["next_token"]}


def test_pages_are_newest_first_and_end(brand: Asking) -> None:
    ids = fill(brand, 12)
    assert pages(brand) == [ids[7:][::-1], ids[2:7][::-1], ids[:2][::-1]]


def test_since_and_until_are_left_out_themselves(brand: Asking) -> None:
    ids = fill(brand, 12)
    assert [*chain(*pages(brand, since_id=ids[3]))] == ids[4:][::-1]
    assert [*chain(*pages(brand, since_id=ids[3], until_id=ids[6]))] == ids[4:6][::-1]
    assert [*chain(*pages(brand, since_id=ids[-1]))] == []


def test_a_page_forward_leads_back(brand: Asking) -> None:
    ids = fill(brand, 12)
    second = brand.mentions(max_results=5, pagination_token=brand.mentions(max_results=5).json()["meta"]["next_token"])
    back = brand.mentions(max_results=5, pagination_token=second.json()["meta"]["previous_token"]).json()
    assert [post["id"] for post in back["data"]] == ids[7:][::-1]


def test_a_timeline_goes_back_800_posts(brand: Asking) -> None:
    ids = fill(brand, 830)
    found = []
    token = {}
    while token is not None:
        body = brand.mentions(max_results=100, **token).json()
        found += [post["id"] for post in body["data"]]
        token = {"pagination_token": body["meta"]["next_token"]} if "next_token" in body["meta"] else None
    assert found == ids[30:][::-1]


def test_a_start_time_counts(brand: Asking) -> None:
    fill(brand, 3)
    brand.sim.advance(60)
    late = brand.sim.post("ann", "@MarramAir late")
    moment = f"{brand.get(f'tweets/{late.id}', tweet__fields='created_at').json()['data']['created_at']}"
    assert [post["id"] for post in brand.mentions(start_time=moment).json()["data"]] == [late.id]


def test_numbers_out_of_range_are_refused(brand: Asking) -> None:
    for query in ({"max_results": 4}, {"max_results": 101}, {"since_id": "x"}, {"pagination_token": "x"}):
        assert brand.mentions(**query).status_code == 400, query


def test_a_late_post_comes_behind_newer_ones(brand: Asking) -> None:
    late = brand.sim.post("ann", "@MarramAir late", late_s=30)
    newer = brand.sim.post("ann", "@MarramAir newer")
    assert [post["id"] for post in brand.mentions().json()["data"]] == [newer.id]
    brand.sim.advance(31)
    assert [post["id"] for post in brand.mentions().json()["data"]] == [newer.id, late.id]
    brand.sim.fault("late_index", "mentions", times=1, params={"seconds": 10})
    hidden = brand.sim.post("ann", "@MarramAir hidden")
    assert hidden.id not in brand.mentions().text
    brand.sim.advance(11)
    assert hidden.id in brand.mentions().text


def test_posts_can_be_late_by_different_times(brand: Asking) -> None:
    brand.sim.fault("late_index", "mentions", params={"seconds": [10, 600]})
    posts = [brand.sim.post("ann", f"@MarramAir number {n}").id for n in range(20)]
    shown = []
    for wait_s in (9, 300, 300):
        brand.sim.advance(wait_s)
        shown.append(len(brand.mentions(max_results=100).json().get("data", [])))
    assert (shown[0], shown[2]) == (0, len(posts))
    assert 0 < shown[1] < len(posts)


def test_a_post_by_the_api_may_be_on_the_own_timeline_only_later_and_is_a_duplicate_meanwhile(brand: Asking) -> None:
    asked = brand.sim.post("ann", "@MarramAir hello")
    brand.sim.fault("late_own", "timeline", times=1, params={"seconds": 90})
    late = brand.reply(asked.id, "Good morning").json()["data"]["id"]
    newer = brand.reply(asked.id, "Good evening").json()["data"]["id"]
    elsewhere = brand.sim.post("MarramAir", "we are open")
    path = f"users/{brand.user.id}/tweets"
    assert [post["id"] for post in brand.get(path).json()["data"]] == [elsewhere.id, newer]
    assert brand.reply(asked.id, "Good morning").status_code == 403
    assert brand.get(f"tweets/{late}").json()["data"]["id"] == late
    brand.sim.advance(91)
    assert [post["id"] for post in brand.get(path).json()["data"]] == [elsewhere.id, newer, late]
    assert brand.sim.fired() == {"late_own": 1}


def test_a_private_message_by_the_api_may_be_in_the_conversation_only_later_and_is_taken_again(brand: Asking) -> None:
    ann = brand.sim.user("ann").id
    brand.sim.message("ann", "MarramAir", "hello")
    brand.sim.fault("late_sent", "messages.read", times=1, params={"seconds": [80, 90]})
    path = f"dm_conversations/with/{ann}"
    late = brand.post(f"{path}/messages", text="Good morning").json()["data"]["dm_event_id"]
    again = brand.post(f"{path}/messages", text="Good morning").json()["data"]["dm_event_id"]
    asked = brand.sim.message("ann", "MarramAir", "thanks")

    def shown() -> list[list[str]]:
        pages = [brand.get("dm_events").json(), brand.get(f"{path}/dm_events").json()]
        return [[message["id"] for message in page["data"]][:3] for page in pages]

    first = brand.sim.world().messages[0].id
    assert shown() == [[asked.id, again, first]] * 2
    brand.sim.advance(91)
    assert shown() == [[asked.id, again, late]] * 2


def test_own_posts_are_on_the_own_timeline(brand: Asking) -> None:
    asked = brand.sim.post("ann", "@MarramAir hello")
    made = [brand.reply(asked.id, "Good morning"), brand.post("tweets", text="we are open")]
    ids = [each.json()["data"]["id"] for each in made]
    timeline = brand.get(f"users/{brand.user.id}/tweets").json()["data"]
    assert [post["id"] for post in timeline] == ids[::-1]
    without = brand.get(f"users/{brand.user.id}/tweets", exclude="replies").json()["data"]
    assert [post["id"] for post in without] == ids[1:]


def test_limits_are_told_and_held(brand: Asking) -> None:
    brand.sim.limit("mentions", user=2)
    left = [brand.mentions().headers["x-rate-limit-remaining"] for _ in range(2)]
    over = brand.mentions()
    assert (left, over.status_code, over.json()["title"]) == (["1", "0"], 429, "Too Many Requests")
    assert over.headers["x-rate-limit-remaining"] == "0"
    ledger = brand.sim.ledger()
    assert (ledger["exceeded"], ledger["violations"]) == ({"mentions": 1}, 1)
    wait_s = int(over.headers["x-rate-limit-reset"]) - brand.sim.world().now_ms / 1000
    assert 890 < wait_s <= 901
    brand.sim.advance(wait_s)
    assert brand.mentions().status_code == 200


def test_published_limits_are_those_of_x(brand: Asking) -> None:
    table = brand.sim.ledger()["table"]
    assert (table["mentions"]["user"], table["mentions"]["app"], table["mentions"]["window_s"]) == (300, 450, 900)
    assert (table["create"]["user"], table["create"]["app_day"]) == (100, 10_000)
    assert (table["delete"]["user"], table["lookup"]["user"], table["stream"]["app"]) == (50, 900, 50)
    assert (table["messages.send"]["user"], table["messages.send"]["user_day"]) == (15, 1440)
    headers = brand.post("tweets", text="we are open").headers
    assert (headers["x-rate-limit-limit"], headers["x-app-limit-24hour-limit"]) == ("100", "10000")
    as_app = brand.as_app("GET", f"users/{brand.user.id}/mentions")
    assert as_app.headers["x-rate-limit-limit"] == "450"


def test_wrong_credentials_are_401_and_the_wrong_kind_is_403(brand: Asking) -> None:
    url = f"{brand.sim.address}/2/users/me"
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, headers={"authorization": "Bearer nonsense"}, timeout=5).json()["title"] == "Unauthorized"
    assert requests.get(url, headers=brand.bearer(), timeout=5).status_code == 403
    signed = requests.Request("GET", url, auth=brand.signature()).prepare()
    signed.headers["authorization"] = signed.headers["authorization"].replace(
        b'oauth_signature="', b'oauth_signature="A'
    )
    assert requests.Session().send(signed, timeout=5).status_code == 401


def test_a_signature_is_good_once_and_for_one_request_alone(brand: Asking) -> None:
    signed = requests.Request("GET", f"{brand.sim.address}/2/users/me", auth=brand.signature()).prepare()
    session = requests.Session()
    assert [session.send(signed, timeout=5).status_code for _ in range(2)] == [200, 401]
    other = requests.Request("GET", f"{brand.sim.address}/2/users/me", auth=brand.signature()).prepare()
    other.url += "?user.fields=created_at"
    assert session.send(other, timeout=5).status_code == 401


def test_what_was_signed_for_x_is_taken_where_the_client_is_led_here(brand: Asking) -> None:
    for host in ("https://api.twitter.com", "https://api.x.com"):
        signed = requests.Request("GET", f"{host}/2/users/me?user.fields=created_at", auth=brand.signature()).prepare()
        signed.url = signed.url.replace(host, brand.sim.address)
        assert requests.Session().send(signed, timeout=5).status_code == 200


def renew(brand: Asking, token: str) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    app = (brand.sim.app["client_id"], brand.sim.app["client_secret"])
    return requests.post(f"{brand.sim.address}/2/oauth2/token", data=form, auth=app, timeout=5)


def who(brand: Asking, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return requests.get(f"{brand.sim.address}/2/users/me", headers=headers, timeout=5).status_code


def test_a_user_token_lives_two_hours_and_a_refresh_token_works_once(brand: Asking) -> None:
    old = brand.user
    assert who(brand, old.oauth2_access_token) == 200
    brand.sim.advance(7201)
    assert who(brand, old.oauth2_access_token) == 401
    fresh = renew(brand, old.oauth2_refresh_token).json()
    assert (fresh["expires_in"], who(brand, fresh["access_token"])) == (7200, 200)
    assert renew(brand, old.oauth2_refresh_token).status_code == 400
    assert renew(brand, fresh["refresh_token"]).status_code == 200
    assert who(brand, fresh["access_token"]) == 401


def test_revoked_credentials_are_401(brand: Asking) -> None:
    brand.sim.revoke("MarramAir")
    assert brand.mentions().status_code == who(brand, brand.user.oauth2_access_token) == 401
    brand.sim.revoke()
    assert brand.as_app("GET", f"users/{brand.user.id}/mentions").status_code == 401


def test_private_messages_have_one_conversation_for_two_people(brand: Asking) -> None:
    ann = brand.sim.user("ann")
    sent = brand.sim.message("ann", "MarramAir", "hello")
    made = brand.post(f"dm_conversations/with/{ann.id}/messages", text="good morning").json()["data"]
    assert made["dm_conversation_id"] == sent.conversation_id
    brand.sim.user("bob")
    brand.sim.message("bob", "MarramAir", "me too")
    fields = "sender_id,created_at,dm_conversation_id"
    found = brand.get(f"dm_conversations/with/{ann.id}/dm_events", dm_event__fields=fields).json()["data"]
    assert [(each["sender_id"], each["text"]) for each in found] == [
        (brand.user.id, "good morning"),
        (ann.id, "hello"),
    ]
    assert brand.get("dm_events").json()["meta"]["result_count"] == 3


def test_private_messages_are_few_a_window(brand: Asking) -> None:
    ann = brand.sim.user("ann")
    statuses = [brand.post(f"dm_conversations/with/{ann.id}/messages", text=f"{n}").status_code for n in range(16)]
    assert statuses == [201] * 15 + [429]
    brand.sim.block("ann", "MarramAir")
    brand.sim.advance(900)
    assert brand.post(f"dm_conversations/with/{ann.id}/messages", text="hello").status_code == 403


def test_the_clock_can_run_faster() -> None:
    with running(clock="1000") as sim:
        start = sim.world().now_ms
        while sim.world().now_ms - start < 2_000:
            pass
        assert sim.control("GET", "clock")["factor"] == 1000


def test_a_late_post_that_names_several_people_comes_into_the_timeline_of_each(brand: Asking) -> None:
    for name in ("ann", "bob"):
        brand.sim.user(name)
    late = brand.sim.post("eve", "@MarramAir @ann @bob late", late_s=30)
    brand.sim.advance(60)
    assert [post["id"] for post in brand.mentions().json()["data"]] == [late.id]
