// Package rest fetches a roster from a OneRoster 1.2 REST endpoint and packs it as the
// zip of CSV files that package roster reads: what is right for a file is right for an
// endpoint, and there is one reader.
//
// It signs in by client credentials (OAuth 2), goes through all pages, and asks for what
// has changed since the last time alone, where it is told when that was.
package rest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2/clientcredentials"
)

// Limits of what is fetched.
const (
	pageSize = 200       // rows asked for at once
	maxPages = 1_000     // of each collection
	maxBody  = 8 << 20   // bytes of one page
	maxTime  = time.Hour // for all of it
	askTime  = time.Minute
)

// Source is an endpoint. A file of it is what undring roster fetch takes.
type Source struct {
	// URL is where the rostering service is: what stands in front of /orgs and /users.
	URL          string   `json:"url"`
	TokenURL     string   `json:"token_url"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Scopes       []string `json:"scopes"` // empty: the rostering scope of the standard
}

// coreScope is the scope of the standard for reading rosters (OneRoster 1.2, 5.2.1).
const coreScope = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"

// ref points at a row of another collection; the endpoint sends its address along, which isn't
// followed.
type ref struct {
	SourcedID string `json:"sourcedId"`
}

// org and user are the fields that a roster is made of. What else a row has, of guardians and
// identifiers say, is never decoded.
type org struct {
	SourcedID string `json:"sourcedId"`
	Status    string `json:"status"`
	Modified  string `json:"dateLastModified"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Parent    *ref   `json:"parent"`
}

type user struct {
	SourcedID string          `json:"sourcedId"`
	Status    string          `json:"status"`
	Modified  string          `json:"dateLastModified"`
	Enabled   json.RawMessage `json:"enabledUser"` // true, or "true"
	Username  string          `json:"username"`
	UserIDs   []struct {
		Type       string `json:"type"`
		Identifier string `json:"identifier"`
	} `json:"userIds"`
	Given           string `json:"givenName"`
	Family          string `json:"familyName"`
	Middle          string `json:"middleName"`
	PreferredGiven  string `json:"preferredFirstName"`
	PreferredMiddle string `json:"preferredMiddleName"`
	PreferredFamily string `json:"preferredLastName"`
	Email           string `json:"email"`
	PrimaryOrg      *ref   `json:"primaryOrg"`
	Roles           []struct {
		RoleType string `json:"roleType"`
		Role     string `json:"role"`
		Org      ref    `json:"org"`
		Begin    string `json:"beginDate"`
		End      string `json:"endDate"`
	} `json:"roles"`
}

// Fetch fetches everything, or, where since is not zero, of the users those that have
// changed since then, and packs it. latest is the newest moment of change that any row
// tells: what to ask from the next time.
// Organisations are fetched whole each time: they are few, and places point at them. A delta
// is filtered by the moment that the endpoint itself told the last time.
func Fetch(ctx context.Context, s Source, since time.Time) (content []byte, latest time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	scopes := s.Scopes
	if len(scopes) == 0 {
		scopes = []string{coreScope}
	}
	c := &client{base: strings.TrimSuffix(s.URL, "/"), latest: since,
		http: (&clientcredentials.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, TokenURL: s.TokenURL, Scopes: scopes}).Client(ctx)}
	c.http.Timeout = askTime
	var orgs []org
	if err := collect(ctx, c, "orgs", time.Time{}, &orgs); err != nil {
		return nil, latest, err
	}
	var users []user
	if err := collect(ctx, c, "users", since, &users); err != nil {
		return nil, latest, err
	}
	for _, o := range orgs {
		c.saw(o.Modified)
	}
	for _, u := range users {
		c.saw(u.Modified)
	}
	content, err = pack(orgs, users, !since.IsZero())
	return content, c.latest, err
}

type client struct {
	base   string
	http   *http.Client
	latest time.Time
}

// saw keeps the latest time of change that the endpoint itself has told: its clock counts for
// the next delta, not ours.
func (c *client) saw(modified string) {
	if at, err := time.Parse(time.RFC3339, modified); err == nil && at.After(c.latest) {
		c.latest = at
	}
}

