"""Builds the text of the corpus: example sentences of WordNet, templates of everyday English, held-out sentences.

WordNet's glosses carry some 48,000 quoted examples, most of them short everyday phrases; its licence allows any use.
The templates fill the gap of small words, numbers, names, questions and sentence melody.
"""
import argparse
import gzip
import random
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
REFUSED = re.compile(r"\b(sex|rape|raped|nazi|nigg|whore|slut|fuck|shit|bitch|bastard|suicide|negro|jew|jews|breast|nude|naked|penis|genital)", re.I)

PEOPLE = """my mother|my father|my brother|my sister|my uncle|my aunt|my friend|our neighbor|the teacher|the doctor|the driver|the farmer|
the captain|the nurse|the baker|the old man|the young woman|the little girl|the boy|the children|a stranger|the manager|the lawyer|the artist|
the student|the waiter|the mayor|my cousin|his wife|her husband|their daughter|their son|the engineer|the gardener|the singer|the writer|
everyone|somebody|nobody|Peter|Mary|John|Anna|David|Sarah|Tom|Alice|George|Laura|Henry|Emma|Robert|Julia|Daniel|Helen|Martin|Susan|Paul|Kate""".replace("\n", "").split("|")
PRONOUN = "I|you|he|she|we|they".split("|")
THINGS = """the book|the letter|a cup of tea|the newspaper|the key|his coat|her bag|the bread|an apple|the picture|the chair|the table|the lamp|the window|
the door|the box|a new car|the bicycle|the boat|a warm blanket|the map|the radio|the phone|the computer|the camera|a glass of milk|the soup|the cake|
the cheese|some eggs|a pound of butter|the potatoes|the red shirt|a pair of gloves|the umbrella|his watch|the piano|a guitar|the ticket|the money|
the bill|the suitcase|the hammer|the knife|the plates|the garden|the fence|the roof|the engine|the painting|the flowers|the old clock|the mirror|
the blue pencil|the paper|the basket|the bottle|the candle|a piece of string|the ladder|the paint|the wooden spoon|the salt|the pepper|the sugar""".replace("\n", "").split("|")
PLACES = """in the kitchen|in the garden|at the station|at the office|near the river|behind the house|on the table|under the bridge|in the park|at school|
on the beach|in the library|at the market|in the city|in a small village|by the lake|on the second floor|at the airport|in the hospital|across the street|
next to the church|in front of the hotel|in the car|on the train|on the top shelf|at the corner|inside the box|outside the theater|in the mountains|
in the north of the country|at the end of the road|on the wall|beside the fire|at home|in the garage|in the next room|over the hill|in the harbor""".replace("\n", "").split("|")
TIMES = """today|tomorrow|yesterday|this morning|this evening|tonight|last night|last week|next month|every day|every morning|on Monday|on Tuesday|on Wednesday|
on Thursday|on Friday|on Saturday|on Sunday|in January|in February|in March|in April|in May|in June|in July|in August|in September|in October|in November|
in December|in the spring|in the summer|in the fall|in the winter|at noon|at midnight|at three o'clock|at half past six|at a quarter to nine|before breakfast|
after lunch|before dinner|an hour ago|two days ago|a long time ago|right now|very soon|twice a week|once a year|for many years|all day long""".replace("\n", "").split("|")
PAST = """bought|sold|found|lost|forgot|cleaned|painted|opened|closed|carried|broke|repaired|moved|dropped|washed|looked at|asked for|paid for|talked about|
thought about|pointed at|waited for|wanted|needed|liked|brought|took|put away|picked up|turned over|stood beside|left|hid|saw|gave away|threw away|saved|kept""".replace("\n", "").split("|")
BASE = """buy|sell|find|lose|forget|clean|paint|open|close|carry|break|repair|move|drop|wash|look at|ask for|pay for|talk about|think about|wait for|want|need|
like|bring|take|pick up|leave|see|hide|save|keep|use|show me|share|count|fix|check|return|send|build""".replace("\n", "").split("|")
GERUND = """reading|swimming|cooking|dancing|singing|walking in the rain|playing chess|working late|driving at night|learning English|writing letters|
watching birds|baking bread|riding a horse|climbing trees|fishing|painting|sleeping late|traveling by train|listening to music|talking on the phone""".replace("\n", "").split("|")
ADJ = """cold|warm|hot|old|new|small|large|happy|sad|tired|hungry|thirsty|angry|afraid|ready|late|early|quiet|loud|empty|full|clean|dirty|broken|beautiful|
strange|simple|difficult|easy|cheap|expensive|heavy|light|dark|bright|dry|wet|soft|hard|sweet|bitter|fresh|famous|important|dangerous|safe|busy|free|
wonderful|terrible|perfect|possible|impossible|interesting|boring|funny|serious|strong|weak|slow|fast|young|rich|poor|sick|healthy|narrow|wide""".replace("\n", "").split("|")
SUBJ = """the weather|the water|the room|the house|the street|the river|the soup|the story|the movie|the music|the work|the journey|the question|the answer|
the exam|the food|the coffee|the night|the sky|the wind|the forest|the shop|the hotel|the bus|the train|the road|the dog|the cat|the horse|the garden|
the village|the party|the meeting|the game|the price|the picture|the winter|the summer|the kitchen|the boat|the bridge|the school|the hospital""".replace("\n", "").split("|")
NUMBERS = """one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|
twenty one|twenty five|thirty|thirty two|forty|forty four|fifty|fifty six|sixty|seventy|seventy seven|eighty|ninety|ninety nine|a hundred|
two hundred|three hundred and fifty|a thousand|five thousand|a million""".replace("\n", "").split("|")
UNITS = """miles|minutes|hours|days|weeks|years|dollars|people|pages|steps|letters|houses|books|chairs|apples|eggs|students|soldiers|ships|trees|windows|cars|
stories|questions|words|stones|birds|horses|sheep|bottles|tickets|rooms|cities|countries""".replace("\n", "").split("|")
COLORS = "red|blue|green|yellow|black|white|brown|gray|orange|purple|pink|gold|silver".split("|")
ANIMALS = "dog|cat|horse|cow|bird|fish|mouse|rabbit|sheep|goat|fox|wolf|bear|deer|duck|chicken|lion|tiger|elephant|monkey|snake|frog|bee|butterfly".split("|")
ANIMAL_DOES = """ran across the road|slept by the fire|jumped over the fence|drank from the river|hid under the table|looked at us with big eyes|
was very hungry|followed us home|disappeared into the forest|ate all the bread|sat on the wall|made a strange noise""".replace("\n", "").split("|")
FOOD = """bread|butter|cheese|rice|chicken soup|fish|potatoes|tomatoes|an apple pie|chocolate cake|ice cream|strawberries|grapes|oranges|onions|carrots|
a sandwich|eggs and bacon|pancakes|honey|jam|salad|beef|noodles|cookies|a cup of coffee|a glass of orange juice|mushrooms|lemons|peanuts""".replace("\n", "").split("|")
REASON = """because it was raining|because I was tired|because we had no time|because the shop was closed|when the phone rang|when I came home|before the sun went down|
after the war|while we were talking|if you like|if the weather is good|so we stayed at home|so I went to bed early|but nobody answered|but it was too late|
and then we left|and everybody laughed|although it was dark|until the rain stopped|as soon as possible|without saying a word""".replace("\n", "").split("|")


