package load

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	pb "undring/gen/undring/v1"
)

// Operation is something that people do all the time, and the same done by
// pgbench.
type Operation struct {
	Name string
	// Mark is the least ratio to the limit that is good enough; zero: none is asked
	// for.
	Mark float64
	// Within is how long a call may take when nobody else calls; zero: as long as
	// the ratio lets it.
	Within time.Duration
	call   func(context.Context, *client) error
	// script is pgbench's for a size; empty: none.
	script func(Size) string
}

// Operations lists what is measured. The marks are those of the design for 16 clients and
// more. A school day and the end of a lesson are mixes, for which pgbench has no
// counterpart.
func Operations() []Operation {
	return []Operation{
		{Name: "SaveNote, 600 bytes", Mark: 0.60, call: saveNote, script: scriptSaveNote},
		{Name: "ListNotes, 20 rows", Mark: 0.50, call: listNotes, script: scriptListNotes},
		{Name: "ListObservations, 20 rows", Mark: 0.50, call: listObservations, script: scriptListObservations},
		{Name: "GetCultureReport, owner", Within: sheetTime, call: getCultureReport, script: scriptCultureReport},
		{Name: "Pull, nothing new", call: pull},
		{Name: "Push 30 notes, and Pull", call: comeBack},
		{Name: "a school day", call: schoolDay},
		{Name: "the end of a lesson", call: endOfLesson},
	}
}

// text is a note of 600 bytes. The design names the size, and the limit is measured with
// the same text.
var text = strings.Repeat("Fire elever svarte, de samme to ganger. ", 15)

// loadTag marks the notes that were written for measuring, to be removed after. No person's
// note has this tag in a generated school.
const loadTag = "load"

// saveNote writes a new note in a visit that is under way: the call that a school makes
// most. A new request id each time: a repeated one would measure the memory of requests.
func saveNote(ctx context.Context, c *client) error {
	ctx, err := c.as(ctx, c.observer)
	if err != nil {
		return err
	}
	_, err = c.SaveNote(ctx, c.newNote())
	return err
}

// newNote is one that the person who calls writes in the newest visit.
func (c *client) newNote() *pb.SaveNoteRequest {
	return &pb.SaveNoteRequest{
		RequestId: uuid.NewString(), Id: uuid.Must(uuid.NewV7()).String(), ObservationId: c.newest(),
		Kind: pb.NoteKind_NOTE_KIND_SAW, Text: text, Tag: loadTag,
	}
}

// listNotes reads a page of a visit's notes. Fewer than a page would measure less than it
// says.
func listNotes(ctx context.Context, c *client) error {
	ctx, err := c.as(ctx, c.anyone)
	if err != nil {
		return err
	}
	reply, err := c.ListNotes(ctx, &pb.ListNotesRequest{ObservationId: c.noted(), PageSize: 20})
	if err == nil && len(reply.GetNotes()) != 20 {
		return fmt.Errorf("%d notes, not 20", len(reply.GetNotes()))
	}
	return err
}

// listObservations reads the list that the app opens with. Ten rather than a page, as each
// teacher pays ten visits and is paid as many.
func listObservations(ctx context.Context, c *client) error {
	ctx, err := c.as(ctx, c.anyone)
	if err != nil {
		return err
	}
	reply, err := c.ListObservations(ctx, &pb.ListObservationsRequest{PageSize: 20})
	if err == nil && len(reply.GetObservations()) < 10 {
		return fmt.Errorf("%d visits: too few to measure", len(reply.GetObservations()))
	}
	return err
}

// sheetTime is within how much time an owner's sheet is read. Of the design, for a school
// owner with 100 schools.
const sheetTime = 10 * time.Millisecond

// getCultureReport reads the newest sheet of all schools together.
func getCultureReport(ctx context.Context, c *client) error {
	ctx, err := c.as(ctx, c.leader)
	if err != nil {
		return err
	}
	reply, err := c.GetCultureReport(ctx, &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolOwnerId{SchoolOwnerId: c.size.Owner.String()}})
	if err == nil && len(reply.GetReport().GetMetrics()) == 0 {
		return fmt.Errorf("no figures: %s", reply.GetReport().GetStanding())
	}
	return err
}

// schoolDay is the mix of a day: of ten calls six write, two look through notes,
// one looks through visits, and one at a visit. Errors of one kind of call end the run, as
// they do anywhere else.
func schoolDay(ctx context.Context, c *client) error {
	switch c.random.IntN(10) {
	case 0, 1:
		ctx, err := c.as(ctx, c.observer)
		if err != nil {
			return err
		}
		_, err = c.ListNotes(ctx, &pb.ListNotesRequest{ObservationId: c.noted(), PageSize: 20})
		return err
	case 2:
		ctx, err := c.as(ctx, c.observer)
		if err != nil {
			return err
		}
		_, err = c.ListObservations(ctx, &pb.ListObservationsRequest{PageSize: 20})
		return err
	case 3:
		ctx, err := c.as(ctx, c.observer)
		if err != nil {
			return err
		}
		_, err = c.GetObservation(ctx, &pb.GetObservationRequest{ObservationId: c.newest()})
		return err
	}
	return saveNote(ctx, c)
}

// endOfLesson is what a phone does when the bell rings, and all of them at once: the
// last notes go out, and all that was noted is looked through for the feedback.
func endOfLesson(ctx context.Context, c *client) error {
	for range 3 {
		if err := saveNote(ctx, c); err != nil {
			return err
		}
	}
	ctx, err := c.as(ctx, c.observer)
	if err != nil {
		return err
	}
	_, err = c.ListNotes(ctx, &pb.ListNotesRequest{ObservationId: c.newest(), PageSize: 100})
	return err
}
