# ruff: noqa: E501 - markup is written as sites write it
"""Sample pages that the rules for recognising obstacles were tuned on. Made up, in the manner of real sites."""

import json
from dataclasses import dataclass

from tests.sources.pages import stories as s
from tests.sources.pages.stories import Story


@dataclass(frozen=True)
class Sample:
    """A page that the feed's entry of a story leads to. `expect`: `article`, else what stands in the way."""

    name: str
    story: Story
    html: str
    expect: str = "article"


MENU = "".join(
    f'<li class="nav-item"><a href="/{name.lower()}">{name}</a></li>'
    for name in [
        "Home",
        "World",
        "Politics",
        "Business",
        "Sport",
        "Culture",
        "Opinion",
        "Weather",
        "Jobs",
        "Archive",
    ]
)
FOOTER = (
    "<footer class='site-footer'><ul><li><a href='/about'>About us</a></li><li><a href='/privacy'>Privacy</a></li>"
    "<li><a href='/subscribe'>Subscribe</a></li><li><a href='/contact'>Contact</a></li></ul>"
    "<p>© 2026 The Strait Courier. All rights reserved.</p></footer>"
)
BANNER = (
    '<div id="onetrust-consent-sdk"><div id="onetrust-banner-sdk" role="dialog"><h2>We value your privacy</h2><p>We and '
    "our partners store and access information on a device, such as cookies, and process personal data for ads and "
    "content measurement.</p><button>Accept all</button><button>Manage preferences</button></div></div>"
)
RELATED = "".join(
    f'<div class="card"><h3><a href="/story/{number}">{title}</a></h3><p>{teaser}</p></div>'
    for number, (title, teaser) in enumerate(
        [
            ("Harbour museum reopens", "The collection has grown by two boats."),
            ("Snow closes the pass", "Drivers are asked to take the tunnel."),
            ("Choir wins prize abroad", "The jury spoke of clarity."),
            ("Price of bread rises", "Bakers point at the cost of power."),
        ]
    )
)


def paragraphs(story: Story, count: int | None = None, tag: str = "p", css: str = "") -> str:
    attribute = f' class="{css}"' if css else ""
    return "\n".join(f"<{tag}{attribute}>{text}</{tag}>" for text in story.paragraphs[:count])


def ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **fields})}</script>'


def news(story: Story, **fields: object) -> str:
    return ld(
        **{
            "@type": "NewsArticle",
            "headline": story.title,
            "datePublished": f"{story.day}T08:15:00+05:00",
            "author": {"@type": "Person", "name": story.author},
            **fields,
        }
    )


def page(story: Story, body: str, head: str = "", title: str | None = None) -> str:
    return f"""<!DOCTYPE html>
<html lang="{story.language}"><head><meta charset="utf-8"><title>{title or story.title + " - The Strait Courier"}</title>
<meta property="og:title" content="{title or story.title}"><meta property="og:site_name" content="The Strait Courier">
{head}<style>.x{{color:red}}</style><script>window.dataLayer=window.dataLayer||[];var cfg={{"paywall":true}};</script></head>
<body>{body}</body></html>"""


def wordpress(story: Story, inner: str, head: str = "", around: str = "") -> str:
    return page(
        story,
        f"""{around}<div id="page" class="site"><header id="masthead"><nav><ul>{MENU}</ul></nav>
<a class="login" href="/login">Log in</a> <a href="/subscribe">Subscribe</a></header>
<main id="main"><article class="post type-post"><header class="entry-header"><h1 class="entry-title">{story.title}</h1>
<div class="entry-meta">By <a rel="author" href="/a">{story.author}</a> <time datetime="{story.day}">{story.day}</time></div>
</header><div class="entry-content">{inner}</div></article>
<aside id="secondary"><section class="widget"><h2>Newsletter</h2><p>Sign up for our newsletter and never miss a story.</p>
<form><input type="email" name="e"><button>Sign up</button></form></section></aside></main>
<div class="related"><h2>More news</h2>{RELATED}</div>{FOOTER}</div>""",
        head,
    )


