package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/notify"
	"undring/once"
	"undring/postgres/pgtest"
	"undring/privacy"
	"undring/school"
	"undring/server"
	"undring/session"
	"undring/tables"
	"undring/words"
)

// goes is how the page of processing says when words go.
var goes = map[tables.When]string{
	tables.WithVisit:   "når besøket trekkes tilbake, når månedene skolen har avtalt er ute, eller når den som skrev dem slettes (det som er gitt til kollegaen, blir hos kollegaen)",
	tables.WithPerson:  "når personen slettes",
	tables.WithImport:  fmt.Sprintf("ved neste import, eller etter %d dager", days(school.UndoTime)),
	tables.WithSession: fmt.Sprintf("%d dager etter at øktens tid er ute", days(session.KeptTime)),
	tables.WithSchool:  "når skolen tar dem bort",
}

// ofWhom is how it says whose they are.
var ofWhom = map[tables.Whose]string{
	tables.Observers: "observatøren", tables.Observeds: "den observerte", tables.OfBoth: "begge i besøket", tables.Writers: "den av de to som skrev det",
	tables.Ones: "personen raden gjelder", tables.TheSchools: "skolen eller skoleeieren",
}

// read is who reads them.
var readBy = map[tables.Audience]string{
	tables.ByWriter: "bare den som skrev det", tables.ByWriterTill: "den som skrev det, og de to etter at det er gitt", tables.ByTwo: "de to i besøket",
	tables.ByTeam: "teamet", tables.BySchool: "alle ved skolen", tables.Registered: "personen selv, og den som styrer med brukerne", "": "alle ved skolen",
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// mostMonths is for how many months a school may keep words, by the contract.
func mostMonths() int {
	field := (&pb.UpdateExchangePolicyRequest{}).ProtoReflect().Descriptor().Fields().ByName("retention_months")
	return int(proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules).GetInt32().GetLte())
}

