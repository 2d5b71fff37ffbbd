package notify

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/words"
)

// A Pusher sends to devices of one kind.
type Pusher interface {
	// Push sends what a device shows. The id is the same each time that a message is sent.
	Push(ctx context.Context, to Device, id uuid.UUID, p Shown) error
}

// Shown is what a device shows of a message: it is read on locked screens.
type Shown struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	// To is the screen that it leads to, such as /v/….
	To string `json:"to"`
	// Tag makes what is shown later stand in the place of what it is about, too.
	Tag      string `json:"tag"`
	Language string `json:"language"`
	// Unread is how many notices are unread.
	Unread int `json:"unread"`
}

const devicesOfPerson = `select id, kind, address, p256dh, auth from device where owner_id = $1 and person_id = $2 order by created_at, id`

// queueDevices reads where a person is reached.
func queueDevices(b *pgx.Batch, owner, person uuid.UUID, into *[]Device) {
	*into = nil
	b.Queue(devicesOfPerson, owner, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var d Device
			if err := rows.Scan(&d.ID, &d.Kind, &d.Address, &d.P256DH, &d.Auth); err != nil {
				return err
			}
			*into = append(*into, d)
		}
		return rows.Err()
	})
}

// reached are the devices that this server can send to.
// Others stay registered: a server that is given a key for them later reaches them.
func (s *Service) reached(devices []Device) []Device {
	return slices.DeleteFunc(slices.Clone(devices), func(d Device) bool { return s.o.Pushers[d.Kind] == nil })
}

// shownOf is what a device shows of some notices, of which there is at least one: what it says, or only how
// many there are.
func shownOf(notices []telling, language string) Shown {
	n := notices[0]
	out := Shown{Title: words.Say(language, "push.title"), Text: n.says(language), To: n.Screen(), Tag: n.Subject.String(), Language: language}
	if len(notices) > 1 {
		// Several are one line with a number, and lead to the list.
		out.Text, out.To, out.Tag = words.Say(language, "push.many", len(notices)), "/told", "told"
	}
	return out
}

// push sends a message to a device, where that is still the person's.
func (s *Service) push(ctx context.Context, r delivery) (string, error) {
	// Signed out, released or dropped since the message was made.
	if r.device == nil {
		return dropped, nil
	}
	shown := shownOf(r.tellings, r.reader.Language)
	shown.Unread = r.unread
	return sent, s.o.Pushers[r.device.Kind].Push(ctx, *r.device, r.ID, shown)
}
