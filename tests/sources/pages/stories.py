# ruff: noqa: E501 - a paragraph a line
"""Made-up reports from which sample pages are built: headline, teaser as a feed would have it, paragraphs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """A report; `teaser` is what the feed says of it."""

    title: str
    teaser: str
    paragraphs: tuple[str, ...]
    language: str = "en"
    day: str = "2026-02-27"
    author: str = "Mira Holt"


def _story(title: str, teaser: str, text: str, language: str = "en") -> Story:
    return Story(title, teaser, tuple(part.strip() for part in text.strip().split("\n")), language)


DOCKS = _story(
    "Dock workers return to talks after ferry strike",
    "Union leaders will meet the port company on Monday after a strike that stopped ferries for nine days.",
    """The dock workers' union agreed on Friday to meet the port company on Monday, ending a strike that had stopped every ferry on the strait for nine days.
Union secretary Paula Renner told members gathered at gate four that the company had withdrawn its plan to close the night shift, which had been the cause of the walkout.
"We go back to the table, not back to work," she said, adding that crews would return only when a text had been signed by both sides.
The company said in a statement that it welcomed the decision and had asked a retired judge, Anton Weiss, to chair the meeting.
Passengers who had waited in the terminal since last week said they had been told nothing of when the first boat would leave.
Economists at the regional bank put the cost of the strike at four million a day, most of it borne by growers whose fruit could not be shipped.
A similar dispute two years ago was settled after five meetings, with a pay rise of six percent spread over three years.
This time the question is not money but hours, said Renner, who drove a crane for twenty years before she was elected.
Night crews earn a third more than day crews, and many families in the harbour quarter have arranged their lives around it.
The company argues that the ships of the new line arrive by day only, and that lamps and guards cost more than the night brings in.
A study paid for by the city found that half of the night's work could be moved to the early morning without loss.
Weiss, who will chair the meeting, led the inquiry into the collapse of the old pier and is respected on both sides.
He told local radio that he would listen first and speak last, and that he had bought a large pot for coffee.
Ferries are to run again within six hours of a signature, starting with the mail boat to the outer islands.""",
)
BORDER = _story(
    "Mediators say border committee will resume sessions",
    "The joint committee on the border crossing is to meet again next month, mediators said, after both governments dropped conditions.",
    """The joint committee on the disputed border crossing will resume its sessions next month, mediators from the lake states said on Thursday after a day of separate meetings.
Both governments had dropped conditions that they had set in autumn, the chief mediator, Ilse Marant, told reporters in the old customs house.
She would not say whether prisoners were discussed, but two officials who took part said a list of forty names had changed hands.
The crossing was closed in September when soldiers exchanged fire near the bridge and a customs officer was killed.
Traders on both banks have since used a mountain road that adds eleven hours to the journey and is blocked whenever it snows.
Opposition deputies in the northern capital called the announcement a surrender and promised to bring it before parliament.
Marant said the first session would deal with lorries only, since it was the one question on which there was already a draft.""",
)
PAYWALLS = _story(
    "Publishers told to make it easier to cancel subscriptions",
    "A consumer court ruled that newspapers must let readers leave as easily as they joined.",
    """Newspapers must let readers cancel as easily as they signed up, a consumer court ruled on Tuesday in a case brought by a teacher who had been charged for two years.
The teacher had clicked a button that read "subscribe to continue reading" and was offered the first month for one coin, the court heard.
When she had reached her limit of free articles the following month the page asked whether she was already a subscriber, and she found that she was.
The judges said that a notice which covers an article until cookies are accepted does not amount to consent either, since nobody reads it.
A spokesman for the publishers' association said its members would study the ruling and that log in pages would be changed by summer.
Lawyers expect similar cases against gyms and mobile phone companies, which have long made customers send letters.
The court gave the three newspapers named in the case ninety days to write to everyone who had joined since 2023.""",
)
ROBOTS = _story(
    "Ministry website kept pensioners out with human test",
    "A check that was meant to stop bots locked out one in five pensioners, auditors found.",
    """A check that was meant to stop bots from booking appointments locked out one in five pensioners at the ministry of labour, auditors said in a report on Wednesday.
Visitors were shown a page that said "verify you are human" and asked them to press and hold a button that did not work on older phones.
Others saw only the words "please enable JavaScript and cookies to continue" and gave up, the auditors found after reading two thousand letters.
The ministry bought the service in spring after a company had resold every free appointment within minutes of midnight.
Its director said the test would be switched off for people who come through the post office's terminals.
Unions of the retired welcomed the report but asked for counters to be reopened in the nine districts that have none.
The auditors will look at the tax office next, which uses the same test and has had the same complaints.""",
)
BRIEF = _story(
    "Quake shakes northern valley, no injuries",
    "A moderate earthquake shook the northern valley.",
    """A moderate earthquake shook the northern valley early on Sunday, the geological office said, and people ran into the streets of three towns. Nobody was hurt.