// processing is docs/personvern.md: what an owner has to be able to show, in bokmål, made
// from what the rooms declare of their tables and from the times that the code goes by.
func processing(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Personvern: det en skoleeier må kunne vise\n")
	say("Siden er laget av koden (`go test ./server -run ProcessingIsDrawn -update`): tabeller, kolonner og tider er de som gjelder. Rett den ikke for hånd.\n")

	say("Det som står i klammer, fyller skoleeieren ut. Alt annet er slik programmet er bygd.\n")

	say("## Protokoll over behandlingen (artikkel 30)\n")
	say("| | |\n|---|---|")
	say("| Behandlingsansvarlig | [Skoleeieren: kommunen, fylkeskommunen eller styret for skolen; navn, kontakt, personvernombud] |")
	say("| Databehandler | [Den som drifter Undring for skoleeieren] |")
	say("| Hva | Lærere besøker hverandres timer, gir tilbakemelding, stiller et undrende spørsmål og svarer. De deler læring, melder behov, og velger sammen hva skolen skal arbeide med |")
	say("| Formål | Å utvikle egen undervisning sammen. Ikke vurdering, lønn, kontroll eller ansettelse. Brukes ikke til automatiserte avgjørelser |")
	say("| Rettslig grunnlag | [Foreslås: personvernforordningen artikkel 6 nr. 1 bokstav e med det supplerende grunnlaget som skoleeieren viser til (nr. 3), eller bokstav f etter en skriftlig avveining; begge etter drøfting med de tillitsvalgte. Ikke samtykke: en ansatt er sjelden fri til å si nei] |")
	say("| Hvem det gjelder | Ansatte. Elever skal ikke navngis: appen sier fra om navn før noe deles, og de to i et besøk kan ta et navn ut av alle tekstene |")
	say("| Slags opplysninger | Navn, e-post, rolle, skole og team fra registeret; hvem en er hos tjenesten en logger inn med; det som skrives (tabellen under); når noe ble gjort. Særlige kategorier (artikkel 9) hører ikke hjemme her, og ingen felt spør om dem; i fritekst kan de likevel komme |")
	say("| Mottakere | De to i besøket; teamet eller skolen for det som er skrevet til dem (tabellen under). Ledere får tall for grupper. Databehandleren |")
	say("| Hva som går ut av huset | Bare det som er slått på: e-post gjennom skoleeierens e-posttjener; varsler gjennom push-tjenesten til nettleseren eller telefonen (Google, Apple, Mozilla), kryptert; kalendere som personen selv gir en adresse til. Adressen til en timeplan leses hver natt for den som selv har satt den. De andre sier hva som venter og når, aldri hva noen har skrevet; navn bare når personen har valgt det |")
	say("| Overføring ut av EØS | Ingen fra programmet selv. Push-tjenestene kan ligge utenfor EØS: [skoleeieren avgjør om de skal være slått på] |")
	say("| Hvor | I databasen hos databehandleren, og på telefonene til dem det gjelder |")
	say("| Sikkerhet | Se vedlegget til databehandleravtalen under, og docs/security.md |")
	say("")
	say("### Hva som lagres\n")
	say("| Tabell | Ord | Hvem sine | Leses av | Går |\n|---|---|---|---|---|")
	for _, r := range server.Rooms() {
		for _, table := range r.Tables {
			for _, w := range table.Words {
				when, whose, who := goes[w.Go], ofWhom[w.Of], readBy[w.Read]
				if when == "" || whose == "" || who == "" {
					t.Errorf("%s.%s: no Norwegian for when it goes (%q), whose it is (%q) or who reads it (%q): add it in processing_test.go", table.Name, w.Columns, w.Go, w.Of, w.Read)
				}
				title := "`" + table.Name + "`"
				if key := "export.table." + table.Name; slices.Contains(words.Keys("nb"), key) {
					title += " " + words.Say("nb", key)
				}
				say("| %s | %s | %s | %s | %s |", title, strings.ReplaceAll(w.Columns, " ", ", "), whose, who, when)
			}
		}
	}
	say("")
	say("### Hvor lenge\n")
	say("| Hva | Tid |\n|---|---|")
	say("| Notater som ikke er delt, og utkast | til besøket avsluttes |")
	say("| Ord i et besøk | så mange måneder som skolen har avtalt (%d når ikke annet er avtalt), aldri mer enn %d. De to får vite det 30 dager før |", school.DefaultPolicy(time.Time{}).RetentionMonths, mostMonths())
	say("| Hvem som fikk se hva | %d måneder |", privacy.AccessTime)
	say("| Det administratorer har gjort | %d måneder |", school.ActsTime)
	say("| Varsler i appen | %d dager |", days(notify.Kept))
	say("| Minnet om at en forespørsel kom fram | %d dager |", days(once.Memory))
	say("| En økt | gjelder i %d dager fra innlogging; raden går %d dager etter det, også når økten ble avsluttet før |", days(session.SessionTime), days(session.KeptTime))
	say("| En innloggingskode | %d dager |", days(school.InvitationTime))
	say("| Det en import endret, så den kan angres | %d dager |", days(school.UndoTime))
	say("| Bytene til det som er slettet, i databasens filer | %d dager, når den som drifter skriver tabellene på nytt (se under) |", days(privacy.FilesTime))
	say("| Databasens logg (WAL) | til filene i den brukes om igjen eller arkivet slettes: bestemmes av den som drifter |")
	say("| Sikkerhetskopier | [bestemmes av den som drifter; foreslås: 35 dager] |")
	say("| Tall som er lagt fram | står; de gjelder grupper |")
	say("")
	say("En vanlig `vacuum` lar bytene av det som er slettet, ligge i filene til noe annet skrives der. Den som drifter, kjører `vacuum full` om natten minst hver %d. dag; da er de borte fra databasens filer. Loggen (WAL) og sikkerhetskopiene har dem til de selv går. Databasens statistikk har ingen utdrag av det folk skriver. Etter en gjenoppretting fra sikkerhetskopi slettes de på nytt som står i tabellen `erasure` fra før havariet: ta vare på den utenom kopien. docs/running.md har kommandoene.\n", days(privacy.FilesTime))

	say("## Dataflyt\n")
	say("```mermaid\nflowchart LR\n  A[Observatørens telefon] -- TLS --> S[Undring]\n  B[Den observertes telefon] -- TLS --> S\n  R[Skolens register] -- fil, av administrator --> S\n  F[Innlogging, f.eks. Feide] -- hvem er det --> S\n  S --> D[(PostgreSQL hos skoleeierens driftsleverandør)]\n  D --> K[(Sikkerhetskopier)]\n  D -- tall for grupper, hvert halvår --> L[Alle ved skolen, også ledere]\n  D -- egen kopi, etter ny innlogging --> P[Personen selv]\n  S -- «noe venter», uten det som er skrevet --> V[E-post og push-tjenester, der de er slått på]\n  S -- tider, til adressen som personen har fått --> C[Personens kalender]\n```\n")

	say("## Rettigheter, og hvor de er\n")
	say("| Rett | I appen |\n|---|---|")
	say("| Innsyn og dataportabilitet (artikkel 15 og 20) | Mer → Det som er mitt → Last ned alt som er mitt. Krever en innlogging som er gjort for dette, de siste %d minuttene, og hver kopi vises for den det gjelder |", int(school.OwnDataTime/time.Minute))
	say("| Hvem har lest | samme side, dag for dag, med kopier og det administratorer har gjort |")
	say("| Retting (16) | den observerte retter et delt notat; begge ordlyder står hvis de er uenige. Navn og e-post rettes i registeret |")
	say("| Sletting (17) | Trekk besøket tilbake, eller Slett meg. Navnet på en elev: Ta et navn ut av tekstene |")
	say("| Protest og begrensning (21 og 18) | [til skoleeieren; personen kan selv trekke besøk tilbake og slette seg] |")
	say("| Informasjon (13 og 14) | samme side, versjon %s; hvem som har sagt at de har lest, ser bare personen selv |", privacy.InformationVersion)
	say("")
	say("Ved sletting beholder kollegaen det som var skrevet til kollegaen: punkter, spørsmål, svar, innlegg, delte notater og samtaler begge har bekreftet. Det står «en tidligere kollega» der navnet sto, og det går når skolens tid er ute. Programmet kjenner ingen lov som pålegger skoleeieren å beholde noe av dette lenger; mener skoleeieren noe annet (arkiv, tvist), skrives det her: [ ].\n")
	say("### Når noen slutter, dør, bytter arbeidsgiver eller har to brukere\n")
	say("- **Slutter**: tilgangen ender med registeret. Personen kan ta kopi og slette seg før det. Ord går når skolens tid er ute; kollegaen leser «en tidligere kollega».")
	say("- **Dør**: skoleeieren ber den som drifter kjøre `undring person erase`. Det som var skrevet til kollegaen, blir hos kollegaen til skolens tid er ute.")
	say("- **Bytter skoleeier**: ingenting følger med av seg selv. Personen tar kopi hos den gamle og begynner på nytt hos den nye. Sletting hos den ene rører ikke den andre.")
	say("- **To brukere som slås sammen**: det den ene skrev før, er med i kopien (mappen `merged-1`) og slettes sammen med resten. Brukere som begge har besøk, slås ikke sammen.")
	say("- **En rolle, en import, en kobling**: står i listen hos den det gjelder, og hos administratorene.")
	say("")

	say("## Mal for vurdering av personvernkonsekvenser (DPIA, artikkel 35)\n")
	say("1. *Behandlingen*: se protokollen over. [Omfang: antall skoler og ansatte.]")
	say("2. *Er den nødvendig og forholdsmessig?* [Hvorfor kollegabesøk trengs her, og hvorfor det ikke kan gjøres med mindre. Hvor mange måneder ord skal ligge, og hvorfor.]")
	say("3. *Risikoer.* Sannsynlighet og konsekvens setter skoleeieren, etter at tiltakene er på plass, og legger til sine egne:\n")
	say("| Risiko for den ansatte eller eleven | Tiltak som er bygd | Det som er igjen | Sannsynlighet | Konsekvens |\n|---|---|---|---|---|")
	for _, r := range [][3]string{
		{"En leder bruker ord fra et besøk mot en ansatt", "ingen funksjon viser dem til andre enn de to; radsikkerhet i databasen (G8, G9, G11)", "skjermbilder, og det de to selv sier"},
		{"Formålet glir over i vurdering eller kontroll", "ingen rangering og ingen tall for én person; regler skolen endrer, vises dager før de gjelder", "press utenom appen: avtal det med de tillitsvalgte"},
		{"Tall peker på en person", "reglene P1–P14; små grupper vises ikke (G10)", "flere kilder lagt sammen"},
		{"En elev navngis", "appen sier fra før deling; de to kan ta navnet ut av alle tekstene, også av det de har delt", "kallenavn og beskrivelser som peker på en elev"},
		{"Helse eller andre særlige kategorier kommer med i fritekst", "feltene spør om det som ble sett; de to kan trekke besøket tilbake", "det noen likevel skriver"},
		{"En telefon mistes, eller en økt blir stjålet", fmt.Sprintf("økten stenges fra en annen enhet; kopi og sletting krever en innlogging som er gjort for dette, de siste %d minuttene, og som brukes opp av én kopi; hver kopi vises for den det gjelder (G20, G21)", int(school.OwnDataTime/time.Minute)), "at noen ser på skjermen i de minuttene"},
		{"En administrator gir seg selv eller andre tilgang", "roller, koblinger og importer skrives opp og vises for den det gjelder; ingen rolle leser besøk", "administratorer leser navn, e-post og roller"},
		{"Den som drifter, leser databasen", "avtale; logg og kryptering hos driften", "den som har nøklene, kan lese"},
		{"Det som er slettet, kommer tilbake fra en kopi", "tabellen `erasure` sier hvem som slettes på nytt", "at noen gjør det: se docs/running.md"},
		{"Ord blir borte", "det som er bekreftet lagret, tåler brå stans (G1); personen kan ta kopi", "sikkerhetskopier hos driften"},
	} {
		say("| %s | %s | %s | [ ] | [ ] |", r[0], r[1], r[2])
	}
	say("\n4. *De ansattes og tillitsvalgtes syn*: [dato, hvem, hva de sa].\n5. *Råd fra personvernombudet*: [dato, hva].\n6. *Konklusjon*: [er risikoen akseptabel; må Datatilsynet rådspørres (artikkel 36)?] [dato, navn, neste gjennomgang].\n")

	say("## Vedlegg til databehandleravtalen (artikkel 28)\n")
	say("- **Formål, opplysninger, hvem det gjelder, tider**: som protokollen over. Databehandleren behandler bare etter skoleeierens instruks; de som har tilgang, har taushetsplikt.")
	say("- **Underleverandører**: [føres her; push-tjenester og e-posttjener hører med når de er slått på]. Nye meldes skoleeieren før de tas i bruk.")
	say("- **Sikkerhet (artikkel 32)**: TLS; radsikkerhet per skoleeier og person; tilgangstegn som lever i %d minutter; ingen ord fra besøk i logger, målinger eller varsler; [kryptering av disker og sikkerhetskopier hos driften]. Se docs/security.md.", int(session.AccessTime/time.Minute))
	say("- **Den registrertes rettigheter**: innsyn, kopi og sletting gjør personen selv i appen; for den som ikke kan, `undring person erase`.")
	say("- **Avvik (artikkel 33)**: meldes skoleeieren uten ugrunnet opphold, så den kan melde Datatilsynet innen 72 timer; listene over tilganger og handlinger viser hvem det gjelder.")
	say("- **Revisjon**: skoleeieren får det som trengs for å se at avtalen holdes; docs/promises.md sier hvilken test som holder hvert løfte.")
	say("- **Opphør**: hver ansatt tar kopi i appen; `undring owner export` skriver det som er skoleeierens; `undring owner end` fjerner alt, og sier hvor mange steg det tok. Deretter `vacuum full`, og kopiene slettes når de er for gamle. Det bekreftes skriftlig.\n")

	say("## Informasjon til ansatte (versjon %s)\n", privacy.InformationVersion)
	for _, p := range privacy.Information("nb") {
		say("%s\n", p)
	}
	say("Skoleeieren legger ved: hvem som er behandlingsansvarlig, med kontakt; personvernombudet; det rettslige grunnlaget; hvem som drifter.\n")
	say("## Til drøftingen med de tillitsvalgte\n")
	say("Drøft før Undring tas i bruk, og skriv referat. Hvis noe av dette kan oppleves som kontroll, gjelder reglene om kontrolltiltak i arbeidsmiljøloven kapittel 9 også.\n")
	say("- Hva skal besøkene brukes til, og hva skal de aldri brukes til? (Formålet står i appen, på siden «Det vi er enige om».)\n- Er det frivillig, og hva skjer når noen ikke vil?\n- Hvor mange måneder skal ord ligge? (1 til %d; %d når ikke annet er avtalt.)\n- Hvilke frister, og skal de stoppe nye besøk eller bare minne?\n- Hvem styrer med brukerne, og hvem ser hva de har gjort?\n- Hvilke tall skal legges fram: tall, eller bare ord som «få» og «de fleste»?\n- Skal varsler på e-post og telefon være slått på?\n- Når ser vi på dette igjen? Hva skal vi da se etter?", mostMonths(), school.DefaultPolicy(time.Time{}).RetentionMonths)
	return b.String()
}

