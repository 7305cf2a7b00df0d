# ruff: noqa: E501 - markup is written as sites write it
"""Sample pages that were written with the others, and that the rules were not tuned on: they only measure them."""

import json

from tests.sources.pages import stories as s
from tests.sources.pages.stories import Story
from tests.sources.pages.tuned import Sample

SIDE = (
    "<div class='rail'><div class='most-read'><h4>Most read</h4><ol>"
    + "".join(
        f"<li><a href='/n/{n}'>{line}</a></li>"
        for n, line in enumerate(
            ["Fog at the airport", "Two goats on the bridge", "A mayor resigns", "Tea gets dearer"]
        )
    )
    + "</ol></div><div class='nl'><strong>Morning post</strong> Get the day's top stories in your inbox.</div></div>"
)
TOP = (
    "<div class='topbar'><a href='/'>Valley Herald</a><a>News</a><a>Politics</a><a>Money</a><a>Life</a><a>Video</a>"
    "<a class='cta' href='/offers'>Subscribe for 1 a week</a><a href='/account'>My account</a></div>"
)
BOTTOM = "<div class='bottom'><a>Terms</a> <a>Cookie settings</a> <a>Do not sell my data</a> Valley Herald Media 2026</div>"
NOTICE = (
    "<div class='cc-window' role='dialog' aria-label='cookieconsent'><span>This website uses cookies to ensure you get the "
    "best experience.</span><a>Learn more</a><a class='cc-btn'>Got it!</a></div>"
)


def herald(
    story: Story, inner: str, *, head: str = "", title: str = "", before: str = "", after: str = ""
) -> str:
    """A layout of divisions with none of the usual names."""
    return (
        f"<html lang='{story.language}-XX'><head><meta http-equiv='Content-Type' content='text/html; charset=utf-8'>"
        f"<title>{title or story.title} | Valley Herald</title>{head}</head><body>{before}{TOP}"
        f"<div class='wrap'><div class='col-8 story'><h1>{title or story.title}</h1>"
        f"<div class='byline'><span>{story.author}</span> · <span class='when'>{story.day}</span></div>"
        f"<div class='story__body'>{inner}</div></div>{SIDE}</div>{after}{BOTTOM}</body></html>"
    )


def body(story: Story, first: int = 0, last: int | None = None) -> str:
    return "".join(f"<p>{text}</p>\n" for text in story.paragraphs[first:last])


def graph(*nodes: dict[str, object]) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@context': 'http://schema.org', '@graph': nodes})}</script>"


def bare(title: str, text: str) -> str:
    return f"<html><head><title>{title}</title><meta name='robots' content='noindex'></head><body>{text}</body></html>"


