package server_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "undring/gen/undring/v1"
	"undring/observation"
	"undring/postgres/pgtest"
	"undring/town"
)

// columns are the texts and lists that people fill on a phone: where the database
// keeps what a field of the contract carries.
var columns = map[string]string{
	"visit.place":                  "ProposeObservationRequest.place CounterProposeRequest.place",
	"visit.focus_question":         "SetFocusRequest.focus_question ProposeObservationRequest.focus_question ProposeObservationRequest.mutual_focus_question",
	"visit.suggested_focus":        "ProposeObservationRequest.focus_question ProposeObservationRequest.mutual_focus_question",
	"visit.intention":              "SetFocusRequest.intention ProposeObservationRequest.intention",
	"visit.expectation":            "SetFocusRequest.expectation ProposeObservationRequest.expectation",
	"visit.later_intention":        "SetFocusRequest.intention",
	"visit.later_expectation":      "SetFocusRequest.expectation",
	"visit.look_for":               "SetFocusRequest.look_for",
	"visit.do_not_note":            "SetFocusRequest.do_not_note",
	"visit.wanted_feedback":        "SetFocusRequest.wanted_feedback",
	"visit.name_out":               "TakeOutNameRequest.name",
	"note.text":                    "SaveNoteRequest.text",
	"note.tag":                     "SaveNoteRequest.tag",
	"feedback_point.text":          "FeedbackPointDraft.text",
	"feedback_point.note_ids":      "FeedbackPointDraft.note_ids",
	"feedback_point.effect":        "FeedbackPointDraft.effect",
	"question_opening.text":        "SayWhatItOpenedRequest.text",
	"question.text":                "QuestionDraft.text AskBackRequest.text",
	"question.note_ids":            "QuestionDraft.about_note_ids",
	"question.source":              "QuestionDraft.source",
	"question.answer":              "AnswerQuestionRequest.text",
	"reply.text":                   "ReplyRequest.text",
	"conversation.summary":         "RecordConversationRequest.summary",
	"correction.text":              "CorrectNoteRequest.text",
	"own_view.text":                "RecordOwnViewRequest.text",
	"takeaway.text":                "RecordTakeawayRequest.text",
	"takeaway.borrowed":            "RecordTakeawayRequest.borrowed",
	"action.text":                  "ActionDraft.text",
	"action.lesson":                "ActionDraft.lesson",
	"action.did":                   "ReportActionRequest.did",
	"action.happened":              "ReportActionRequest.happened",
	"action.questioned":            "ReportActionRequest.questioned",
	"action.next":                  "ReportActionRequest.next",
	"open_lesson.place":            "OfferLessonRequest.place",
	"open_lesson.title":            "OfferLessonRequest.title",
	"open_lesson.focus_question":   "OfferLessonRequest.focus_question",
	"open_lesson.wanted_feedback":  "OfferLessonRequest.wanted_feedback",
	"focus_area.title":             "FocusAreaText.title",
	"focus_area.background":        "FocusAreaText.background",
	"focus_area.source":            "FocusAreaText.source",
	"focus_area.goal":              "FocusAreaText.goal",
	"focus_area.need_ids":          "FocusAreaText.need_ids",
	"focus_area.agreed_with":       "AdoptFocusAreaRequest.agreed_with",
	"focus_area.result":            "EndFocusAreaRequest.result",
	"focus_change.reason":          "AdoptFocusAreaRequest.reason UpdateFocusAreaRequest.reason EndFocusAreaRequest.reason",
	"hearing_voice.text":           "SpeakInHearingRequest.text",
	"learning.text":                "ProposeLearningRequest.text",
	"learning.source":              "ProposeLearningRequest.source",
	"learning.practice":            "DecideOurPracticeRequest.practice",
	"learning.agreed_with":         "DecideOurPracticeRequest.agreed_with",
	"learning_response.text":       "RespondToLearningRequest.text",
	"action_round.question":        "StartActionRoundRequest.question",
	"action_round.action":          "StartActionRoundRequest.action",
	"action_round.now_differently": "EndActionRoundRequest.now_differently",
	"round_report.did":             "ReportOnRoundRequest.did",
	"round_report.happened":        "ReportOnRoundRequest.happened",
	"round_report.questioned":      "ReportOnRoundRequest.questioned",
	"meeting.place":                "PlanMeetingRequest.place",
	"meeting.reading":              "PlanMeetingRequest.reading",
	"meeting.reading_why":          "PlanMeetingRequest.reading_why",
	"meeting_decision.text":        "RecordDecisionRequest.text",
	"meeting_norms.norms":          "SetMeetingNormsRequest.norms",
	"meeting_norms.agreed_with":    "SetMeetingNormsRequest.agreed_with",
	"need.text":                    "SubmitNeedRequest.text",
	"need_box.text":                "SubmitNeedRequest.text",
	"need.answer":                  "AnswerNeedRequest.answer",
	"need_support.story":           "SupportNeedRequest.story",
	"prompt.text":                  "SavePromptRequest.text",
	"session.device_name":          "SignInRequest.device_name",
}

// bound finds the most that a check of the database allows of a column.
var bound = regexp.MustCompile(`(?:char_length|cardinality)\((\w+)\) (?:>= \d+\)\) AND \(\((?:char_length|cardinality)\(\w+\) )?<= (\d+)`)

// mostOf reads the limit of a field of the contract, such as "SaveNoteRequest.text".
func mostOf(t *testing.T, name string) int {
	t.Helper()
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName("undring.v1." + name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	field := d.(protoreflect.FieldDescriptor)
	rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	if field.IsList() {
		return int(rules.GetRepeated().GetMaxItems())
	}
	return int(rules.GetString().GetMaxLen())
}

// The database has the contract's limits of what people write: a longer text is
// refused with words, and never by a check that nobody has a word for.
func TestTheDatabaseHasTheContractsLimits(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	found := map[string]int{}
	for _, check := range town.Column(t, db, `select c.relname || ' ' || pg_get_constraintdef(k.oid) from pg_constraint k join pg_class c on c.oid = k.conrelid where k.contype = 'c'`) {
		table, def, _ := strings.Cut(check, " ")
		for _, m := range bound.FindAllStringSubmatch(def, -1) {
			found[table+"."+m[1]], _ = strconv.Atoi(m[2])
		}
	}
	for name, fields := range columns {
		if found[name] == 0 {
			t.Errorf("no check bounds %s", name)
		}
		for field := range strings.FieldsSeq(fields) {
			if most := mostOf(t, field); most != found[name] {
				t.Errorf("%s takes %d, the database keeps %d in %s", field, most, found[name], name)
			}
		}
	}
	rooms := regexp.MustCompile(`^(visit|note|feedback_point|question|reply|conversation|correction|own_view|takeaway|action|prompt|need|need_box|need_support)\.`)
	for name := range found {
		if rooms.MatchString(name) && columns[name] == "" {
			t.Errorf("%s is bounded, and no field of the contract is named for it", name)
		}
	}
	if span := strings.Join(town.Column(t, db, `select pg_get_constraintdef(oid) from pg_constraint where conname = 'span__invalid_field' and conrelid = 'visit'::regclass`), ""); !strings.Contains(span, "'0"+strconv.Itoa(int(observation.MaxLesson/time.Hour))+":00:00'") {
		t.Errorf("a lesson lasts %s at most, the database has %s", observation.MaxLesson, span)
	}
}
