package roster

import (
	"regexp"
	"slices"
	"strings"
)

// titles are what schools call people, folded, in bokmål, nynorsk, English and North
// Sámi. A title gives somebody the roster to keep in these words alone: administrator.
// Those who teach nobody and lead no teachers (a caretaker, an assistant, a nurse) are
// in no list: they are named, and whoever imports can say what they are.
var titles = map[string]Role{
	"teacher": Teacher, "class teacher": Teacher, "subject teacher": Teacher, "substitute teacher": Teacher, "special needs teacher": Teacher,
	"instructor": Teacher, "oahpaheaddji": Teacher,
	"adjunkt": Teacher, "lektor": Teacher, "førstelektor": Teacher, "universitetslektor": Teacher,
	"vikar": Teacher, "lærervikar": Teacher, "lærarvikar": Teacher, "undervisningsvikar": Teacher, "timevikar": Teacher, "tilkallingsvikar": Teacher,
	"pedagog": Teacher, "spesialpedagog": Teacher, "sosialpedagog": Teacher, "musikkpedagog": Teacher,
	"teachers": Teacher, "lærere": Teacher, "lærarar": Teacher, "adj": Teacher, "undervisningspersonell": Teacher,
	"lærerspesialist": Teacher, "lærarspesialist": Teacher, "undervisningspersonale": Teacher, "undervisningsstilling": Teacher,

	"leader": Leader, "principal": Leader, "headteacher": Leader, "head teacher": Leader, "headmaster": Leader,
	"deputy head": Leader, "assistant head": Leader, "assistant principal": Leader, "vice principal": Leader, "deputy principal": Leader,
	"head of department": Leader, "school leader": Leader,
	"rektor": Leader, "styrer": Leader, "styrar": Leader, "inspektør": Leader, "undervisningsinspektør": Leader, "pedagogisk inspektør": Leader,
	"leder": Leader, "leiar": Leader, "skoleleder": Leader, "skuleleiar": Leader, "pedagogisk leder": Leader, "pedagogisk leiar": Leader,
	"avdelingsleder": Leader, "avdelingsleiar": Leader, "avdelingssjef": Leader, "enhetsleder": Leader, "einingsleiar": Leader,
	"virksomhetsleder": Leader, "verksemdsleiar": Leader, "seksjonsleder": Leader, "seksjonsleiar": Leader,
	"fagleder": Leader, "fagleiar": Leader, "utdanningsleder": Leader, "utdanningsleiar": Leader, "studierektor": Leader, "undervisningsleder": Leader, "undervisningsleiar": Leader,
	"nestleder": Leader, "nestleiar": Leader, "studieleder": Leader, "studieleiar": Leader, "avd leder": Leader, "avd leiar": Leader,
	"insp": Leader, "und insp": Leader, "u insp": Leader,

	"administrator": Administrator, "school administrator": Administrator, "skoleadministrator": Administrator, "skuleadministrator": Administrator,
}

// before are words in front of a title that leave it what it is.
var before = []string{"assisterende", "assisterande", "ass", "konstituert", "konst", "fungerende", "fungerande", "fung", "vikarierende", "vikarierande",
	"midlertidig", "mellombels", "vise", "acting", "interim", "fast", "ny", "nyutdannet", "nyutdanna",
	"stedfortreder", "stedfortredende", "stedfortredar", "stadfortredar", "tospråklig", "tospråkleg"}

var (
	// What a title says besides: "m/tilleggsutdanning", "med opprykk", "i norsk", "80 %".
	besides = regexp.MustCompile(`( m/| m\. | med | i | på | ved | with | - | – |\().*$`)
	share   = regexp.MustCompile(`[ ,]+\d+([.,]\d+)? ?%$`)
	// Whose class teacher somebody is: "kontaktlærer 5A", "kontaktlærar 3. trinn", "… 5A og 5B",
	// or whom somebody leads: "avdelingsleder 1.–4. trinn".
	class   = regexp.MustCompile(`(( +| og |[,/+&–-] ?)\d{1,2}\.?( ?[a-zæøå])?( ?(klasse|trinn|steg))?)+$`)
	number  = regexp.MustCompile(`^\d{3,5} +| +\d{3,5}$`) // a code of the wage agreement
	several = regexp.MustCompile(` *[,;/+&] *| og | and `)
)

// Whoever is called leader and nothing more leads a school; "leder i SFO" does not.
var general = []string{"leader", "leder", "leiar", "nestleder", "nestleiar"}

// roleOf is the role that a title stands for, as schools write it; empty where nobody
// can know, or where it stands for two. mine are what whoever imports has said, by
// folded title.
// A title of one's own comes first, then the list as it stands, then what is left once all
// that a title says besides is taken away.
func roleOf(title string, mine map[string]Role) Role {
	title = Fold(title)
	if r, said := mine[title]; said {
		return r
	}
	if r := titles[title]; r != "" {
		return r
	}
	plain := number.ReplaceAllString(share.ReplaceAllString(title, ""), "")
	plain = class.ReplaceAllString(strings.TrimSpace(besides.ReplaceAllString(plain, "")), "")
	if plain != title && slices.Contains(general, plain) {
		return ""
	}
	var role Role
	// "Lærer/inspektør" is two things, and which one counts here nobody can tell.
	for _, one := range several.Split(plain, 5) {
		r := single(one)
		if r == "" || role != "" && r != role {
			return ""
		}
		role = r
	}
	return role
}

// single is the role of one title, without what it says besides.
func single(title string) Role {
	words := strings.FieldsFunc(title, func(r rune) bool { return r == ' ' || r == '.' })
	for len(words) > 1 && slices.Contains(before, words[0]) {
		words = words[1:]
	}
	title = strings.Join(words, " ")
	switch {
	case titles[title] != "":
		return titles[title]
	case len(words) != 1:
		return ""
	case strings.HasSuffix(title, "lærer"), strings.HasSuffix(title, "lærar"): // kontaktlærer, faglærar, norsklærer
		return Teacher
	case strings.HasSuffix(title, "rektor"), strings.HasSuffix(title, "inspektør"): // viserektor, skoleinspektør
		return Leader
	}
	return ""
}
