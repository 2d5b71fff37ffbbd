package school_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// A half-year that is not there is refused in the reader's language, where time is set aside
// and where it is asked for.
func TestAHalfYearThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for language, words := range map[string]string{"nb": "halvåret finnes ikke", "nn": "halvåret finst ikkje", "en": "no such half-year"} {
		ctx := metadata.AppendToOutgoingContext(w.Liv.Ctx(), "accept-language", language)
		town.Try(w.Liv.UpdateMe(ctx, &pb.UpdateMeRequest{RequestId: town.Req(), Locale: language})).OK(t)
		set := w.Budget()
		set.Term, set.Hours = "1999-1", nil
		for what, err := range map[string]error{
			"set aside": town.Try(w.Liv.SetTimeBudget(ctx, set)).Refused(t, codes.InvalidArgument, "INVALID_FIELD"),
			"asked for": town.Try(w.Liv.GetTimeBudget(ctx, &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: "1999-1"})).Refused(t, codes.InvalidArgument, "INVALID_FIELD"),
		} {
			said := ""
			for _, d := range status.Convert(err).Details() {
				if bad, is := d.(*errdetails.BadRequest); is {
					said += bad.GetFieldViolations()[0].GetLocalizedMessage().GetMessage()
				}
				if m, is := d.(*errdetails.LocalizedMessage); is {
					said += m.GetMessage()
				}
			}
			if !strings.Contains(said, words) {
				t.Errorf("a half-year that is not there, %s, in %s: %q", what, language, said)
			}
		}
	}
}
