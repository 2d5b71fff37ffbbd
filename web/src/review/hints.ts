// Hints on notes and feedback points, as review/hints.go gives them, from the same
// lists. A hint is advice: it stops nothing and is kept nowhere.

import "../words/later";
import file from "../../../review/rules/hints.json";
import { pupil, setOf, small, words, write, type Written } from "./names";
import { detect, rulesFor, type Rules } from "./rules";
import { read } from "./text";

export interface Hint {
  id: "judging" | "pupil" | "should" | "praise" | "person" | "bare";
  text: string;
}

/** A list of words, and of beginnings of words. */
interface WordList {
  exact: Set<string>;
  prefix: Set<string>;
}

function listOf(text: string): WordList {
  const all = words(text);
  return {
    exact: new Set(all.filter((w) => !w.endsWith("*"))),
    prefix: new Set(all.filter((w) => w.endsWith("*")).map((w) => w.slice(0, -1))),
  };
}

function has(l: WordList, w: string): boolean {
  if (l.exact.has(w)) return true;
  let begin = "";
  for (const c of w) {
    begin += c;
    if (l.prefix.has(begin)) return true;
  }
  return false;
}

interface HintWords {
  judging: WordList;
  praise: WordList;
  weak: WordList;
  before: WordList;
  after: WordList;
  seen: WordList;
  things: WordList;
  numbers: WordList;
  should: string[][];
  person: string[][];
  exclaim: string[][];
}

const loaded = new Map<string, HintWords>();

function wordsFor(language: string): HintWords {
  let h = loaded.get(language);
  if (!h) {
    const f = file[language as "nb"];
    const rows = (phrases: string[]) => phrases.map((p) => p.split(/[ :]/).filter(Boolean));
    h = {
      judging: listOf(f.judging),
      praise: listOf(f.praise),
      weak: listOf(f.weak),
      before: listOf(f.before),
      after: listOf(f.after),
      seen: listOf(f.seen),
      things: listOf(f.things),
      numbers: listOf(f.numbers),
      should: rows(f.should),
      person: rows(f.person),
      exclaim: rows(f.exclaim),
    };
    loaded.set(language, h);
  }
  return h;
}

/** Whether a word tells what somebody does, in any of the languages. */
export const does = (w: string): boolean => ["nb", "nn", "en"].some((l) => has(wordsFor(l).seen, w));

/** Whether a word judges, in a language; no wording of ours repeats it. */
export const judging = (language: string, w: string): boolean => has(wordsFor(language).judging, w);

/**
 * Hints on a note: a word of judgement in what was seen, and what may be a pupil's
 * name. known are people who are no pupils, such as the school's colleagues.
 */
export function onNote(saw: boolean, text: string, language: string, known: string[] = []): Hint[] {
  const said = rulesFor(language);
  const all = write(text);
  const h = wordsFor(detect(read(text), said).file.language);
  const out: Hint[] = [];
  if (saw) {
    let reported = false;
    for (const [i, w] of all.entries()) {
      reported = (reported || reports.has(w.low)) && !w.begin;
      if (!reported && judges(h, all, i)) {
        out.push(hint(said, "judging", w.low));
        break;
      }
    }
  }
  return [...out, ...pupilHint(said, all, known)];
}

/** How many words of what was seen make a point stand by itself. */
const concrete = 2;

/** Hints on a feedback point: advice, praise or words about the person where nothing that was seen stands beside them, and names. */
export function onPoint(text: string, language: string, known: string[] = []): Hint[] {
  const said = rulesFor(language);
  const all = write(text);
  const h = wordsFor(detect(read(text), said).file.language);
  if (all.length === 0) return /^[ \n\t\r]*$/.test(text) ? [] : [hint(said, "bare")];
  const told = all.some((w, i) => w.quoted || tells(h, all, i)); // what is quoted was heard
  const done = all.filter((w, i) => (has(h.seen, w.low) && !isIdiom(all, i)) || /^[0-9]+$/.test(w.low) || has(h.numbers, w.low)).length;
  const seen = done > 0 || told ? done + all.filter((w) => has(h.things, w.low)).length : 0;
  const praise = all.some((w, i) => praises(h, all, i) || (w.begin && h.exclaim.some((row) => follows(all, i, row))));
  const out: Hint[] = [];
  if (phrase(h.should, all)) out.push(hint(said, "should"));
  const person = phrase(h.person, all);
  const advised = out.length > 0;
  if (praise && seen < concrete && !advised) out.push(hint(said, "praise"));
  if (person && seen < concrete && !advised) out.push(hint(said, "person"));
  if (out.length === 0 && seen === 0 && !told) out.push(hint(said, "bare"));
  return [...out, ...pupilHint(said, all, known)];
}

/** The hint on what may be the name of a pupil, in words of any kind that somebody else will read. */
export const onNames = (text: string, language: string, known: string[] = []): Hint[] => pupilHint(rulesFor(language), write(text), known);

/** Whether a word judges where it stands: "god" with what it is said of. */
function judges(h: HintWords, all: Written[], i: number): boolean {
  const w = all[i]!;
  const next = all[i + 1];
  if (w.quoted || !has(h.judging, w.low) || greeting(all, i) || (next && escapes.has(`${w.low} ${next.low}`))) return false;
  return !has(h.weak, w.low) || praises(h, all, i) || (i > 0 && copulas.has(all[i - 1]!.low));
}

/** Rows of two that judge nothing, though the first word may. */
const escapes = new Set(
  "slapp til|slapp inn|slapp ut|slapp unna|slapp å|slapp fri|slapp ned|slapp ballen|slapp taket|late som|late til|cool down|sweet potato|sweet potatoes|fine motor|well known|wild animals|wild west".split(
    "|",
  ),
);

