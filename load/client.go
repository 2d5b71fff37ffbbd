package load

import (
	"context"
	"math/rand/v2"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/session"
)

// callsEach is how many calls one person makes before the next one takes over: a
// phone that is taken out of a pocket makes about so many. With each person comes a new
// token, whose signature the server has to check.
const callsEach = 10

// client is a connection by which one person after the other makes calls. Used by one
// goroutine; nothing in it is locked.
type client struct {
	size   Size
	keys   session.Keys
	random *rand.Rand
	conn   *grpc.ClientConn
	pb.ObservationServiceClient
	pb.SyncServiceClient
	pb.CultureServiceClient

	whose   int    // phone it is, where it stays one's: an observer
	cursor  string // how far it has pulled
	pulled  int    // who has
	teacher int    // who calls
	left    int    // calls until the next one takes over
	token   string
}

// connect opens one client's connection. Each has its own, as phones have, so that none waits
// behind another's stream; its random choices come from the seed, so that two runs do the
// same.
func connect(address string, size Size, keys session.Keys, seed uint64) (*client, error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	c := &client{size: size, keys: keys, random: rand.New(rand.NewPCG(seed, 1)), conn: conn,
		ObservationServiceClient: pb.NewObservationServiceClient(conn), SyncServiceClient: pb.NewSyncServiceClient(conn),
		CultureServiceClient: pb.NewCultureServiceClient(conn)}
	c.whose = c.observer()
	return c, nil
}

// connectAll opens so many clients, whose random choices differ.
func connectAll(address string, size Size, keys session.Keys, n int) (clients []*client, hangUp func(), err error) {
	hangUp = func() {
		for _, c := range clients {
			_ = c.conn.Close()
		}
	}
	for i := range n {
		c, err := connect(address, size, keys, uint64(i))
		if err != nil {
			hangUp()
			return nil, nil, err
		}
		clients = append(clients, c)
	}
	return clients, hangUp, nil
}

// as gives the context of the next call, signed in. Pick chooses the next person
// when the turn of the one before is over.
func (c *client) as(ctx context.Context, pick func() int) (context.Context, error) {
	if c.left == 0 {
		c.teacher, c.left = pick(), callsEach
		var err error
		c.token, _, err = c.keys.Sign(session.Holder{Owner: c.size.Owner, Person: c.size.Teacher(c.teacher), Session: c.size.Session(c.teacher)})
		if err != nil {
			return nil, err
		}
	}
	c.left--
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.token), nil
}

// owner is whose phone it is.
func (c *client) owner() int { return c.whose }

// anyone is any teacher. Calls are spread over all people, so that the database's memory is
// used as a whole school uses it and no page stays hot by chance.
func (c *client) anyone() int { return c.random.IntN(c.size.Teachers) }

// leader is the leader of any school: they come after the teachers. Only leaders and
// administrators read the owner's sheet.
func (c *client) leader() int { return c.size.Teachers + c.random.IntN(c.size.Schools) }

// observer is a teacher whose visit of the newest round is under way, and whose
// notes are the server's to write; the others' are pgbench's, so that no visit
// gets more notes than it may have. Both write in the same run, and a visit takes at
// most 500 notes.
func (c *client) observer() int {
	return c.random.IntN(c.size.Teachers/10)*10 + c.random.IntN(oursOfTen)
}

// Of ten teachers in a row, the newest visits of the first oursOfTen are written
// in by the server, and those of the others that are under way, up to the
// underwayOfTen-th, by pgbench. The last three of ten have visits that are agreed or
// proposed, which take no notes: see chosenVisits.
const (
	oursOfTen     = 4
	underwayOfTen = 7
)

// newest is the visit that the person who calls pays in the newest round, and
// noted one of the two rounds before, in which every visit has notes. Ids follow from
// numbers, so a client names a visit without having asked for it.
func (c *client) newest() string {
	return c.size.Visit((c.size.rounds()-1)*c.size.Teachers + c.teacher).String()
}

// noted is a visit of the client's teacher that has notes: one of the last two rounds but one.
func (c *client) noted() string {
	return c.size.Visit((c.size.rounds()-2-c.random.IntN(2))*c.size.Teachers + c.teacher).String()
}