def template(r):
  c = r.choice
  p, q, place, time, thing = c(PEOPLE), c(PRONOUN), c(PLACES), c(TIMES), c(THINGS)
  be, have = {"I": ("am", "have"), "he": ("is", "has"), "she": ("is", "has")}.get(q, ("are", "have"))
  was = "was" if q in ("I", "he", "she") else "were"
  return c([
      lambda: f"{p} {c(PAST)} {thing} {time}.",
      lambda: f"{p} {c(PAST)} {thing} {place} {c(REASON)}.",
      lambda: f"{q} {c(PAST)} {thing} {place}.",
      lambda: f"{q} {be} going to {c(BASE)} {thing} {time}.",
      lambda: f"{q} {have} never been so {c(ADJ)} before.",
      lambda: f"{q} {was} very {c(ADJ)} {time}.",
      lambda: f"{c(SUBJ)} is {c(ADJ)} and {c(ADJ)}.",
      lambda: f"{c(SUBJ)} was too {c(ADJ)}, {c(REASON)}.",
      lambda: f"is {c(SUBJ)} {c(ADJ)} {c(TIMES[:7])}?",
      lambda: f"would you please {c(BASE)} {thing}?",
      lambda: f"can you {c(BASE)} {thing} {place}?",
      lambda: f"where did you {c(BASE)} {thing}?",
      lambda: f"why did {p} {c(BASE)} {thing} {time}?",
      lambda: f"how many {c(UNITS)} are there {place}?",
      lambda: f"there are {c(NUMBERS)} {c(UNITS)} {place}.",
      lambda: f"it is {c(NUMBERS)} {c(UNITS[:8])} from here.",
      lambda: f"{p} likes {c(GERUND)} and {c(GERUND)}.",
      lambda: f"do you like {c(GERUND)} {time}?",
      lambda: f"we need {c(FOOD)}, {c(FOOD)}, and {c(FOOD)}.",
      lambda: f"I would like {c(FOOD)} with {c(FOOD)}, please.",
      lambda: f"the {c(COLORS)} {c(ANIMALS)} {c(ANIMAL_DOES)} {time}.",
      lambda: f"a {c(ADJ)} {c(ANIMALS)} {c(ANIMAL_DOES)}.",
      lambda: f"please {c(BASE)} {thing} and {c(BASE)} {c(THINGS)}.",
      lambda: f"{p} told me that {c(SUBJ)} was {c(ADJ)}, {c(REASON)}.",
      lambda: f"I think {p} will {c(BASE)} {thing} {time}.",
      lambda: f"don't {c(BASE)} {thing}, it is {c(ADJ)}.",
      lambda: f"{p} and {c(PEOPLE)} met {place} {time}.",
      lambda: f"{q} {have} {c(NUMBERS)} {c(UNITS)} and a {c(COLORS)} {c(ANIMALS)}.",
      lambda: f"what {c(ADJ)} {c(UNITS)} you have!",
      lambda: f"the {c(COLORS)} {c(UNITS)} {place} are {c(ADJ)}.",
      lambda: f"{time}, {p} {c(PAST)} {thing} and {c(PAST)} {c(THINGS)}.",
      lambda: f"let us {c(BASE)} {thing}, {c(REASON)}.",
      lambda: f"my phone number is {', '.join(c(NUMBERS[:10]) for _ in range(4))}.",
      lambda: f"thank you for {c(GERUND)} with {c(PEOPLE)}.",
      lambda: f"good morning, {c(PEOPLE[-20:])}, how are you {c(TIMES[:5])}?",
  ])()


