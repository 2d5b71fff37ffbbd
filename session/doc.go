// Package session lets people in and says who calls.
//
// Whoever proves who they are gets an access token: a JWT signed by this
// installation's own Ed25519 key, which names the school owner and the person
// and nothing else. What a person may do is not in it: their places are read
// from the roster, at most [Remembered] ago, so that who has left is out within
// that time.
//
// In the demo, and there alone, naming one of its invented people is proof
// enough.
package session
