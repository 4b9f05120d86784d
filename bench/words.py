"""What the postings of the bench say: words spread as in a language, titles and skills of a board like this one."""

import random
from itertools import accumulate


def listed(text: str) -> list[str]:
    """What stands between the commas."""
    return [" ".join(part.split()) for part in text.split(",")]


# Each is in one posting of seven, and nothing else in the texts begins like it: what `common` asks for in turn.
COMMON = ("interview", "newsletter", "prototype", "neighborhood", "worksheet", "glossary")
ONE_IN = 7
# Each is in twenty of the first thousand postings and then in one of five thousand, so that from 1,000 postings on
# the page of results is full and the sizes compare: what `rare` asks for in turn.
RARE = listed("""volcanology,beekeeping,mandolin,tardigrades,lexicography,hydroponics,falconry,cuneiform,zeppelins,
accordions,permafrost,calligraphy,saxophones,trilobites,yodeling,marzipan,gargoyles,xylophones,ammonites,truffles""")
RARE_AMONG_FIRST = 1000
RARE_IN_FIRST = 20
RARE_THEN_ONE_IN = 5000

# The commonest words first, as a text about work has them; the long tail after them is made of syllables.
_HEAD = """\
the and of to a in for with is on you will we our your by from as that are this be or an at have it can who
project students data team work report research help use week weeks results review weekly mentor questions plan find
write what how short each public clients sources set build compare market list product study people time new more
service next test local make read simple goals start notes call code charts small online open then show first user
web clean collect records summary tools notes design learn end ideas business survey table better files process costs
content support current schools sales members pages numbers two three energy health city food program staff budget
meeting draft access impact growth climate water travel music history science language events price video images
community stories stock maps trends suppliers donors competitors experiments interns trials orders visits regions
history invoices hiring onboarding wages grants patients teachers farmers museums libraries parks buses bicycles
housing recycling solar battery sensors robots satellites genomes proteins vaccines rivers forests oceans trade
tariffs loans insurance audits taxes pensions startups investors patents contracts policies elections courts refugees
nutrition fitness sleep memory speech translation fonts colors podcasts games theaters festivals tourism hotels
restaurants recipes coffee wine textiles furniture logistics warehouses ports railways aviation drones mobile cloud
security privacy networks databases dashboards forecasts models statistics algorithms compilers kernels"""
_SYLLABLES = """\
ba be bo da de di do fa fe fi ga go ha hi ka ke ki ko la le li lo ma me mi mo na ne no pa pe po ra re ri ro
sa se si so ta te ti to va ve vi wa we yo za ze lan mer tor nel sen ran dor bel kin mar pol ver"""
_TAIL = 20_000
_SENTENCES = 40_000

WORKS = listed("""\
Survey,Analysis,Map,Review,Dashboard,Forecast,Audit,Redesign,Handbook,Campaign,Model,Archive,Catalog,
Benchmark,Translation,Simulation,Inventory,Roadmap,Script,Study,Guide,Comparison,Database,Storyboard,Pricing study,
Market scan,Literature review,Test plan,Data cleaning,Landing page,Grant search,Usability test""")
TOPICS = listed("""\
parking habits,customer churn,donor records,bus delays,solar roofs,school lunches,library loans,lab notes,
podcast topics,museum labels,river sensors,small loans,rental prices,trial sites,battery recycling,open invoices,
coffee suppliers,tax forms,street trees,job descriptions,exhibit photos,vaccine uptake,crop yields,game levels,
delivery routes,energy bills,alumni stories,patent filings,hotel reviews,flood insurance,ticket sales,sleep logs""")
AUDIENCES = listed("""\
a bike-share,a food bank,a biotech start-up,a city office,two clinics,a theater,a robotics lab,a small press,
an energy co-op,a museum,a credit union,a coding school,a farm network,a travel agency,a housing fund,a law clinic,
a coffee roaster,a games studio,a port authority,a language school,a hospital,a space company,a toy maker,a union""")
SKILLS = listed("""\
Python,R,SQL,Excel,writing,editing,JavaScript,HTML,CSS,Java,C++,statistics,Tableau,Figma,Photoshop,research,
data cleaning,public speaking,Spanish,French,Mandarin,Portuguese,GIS,MATLAB,React,Django,machine learning,SEO,
copywriting,bookkeeping,accounting,project management,survey design,lab work,CAD,social media,video editing,Git,
Linux,economics,policy analysis,teaching,translation,photography,negotiation,cold calling,financial modeling""")
CITIES = (("Boston", "MA"), ("Cambridge", "MA"), ("New York", "NY"), ("Chicago", "IL"), ("Austin", "TX"))
ABROAD = (
    ("Lisbon", "PT", "EUR"),
    ("São Paulo", "BR", "BRL"),
    ("Berlin", "DE", "EUR"),
    ("Nairobi", "KE", "KES"),
    ("Tokyo", "JP", "JPY"),
    ("Montréal", "CA", "CAD"),
)
NAMES = listed("Ana,Ben,Chloe,Dana,Eli,Farah,Gus,Hana,Ivan,Jade,Kofi,Lucía,Malik,Nora,Owen,Pia,Quinn,Rosa,Sam,Tara")
ENDINGS = listed("Labs,Analytics,Works,Studio,Partners,Foundation,Institute,Systems,Health,Energy,Press,Group")


def rare_of(number: int) -> list[str]:
    """The rare words in the posting of that number."""
    if number < RARE_AMONG_FIRST:
        every, apart = RARE_AMONG_FIRST // RARE_IN_FIRST, 2
    else:
        every, apart = RARE_THEN_ONE_IN, 17
    return [word for place, word in enumerate(RARE) if number % every == place * apart]


class Language:
    """Sentences drawn once; a posting picks among them, which is quick and keeps the spread of the words."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = list(dict.fromkeys([*_HEAD.split(), *(self._invented() for _ in range(_TAIL))]))
        self.tail = self.words[-5000:]
        weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        lengths = [self.random.randint(7, 19) for _ in range(_SENTENCES)]
        drawn = iter(self.random.choices(self.words, cum_weights=weights, k=sum(lengths)))
        self.sentences = [self._sentence([next(drawn) for _ in range(length)]) for length in lengths]
        self.titles = [f"{work} of {topic}" for work in WORKS for topic in TOPICS]

    def name(self, chance: random.Random) -> str:
        return chance.choice(self.tail).title()

    def _invented(self) -> str:
        return "".join(self.random.choices(_SYLLABLES.split(), k=self.random.choice((2, 3, 3, 4))))

    def _sentence(self, words: list[str]) -> str:
        return f"{' '.join(words).capitalize()}."