ARTICLES = [
    Sample("herald", s.COALITION, herald(s.COALITION, body(s.COALITION))),
    Sample("herald with a notice", s.WATER, herald(s.WATER, body(s.WATER), before=NOTICE)),
    Sample(
        "marked as paid, sent whole",
        s.PEACE,
        herald(
            s.PEACE,
            body(s.PEACE),
            head=graph(
                {"@type": ["Article", "NewsArticle"], "isAccessibleForFree": False, "headline": s.PEACE.title}
            ),
            after="<div class='tp-modal' hidden>You've hit your monthly limit. Subscribe now to keep reading.</div>",
        ),
    ),
    Sample("about paywalls again", s.PAYWALLS, herald(s.PAYWALLS, body(s.PAYWALLS), before=NOTICE)),
    Sample("about human tests again", s.ROBOTS, herald(s.ROBOTS, body(s.ROBOTS))),
    Sample("a brief again", s.BRIEF, herald(s.BRIEF, body(s.BRIEF))),
    Sample(
        "light pages for phones",
        s.TRANSIT,
        f"<!doctype html><html amp lang='en'><head><title>{s.TRANSIT.title}</title><style amp-boilerplate>body{{}}</style></head>"
        f"<body><amp-consent id='c' layout='nodisplay'><div>We need your consent <button on='tap:c.accept'>Accept</button></div>"
        f"</amp-consent><header><h2>Valley Herald</h2></header><main><h1>{s.TRANSIT.title}</h1><amp-img src='a.jpg'></amp-img>"
        f"{body(s.TRANSIT)}</main></body></html>",
    ),
    Sample(
        "minutes of a day",
        s.COALITION,
        herald(
            s.COALITION,
            "".join(
                f"<div class='block' id='b{n}'><h2>{22 - n}.{n}0</h2><p>{text}</p></div>"
                for n, text in enumerate(s.COALITION.paragraphs)
            ),
            head=graph(
                {"@type": "LiveBlogPosting", "liveBlogUpdate": [{"@type": "BlogPosting", "articleBody": "x"}]}
            ),
        ),
    ),
    Sample("french", s.FRENCH, herald(s.FRENCH, body(s.FRENCH), before=NOTICE)),
    Sample("spanish", s.SPANISH, herald(s.SPANISH, body(s.SPANISH))),
    Sample("russian", s.RUSSIAN, herald(s.RUSSIAN, body(s.RUSSIAN))),
    Sample("chinese", s.CHINESE, herald(s.CHINESE, body(s.CHINESE))),
    Sample(
        "pictures between paragraphs",
        s.WATER,
        herald(
            s.WATER,
            "".join(
                f"<p>{text}</p><figure><img src='{n}.jpg'><figcaption>The canal, picture {n}.</figcaption></figure>"
                for n, text in enumerate(s.WATER.paragraphs)
            ),
        ),
    ),
    Sample(
        "a plea at the end",
        s.PEACE,
        herald(
            s.PEACE,
            body(s.PEACE)
            + "<div class='epic'><p>We have no owner and no paywall. Support us from 2 a month and keep our "
            "reporting free for everyone. Subscribe or log in to comment.</p></div>",
        ),
    ),
]
STUBS = [
    Sample(
        "a fading lead",
        s.COALITION,
        herald(
            s.COALITION,
            body(s.COALITION, 0, 1)
            + "<div class='fade'></div><div class='offer-box'><b>Want to read more?</b> To read this article in full, choose a "
            "plan. Digital 3.99 per month, cancel anytime. Have an account? Log in.</div>",
        ),
        "paywall",
    ),
    Sample(
        "exclusive for subscribers",
        s.WATER,
        herald(
            s.WATER,
            body(s.WATER, 0, 2)
            + "<div class='lock'><p>This story is exclusive to subscribers of the Valley Herald.</p>"
            "<p>Unlock this article: start your free trial today.</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "monthly meter",
        s.PEACE,
        herald(
            s.PEACE,
            "<div class='meter'>You've used all your free stories for this month. Sign up for a subscription to carry on "
            "reading.</div>" + body(s.PEACE, 0, 1),
        ),
        "paywall",
    ),
    Sample(
        "marked as paid, a beginning only",
        s.TRANSIT,
        herald(
            s.TRANSIT,
            body(s.TRANSIT, 0, 2),
            head=graph(
                {"@type": "WebPage"}, {"@type": "ReportageNewsArticle", "isAccessibleForFree": "false"}
            ),
        ),
        "paywall",
    ),
    Sample(
        "german stub, another house",
        s.GERMAN,
        herald(
            s.GERMAN,
            body(s.GERMAN, 0, 2)
            + "<div class='pw'><p>Der vollständige Text ist unseren Abonnenten vorbehalten.</p>"
            "<p>Testen Sie das Digitalabo einen Monat gratis. Schon registriert? Zum Login</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "french stub, another house",
        s.FRENCH,
        herald(
            s.FRENCH,
            body(s.FRENCH, 0, 1)
            + "<div><p>Cet article est réservé à nos abonnés. Abonnez-vous dès 1 € le premier mois "
            "pour poursuivre votre lecture.</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "spanish stub, another house",
        s.SPANISH,
        herald(
            s.SPANISH,
            body(s.SPANISH, 0, 1)
            + "<div><p>Este contenido es exclusivo para suscriptores.</p><p>Accede sin límites desde 2 € "
            "al mes</p><p>Si ya tienes una cuenta, accede aquí</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "russian stub",
        s.RUSSIAN,
        herald(
            s.RUSSIAN,
            body(s.RUSSIAN, 0, 1)
            + "<div><p>Полный текст доступен только подписчикам. Оформите подписку, чтобы продолжить "
            "чтение.</p><p>Уже есть подписка? Войти</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "a free account is needed",
        s.COALITION,
        herald(
            s.COALITION,
            body(s.COALITION, 0, 1)
            + "<div class='signup'><p>Register for free to read on. No card needed.</p>"
            "<input type='email'><button>Next</button><p>Have an account already? Sign in.</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "a letter for those who pay",
        s.PEACE,
        herald(
            s.PEACE,
            body(s.PEACE, 0, 1)
            + "<div class='paywall'><h2>Keep reading with a 7-day free trial</h2><p>Subscribe to <em>Hill "
            "Letters</em> to keep reading this post and get 7 days of free access to the full post archives.</p></div>",
        ),
        "paywall",
    ),
]
DIALOGS = [
    Sample(
        "a family of brands",
        s.COALITION,
        bare(
            "Valley Herald is part of the Meadow family of brands",
            "<div class='con-wizard'><p>When you use our sites and apps, we use cookies to provide our services, to authenticate "
            "users and to apply security measures.</p><p>If you click 'Accept all', we and our partners, including 238 who are "
            "part of the transparency framework, will also store and access information on a device and use precise "
            "geolocation data.</p><form><button name='agree'>Accept all</button><button name='reject'>Reject all</button>"
            "<a>Manage privacy settings</a></form></div>",
        ),
        "consent",
    ),
    Sample(
        "spanish consent gate",
        s.SPANISH,
        bare(
            "Valoramos tu privacidad",
            "<div><h2>Valoramos tu privacidad</h2><p>Nosotros y nuestros socios utilizamos cookies para almacenar y acceder a "
            "información del dispositivo y mostrar publicidad personalizada.</p><button>Aceptar y continuar</button>"
            "<button>Rechazar y suscribirse</button></div>",
        ),
        "consent",
    ),
    Sample(
        "italian consent gate",
        s.PEACE,
        bare(
            "Informativa",
            "<div><p>Noi e terze parti selezionate utilizziamo cookie o tecnologie simili per finalità tecniche e, con il tuo "
            "consenso, anche per altre finalità come specificato nella cookie policy.</p><button>Accetta</button></div>",
        ),
        "consent",
    ),
    Sample(
        "dutch consent gate",
        s.WATER,
        bare(
            "Privacy-instellingen",
            "<div><p>Wij en onze partners gebruiken cookies om informatie op je apparaat op te slaan. Door op akkoord te klikken "
            "geef je toestemming voor het plaatsen van cookies.</p><button>Akkoord</button></div>",
        ),
        "consent",
    ),
    Sample(
        "a company's sign-on",
        s.COALITION,
        bare(
            "Log in | Valley Herald Account",
            "<main><h1>Welcome back</h1><form action='/oauth/login'><input type='text' name='username' placeholder='E-mail'>"
            "<input type='password' name='pw'><button>Continue</button></form><p>New here? Create an account.</p>"
            "<p>By continuing you agree to our terms.</p></main>",
        ),
        "login",
    ),
    Sample(
        "log in first",
        s.PEACE,
        herald(
            s.PEACE, "<p>You must be logged in to read this article.</p><p><a href='/login'>Log in</a></p>"
        ),
        "login",
    ),
    Sample(
        "attention required",
        s.COALITION,
        bare(
            "Attention Required! | Network",
            "<h1>Sorry, you have been blocked</h1><h2>You are unable to access valley.example</h2><p>This website is using a "
            "security service to protect itself from online attacks. The action you just performed triggered the security "
            "solution.</p><p>Your IP: 192.0.2.7</p>",
        ),
        "challenge",
    ),
    Sample(
        "a script asks",
        s.WATER,
        bare(
            "valley.example",
            "<p id='cmsg'>Please enable JS and disable any ad blocker</p><script>var dd={'host':'geo.captcha'}</script>",
        ),
        "challenge",
    ),
    Sample(
        "an interruption",
        s.TRANSIT,
        bare(
            "Pardon Our Interruption",
            "<p>As you were browsing something about your browser made us think you were a bot. There are a few reasons this "
            "might happen: you're a power user moving through this website with super-human speed; you've disabled cookies.</p>",
        ),
        "challenge",
    ),
    Sample(
        "a picture puzzle",
        s.PEACE,
        bare(
            "Security check",
            "<p>Please complete the security check to access valley.example</p><div class='g-recaptcha' data-sitekey='k'></div>",
        ),
        "challenge",
    ),
]
OTHERS = [
    Sample(
        "a film with a line",
        s.PEACE,
        herald(
            s.PEACE,
            "<div class='jw-player'><iframe src='https://player.example/embed/77'></iframe></div><p>Watch as the envoy of the hill "
            "movement answers questions. Video by Valley Herald.</p>",
            head="<meta property='og:type' content='video'><meta property='og:video' content='https://player.example/77.mp4'>",
        ),
        "video",
    ),
    Sample(
        "in pictures",
        s.WATER,
        herald(
            s.WATER,
            "".join(
                f"<div class='slide'><img src='{n}.jpg' alt=''><div class='caption'>{n + 1}/8 {line}</div></div>"
                for n, line in enumerate(
                    [
                        "Tractors on the coastal road.",
                        "An empty boat.",
                        "Excavators near the canal.",
                        "The minister leaves.",
                    ]
                    * 2
                )
            ),
            title="In pictures: " + s.WATER.title,
        ),
        "gallery",
    ),
    Sample(
        "search results",
        s.COALITION,
        herald(
            s.COALITION,
            "".join(
                f"<div class='result'><a class='t' href='/{n}'><h3>{one.title}</h3></a><div class='d'>{one.teaser}</div></div>"
                for n, one in enumerate(
                    [s.COALITION, s.DOCKS, s.BORDER, s.TRANSIT, s.PEACE, s.ROBOTS, s.WATER]
                )
            ),
            title="Search: coalition budget talks",
        ),
        "list",
    ),
    Sample(
        "the front page",
        s.PEACE,
        "<html><head><title>Valley Herald: news from the valley</title><meta property='og:type' content='website'></head><body>"
        + TOP
        + "".join(
            f"<section class='teaser'><h2><a href='/{n}'>{one.title}</a></h2><p>{one.teaser}</p><p>{one.paragraphs[0]}</p></section>"
            for n, one in enumerate([s.BORDER, s.DOCKS, s.PEACE, s.TRANSIT, s.COALITION])
        )
        + "</body></html>",
        "list",
    ),
    Sample("another article of the same talks", s.TRANSIT, herald(s.COALITION, body(s.COALITION)), "another"),
    Sample(
        "gone",
        s.DOCKS,
        herald(s.DOCKS, "<p>The article has expired and is no longer available.</p>", title="404"),
        "nothing",
    ),
    Sample("still empty", s.BORDER, bare("Valley Herald", "<div id='app'></div><p>Loading…</p>"), "nothing"),
]
SAMPLES = [*ARTICLES, *STUBS, *DIALOGS, *OTHERS]
