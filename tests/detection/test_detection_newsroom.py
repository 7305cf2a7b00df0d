"""Traps of newsroom copy, each met on whole articles: what the rules alone make of them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.detection import Document, detect, main_claim
from monitor.topics import ANY
from monitor.vocabulary import ClaimKind, Mood, Precision, Status

PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
"""A Wednesday."""


def says(text: str, title: str = "") -> str:
    found = detect(Document(title, text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    main, _ = main_claim(found, PUBLISHED)
    return main.value if main else "none"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Members of the rail union walked out at 14 train operators.", "none"),
        ("About 40,000 signallers will walk out on 3, 5 and 7 November.", "none"),
        ("More rail misery for the West as union walks out in November", "none"),
        ("The association is separate from the union, whose members walk out next month.", "none"),
        ("Teachers' walkout enters its third week.", "none"),
        ("The union suspended a strike on the northern line.", "none"),
        ("Rail strikes called off as union and operators agree to talks", "scheduled"),
        ("Union suspends strike for talks with the employers", "scheduled"),
        ("The union's negotiators walked out of the meeting.", "collapsed"),
        ("Union walks out of the room as pay talks fail", "collapsed"),
        ("The teachers' union walked out of talks with the government.", "collapsed"),
    ],
)
def test_a_strike_is_no_act_at_the_table(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The union will strike on Friday after its talks with the airline broke down.", "collapsed"),
        ("Teachers are to strike after two weeks of talks ended without an offer.", "collapsed"),
        ("The strike was called off after the union and the airline agreed to resume talks.", "resumed"),
        ("The strike was called off after the union reached a deal with the airline.", "agreement"),
        ("Three weeks after the talks broke down, the union named a strike.", "none"),
        ("The union named a strike three weeks after the talks broke down.", "none"),
        ("The union struck for a day after the talks broke down last month.", "none"),
    ],
)
def test_the_after_clause_of_a_lead_is_news_unless_an_older_time_stands_with_it(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Both delegations agreed to meet on Friday.",
        "The two sides are to meet on Monday for a first round of talks.",
        "The speaker called the first meeting of the two sides for Monday.",
        "The minister and the union will meet on Tuesday to resume talks.",
        "Unions and ministers to hold talks in July",
        "The speaker has summoned the third round of talks for Thursday.",
        "The envoys talk again on Friday.",
        "Talks resume on Friday, the envoy said.",
        "The court ordered the union and the airline back to the bargaining table by Friday.",
        "The court ordered talks on Friday between the union and the airline.",
    ],
)
def test_what_is_for_a_coming_day_holds_from_publication(text: str) -> None:
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    claims = [claim for claim in found.claims if claim.kind.value in {"scheduled", "resumed"}]
    assert claims
    assert all(not claim.background and claim.when.start_latest == date(2025, 6, 11) for claim in claims)
    assert all(claim.when.start_earliest == date(2025, 6, 11) for claim in claims)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PM invites opposition back to talks, offers House committee", "proposed"),
        ("The prime minister on Wednesday invited the party to sit down for talks.", "proposed"),
        (
            "The company has invited the union to return to the table as soon as the strikes are over.",
            "proposed",
        ),
        ("The rebels have agreed to talks with the government, their spokesman said.", "proposed"),
        ("Khan will negotiate with the army alone, his lawyer said.", "proposed"),
        ("PM renews talks offer to opposition", "proposed"),
        ("Come and sit with us, the minister told the opposition.", "proposed"),
        ("The mediator tried to bring both sides back to the table.", "proposed"),
        ("Nothing short of a commission would bring it back to the table, the party said.", "rejected"),
        ("Both sides agreed to meet on Friday.", "scheduled"),
        ("The union and the airline have agreed to talks.", "scheduled"),
        ("Israel and Hamas agree to resume truce talks", "resumed"),
    ],
)
def test_what_one_side_would_do_is_a_proposal(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The drivers' union negotiates with each of the train companies.", "none"),
        ("Neighbours settle their dispute by listening, the general told the delegations.", "none"),
        ("The teachers threw out a deal that their own leaders negotiated.", "rejected"),
        ("Talking with such a government is unwise, the leader said.", "none"),
        ("General: 'We talk to governments, not to parties'", "none"),
        ("The party's central committee met on Tuesday to review its rules.", "none"),
        ("The union's last four proposals have met with silence.", "none"),
        ("He spoke to reporters after he met his lawyers in jail.", "none"),
        ("Any bargain that emerges will have to be put to the members.", "none"),
        ("Unions and ministers bargain through the night over pay", "underway"),
        ("Negotiators of both sides met in Oslo on Monday.", "underway"),
        ("Negotiators of both sides sat down again on Monday, a week after the talks broke down.", "resumed"),
        ("Envoys of both sides met on Monday for the first time since the truce.", "resumed"),
    ],
)
def test_a_bare_meeting_or_a_habit_is_none_of_talks(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("No talks with opposition going on, says minister", "denied"),
        ("No back channel with govt, says party", "denied"),
        ("There is no back channel and no front channel, the party said.", "denied"),
        ("Not one session of the talks has been held, the guild said.", "denied"),
        ("Not a single round of negotiations took place, the ministry said.", "denied"),
        ("The palace did not, however, rule out talks with the guild.", "proposed"),
        ("The palace did not rule out talks with the guild.", "proposed"),
        ("No talks with US on tech carve-out, says commissioner", "denied"),
        ("The spokesman dismissed as mischief claims that the party was holding talks.", "denied"),
        ("The spokesman called it a lie that the envoys were negotiating with the rebels.", "denied"),
        ("No talks with terrorists, says minister", "rejected"),
        ("No talks until prisoners are freed, says party", "rejected"),
        ("There will be no talks with the militants.", "rejected"),
    ],
)
def test_a_denial_of_talks_is_no_refusal(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "The employers: we did not walk away from the table",
        "We have not quit the talks, the company said.",
        "Employers reject union's charge that they sank talks",
        "Govt denies it wrecked dialogue",
        "The guild dismissed as fairy tales a newspaper's report that it had abandoned the talks.",
    ],
)
def test_who_denies_to_have_left_weighs_against_the_collapse_and_starts_nothing(text: str) -> None:
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    assert [(claim.kind, claim.mood) for claim in found.claims] == [(ClaimKind.COLLAPSED, Mood.DENIED)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Second round over, opposition seeks more time", "underway"),
        ("The second round of talks ended on Tuesday.", "underway"),
        ("Talks ended for the day, the mediator said.", "underway"),
        ("The third round ended on a hopeful note.", "progress"),
        ("The second round of talks ended without result.", "collapsed"),
        (
            "The second round of talks ended on Friday without the papers that the guild had promised.",
            "underway",
        ),
        (
            "The second round ended on Friday, the guild saying that it could not bring its papers.",
            "underway",
        ),
        ("The second round ended on Friday, with no deal in sight.", "collapsed"),
        ("The third round ended in deadlock.", "stalled"),
        ("The session ended early after the union walked out of the room.", "collapsed"),
        ("The talks are over, the minister said.", "collapsed"),
        ("The government ended talks with the rebels.", "collapsed"),
    ],
)
def test_the_end_of_a_sitting_is_no_end_of_the_talks(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Union urges members to throw out the company's offer", "rejected"),
        ("Rail workers vote to reject pay offer", "rejected"),
        ("Strikes to return as union says No to rail pay deals", "rejected"),
        ("Union rejects train operators' first pay offer within hours", "rejected"),
        ("Members voted by two to one to reject the union's pay offer.", "rejected"),
        ("The employers have made their first pay offer to the union.", "proposed"),
        ("Nurses voted to accept the pay offer.", "agreement"),
    ],
)
def test_terms_turned_down_are_rejected_and_terms_put_are_proposed(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Machinists voted overwhelmingly on Monday to turn down the company's offer.", "rejected"),
        ("The message was clear that the agreement was not what members could be asked to swallow.", "none"),
        ("Ministers and the doctors are understood to be close to a deal.", "progress"),
        ("The union and the airline are believed to be in talks.", "underway"),
        ("The minister is not expected to attend the first session of the talks.", "none"),
        ("First day of talks ends", "underway"),
        ("It would be the first contract since 2008, when talks fell apart.", "none"),
        ("The minister agreed to see the doctors next week.", "scheduled"),
    ],
)
def test_what_a_strike_in_the_news_brings_with_it(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Palace leaves talks with guild to mediators", "none"),
        ("Guild leaves talks with palace", "collapsed"),
        ("Second round of guild-palace talks called for 9 October", "scheduled"),
        ("Guild calls for talks with palace", "proposed"),
        ("Members voted narrowly against a deal with the port.", "rejected"),
        ("The drivers rejected the 4.5 per cent pay deal.", "rejected"),
        ("Dockers have rejected the tentative deal reached three weeks ago.", "rejected"),
        ("Dockers have rejected the tentative deal their own leaders negotiated.", "rejected"),
        (
            "The port and the dockers denied a Sunday newspaper report that they had settled their dispute.",
            "denied",
        ),
        ("Sunday newspapers report that the port and the dockers have settled their dispute.", "agreement"),
        ("The guild ruled out talks, and told its members of the rally that is to open.", "rejected"),
        ("Newspapers have this week printed accounts of talks with the rebels.", "none"),
        ("The president is ready to talk to nobody.", "rejected"),
        (
            "The guild on Monday named a team for talks with the palace, threatening to strike on Friday.",
            "proposed",
        ),
        ("The guild named a team for talks with the palace on Friday.", "scheduled"),
        ("The president has opened his heart for talks with the guild.", "proposed"),
        ("The port takes up the dockers' truce.", "proposed"),
        ("The tribunal directed both sides to hold talks on Friday.", "scheduled"),
        ("The tribunal ordered the port and the guild to talks on Friday.", "scheduled"),
        ("The chancellor was speaking informally to reporters after the talks.", "none"),
        ("On the talks the two houses spoke with one voice.", "none"),
        ("Guild and port set Friday talks", "scheduled"),
        ("Guild and port set June 20 for return to table", "resumed"),
        ("The guild set up a team for talks with the palace.", "proposed"),
        ("The talks were adjourned until Friday.", "scheduled"),
        ("Guild and port adjourn pay talks until Friday", "scheduled"),
        ("The two sides adjourned until 8.30 in the morning.", "scheduled"),
        ("The talks were adjourned until further notice.", "stalled"),
        ("Members shouted in the National Assembly and the sitting was adjourned.", "none"),
        ("The third session was adjourned for want of quorum.", "none"),
        ("The session of the negotiating teams could not be held for want of quorum.", "stalled"),
        ("Guild and port set June 16 start for contract talks", "scheduled"),
        ("Studios invite striking writers back to the table", "proposed"),
        ("Get back to the table, governor tells guild and port", "proposed"),
        ("On the fourth day the talks nearly broke down over a word.", "none"),
        ("The talks all but collapsed on Monday.", "none"),
        ("Mechanics back in talks with transit authority", "resumed"),
        ("The judge is the one who will chair the opening of the session of the talks.", "scheduled"),
        ("Talks break off for the holidays with no date to return", "stalled"),
        ("Both teams have moved on the issue that sank their last round of talks.", "none"),
        ("Guild and port set June 20 session after talks on pay", "scheduled"),
        ("He hoped that the talks with the guild would be carried on.", "none"),
        ("The guild hopes the palace will resume talks.", "none"),
        ("The guild hopes to resume talks.", "proposed"),
        ("The board threw out a panel's terms for settling its dispute with the guild.", "none"),
        ("A first swap of prisoners since the truce was made at the border.", "none"),
        ("The first strike since the talks with the port were broken off began on Sunday.", "none"),
        (
            "The krone slid on Tuesday, its worst day in months, after talks with the rebels stalled.",
            "stalled",
        ),
        ("The general staff is not going to hold talks with any faction.", "rejected"),
        ("The palace is going to open talks with the guild on Thursday.", "scheduled"),
        ("The envoys were going to hold talks in the spring.", "none"),
        ("Drivers voted last night to throw out the company's wage offer.", "rejected"),
        ("The president is ready to talk with no conditions.", "proposed"),
        ("Members voted 54 per cent to 46 against the tentative agreement, the union said.", "rejected"),
        ("Members voted on a deal against the advice of their leaders.", "none"),
        (
            "The government and the guild have settled on Monday for the first sitting of their teams.",
            "scheduled",
        ),
        ("The two sides agreed on Thursday for the second round of talks.", "scheduled"),
        ("Port rebuffs guild's bid to reopen talks", "rejected"),
        ("The port has turned down a request by the crews' union for fresh negotiations.", "rejected"),
        ("24 agreements signed as king visits", "none"),
        ("Three agreements signed as king visits", "agreement"),
        ("He has always negotiated late, a retired envoy says.", "none"),
        ("Port and guild dialogue starts on cordial note, next sitting on Jan 2", "underway"),
        ("Minister jailed for ten years over land deal", "none"),
        ("An agency that settles strikes is to be closed", "none"),
        ("Guild throws port's offer back across the table", "none"),
        ("Talks stuck by that formula for weeks, the envoy said.", "none"),
        ("The guild turned down the port's last, best offer.", "rejected"),
        ("The port and the guild held long, bitter talks on Tuesday.", "underway"),
        ("The minister said no, new talks would only waste time.", "none"),
        ("The rebels have to talk to the government.", "none"),
        ("The rebels will have to talk to the government, an officer said.", "none"),
        ("The two sides spoke of talks a week into a walkout that has closed a third of the mills.", "none"),
        ("Guild stays away from session at which general briefed deputies on talks", "none"),
    ],
)
def test_a_verb_rules_what_is_its_own(text: str, kind: str) -> None:
    assert says(text) == kind


def test_the_day_of_what_is_planned_dates_nothing_else() -> None:
    text = "The port and the guild will meet on Friday in a bid to break the deadlock in their talks."
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    assert {claim.when.start_latest for claim in found.claims} == {PUBLISHED.date()}


@pytest.mark.parametrize(
    ("text", "days_ago"),
    [("Crane drivers to walk Friday as talks crash", 0), ("Shares fell on Monday as talks crashed.", 2)],
)
def test_the_day_of_a_walkout_is_not_that_of_the_talks_that_crash(text: str, days_ago: int) -> None:
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    day = PUBLISHED.date() - timedelta(days=days_ago)
    assert {claim.when.start_latest for claim in found.claims} == {day}


def test_a_strike_of_so_many_days_is_no_verb() -> None:
    text = "Members voted down the tentative contract that ended their 13-day strike."
    found = detect(Document("", text, PUBLISHED), ANY, "newsroom", by_rules_alone=True)
    assert {claim.kind.value for claim in found.claims} == {"rejected"}


@pytest.mark.parametrize("verb", ["going back to", "heading back to", "returning to"])
def test_who_is_on_the_way_to_the_table_is_not_there(verb: str) -> None:
    text = f"The guild and the port are {verb} the table."
    [claim] = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "n", by_rules_alone=True).claims
    assert claim.status is Status.SCHEDULED


def test_what_ends_today_does_not_end_in_the_week_of_the_sentence_before() -> None:
    text = "The chief was sentenced last week. The end of the talks brings to a close the first since he was ousted."
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    ended = [claim for claim in found.claims if claim.kind.value == "collapsed"]
    assert ended
    assert not any(claim.background for claim in ended)