The tremor had a magnitude of 4.9 and its centre lay twelve kilometres under the reservoir, whose dam was inspected and found sound by noon.""",
)
COALITION = _story(
    "Coalition partners near deal on budget talks",
    "Negotiators for the two coalition parties said they were close to agreement on spending for schools.",
    """Negotiators for the two coalition parties said late on Wednesday that they were close to an agreement on spending for schools, the last open chapter of the budget.
Finance minister Jorun Aske left the meeting after midnight and said only that "the numbers have begun to speak to each other".
Her counterpart from the farmers' party, Tom Brekke, said two sentences were missing and that they would be found after some sleep.
The talks had been broken off twice since January over a tax on fertiliser that the farmers' party refuses.
Under the draft, classes in the first three years would be limited to twenty pupils and rural schools would be kept open until 2030.
Economists warned that the plan rests on growth that no forecast expects, and the central bank declined to comment.
Parliament must vote by the end of March, or last year's budget goes on month by month.
If the talks fail, both leaders have said, there will be an election in May.""",
)
WATER = _story(
    "Province and capital trade blame over canal",
    "Officials of the province walked out of a meeting on the new canal on Tuesday.",
    """Officials of the downstream province walked out of a meeting on the new canal on Tuesday, saying the capital had begun to dig before anything was agreed.
Irrigation minister Salma Dero said excavators had been filmed at two places along the route although both sides had promised to wait for the survey.
The federal water authority called the machines a matter of maintenance and invited the province to send engineers to look for themselves.
Farmers in the delta have blocked the coastal road since Saturday with tractors and empty fishing boats.
The canal would carry a tenth of the river's summer flow to new fields in the east, according to plans published in December.
Hydrologists who advise neither side say that the river has not had that tenth to spare in four of the past ten summers.
A council in which all provinces have one vote is to decide in April, if it meets at all.""",
)
TRANSIT = _story(
    "City offers tram drivers fresh pay round",
    "The transport authority has invited the drivers' union to a new round of pay negotiations.",
    """The transport authority has invited the tram drivers' union to a new round of pay negotiations next week, a letter seen by this newspaper shows.
In it the authority's director, Nils Okafor, offers to begin with the rest breaks that drivers say are missing from the new timetable.
The union's branch chair, Rosa Lindt, said the letter was friendlier than the last one and that the committee would answer on Friday.
Drivers have refused overtime since November, so that the last trams leave two hours earlier than they used to.
A poll for the local radio station found that six in ten passengers sided with the drivers.
The city council set aside money for higher wages in its autumn budget but has not said how much.""",
)
PEACE = _story(
    "Rebel envoy denies back-channel contacts",
    "An envoy of the hill movement denied on Sunday that it had been in contact with the army.",
    """An envoy of the hill movement denied on Sunday that it had been in contact with the army through a bishop, as a magazine had reported.
"There is no channel, neither at the front nor at the back," the envoy, Captain Ruel Santos, said by telephone from the coast.
The army did not comment, but a retired general who took part in earlier negotiations said that such denials were usual.
Bishop Andres Lim was travelling and could not be reached; his office said that he prays for everybody.
Fighting has been sporadic since the rains began, and both sides have let convoys with rice pass.
The last formal round of talks ended in 2023 without a communique.
Observers say that the movement is divided over whether to ask for autonomy or for seats in the assembly.
Santos himself is thought to favour seats, having sat in the assembly for a year before he took to the hills.
The magazine had described a house with green shutters in the cathedral town, where the bishop was said to carry letters from room to room.
Neighbours told this newspaper that the shutters were painted blue last spring and that nobody had come or gone.
In the capital the president's spokesman said that the door had never been closed and that he would not describe its hinges.
Families of forty missing soldiers hold a vigil every Friday in front of the palace, and they asked both sides to go on talking.
The rice convoys are organised by the churches and have not been shot at since the week before Christmas.""",
)
GERMAN = _story(
    "Lokführer und Bahn nehmen Gespräche wieder auf",
    "Nach sechs Tagen Streik wollen die Lokführer wieder mit der Bahn verhandeln.",
    """Nach sechs Tagen Streik wollen die Lokführer am Montag wieder mit der Bahn verhandeln, wie beide Seiten am Freitagabend mitteilten.
