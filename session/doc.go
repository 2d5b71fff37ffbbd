// Package session lets people in and says who calls.
//
// People prove who they are in one of three ways: at their provider of identities
// (OpenID Connect, authorization code with PKCE), by a one-time invitation, or, in
// the demo alone, by naming one of its invented people. A provider's issuer and
// subject say who somebody is; an address only the first time, where one person of
// the roster alone has it.
//
// Whoever is let in has a session: one device, ended by its owner, by 90 days, or
// by a refresh token that turns up twice. An access token (JWT, Ed25519, ten
// minutes) names owner, person and session and nothing else. What a person may do
// is not in it: session and places are read from the database, at most
// [Remembered] ago, so that whoever has left, or lost a phone, is out within that time.
//
// A refresh token says which session it belongs to and its number in it; the database
// holds the number alone. Thus a lost reply can be given again, and whoever reads the
// database finds no token in it.
package session
