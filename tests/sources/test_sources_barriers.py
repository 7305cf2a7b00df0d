"""What stands in place of a feed or an article: pages of many makes, none of them copied from a vendor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.barriers import barred, what_stands_instead

URL = "https://daily.example/feed"
LINES = " ".join(
    f"<li><a href='/{n}'>The council met for the {n}th time this year</a></li>" for n in range(80)
)


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


CHALLENGES = {
    "a script from a challenge's folder": page(
        "<p>One second</p><script src='/cdn/challenge-platform/run.js'></script>"
    ),
    "a captcha in a frame": page("<iframe src='https://geo.captcha.example/x'></iframe>"),
    "a box to tick": page(
        "<h1>daily.example</h1><div class='g-recaptcha'></div><form action='/check'></form>"
    ),
    "words": page("<h2>Checking if the site connection is secure</h2>"),
    "a title": page("<noscript>Turn on JavaScript</noscript>", "<title>Just a moment...</title>"),
    "a question": page("<p>Please confirm that you are not a robot.</p><button>Go on</button>"),
    "a cookie set by a script that loads the page again": page(
        "<p>This site needs JavaScript</p>"
        "<script>document.cookie = '__t=' + f(); location.href='/feed?i=1';</script>"
    ),
    "a proof of work": page("<p>Wait</p><script src='/.well-known/x/anubis/api/work.js'></script>"),
    "a page that sends on by itself": page(
        "", "<meta http-equiv='refresh' content='0;/.well-known/sgcaptcha/?r=%2Ffeed'>"
    ),
    "an empty page that runs a script and is not to be listed": page(
        "<script>(function(){var a=1})()</script>", "<META NAME='robots' CONTENT='NOINDEX, nofollow'>"
    ),
    "in UTF-16": page("<p>x</p>", "<title>Human verification</title>").decode().encode("utf-16"),
}
LOGINS = {
    "a form": page("<form><input name=u><input type=password name=p><button>Go</button></form>"),
    "a form in capitals": page("<FORM><INPUT TYPE='PASSWORD'></FORM>"),
    "a form with a box to tick": page("<form><input type='password'><div id='captcha'></div></form>"),
    "XHTML": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body>"
    b"<input type='password'/></body></html>",
}
CONSENTS = {
    "a button": page("<h1>We value your privacy</h1><p>We store cookies.</p><button>Accept all</button>"),
    "an input": page("<p>Cookies help us</p><form><input type='submit' value='I agree'></form>"),
    "German": page("<p>Wir brauchen Ihre Einwilligung in Cookies</p><a role='button'>Alle akzeptieren</a>"),
    "French": page("<p>Vie privée et cookies</p><button><span>Tout accepter</span></button>"),
    "one that sets its cookie by script": page(
        "<p>Cookies?</p><button onclick='ok()'>Accept</button>"
        "<script>function ok(){document.cookie='c=1';location.reload()}</script>"
    ),
}
OTHERS = {
    "a front page": page(f"<ul>{LINES}</ul>"),
    "a front page with a box to sign in, a cookie bar and a captcha": page(
        f"<ul>{LINES}</ul><form><input type=password></form><div id=captcha></div><button>Accept</button> cookies"
    ),
    "a missing page": page(
        "<h1>Not found</h1><p>There is nothing here.</p><script src='/count.js'></script>"
    ),
    "an application's shell": page(
        "<noscript>You need JavaScript to run this app.</noscript><div id=root></div><script src=/a.js></script>"
    ),
    "a short page with links about a challenge": page(
        "<p>Latest</p><a href='/challenge-to-the-court'>A challenge to the court</a>"
    ),
    "a page on cookies without a button": page("<p>We use cookies.</p>"),
    "a page whose scripts count visits": page(
        f"<p>{'word ' * 100}</p><script>document.cookie='v=1';if(top!=self)top.location.href='/'</script>"
    ),
    "nothing": b"",
    "spaces": b"  \n ",
    "a comment": b"<html><!-- x -->",
    "JSON": b'{"error": "captcha"}',
    "bytes": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("body", CHALLENGES.values(), ids=CHALLENGES)
def test_a_check_for_a_human_reader_is_known(body: bytes) -> None:
    assert what_stands_instead(body, URL, "text/html") == "challenge"


@pytest.mark.parametrize("body", LOGINS.values(), ids=LOGINS)
def test_a_page_to_sign_in_at_is_known(body: bytes) -> None:
    assert what_stands_instead(body, URL, "text/html; charset=utf-8") == "login"


@pytest.mark.parametrize("body", CONSENTS.values(), ids=CONSENTS)
def test_a_consent_wall_is_known(body: bytes) -> None:
    assert what_stands_instead(body, URL, "text/html") == "consent"


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
def test_another_page_is_none_of_these(body: bytes) -> None:
    assert what_stands_instead(body, URL, "text/html") is None


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://daily.example/login?next=/feed", "login"),
        ("https://daily.example/user/Sign-In.aspx", "login"),
        ("https://daily.example/wp-login.php", "login"),
        ("https://login.daily.example/x", "login"),
        ("https://daily.example/oauth2/start", "login"),
        ("https://consent.daily.example/v2", "consent"),
        ("https://daily.example/privacy-wall/?to=feed", "consent"),
        ("https://daily.example/news/how-to-login-in-court", None),
        ("https://daily.example/2026/consent-decree-signed-by-the-mayor", None),
        ("https://daily.example/feed?from=login", None),
    ],
)
def test_the_address_that_it_led_to_tells(url: str, kind: str | None) -> None:
    assert what_stands_instead(OTHERS["a front page"], url, "text/html") == kind


def test_a_page_is_known_whatever_it_is_called_and_a_feed_is_none() -> None:
    assert what_stands_instead(LOGINS["a form"], URL, "application/rss+xml") == "login"
    assert what_stands_instead(b"Just a moment", URL, "text/plain") is None
    feed = b"<?xml version='1.0'?><rss><channel><title>Just a moment</title></channel></rss>"
    assert what_stands_instead(feed, "https://daily.example/login", "text/html") is None


@given(st.binary(max_size=2_000), st.text(max_size=200))
def test_no_page_is_too_odd(garbage: bytes, text: str) -> None:
    for body in (garbage, b"<html>" + garbage, f"<html><body>{text}<input type='password'>".encode()):
        assert what_stands_instead(body, URL, "text/html") in {None, "challenge", "login", "consent"}


@pytest.mark.parametrize("kind", ["challenge", "login", "consent"])
def test_the_error_says_what_to_do(kind) -> None:
    error = barred(kind, URL)
    assert error.reason == kind
    assert str(error).startswith(f"{URL} ")
    assert "use " in str(error)