Die Gewerkschaft hatte die Gespräche im Januar abgebrochen, weil die Bahn eine kürzere Arbeitswoche im Schichtdienst ablehnte.
Nun liege ein Vorschlag auf dem Tisch, über den man reden könne, sagte die Vorsitzende Karin Thal am Rande einer Kundgebung.
Der Fernverkehr soll von Sonntag an wieder nach Fahrplan laufen, im Regionalverkehr rechnet die Bahn noch mit Ausfällen.
Wirtschaftsverbände hatten den Schaden auf hundert Millionen Euro am Tag geschätzt und eine Schlichtung verlangt.
Als Vermittler ist der frühere Arbeitsrichter Otto Brandt im Gespräch, der schon 2021 einen Kompromiss gefunden hatte.""",
    "de",
)
FRENCH = _story(
    "Les enseignants acceptent de revenir à la table",
    "Après trois semaines de grève, les syndicats d’enseignants ont accepté une réunion avec le ministre.",
    """Après trois semaines de grève, les syndicats d’enseignants ont accepté jeudi une réunion avec le ministre de l’Éducation, prévue mardi prochain.
La décision a été prise à une courte majorité lors d’une assemblée qui a duré jusqu’à minuit, selon plusieurs participants.
Le ministre s’est dit prêt à discuter des effectifs par classe, mais pas de la réforme du baccalauréat.
Dans les académies du Sud, la moitié des collèges étaient encore fermés vendredi matin.
Les parents d’élèves réclament un calendrier de rattrapage avant les examens de juin.""",
    "fr",
)
SPANISH = _story(
    "El Gobierno y los transportistas reanudan el diálogo",
    "Los camioneros levantaron los bloqueos y volverán a reunirse con el Gobierno el lunes.",
    """Los camioneros levantaron el viernes los bloqueos en la frontera sur y volverán a reunirse con el Gobierno el lunes, según anunció su portavoz, Elena Prats.
La ministra de Transporte había ofrecido aplazar seis meses el nuevo impuesto al gasóleo a cambio de que se despejaran las carreteras.
"No hemos ganado nada todavía, pero nos han escuchado", dijo Prats ante un centenar de conductores en el puerto seco.
Los mercados mayoristas empezaban a notar la falta de fruta y pescado después de cinco días de protesta.
La patronal calcula las pérdidas en treinta millones y pide que el acuerdo quede por escrito.""",
    "es",
)
URDU = _story(
    "بندرگاہ کے مزدوروں کی کمپنی سے بات چیت دوبارہ شروع",
    "نو روز کی ہڑتال کے بعد مزدور یونین پیر کو کمپنی سے مذاکرات کرے گی۔",
    """نو روز کی ہڑتال کے بعد بندرگاہ کی مزدور یونین نے جمعے کو اعلان کیا کہ وہ پیر کے روز کمپنی کے نمائندوں سے مذاکرات کرے گی۔
یونین کے سیکریٹری کریم داد نے کارکنوں سے خطاب کرتے ہوئے کہا کہ کمپنی نے رات کی شفٹ بند کرنے کا منصوبہ واپس لے لیا ہے۔
انہوں نے کہا کہ معاہدے پر دستخط ہونے تک کام شروع نہیں کیا جائے گا اور کارکن دروازے پر موجود رہیں گے۔
کمپنی نے ایک بیان میں اس فیصلے کا خیر مقدم کیا اور کہا کہ اجلاس کی صدارت ایک ریٹائرڈ جج کریں گے۔
تاجروں کے مطابق ہڑتال سے پھلوں کی برآمد رک گئی تھی اور روزانہ کروڑوں روپے کا نقصان ہو رہا تھا۔""",
    "ur",
)
RUSSIAN = _story(
    "Докеры возвращаются к переговорам с портом",
    "После девятидневной забастовки профсоюз докеров встретится с руководством порта.",
    """После девятидневной забастовки профсоюз докеров согласился встретиться в понедельник с руководством порта, сообщила секретарь профсоюза Полина Реннер.
По её словам, компания отказалась от плана закрыть ночную смену, из-за которого люди и прекратили работу.
Экипажи вернутся на суда только после подписания документа обеими сторонами, добавила она.
В порту заявили, что приветствуют это решение и просят отставного судью председательствовать на встрече.
Пассажиры, ждавшие на вокзале с прошлой недели, рассказали, что им ничего не говорят о первом рейсе.""",
    "ru",
)
CHINESE = _story(
    "码头工人罢工九天后重返谈判桌",
    "工会领导人将于周一与港口公司会面，此前罢工使渡轮停运九天。",
    """码头工人工会周五同意于周一与港口公司会面，结束了使海峡所有渡轮停运九天的罢工。工会秘书在四号门前对会员表示，公司已经撤回关闭夜班的计划，而这正是罢工的起因。
她说，我们回到的是谈判桌，而不是工作岗位，只有在双方签署文件之后船员才会复工。
公司在一份声明中对这一决定表示欢迎，并已请一位退休法官主持会议。
自上周起在候船大厅等候的乘客说，没有人告诉他们第一班船何时起航。
地区银行的经济学家估计，罢工每天造成四百万的损失，其中大部分由无法运出水果的种植者承担。""",
    "zh",
)