// What policy page, agreement and docs say of keeping is what the code does: the page for
// owners is drawn from it, and a new table or time without words for it fails.
func TestTheProcessingIsDrawn(t *testing.T) {
	t.Parallel()
	const file = "../docs/personvern.md"
	want := processing(t)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("docs/personvern.md is not what the code says (%v): go test ./server -run ProcessingIsDrawn -update", err)
	}
}

// numerals are how words for people say a span, by language.
var numerals = map[string]map[string]string{
	"10 minutes": {"nb": "ti minutt", "nn": "ti minutt", "en": "ten minutes"},
	"1 year":     {"nb": "ett år", "nn": "eitt år", "en": "one year"},
	"2 years":    {"nb": "to år", "nn": "to år", "en": "two years"},
	"1 month":    {"nb": "en måned", "nn": "ein månad", "en": "a month"},
}

// What the app and the contract say of keeping in words is what the code goes by.
func TestWhatIsSaidOfKeepingIsWhatTheCodeDoes(t *testing.T) {
	t.Parallel()
	years := func(months int) string {
		if months == 12 {
			return "1 year"
		}
		return fmt.Sprintf("%d years", months/12)
	}
	fresh := fmt.Sprintf("%d minutes", int(school.OwnDataTime/time.Minute))
	for key, span := range map[string]string{"mine:read.lead": years(privacy.AccessTime), "mine:again.text": fresh, "server:information.5": years(mostMonths())} {
		file, key, _ := strings.Cut(key, ":")
		for language, says := range numerals[span] {
			text := words.Say(language, key)
			if file != "server" {
				raw, err := os.ReadFile(fmt.Sprintf("../web/src/words/%s.%s.json", file, language))
				if err != nil {
					t.Fatal(err)
				}
				var texts map[string]string
				if err := json.Unmarshal(raw, &texts); err != nil {
					t.Fatal(err)
				}
				text = texts[key]
			}
			if !strings.Contains(text, says) {
				t.Errorf("%s in %s does not say %q: %s", key, language, says, text)
			}
		}
		if numerals[span] == nil {
			t.Errorf("there are no words for %s, which %s has to say", span, key)
		}
	}
	for file, says := range map[string]string{
		"../proto/undring/v1/privacy.proto": "within the last ten minutes",
		"../web/src/mine/going.ts":          fmt.Sprintf("const most = %d;", mostMonths()),
	} {
		if raw, err := os.ReadFile(file); err != nil || !strings.Contains(string(raw), says) {
			t.Errorf("%s does not say %q (%v)", file, says, err)
		}
	}
	if raw, err := os.ReadFile("../proto/undring/v1/privacy.proto"); err != nil || privacy.AccessTime != 12 || !strings.Contains(string(raw), "Kept for twelve months.") {
		t.Errorf("the contract says that accesses are kept for twelve months, they are for %d (%v)", privacy.AccessTime, err)
	}
	db := pgtest.New(t)
	for sql, want := range map[string]int{
		"select max(m)::int from generate_series(1, 60) m where m <= coalesce((select (regexp_match(pg_get_constraintdef(oid), '<= (\\d+)'))[1]::int from pg_constraint where conname = 'exchange_policy_retention_months_check'), 0)": mostMonths(),
		"select pg_get_expr(adbin, adrelid)::int from pg_attrdef d join pg_attribute a on (a.attrelid, a.attnum) = (d.adrelid, d.adnum) where a.attrelid = 'exchange_policy'::regclass and a.attname = 'retention_months'":             school.DefaultPolicy(time.Time{}).RetentionMonths,
		"select (regexp_match(prosrc, ', (\\d+)\\), (\\d+)\\)'))[1]::int from pg_proc where proname = 'months_of_words'":                                                                                                               school.DefaultPolicy(time.Time{}).RetentionMonths,
		"select (regexp_match(prosrc, ', (\\d+)\\), (\\d+)\\)'))[2]::int from pg_proc where proname = 'months_of_words'":                                                                                                               mostMonths(),
	} {
		var got int
		if err := db.Owner.QueryRow(t.Context(), sql).Scan(&got); err != nil || got != want {
			t.Errorf("the database has %d months, the code %d (%v): %s", got, want, err, sql)
		}
	}
}