def card(title: str, *lines: str, extra: str = "") -> str:
    """A bare page with one box, as challenges, consent dialogs and login forms are."""
    text = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body>"
        f"<div class='container'><h1>{title}</h1>{text}{extra}</div></body></html>"
    )


PASSWORD = (
    "<form method='post'><label>Email<input type='email' name='user'></label><label>Password<input type='password' "
    "name='pass'></label><button type='submit'>Sign in</button></form>"
)

ARTICLES = [
    Sample("wordpress", s.DOCKS, wordpress(s.DOCKS, paragraphs(s.DOCKS), news(s.DOCKS))),
    Sample(
        "wordpress with a consent banner", s.BORDER, wordpress(s.BORDER, paragraphs(s.BORDER), around=BANNER)
    ),
    Sample("about paywalls", s.PAYWALLS, wordpress(s.PAYWALLS, paragraphs(s.PAYWALLS))),
    Sample("about human tests", s.ROBOTS, wordpress(s.ROBOTS, paragraphs(s.ROBOTS), news(s.ROBOTS))),
    Sample("a brief", s.BRIEF, wordpress(s.BRIEF, paragraphs(s.BRIEF))),
    Sample(
        "metered, but sent whole",
        s.DOCKS,
        wordpress(
            s.DOCKS,
            f"<div class='meteredContent'>{paragraphs(s.DOCKS)}</div><div class='piano-offer' style='display:none'>"
            "<p>Already a subscriber? Log in to continue reading.</p></div>",
            news(s.DOCKS, isAccessibleForFree="False"),
        ),
    ),
    Sample(
        "lines parted by breaks",
        s.BORDER,
        page(
            s.BORDER,
            f"<table width=100%><tr><td class=menu>{MENU}</td><td><font size=5><b>{s.BORDER.title}</b></font><br><br>"
            f"<div class=story>{'<br><br>'.join(s.BORDER.paragraphs)}</div></td></tr></table>",
        ),
    ),
    Sample(
        "classes made by a machine",
        s.DOCKS,
        page(
            s.DOCKS,
            f"<div id='__next'><div class='css-1x'><h1 class='css-9z'>{s.DOCKS.title}</h1>"
            f"<section name='articleBody'>{paragraphs(s.DOCKS, css='css-at9mc1 evys1bk0')}</section></div></div>",
            f'<meta property="article:published_time" content="{s.DOCKS.day}T03:15:00Z">',
        ),
    ),
    Sample(
        "a live page",
        s.BORDER,
        page(
            s.BORDER,
            f"<main><h1>{s.BORDER.title}</h1>"
            + "".join(
                f"<article class='live-post'><time datetime='{s.BORDER.day}T{9 + n:02}:00Z'>{9 + n}:00</time><p>{text}</p></article>"
                for n, text in enumerate(s.BORDER.paragraphs)
            )
            + "</main>",
            ld(
                **{
                    "@type": "LiveBlogPosting",
                    "headline": s.BORDER.title,
                    "datePublished": f"{s.BORDER.day}T09:00:00Z",
                }
            ),
        ),
    ),
    Sample("german", s.GERMAN, wordpress(s.GERMAN, paragraphs(s.GERMAN), around=BANNER)),
    Sample("urdu", s.URDU, wordpress(s.URDU, f"<div dir='rtl'>{paragraphs(s.URDU)}</div>")),
    Sample(
        "a film above the text",
        s.DOCKS,
        wordpress(
            s.DOCKS,
            "<figure><video controls src='/v.mp4'></video><figcaption>Watch: the gate on Friday</figcaption></figure>"
            + paragraphs(s.DOCKS),
            '<meta property="og:type" content="article">'
            + ld(**{"@graph": [{"@type": "VideoObject", "name": "The gate"}, {"@type": "NewsArticle"}]}),
        ),
    ),
    Sample(
        "an offer in the middle",
        s.BORDER,
        wordpress(
            s.BORDER,
            paragraphs(s.BORDER, 3)
            + "<div class='promo'><p>Subscribe to The Strait Courier for unlimited access. Already a subscriber? Log in.</p></div>"
            + "".join(f"<p>{text}</p>" for text in s.BORDER.paragraphs[3:]),
        ),
    ),
]
STUBS = [
    Sample(
        "one paragraph and an offer",
        s.DOCKS,
        wordpress(
            s.DOCKS,
            paragraphs(s.DOCKS, 1)
            + "<div class='paywall'><h3>Subscribe to continue reading</h3><p>Already a subscriber? <a href='/login'>Log in</a></p>"
            "<ul><li>1 month: 9.90</li><li>1 year: 89.00</li></ul></div>",
            news(s.DOCKS, isAccessibleForFree=False),
        ),
        "paywall",
    ),
    Sample(
        "the limit is reached",
        s.BORDER,
        wordpress(
            s.BORDER,
            paragraphs(s.BORDER, 2)
            + "<div><p>You have reached your limit of free articles this month.</p><p>Get unlimited digital access from 1 a week.</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "nothing but the mark",
        s.DOCKS,
        wordpress(
            s.DOCKS,
            paragraphs(s.DOCKS, 2),
            news(
                s.DOCKS,
                isAccessibleForFree="False",
                hasPart={"@type": "WebPageElement", "cssSelector": ".rest"},
            ),
        ),
        "paywall",
    ),
    Sample(
        "german stub",
        s.GERMAN,
        wordpress(
            s.GERMAN,
            paragraphs(s.GERMAN, 1)
            + "<div class='obfuscated'><h2>Weiterlesen mit Courier Plus</h2><p>Diesen Artikel lesen Sie nur als Abonnent. Jetzt "
            "vier Wochen kostenlos testen.</p><p>Sie sind bereits Abonnent? Hier anmelden</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "french stub",
        s.FRENCH,
        wordpress(
            s.FRENCH,
            paragraphs(s.FRENCH, 2)
            + "<section class='paywall'><p>Il vous reste 72 % de cet article à lire. La suite est réservée aux abonnés.</p>"
            "<a>S’abonner pour lire la suite</a><p>Déjà abonné ? Se connecter</p></section>",
        ),
        "paywall",
    ),
    Sample(
        "spanish stub",
        s.SPANISH,
        wordpress(
            s.SPANISH,
            paragraphs(s.SPANISH, 1)
            + "<div><p>Suscríbete para seguir leyendo</p><p>¿Ya eres suscriptor? Inicia sesión</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "for members",
        s.TRANSIT,
        wordpress(
            s.TRANSIT,
            paragraphs(s.TRANSIT, 1)
            + "<div class='gate'><h2>This post is for paid members only</h2><p>Become a member to read the whole story.</p></div>",
        ),
        "paywall",
    ),
    Sample(
        "register to read",
        s.WATER,
        wordpress(
            s.WATER,
            paragraphs(s.WATER, 1)
            + "<div class='regwall'><p>Create a free account to keep reading. It takes less than a minute.</p>"
            "<p>Already registered? Sign in</p></div>",
        ),
        "paywall",
    ),
]
DIALOGS = [
    Sample(
        "consent gate",
        s.DOCKS,
        card(
            "Before you continue",
            "We use cookies and data to deliver and maintain our services and to measure audience engagement.",
            "If you choose Accept all, we will also use cookies and data to show personalised ads.",
            extra="<form><button>Reject all</button><button>Accept all</button></form>",
        ),
        "consent",
    ),
    Sample(
        "german consent gate",
        s.GERMAN,
        card(
            "Mit Werbung weiterlesen",
            "Besuchen Sie uns wie gewohnt mit Werbung und Tracking, indem Sie der Nutzung aller Cookies zustimmen.",
            "Wir und unsere Partner verarbeiten personenbezogene Daten, um Inhalte und Anzeigen zu messen. Ihre Einwilligung "
            "können Sie jederzeit in der Datenschutzerklärung widerrufen.",
            extra="<button>Akzeptieren und weiter</button>",
        ),
        "consent",
    ),
    Sample(
        "french consent gate",
        s.FRENCH,
        card(
            "Votre vie privée nous tient à cœur",
            "Avec votre accord, nos partenaires et nous utilisons des cookies pour stocker et accéder à des informations "
            "personnelles comme votre visite sur ce site.",
            extra="<button>Tout accepter</button><button>Continuer sans accepter</button>",
        ),
        "consent",
    ),
    Sample(
        "login form",
        s.DOCKS,
        card("Sign in", "Sign in to your account to continue.", extra=PASSWORD),
        "login",
    ),
    Sample(
        "login in a full layout",
        s.BORDER,
        wordpress(
            s.BORDER, f"<p>Please log in to view this page.</p>{PASSWORD}<p><a>Forgot your password?</a></p>"
        ),
        "login",
    ),
    Sample(
        "challenge of a network",
        s.DOCKS,
        card(
            "Just a moment...",
            "Checking your browser before accessing news.example.",
            "This process is automatic. Please allow up to 5 seconds.",
            extra="<noscript>Enable JavaScript and cookies to continue</noscript><div id='cf-content'>Ray ID: 8a2f</div>",
        ),
        "challenge",
    ),
    Sample(
        "press and hold",
        s.BORDER,
        card(
            "Access to this page has been denied",
            "Press & Hold to confirm you are a human (and not a bot).",
            "Reference ID 6f0c-11",
            extra="<div id='px-captcha'></div>",
        ),
        "challenge",
    ),
    Sample(
        "denied at the edge",
        s.WATER,
        card(
            "Access Denied",
            "You don't have permission to access this resource on this server.",
            "Reference #18.2f1",
        ),
        "challenge",
    ),
]
OTHERS = [
    Sample(
        "a film",
        s.DOCKS,
        page(
            s.DOCKS,
            f"<nav>{MENU}</nav><div class='player'><video src='/v.mp4'></video></div><h1>{s.DOCKS.title}</h1>"
            "<p>Crews at gate four as the ferry strike ends.</p><span>2:14</span>" + f"<div>{RELATED}</div>",
            '<meta property="og:type" content="video.other">'
            + ld(**{"@type": "VideoObject", "name": s.DOCKS.title}),
        ),
        "video",
    ),
    Sample(
        "pictures",
        s.BORDER,
        page(
            s.BORDER,
            f"<nav>{MENU}</nav><h1>{s.BORDER.title}</h1>"
            + "".join(
                f"<figure><img src='/{n}.jpg'><figcaption>{text} Photo: H. Vale</figcaption></figure>"
                for n, text in enumerate(
                    [
                        "Lorries wait at the border crossing.",
                        "A soldier by the bridge in autumn.",
                        "Mediators arrive at the old customs house.",
                        "Traders on the mountain road after snow.",
                        "Deputies shout in the northern parliament.",
                        "The joint committee in an earlier year.",
                    ]
                )
            ),
            ld(**{"@type": "ImageGallery", "name": s.BORDER.title}),
        ),
        "gallery",
    ),
    Sample(
        "a tag's page",
        s.DOCKS,
        page(
            s.DOCKS,
            f"<nav>{MENU}</nav><h1>Tag: ferry strike</h1>"
            + "".join(
                f"<article class='post'><h2><a href='/s/{n}'>{one.title}</a></h2><p>{one.teaser} {one.paragraphs[1][:120]}…</p>"
                f"<a href='/s/{n}'>Read more</a></article>"
                for n, one in enumerate(
                    [s.DOCKS, s.BORDER, s.WATER, s.TRANSIT, s.COALITION, s.PEACE, s.ROBOTS]
                )
            ),
            ld(**{"@type": "CollectionPage", "name": "ferry strike"}),
            title="Ferry strike: latest news",
        ),
        "list",
    ),
    Sample("another article", s.DOCKS, wordpress(s.PAYWALLS, paragraphs(s.PAYWALLS)), "another"),
    Sample(
        "not found, said politely",
        s.BORDER,
        card(
            "Page not found",
            "Sorry, the page that you are looking for has moved or never existed.",
            extra=RELATED,
        ),
        "nothing",
    ),
    Sample(
        "an empty application",
        s.WATER,
        "<!DOCTYPE html><html><head><title>Courier</title></head><body><noscript>You need to enable JavaScript to run this "
        'app.</noscript><div id="root"></div><script src="/main.js"></script></body></html>',
        "nothing",
    ),
]
SAMPLES = [*ARTICLES, *STUBS, *DIALOGS, *OTHERS]