def finish(s):
  s = re.sub(r"\s+", " ", s).strip()
  return s[0].upper() + s[1:]


def wordnet(root):
  """Example sentences whose every word is in the small American word list."""
  words = {w.strip().lower() for w in open(root / "usr/share/dict/american-english-small")} - {c for c in "bcdefghjklmnopqrstuvwxyz"}
  words -= {w for w in words if REFUSED.search(w)}
  out = set()
  for part in ("noun", "verb", "adj", "adv"):
    for line in open(root / f"usr/share/wordnet/data.{part}", encoding="latin-1"):
      for s in re.findall(r'"([^"]+)"', line.split("|", 1)[-1]):
        s = s.replace("`", "'").replace(";", ",").replace("--", ", ").strip(" ,")
        if not re.fullmatch(r"[A-Za-z ,.'!?]+", s) or REFUSED.search(s):
          continue
        tokens = re.findall(r"[A-Za-z']+", s)
        if 3 <= len(tokens) <= 25 and all(t.lower() in words for t in tokens):
          out.add(finish(s if s[-1] in ".!?" else s + "."))
  return sorted(out)


def build(root, seed=4):
  r = random.Random(seed)
  held = {h.strip() for h in open(HERE / "heldout.txt")}
  natural = [s for s in wordnet(root) if s not in held]
  made = {finish(template(r)) for _ in range(len(natural))} - held
  r.shuffle(natural)
  made = sorted(made)
  r.shuffle(made)
  # Two of three sentences are natural; pairs of short ones are joined later by chance in data.py.
  out = []
  for i, s in enumerate(natural):
    out.append(s)
    if i % 2 == 0 and made:
      out.append(made.pop())
  return out


def main():
  a = argparse.ArgumentParser(description=__doc__)
  a.add_argument("--root", required=True, help="folder with the unpacked packages wordnet-base and wamerican-small")
  a.add_argument("--out", required=True, help="sentences.txt.gz to write")
  a = a.parse_args()
  s = build(Path(a.root))
  with gzip.open(a.out, "wt") as f:
    f.write("\n".join(s) + "\n")
  words = [w for x in s for w in re.findall(r"[a-z']+", x.lower())]
  print(f"{len(s)} sentences, {len(words)} words, {len(set(words))} different")


if __name__ == "__main__":
  main()