// collect goes through the pages of a collection, until it is told that there is no more: by the
// header that links to the next page, by the one that counts all rows, or, where it is told
// neither, by a page without rows. A page may have fewer than were asked for: endpoints have a
// limit of their own.
func collect[T any](ctx context.Context, c *client, name string, since time.Time, into *[]T) error {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "sort": {"sourcedId"}}
	if !since.IsZero() {
		query.Set("filter", "dateLastModified>='"+since.UTC().Format("2006-01-02T15:04:05.000Z")+"'")
	}
	before, got := "", 0
	for page := range maxPages {
		query.Set("offset", strconv.Itoa(got))
		body, head, err := c.get(ctx, c.base+"/"+name+"?"+query.Encode())
		if err != nil {
			return err
		}
		var answer map[string]json.RawMessage
		if err := json.Unmarshal(body, &answer); err != nil {
			return fmt.Errorf("%s: the answer is no JSON: %w", name, err)
		}
		raw, there := answer[name]
		if !there {
			return fmt.Errorf("%s: the answer has no %s", name, name)
		}
		var rows []T
		if err := json.Unmarshal(raw, &rows); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if page > 0 && string(raw) == before && len(rows) > 0 {
			// It does not page. That is all there is where it did not stop at what was asked for.
			if len(rows) != pageSize {
				return nil
			}
			return fmt.Errorf("%s: page %d is one that came before: the endpoint does not page", name, page+1)
		}
		before = string(raw)
		*into = append(*into, rows...)
		if got += len(rows); len(rows) == 0 || last(head, got) {
			return wholly(name, head, got)
		}
	}
	return fmt.Errorf("%s: more than %d pages", name, maxPages)
}

// last says whether the headers of a page tell that it is the last one, after so many rows.
// Headers that tell nothing are no.
func last(head http.Header, got int) bool {
	if total, err := strconv.Atoi(head.Get("X-Total-Count")); err == nil {
		return got >= total
	}
	pages := pageLinks.FindAllStringSubmatch(strings.ToLower(strings.Join(head.Values("Link"), ",")), -1)
	return len(pages) > 0 && !slices.ContainsFunc(pages, func(m []string) bool { return m[1] == "next" })
}

// pageLinks are the links of a header that say something of pages (RFC 8288).
var pageLinks = regexp.MustCompile(`rel="?(first|prev|previous|next|last)\b`)

// wholly refuses a collection that has fewer rows than its last page says that it has: who is
// missing would lose access.
func wholly(name string, head http.Header, got int) error {
	if total, err := strconv.Atoi(head.Get("X-Total-Count")); err == nil && got < total {
		return fmt.Errorf("%s: %d of %d rows came", name, got, total)
	}
	return nil
}

// get reads one page, of 8 MB at most, and its headers.
func (c *client) get(ctx context.Context, address string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s answers %s", req.URL.Path, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errors.New(req.URL.Path + ": a page is larger than 8 MB")
	}
	return body, resp.Header, err
}

// pack writes the set as the standard's CSV files.
// Columns are those of the standard's CSV binding; the names of 1.2's JSON differ from them
// (preferredFirstName, preferredLastName).
func pack(orgs []org, users []user, delta bool) ([]byte, error) {
	kind := "bulk"
	if delta {
		kind = "delta"
	}
	o := [][]string{{"sourcedId", "status", "name", "type", "parentSourcedId"}}
	for _, x := range orgs {
		o = append(o, []string{x.SourcedID, x.Status, x.Name, x.Type, id(x.Parent)})
	}
	u := [][]string{{"sourcedId", "status", "enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "email",
		"preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId"}}
	r := [][]string{{"sourcedId", "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId"}}
	for _, x := range users {
		var ids []string
		for _, i := range x.UserIDs {
			ids = append(ids, "{"+i.Type+":"+i.Identifier+"}")
		}
		u = append(u, []string{x.SourcedID, x.Status, strings.Trim(string(x.Enabled), `"`), x.Username, strings.Join(ids, ","), x.Given, x.Family, x.Middle, x.Email,
			x.PreferredGiven, x.PreferredMiddle, x.PreferredFamily, id(x.PrimaryOrg)})
		for n, at := range x.Roles {
			// The JSON has no id for a role, and the CSV wants one: nobody refers to it.
			r = append(r, []string{fmt.Sprintf("%s/%d", x.SourcedID, n), x.SourcedID, at.RoleType, at.Role, at.Begin, at.End, at.Org.SourcedID})
		}
	}
	// roles.csv is what users.csv is: a user who has changed comes with all of their roles.
	manifest := [][]string{{"propertyName", "value"}, {"manifest.version", "1.0"}, {"oneroster.version", "1.2"}, {"file.orgs", "bulk"}, {"file.users", kind}, {"file.roles", kind}}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct {
		name string
		rows [][]string
	}{{"manifest.csv", manifest}, {"orgs.csv", o}, {"users.csv", u}, {"roles.csv", r}} {
		w, err := z.Create(f.name)
		if err != nil {
			return nil, err
		}
		if err := csv.NewWriter(w).WriteAll(f.rows); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// id is the id that a reference names; none where there is no reference.
func id(r *ref) string {
	if r == nil {
		return ""
	}
	return r.SourcedID
}
