package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"undring/observation"
	"undring/refusal"
	"undring/school/roster"
)

const (
	// mostViolations bounds the list in a refusal. A page of mistakes is enough to mend a
	// request by.
	mostViolations = 100
	// mostCollected is how many values a request may have of whose violations all are
	// told: each takes a kilobyte or two, and two bytes to send. Of more, the first is.
	mostCollected = 1_000
)

// isName says whether a field is a line by which somebody or something is called,
// wherever it stands in a request. Names are kept without what can't be seen, or would steer a
// terminal or turn the text around it, as names of a roster are: a place that reads
// otherwise than it is written deceives whoever goes there. By the field's name, so that a
// new one is cleaned without a line here.
func isName(field protoreflect.Name) bool {
	switch field {
	case "place", "title", "name", "source", "lesson", "tag":
		return true
	}
	return strings.HasSuffix(string(field), "_name")
}

// validate refuses a request that breaks the limits of the contract, or that the
// database could not keep, with all that is wrong at once. What it does not find, the rules
// of the rooms may still refuse: this is about the form of a request, never about the state
// of things.
func validate(method string, req proto.Message) error {
	fields, values := unkeepable(req, false)
	if len(fields) > 0 { // a rule that compares times can't be applied to an invalid one
		req = proto.Clone(req)
		unkeepable(req, true)
	}
	var how []protovalidate.ValidationOption
	if values > mostCollected {
		how = append(how, protovalidate.WithFailFast())
	}
	var broken *protovalidate.ValidationError
	var overflown *protovalidate.RuntimeError
	if err := protovalidate.Validate(req, how...); errors.As(err, &broken) {
		for _, b := range broken.Violations {
			name := protovalidate.FieldPathString(b.Proto.GetField())
			if name == "" {
				name = "request"
			}
			reason := b.Proto.GetMessage()
			if reason == "" {
				reason = b.Proto.GetRuleId()
			}
			limit, number := limitOf(b)
			if n := len(fields); limit == refusal.Empty && n > 0 && fields[n-1].Name == name && fields[n-1].Limit == limit {
				continue // nothing at all says nothing, too: told once
			}
			fields = append(fields, refusal.Field{Name: name, Limit: limit, Number: number, Reason: reason})
		}
	} else if errors.As(err, &overflown) { // times so far apart that no duration holds it
		fields = append(fields, refusal.Field{Name: "request", Limit: refusal.OutOfRange, Reason: "has values that its rules can't be applied to"})
	} else if err != nil {
		return fmt.Errorf("validating %s: %w", method, err)
	}
	if len(fields) == 0 {
		return nil
	}
	return &refusal.Refusal{Reason: refusal.InvalidField, Fields: fields[:min(len(fields), mostViolations)]}
}

// limitOf reads which limit of a person's a rule of the contract is, and its number; "" for
// one that only a program breaks. The identifiers are protovalidate's own, or those that
// the contract gives its rules; an unknown one is for developers, and is said in English.
func limitOf(v *protovalidate.Violation) (refusal.Limit, int) {
	switch rule := v.Proto.GetRuleId(); rule {
	case "string.max_len":
		return refusal.TooLong, int(v.RuleValue.Uint())
	case "repeated.max_items":
		return refusal.TooMany, int(v.RuleValue.Uint())
	case "string.min_len":
		if v.RuleValue.Uint() == 1 { // what has to be longer is not a text of a person's
			return refusal.Empty, 0
		}
	case "required":
		return refusal.Empty, 0
	case "string.pattern": // of a text: that it is more than blanks, or says something
		switch v.RuleValue.String() {
		case `\S`:
			return refusal.Empty, 0
		case `[\p{L}0-9]`:
			return refusal.SaysNothing, 0
		}
	case "int32.gte_lte", "duration.gte_lte":
		return refusal.OutOfRange, 0
	case "undring.propose.oneself":
		return refusal.Oneself, 0
	case "undring.propose.span", "undring.counter.span":
		return refusal.Span, int(observation.MaxLesson / time.Hour)
	case "undring.slot.span":
		return refusal.Span, int(observation.LongestSlot / time.Hour)
	case "undring.action.when":
		return refusal.WhenMissing, 0
	}
	return "", 0
}

// unkeepable finds what no rule of a field says and no row can hold: a NUL in a
// text, a time outside the years 1 to 9999. With mend, such times are set to
// zero.
//
// Names lose here what they are not kept with: see [isName].
//
// It returns besides how many values there are.
func unkeepable(req proto.Message, mend bool) (out []refusal.Field, values int) {
	// Range gives up at the first error only; there is none. What a batch carries is
	// looked at when its turn comes.
	outside := protorange.Options{Resolver: new(protoregistry.Types)}
	_ = outside.Range(req.ProtoReflect(), func(p protopath.Values) error {
		if values++; len(out) > mostViolations {
			return protorange.Terminate
		}
		last := p.Index(-1)
		switch v := last.Value.Interface().(type) {
		case string:
			if f := last.Step.FieldDescriptor; last.Step.Kind() == protopath.FieldAccessStep && isName(f().Name()) && !f().IsList() {
				if clean := roster.Clean(v); clean != v {
					p.Index(-2).Value.Message().Set(f(), protoreflect.ValueOfString(clean))
				}
			} else if strings.ContainsRune(v, 0) {
				out = append(out, refusal.Field{Name: strings.TrimPrefix(p.Path[1:].String(), "."), Reason: "must not contain NUL"})
			}
		case protoreflect.Message:
			var err error
			switch m := v.Interface().(type) {
			case *timestamppb.Timestamp:
				err = m.CheckValid()
			case *durationpb.Duration:
				err = m.CheckValid()
			}
			if err != nil && mend {
				proto.Reset(v.Interface())
			}
			if err != nil {
				out = append(out, refusal.Field{Name: strings.TrimPrefix(p.Path[1:].String(), "."), Reason: "is not a valid time"})
			}
		}
		return nil
	}, nil)
	return out, values
}
