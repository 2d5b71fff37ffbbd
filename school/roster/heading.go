package roster

import (
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
		"epostarbeidssted", "workemail", "feidenavn", "feidenamn", "feide", "feideid", "userprincipalname", "upn", "edupersonprincipalname"},
	"role": {"role", "rolle", "stilling", "stillingstittel", "stillingsnavn", "stillingsnamn", "stillingsbetegnelse", "stillingsnemning", "tittel", "yrkestittel",
		"jobtitle", "title", "position", "funksjon", "yrke"},
	"team": {"team", "teams", "teamnavn", "teamnamn", "lag", "gruppe", "trinn", "klassetrinn", "årstrinn", "steg", "avdeling", "seksjon", "fagseksjon", "group", "department"},
}

// heading is a column's title as it is compared.
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
		if h := heading(f); h != "" {
			if _, there := at[h]; !there {
				at[h] = i
			}
		}
	}
	columns := map[string]int{}
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
