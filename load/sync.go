package load

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/anypb"

	pb "undring/gen/undring/v1"
)

// offlineNotes is how many notes a phone carries over that was without a network
// for a lesson. The design measures a phone's return with this many.
const offlineNotes = 30

// pull asks what has changed as the phone of one person, which has pulled before:
// only its first call, as caches are filled, brings anything. Each client keeps to its own
// person, since a cursor is of one.
func pull(ctx context.Context, c *client) error {
	ctx, err := c.as(ctx, c.owner)
	if err != nil {
		return err
	}
	return c.catchUp(ctx)
}

// comeBack is what a phone does when the school's network is there again; with
// many clients, the storm of all of them. One return in ten is that of a new phone,
// which pulls everything. The notes go in one Push, as the app sends them, with a request
// id each.
func comeBack(ctx context.Context, c *client) error {
	ctx, err := c.as(ctx, c.observer)
	if err != nil {
		return err
	}
	r := new(pb.PushRequest)
	for range offlineNotes {
		note, err := anypb.New(c.newNote())
		if err != nil {
			return err
		}
		r.Operations = append(r.Operations, &pb.Operation{Request: note})
	}
	reply, err := c.Push(ctx, r)
	if err != nil {
		return err
	}
	for _, result := range reply.GetResults() {
		switch {
		case result.GetOutcome() == pb.OperationOutcome_OPERATION_OUTCOME_DONE:
		case strings.Contains(result.GetRefusal().GetMetadata()["id"], "500 notes"): // the visit is full: the next return is somebody else's
			c.left = 0
		default:
			return fmt.Errorf("a note was not taken: %v", result.GetRefusal())
		}
	}
	return c.catchUp(ctx)
}

// catchUp pulls until there is no more, and remembers how far, as long as the same
// person calls. A cursor of another person would be refused, so a new person begins with
// everything.
func (c *client) catchUp(ctx context.Context) error {
	if c.pulled != c.teacher {
		c.pulled, c.cursor = c.teacher, ""
	}
	for {
		reply, err := c.Pull(ctx, &pb.PullRequest{Cursor: c.cursor})
		if err != nil {
			return err
		}
		c.cursor = reply.GetNextCursor()
		if !reply.GetMore() {
			return nil
		}
	}
}