/** Whether a word that tells what was done tells nothing here: "it went well". */
function isIdiom(all: Written[], i: number): boolean {
  const next = all[i + 1];
  return next !== undefined && idioms.has(`${all[i]!.low} ${next.low}`);
}

/** Rows of two that judge in the words of something done. */
const idioms = new Set(
  "gikk fort|gikk bra|gikk greit|gikk tregt|gikk fint|gikk godt|gikk sakte|gikk på|gikk over|gikk litt|gikk helt|gikk som|gikk veldig|gjekk fort|gjekk bra|gjekk greitt|gjekk tregt|gjekk fint|gjekk godt|gjekk sakte|gjekk på|gjekk over|gjekk litt|gjekk heilt|gjekk som|gjekk veldig|kom godt|kom fint|kom litt|kom for|kom tydelig|satt godt|sat godt|tok tid|tok litt|ran like|ran smoothly|ran well|ran over|ran on|ran late|went well|went fine|went smoothly|went quickly|went badly|went by|went very|went really|went too|went over|went fast|fell flat|fell short|fell apart|came across|came together|came through|held together|held up|took time|took too|left me|lost pace|lost momentum|lost energy|lost steam|dragged on|dragged a|stuck to|made sense|made for|got a|got lost".split(
    "|",
  ),
);

/** Words between what is judged and the judgement. */
const copulas = setOf("var er ble vart blei gikk gjekk was is were are went");

/** Words after which a judgement is somebody else's, who was heard. */
const reports = setOf(
  "sa sier seier sagt svarte svara skrev skreiv skrevet skrive ropte ropa hvisket kviskra spurte spurde leste las kalte kalla mente meinte ordet ordene orda tittelen adjektiv adjektivet said says saying answered wrote written shouted whispered asked read called word words title adjective adjectives heter heiter",
);

/** What may stand after "good" without a judgement: good morning. */
const greetings = setOf("morgen morgon dag kveld helg natt jul tur morning afternoon evening night day luck bye britain tid nok");

function greeting(all: Written[], i: number): boolean {
  const next = all[i + 1];
  return next !== undefined && next.joined && greetings.has(next.low);
}

/** Whether something that was done begins or stands at a word: a moment; or a past form by its end, or by who did it, before it, where nouns end so, too. */
function tells(h: HintWords, all: Written[], i: number): boolean {
  const w = all[i]!.low;
  const next = all[i + 1];
  if (moments.has(w) && next?.joined && doers.has(next.low)) return true;
  if (has(h.judging, w) || neverTells.has(w) || [...w].length < 5) return false;
  const before = all[i - 1];
  return ["ed", "te", "dde", "gde", "vde"].some((end) => w.endsWith(end)) || (before !== undefined && doers.has(before.low) && (w.endsWith("et") || w.endsWith("a")));
}

/** Who does something, in front of what they did. */
const doers = setOf("du de dei dere vi han hun ho noen nokon ingen alle mange elevene elevane jentene guttene gutane klassen gruppa gruppene you they he she somebody someone everyone nobody pupils");

/** Words with which a moment begins that somebody was seen in. */
const moments = setOf("da då idet mens medan når etter før when while as after before until");

const neverTells = setOf(
  "suited worked seemed needed wanted liked loved enjoyed planned passte likte virket verka funket funka fungerte mangla manglet mestret mestra elsket elska passet passa følte kjente egnet eigna trivdes trivst ønsket ønskja burde skulle ville hadde trengte mente syntes siste første neste beste dette mitte nette bitte date ofte rette need speed mixed varied tired pleased impressed interested bored engaged motivated focused involved confused excited behaved crowded balanced structured organised prepared relaxed settled related rushed detailed limited complicated supposed tyngde lengde mengde bredde høyde glede viktigste fineste største minste meste fleste eldste yngste roligste trefte traff trygghet varighet disappointed committed dedicated gifted skilled talented experienced",
);

/** Whether a word praises where it stands. */
function praises(h: HintWords, all: Written[], i: number): boolean {
  const w = all[i]!;
  if (w.quoted || greeting(all, i)) return false;
  if (has(h.praise, w.low)) return true;
  const next = all[i + 1];
  return (
    has(h.weak, w.low) &&
    (w.begin || (i > 0 && w.joined && has(h.before, all[i - 1]!.low)) || (next !== undefined && next.joined && has(h.after, next.low)))
  );
}

/** Words of advice that need not begin a sentence. */
const anywhere = setOf("bør burde should anbefaler foreslår tilrår");

/** Whether a row of words stands there, outside quotations: what somebody else said is not the writer's. */
const follows = (all: Written[], i: number, row: string[]): boolean =>
  i + row.length <= all.length && row.every((p, k) => all[i + k]!.low === p && !all[i + k]!.quoted);

/** Whether one of the phrases is among the words, outside quotations. */
const phrase = (phrases: string[][], all: Written[]): boolean =>
  phrases.some((row) => all.some((w, i) => (row.length > 1 || w.begin || anywhere.has(row[0]!)) && follows(all, i, row)));

const hint = (r: Rules, id: Hint["id"], word = ""): Hint => ({ id, text: (r.file.hints[id] ?? "").replaceAll("{word}", () => word) });

function pupilHint(said: Rules, all: Written[], known: string[]): Hint[] {
  const ours = known.flatMap((k) => k.split(/\s+/).filter(Boolean).map(small));
  const name = pupil(all, new Set(ours.flatMap((w) => [w, `${w}s`, `${w}'s`, `${w}’s`])));
  return name === "" ? [] : [hint(said, "pupil", name)];
}
