package notify

// words is the key of what a notice says: by what is to be done or what happened, as
// far as there are words of its own for that.
func (s Step) words() string { return "notice." + string(s.Kind) + "." + s.Todo }

// Said lists the keys of everything that a notice, and a calendar, can say.
// Tests ask that each key has words in every language, and each kind of step a key.
func Said() []string {
	var keys []string
	for k, todos := range said {
		for _, todo := range todos {
			keys = append(keys, Step{Kind: k, Todo: todo}.words())
		}
	}
	return append(keys, "ical.name", "ical.lead", "ical.off", "ical.visit.observer", "ical.visit.observer.with",
		"ical.visit.observed", "ical.visit.observed.with", "ical.talk", "ical.talk.with")
}

// said is what there is to say of each kind.
var said = map[Kind][]string{
	Proposal:    {"ANSWER_PROPOSAL", "SET_FOCUS", "ANSWER_MOVE"},
	VisitAhead:  {"VISIT"},
	FeedbackDue: {"GIVE_FEEDBACK"},
	AnswerDue:   {"RECORD_OWN_VIEW", "ANSWER_QUESTIONS", "RECORD_CONVERSATION", "CONFIRM_CONVERSATION"},
	TakeawayDue: {"RECORD_TAKEAWAY"},
	ActionDue:   {"REPORT_ACTION", ReportOnRound, DoDecision},
	Wish:        {"EXIT", "REOPEN", "NAME", "END_ALONE"},
	Changed:     {"ACCEPT", "DECLINE", "CANCEL", "EXPIRE", "EXIT", "WITHDRAW", "MOVE"},
	ReturnVisit: {"CLOSE"},
	OpenLesson:  {"OFFER"},
}
