package roster

import (
	"regexp"
	"strings"
	"unicode"
)

// headings are what columns of a simple CSV are called, by what they hold; the first
// that a file has counts. Letters and digits alone are compared, in small letters.
var headings = map[string][]string{
	"name": {"name", "navn", "namn", "fullname", "fulltnavn", "fulltnamn", "displayname", "visningsnavn", "visingsnamn", "ansattnavn", "tilsettnamn",
		"ansatt", "tilsett", "medarbeider", "medarbeidar"},
	"given":  {"givenname", "firstname", "fornavn", "førenamn", "fornamn", "forename"},
	"middle": {"middlename", "mellomnavn", "mellomnamn"},
	"family": {"familyname", "lastname", "surname", "etternavn", "etternamn", "slektsnavn", "slektsnamn"},
	"email": {"email", "epost", "epostadresse", "emailaddress", "emailadresse", "mail", "mailadresse", "jobbepost", "epostjobb", "arbeidsepost", "epostarbeid",
		"epostarbeidssted", "skoleepost", "skuleepost", "workemail", "feidenavn", "feidenamn", "feide", "feideid", "userprincipalname", "upn", "edupersonprincipalname"},
	"role": {"role", "rolle", "stilling", "stillingstittel", "stillingsnavn", "stillingsnamn", "stillingsbetegnelse", "stillingsnemning", "stillingsbeskrivelse", "roller", "tittel", "yrkestittel",
		"jobtitle", "employeetitle", "title", "position", "funksjon", "yrke"},
	// When somebody's post begins and ends, and whether they have one: an export of a register
	// of staff has those who have left in it, too.
	"from": {"startdato", "tiltredelsesdato", "tilsettingsdato", "ansattfra", "tilsettfrå", "startdate", "hiredate"},
	"until": {"sluttdato", "fratredelsesdato", "fråtredingsdato", "fratredelse", "fratrådt", "avsluttet", "avslutta", "ansatttil", "tilsetttil", "tildato",
		"enddate", "terminationdate"},
	"active": {"aktiv", "active", "accountenabled", "enabled", "enableduser", "status", "ansattstatus", "tilsettstatus", "arbeidsforholdstatus", "employmentstatus"},
	"team":   {"team", "teams", "teamnavn", "teamnamn", "lag", "gruppe", "trinn", "klassetrinn", "årstrinn", "steg", "avdeling", "seksjon", "fagseksjon", "group", "department"},
}

// notes is what stands in brackets after a column's title: "First Name [Required]".
var notes = regexp.MustCompile(`[(\[][^)\]]*[)\]]`)

// heading is a column's title as it is compared.
// "E-post", "e_post" and "E post" are the same column.
func heading(title string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, clean(title))
}

// simpleColumns finds the columns of a simple CSV among the titles of a line.
func simpleColumns(fields []string) map[string]int {
	at := make(map[string]int, len(fields))
	for i, f := range fields {
		// With what stands in brackets ("E-post (jobb)"), and without where that says nothing; of
		// two titles ("Stilling/tittel") the first, and without a number behind ("E-post 1").
		bare := notes.ReplaceAllString(f, "")
		one, _, _ := strings.Cut(bare, "/")
		for _, h := range []string{heading(f), heading(bare), heading(one), strings.TrimRight(heading(one), "0123456789")} {
			if _, there := at[h]; !there && h != "" {
				at[h] = i
			}
		}
	}
	columns := map[string]int{}
	// A column of the file may be found for two things where its title says both; the first
	// title of a list counts, so the plain name goes before the odd one.
	for column, called := range headings {
		for _, h := range called {
			if i, there := at[h]; there {
				columns[column] = i
				break
			}
		}
	}
	return columns
}

// isSimpleHeading says whether a line names the columns of a simple CSV, or is meant
// to: two of them are enough to tell what is missing.
func isSimpleHeading(columns map[string]int) bool { return len(columns) >= 2 }

// standardColumns finds the columns of a file of the standard: by their own names, in
// letters of any size.
func standardColumns(fields []string) map[string]int {
	columns := make(map[string]int, len(fields))
	for i, f := range fields {
		if name := strings.ToLower(clean(f)); name != "" {
			if _, there := columns[name]; !there {
				columns[name] = i
			}
		}
	}
	return columns
}
