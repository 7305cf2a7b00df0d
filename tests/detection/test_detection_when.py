"""Time expressions of news copy, each with the days that a careful reader would give it."""

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.detection.when import Relation, TimeMention, find_times
from monitor.detection.when_words import PATTERNS, Pattern

MONDAY = date(2025, 6, 2)
"""The day of publication in this module, a Monday."""


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def only(text: str, published: date | None = MONDAY) -> TimeMention:
    found = find_times(text, published)
    assert len(found) == 1, found
    return found[0]


# text in which [...] marks the expression; earliest; latest (None: unknown)
PAST = """
the talks of [2024-11-24] failed | 2024-11-24 | 2024-11-24
on [24/11/2024] they met | 2024-11-24 | 2024-11-24
on [11/24/2024] they met | 2024-11-24 | 2024-11-24
on [05.04.2025] they met | 2025-04-05 | 2025-04-05
on [November 24] he marched | 2024-11-24 | 2024-11-24
on [November 24, 2023], he marched | 2023-11-24 | 2023-11-24
on [Nov 24, 2024] he marched | 2024-11-24 | 2024-11-24
on [Nov. 24] he marched | 2024-11-24 | 2024-11-24
on [24 November 2024] he marched | 2024-11-24 | 2024-11-24
on [24th November] he marched | 2024-11-24 | 2024-11-24
on the [24th of November, 2024], he marched | 2024-11-24 | 2024-11-24
on [May 9] they met | 2025-05-09 | 2025-05-09
on [9 May] they met | 2025-05-09 | 2025-05-09
on [MAY 9, 2023] they met | 2023-05-09 | 2023-05-09
on [June 5] both sides meet | 2025-06-05 | 2025-06-05
on [July 16] both sides meet | 2025-07-16 | 2025-07-16
on [July 20] they met | 2024-07-20 | 2024-07-20
on [November 24 last year] he marched | 2024-11-24 | 2024-11-24
on [29 February] they met | 2024-02-29 | 2024-02-29
on [February 30] they met | None | None
on [31 April 2025] they met | None | None
on [2025-02-30] they met | None | None
on [May 3-7] they met | 2025-05-03 | 2025-05-07
between [3 and 7 May] they met | 2025-05-03 | 2025-05-07
from [May 3 to May 7] they met | 2025-05-03 | 2025-05-07
from [3 to 7 May 2024] they met | 2024-05-03 | 2024-05-07
on [May 9 and 10, 2025] they met | 2025-05-09 | 2025-05-10
between [May and July 2024], they met | 2024-05-01 | 2024-07-31
between [November and January] nobody met | 2024-11-01 | 2025-01-31
from [March to May] nobody met | 2025-03-01 | 2025-05-31
from [Friday to Sunday] they met | 2025-05-30 | 2025-06-01
from [20 December to 5 January] nobody met | 2024-12-20 | 2025-01-05
[today] they met | 2025-06-02 | 2025-06-02
[today (June 02)] they met | 2025-06-02 | 2025-06-02
they met [tonight] | 2025-06-02 | 2025-06-02
they met [this morning] | 2025-06-02 | 2025-06-02
they met [earlier today] | 2025-06-02 | 2025-06-02
[yesterday], they met | 2025-06-01 | 2025-06-01
they met [yesterday evening] | 2025-06-01 | 2025-06-01
they met [last night] | 2025-06-01 | 2025-06-01
talks broke up [overnight] | 2025-06-01 | 2025-06-02
they met [the day before yesterday] | 2025-05-31 | 2025-05-31
they meet [tomorrow] | 2025-06-03 | 2025-06-03
they meet [the day after tomorrow] | 2025-06-04 | 2025-06-04
they met at [8pm] | 2025-06-02 | 2025-06-02
they met at 8:30 pm on [Friday] | 2025-05-30 | 2025-05-30
they met [hours ago] | 2025-06-01 | 2025-06-02
they met on [Sunday] | 2025-06-01 | 2025-06-01
they met on [Monday] | 2025-06-02 | 2025-06-02
they met on [Tuesday] | 2025-05-27 | 2025-05-27
they met on [Friday night] | 2025-05-30 | 2025-05-30
they met [last Sunday] | 2025-06-01 | 2025-06-01
they met [last Monday] | 2025-05-26 | 2025-05-26
they met [this past Thursday] | 2025-05-29 | 2025-05-29
they meet [next Sunday] | 2025-06-08 | 2025-06-08
they meet [next Monday] | 2025-06-09 | 2025-06-09
they meet [this Sunday] | 2025-06-08 | 2025-06-08
they meet [this coming Friday] | 2025-06-06 | 2025-06-06
they met on [Tuesday of last week] | 2025-05-27 | 2025-05-27
they meet on [Monday next week] | 2025-06-09 | 2025-06-09
on [Sunday, November 24], he marched | 2024-11-24 | 2024-11-24
on [Thursday (May 29)] he refused | 2025-05-29 | 2025-05-29
they met on [Thursday, 2 January 2025], he said | 2025-01-02 | 2025-01-02
they met [two nights ago] | 2025-05-31 | 2025-05-31
they met [three days ago] | 2025-05-30 | 2025-05-30
they met [3 days ago] | 2025-05-30 | 2025-05-30
they met [two days back] | 2025-05-31 | 2025-05-31
they met [a week ago] | 2025-05-23 | 2025-05-29
they met [two weeks ago] | 2025-05-16 | 2025-05-22
they met [a fortnight ago] | 2025-05-16 | 2025-05-22
they met [a month ago] | 2025-05-01 | 2025-05-31
they met [six months ago] | 2024-12-01 | 2024-12-31
they met [a year ago] | 2024-01-01 | 2024-12-31
they met [two years ago] | 2023-01-01 | 2023-12-31
they met [two decades ago] | 2003-01-01 | 2007-12-31
they met [a couple of days ago] | 2025-05-31 | 2025-05-31
they met [a few days ago] | 2025-05-27 | 2025-05-31
they met [several weeks ago] | 2025-03-31 | 2025-05-12
they met [days ago] | 2025-05-27 | 2025-05-31
they met [48 hours ago] | 2025-05-30 | 2025-05-31
they met [last week] | 2025-05-26 | 2025-06-01
they met [this week] | 2025-06-02 | 2025-06-02
they meet [next week] | 2025-06-09 | 2025-06-15
they met [this past week] | 2025-05-26 | 2025-06-02
they met over [the weekend] | 2025-05-31 | 2025-06-01
they met [last weekend] | 2025-05-31 | 2025-06-01
they meet [next weekend] | 2025-06-07 | 2025-06-08
they met [last month] | 2025-05-01 | 2025-05-31
they met [this month] | 2025-06-01 | 2025-06-02
they meet [next month] | 2025-07-01 | 2025-07-31
they met [last year] | 2024-01-01 | 2024-12-31
they met [this year] | 2025-01-01 | 2025-06-02
they meet [next year] | 2026-01-01 | 2026-12-31
they met [last quarter] | 2025-01-01 | 2025-03-31
they met [late last month] | 2025-05-21 | 2025-05-31
they met [early last month] | 2025-05-01 | 2025-05-10
they met [early this month] | 2025-06-01 | 2025-06-02
they met [late last week] | 2025-05-30 | 2025-06-01
they meet [early next week] | 2025-06-09 | 2025-06-10
they met [late last year] | 2024-09-01 | 2024-12-31
they met [earlier this year] | 2025-01-01 | 2025-06-02
they met [earlier this month] | 2025-06-01 | 2025-06-02
they met [earlier this week] | 2025-06-02 | 2025-06-02
they met [earlier in the year] | 2025-01-01 | 2025-06-02
they meet [later this month] | 2025-06-02 | 2025-06-30
they meet [later this week] | 2025-06-02 | 2025-06-08
they meet [later this year] | 2025-06-02 | 2025-12-31
they met [last November] | 2024-11-01 | 2024-11-30
they met [last May] | 2025-05-01 | 2025-05-31
they met [last June] | 2024-06-01 | 2024-06-30
they met in [November last year] | 2024-11-01 | 2024-11-30
they met in [November of last year] | 2024-11-01 | 2024-11-30
they met [last year in November] | 2024-11-01 | 2024-11-30
they met in [November] | 2024-11-01 | 2024-11-30
they met in [March] | 2025-03-01 | 2025-03-31
in [May], they met | 2025-05-01 | 2025-05-31
they met in [June] | 2025-06-01 | 2025-06-02
they met in [March 2025] | 2025-03-01 | 2025-03-31
they met in [Nov 2024] | 2024-11-01 | 2024-11-30
they met in [november 2024] | 2024-11-01 | 2024-11-30
they met [this March] | 2025-03-01 | 2025-03-31
they meet [this November] | 2025-11-01 | 2025-11-30
they meet [next March] | 2026-03-01 | 2026-03-31
they met in [mid-April] | 2025-04-11 | 2025-04-20
they met in [mid April 2024] | 2024-04-11 | 2024-04-20
they met in [late November] | 2024-11-21 | 2024-11-30
they met in [early March] | 2025-03-01 | 2025-03-10
they met at [the end of March] | 2025-03-21 | 2025-03-31
they met at [the beginning of last month] | 2025-05-01 | 2025-05-10
they met in [the third week of March] | 2025-03-15 | 2025-03-21
they met in [the first week of November last year] | 2024-11-01 | 2024-11-07
they met in [the last week of May] | 2025-05-25 | 2025-05-31
they met in [the second half of April] | 2025-04-16 | 2025-04-30
they met in [the second week of last month] | 2025-05-08 | 2025-05-14
they met in [the first half of 2024] | 2024-01-01 | 2024-06-30
they met in [the last quarter of 2024] | 2024-10-01 | 2024-12-31
they met in [early 2025] | 2025-01-01 | 2025-04-30
they met in [mid-2024] | 2024-05-01 | 2024-08-31
they met at [the end of last year] | 2024-09-01 | 2024-12-31
they met in [2022] | 2022-01-01 | 2022-12-31
they met in [2025] | 2025-01-01 | 2025-06-02
they met in [the 1990s] | 1990-01-01 | 1999-12-31
they met [last summer] | 2024-06-01 | 2024-08-31
they met [last winter] | 2024-12-01 | 2025-02-28
they met in [the spring of 2024] | 2024-03-01 | 2024-05-31
they met [this spring] | 2025-03-01 | 2025-05-31
they meet [next summer] | 2026-06-01 | 2026-08-31
they met on [Christmas Eve] | 2024-12-24 | 2024-12-24
they met on the [24th] | 2025-05-24 | 2025-05-24
they met on the [5th of last month] | 2025-05-05 | 2025-05-05
they met over [the past two weeks] | 2025-05-19 | 2025-06-02
they met in [the last 24 hours] | 2025-06-01 | 2025-06-02
they met in [the past few days] | 2025-05-27 | 2025-06-02
nobody met in [recent months] | None | 2025-06-02
nobody met in [recent weeks] | None | 2025-06-02
they meet in [the coming days] | 2025-06-02 | None
they meet in [the weeks ahead] | 2025-06-02 | None
they meet in [the next two weeks] | 2025-06-02 | 2025-06-16
they meet [two weeks from now] | 2025-06-02 | 2025-06-16
yet, [within a week], he refused | None | None
they met on [13/04/25] | 2025-04-13 | 2025-04-13
they met on [4/13/25] | 2025-04-13 | 2025-04-13
they met on [03/04/2025] | 2025-04-03 | 2025-04-03
they met on [5-3-2025] | 2025-03-05 | 2025-03-05
they met on [24-Nov-2024] | 2024-11-24 | 2024-11-24
they met on [99/99/2025] | None | None
they met on [24 Nov '24] | 2024-11-24 | 2024-11-24
they met in [November ’24] | 2024-11-01 | 2024-11-30
stamped [2025-05-30T21:00:00Z] | 2025-05-30 | 2025-05-30
stamped [2025-05-30T02:30:00+05:00] | 2025-05-29 | 2025-05-29
stamped [2025-05-30T23:30-04:00] | 2025-05-31 | 2025-05-31
stamped [2025-05-30 09:15] | 2025-05-30 | 2025-05-30
they met at 14:00 GMT on [Friday] | 2025-05-30 | 2025-05-30
they met at 2 a.m. PKT on [Saturday] | 2025-05-31 | 2025-05-31
on [May the 9th] they met | 2025-05-09 | 2025-05-09
they met on [the ninth of May] | 2025-05-09 | 2025-05-09
they met on [the third of March 2024] | 2024-03-03 | 2024-03-03
they met on [May 28 (Wednesday)] | 2025-05-28 | 2025-05-28
they met on [28 May, Wednesday] | 2025-05-28 | 2025-05-28
they met on [Wed, 28 May 2025] | 2025-05-28 | 2025-05-28
they met on [Thurs] | 2025-05-29 | 2025-05-29
they met on [Friday last] | 2025-05-30 | 2025-05-30
they met on [the Monday before last] | 2025-05-19 | 2025-05-19
they met on [the Friday before last] | 2025-05-23 | 2025-05-23
they met [two Sundays ago] | 2025-05-25 | 2025-05-25
they met [three Fridays ago] | 2025-05-16 | 2025-05-16
they meet [the Tuesday after next] | 2025-06-10 | 2025-06-10
they meet [a week on Sunday] | 2025-06-15 | 2025-06-15
they met on [the last Thursday of May] | 2025-05-29 | 2025-05-29
they met on [the first Monday in May] | 2025-05-05 | 2025-05-05
they met on [the third Tuesday of March 2025] | 2025-03-18 | 2025-03-18
they met on [the last Sunday of last month] | 2025-05-25 | 2025-05-25
they met on [the fifth Monday of May 2025] | None | None
they met [the week before last] | 2025-05-19 | 2025-05-25
they met [the weekend before last] | 2025-05-24 | 2025-05-25
they met [the month before last] | 2025-04-01 | 2025-04-30
they met [the year before last] | 2023-01-01 | 2023-12-31
they met [the night before last] | 2025-05-31 | 2025-05-31
they meet [the week after next] | 2025-06-16 | 2025-06-22
they meet [the month after next] | 2025-08-01 | 2025-08-31
they met at [the turn of the year] | 2024-12-25 | 2025-01-07
they met at [year's end] | 2025-09-01 | 2025-12-31
they met in [the last days of May] | 2025-05-21 | 2025-05-31
they met in [the final days of November 2024] | 2024-11-21 | 2024-11-30
they met in [the opening days of March] | 2025-03-01 | 2025-03-10
they met in [Q1 2025] | 2025-01-01 | 2025-03-31
they met in [H1 2024] | 2024-01-01 | 2024-06-30
nobody met in [2023-24] | 2023-01-01 | 2024-12-31
nobody met in [2018-2022] | 2018-01-01 | 2022-12-31
nobody met in [2024-19] | None | None
they met in [the winter of 2023-24] | 2023-12-01 | 2024-02-29
they met in [early 2024] | 2024-01-01 | 2024-04-30
they met in the [winter] | 2024-12-01 | 2025-02-28
they met over the [autumn] | 2024-09-01 | 2024-11-30
they met in [mid-June] | 2024-06-11 | 2024-06-20
they met over [the past year] | 2024-06-02 | 2025-06-02
they met over [the last month] | 2025-05-03 | 2025-06-02
they met in [the past quarter] | 2025-03-03 | 2025-06-02
they met [half a year ago] | 2024-11-01 | 2025-01-31
they met [a year and a half ago] | 2023-11-01 | 2024-01-31
they met [two-and-a-half years ago] | 2022-11-01 | 2023-01-31
they met [four years ago this month] | 2021-06-01 | 2021-06-30
they met [this time last year] | 2024-06-01 | 2024-06-30
they met [some time ago] | None | 2025-06-01
they met [not long ago] | None | 2025-06-01
they met [in the past] | None | 2025-06-01
they met from [3 to 5 March] | 2025-03-03 | 2025-03-05
they met between [3 and 5 March 2025] | 2025-03-03 | 2025-03-05
they met between [Tuesday and Thursday] | 2025-05-27 | 2025-05-29
they met from [January 5 until February 2] | 2025-01-05 | 2025-02-02
they met [December 28-January 2] | 2024-12-28 | 2025-01-02
they met between [late November and early December] | 2024-11-21 | 2024-12-10
they met from [late March to mid-April] | 2025-03-21 | 2025-04-20
they met on the night between [May 6 and 7] | 2025-05-06 | 2025-05-07
they met throughout [May] | 2025-05-01 | 2025-05-31
they met as late as [March] | 2025-03-01 | 2025-03-31
they met on [Boxing Day] | 2024-12-26 | 2024-12-26
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in PAST.strip().splitlines()]


@pytest.mark.parametrize(("marked", "earliest", "latest"), ROWS, ids=[row[0] for row in ROWS])
def test_a_time_means_its_days(marked: str, earliest: str, latest: str) -> None:
    expression = marked[marked.index("[") + 1 : marked.index("]")]
    text = marked.replace("[", "").replace("]", "")

    mention = only(text)

    assert mention.text == expression
    assert text[mention.start : mention.end] == mention.text
    unknown = {"None": None}
    assert (mention.earliest, mention.latest) == (
        day(unknown.get(earliest, earliest)),
        day(unknown.get(latest, latest)),
    )


def test_the_table_is_as_long_as_promised() -> None:
    assert len(ROWS) >= 200


AHEAD = [
    ("will meet on Sunday", "2025-06-08", "2025-06-08"),
    ("will meet on Monday", "2025-06-02", "2025-06-02"),
    ("will meet in November", "2025-11-01", "2025-11-30"),
    ("will meet in June", "2025-06-02", "2025-06-30"),
    ("will meet on September 16", "2025-09-16", "2025-09-16"),
    ("will meet this week", "2025-06-02", "2025-06-08"),
    ("will meet this year", "2025-06-02", "2025-12-31"),
    ("will meet within a week", "2025-06-02", "2025-06-09"),
    ("will meet in three days", "2025-06-02", "2025-06-05"),
    ("will meet over the weekend", "2025-06-07", "2025-06-08"),
    ("will meet on the 5th", "2025-06-05", "2025-06-05"),
    ("will meet in mid-July", "2025-07-11", "2025-07-20"),
    ("will meet tomorrow", "2025-06-03", "2025-06-03"),
    ("will meet on 5 January 2026", "2026-01-05", "2026-01-05"),
    ("will meet by the end of the month", "2025-06-21", "2025-06-30"),
    ("will meet in two weeks' time", "2025-06-02", "2025-06-16"),
    ("will meet two weeks hence", "2025-06-02", "2025-06-16"),
    ("will meet in the winter", "2025-12-01", "2026-02-28"),
    ("will meet at the turn of the year", "2025-12-25", "2026-01-07"),
    ("will meet on the last Thursday of June", "2025-06-26", "2025-06-26"),
    ("will meet on Wed", "2025-06-04", "2025-06-04"),
    ("will meet between Tuesday and Thursday", "2025-06-03", "2025-06-05"),
    ("will meet from Friday to Sunday", "2025-06-06", "2025-06-08"),
]


@pytest.mark.parametrize(("text", "earliest", "latest"), AHEAD)
def test_a_clause_that_looks_ahead_has_its_own_reading(text: str, earliest: str, latest: str) -> None:
    mention = only(text).looking_ahead()

    assert (mention.earliest, mention.latest) == (day(earliest), day(latest))


RELATIONS = [
    ("talks have been stalled since March", Relation.SINCE, False),
    ("talks have been stalled since early last month", Relation.SINCE, False),
    ("since the November march he has refused", Relation.SINCE, True),
    ("from Sunday they will talk", Relation.SINCE, False),
    ("postponed until Friday", Relation.UNTIL, False),
    ("a deal by the end of June", Relation.UNTIL, False),
    ("not before July", Relation.SINCE, False),
    ("no earlier than July", Relation.SINCE, False),
    ("before May 9 they had met", Relation.BEFORE, False),
    ("long before the delegation flew to Pakistan in March 2025, they met", Relation.BEFORE, False),
    ("ahead of Sunday's meeting he refused", Relation.BEFORE, True),
    ("After the violent November 2024 incident in the capital, an effort began", Relation.AFTER, True),
    ("following the May 9 riots talks ended", Relation.AFTER, True),
    ("after Sunday", Relation.AFTER, False),
    ("he appeared before the court on Friday", Relation.AT, False),
    ("they met after the vote, and on Friday he refused", Relation.AT, False),
    ("the November march failed", Relation.AT, True),
    ("an accused of the May 9 cases", Relation.AT, True),
    ("Sunday's talks collapsed", Relation.AT, True),
    ("last week’s meeting", Relation.AT, True),
    ("the May 9 mayhem", Relation.AT, True),
    ("on Sunday talks resumed", Relation.AT, False),
    ("on Sunday he refused", Relation.AT, False),
    ("in November last year, talks failed", Relation.AT, False),
    ("between Monday and Friday", Relation.AT, False),
    ("from May 3 to May 7", Relation.AT, False),
]


@pytest.mark.parametrize(("text", "relation", "modifier"), RELATIONS, ids=[row[0] for row in RELATIONS])
def test_the_clause_stands_to_its_time_as_its_words_say(
    text: str, relation: Relation, modifier: bool
) -> None:
    mention = only(text)

    assert (mention.relation, mention.modifier) == (relation, modifier)


def test_what_holds_until_a_day_holds_until_the_coming_one() -> None:
    mention = only("postponed until Friday")

    assert mention.earliest == mention.latest == date(2025, 6, 6)


def test_what_was_done_by_a_day_that_has_just_been_was_done_by_that_day() -> None:
    mention = only("a deal was reached by the end of May")

    assert (mention.earliest, mention.latest) == (date(2025, 5, 21), date(2025, 5, 31))


NO_TIME = [
    "they will meet after Eid",
    "talks resume during Ramazan",
    "this Ramadan",
    "on the 10th of Muharram",
    "on the 27th of Ramazan",
    "two days before Eidul Fitr",
    "at Easter",
    "a day earlier",
    "two weeks later",
    "the same day",
    "the Wed results and a Thu cup",
    "he sat with Mon Das",
    "talks may resume",
    "PTI Talks May Resume",
    "May the talks succeed",
    "the Long March on Islamabad",
    "the Azadi March failed",
    "they march on the capital",
    "the march will go on",
    "the 26th amendment",
    "the 26th constitutional amendment was passed",
    "a friend for nearly two decades",
    "for almost 20 years",
    "the first talks in six months",
    "an august house",
    "The Friday Times said",
    "a Black Friday sale",
    "Pakistan Today reports",
    "Jan Achakzai spoke",
    "he met Mar Awan and Dec Lowe",
    "$9 million and 3,200 people",
    "all 2024 of them",
    "a ratio of 24/7",
    "the two sides sat down",
    "",
]


@pytest.mark.parametrize("text", NO_TIME)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert find_times(text, MONDAY) == ()


def test_without_a_day_of_publication_only_a_full_date_has_days() -> None:
    assert only("on November 24, 2024", None).earliest == date(2024, 11, 24)
    assert only("on 2024-11-24", None).latest == date(2024, 11, 24)
    assert only("in March 2025", None).latest == date(2025, 3, 31)
    assert only("in 2000", None).latest == date(2000, 12, 31)
    for text in (
        "on Sunday",
        "yesterday",
        "last November",
        "two nights ago",
        "on November 24",
        "in March",
        "last year",
    ):
        mention = only(text, None).looking_ahead()
        assert (mention.earliest, mention.latest) == (None, None), text


def test_several_times_of_a_sentence_come_in_order() -> None:
    text = "On Sunday he refused what they had agreed in March, two weeks after November 24."

    assert [mention.text for mention in find_times(text, MONDAY)] == ["Sunday", "March", "November 24"]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.rule}: {pattern.example}")
def test_every_pattern_finds_its_own_example(pattern: Pattern) -> None:
    assert any(
        mention.text == pattern.example
        for lead in ("", "in ", "on ", "on the ")
        for mention in find_times(lead + pattern.example, MONDAY)
    )


WORDS = """
in on the May March november 9 30 31 2024 99999 0 last next this week weeks ago a two few Sunday , - to from between and
since until end of early mid- third half year years from now earlier 24th 00/00/2024 2024-99-99 ② ٣
"""
PIECES = st.sampled_from([*WORDS.split(), "\ud800", "\x00"])


@given(
    st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=80),
    st.dates() | st.none(),
)
@example("in 9999 years, 9999 years ago, next year", date.max)
@example("last year, 31 decades ago, last winter, on the 31st", date.min)
@settings(max_examples=400, deadline=None)
def test_any_text_on_any_day_gives_ordered_times_and_ordered_days(text: str, published: date | None) -> None:
    mentions = find_times(text, published)

    ends = [0, *(mention.end for mention in mentions)]
    assert all(end <= mention.start < mention.end for end, mention in zip(ends, mentions, strict=False))
    for mention in mentions:
        for reading in (mention, mention.looking_ahead()):
            if reading.earliest and reading.latest:
                assert reading.earliest <= reading.latest


@pytest.mark.drill
def test_finding_times_takes_time_in_proportion_to_the_text() -> None:
    def seconds(text: str) -> float:
        begin = time.perf_counter()
        find_times(text, MONDAY)
        return time.perf_counter() - begin

    for unit in ("in May 9 the last ", "between 3 and ", "9", "before after ", "the early "):
        small, large = (min(seconds(unit * count) for _ in range(2)) for count in (500, 5_000))
        assert large < 40 * small + 0.05, unit
