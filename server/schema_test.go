package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"undring/postgres/pgtest"
	"undring/refusal"
	"undring/town"
)

// The tenant leads every key, so that nothing points across owners and the
// schema can be distributed by owner; and row level security is forced.
func TestTheTenantLeadsEveryKey(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const ours = "n.nspname in ('public', 'published') and c.relname not in ('goose_db_version', 'visit_arrow')"
	for _, name := range town.Column(t, db, `select c.relname || '.' || i.relname from pg_index x
		join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0] where `+ours+` and (x.indisunique or x.indisexclusion) and a.attname <> 'owner_id'`) {
		t.Errorf("the key %s does not begin with the tenant", name)
	}
	for _, name := range town.Column(t, db, `select c.relname || '.' || k.conname from pg_constraint k
		join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
		where k.contype = 'f' and k.confrelid <> 'visit_arrow'::regclass and `+ours+` and a.attname <> 'owner_id'`) {
		t.Errorf("the foreign key %s does not begin with the tenant", name)
	}
	for _, name := range town.Column(t, db, `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and `+ours+` and not (c.relrowsecurity and c.relforcerowsecurity)`) {
		t.Errorf("row level security is not forced on %s", name)
	}
	for _, name := range town.Column(t, db, `select c.relname || '.' || k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
		join pg_namespace n on n.oid = c.relnamespace
		where k.contype = 'f' and `+ours+` and not exists (select from pg_index x where x.indrelid = k.conrelid
			and k.conkey[1:least(cardinality(k.conkey), 2)] = (x.indkey::smallint[])[0:least(cardinality(k.conkey), 2) - 1])
			and c.relname in ('note', 'question', 'feedback_point', 'reply', 'conversation', 'correction', 'own_view', 'takeaway', 'draft', 'action', 'visit_event')
			and k.confrelid = 'visit'::regclass`) {
		t.Errorf("the foreign key %s has no index to go by", name)
	}
	for _, name := range town.Column(t, db, `select c.relname || '.' || k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
		join pg_namespace n on n.oid = c.relnamespace
		where k.contype = 'f' and k.confdeltype <> 'a' and `+ours+` and not exists (select from pg_index x where x.indrelid = k.conrelid
			and k.conkey <@ (x.indkey::smallint[])[0:cardinality(k.conkey) - 1])`) {
		t.Errorf("the foreign key %s has no index to find what goes with a row by", name)
	}
}

// Whoever erases a person walks from them along the foreign keys, to what refers to
// them and to what refers to that. Each of these keys has an index to find its rows
// by: one that begins with the tenant and another column of the key.
func TestAPersonsErasureWalksAlongIndexes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const walk = `with recursive walked as (
			select 'person'::regclass::oid as rel
			union select k.conrelid from pg_constraint k join walked w on w.rel = k.confrelid where k.contype = 'f'
		) `
	without := func(x string) []string {
		return town.Column(t, db, walk+`select k.conrelid::regclass || '.' || k.conname from pg_constraint k join walked w on w.rel = k.confrelid
			where k.contype = 'f' and not exists (select from pg_index x where x.indrelid = k.conrelid and x.indisvalid and `+x+`
				and x.indkey[0] = k.conkey[1] and x.indkey[1] = any (k.conkey)
				and (x.indpred is null or pg_get_expr(x.indpred, x.indrelid) ~ '^\(\w+ IS NOT NULL\)$'))`)
	}
	for _, name := range without("true") {
		t.Errorf("the foreign key %s has no index to find a person's rows by", name)
	}
	if all := without("false"); len(all) < 30 {
		t.Errorf("the walk sees %d foreign keys alone: %v", len(all), all)
	}
}

// A constraint that bears a reason's name refuses with it; a name that looks
// like one and is not one would be reported as a defect.
func TestConstraintsBearTheNamesOfReasons(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, name := range town.Column(t, db, `select k.conname from pg_constraint k join pg_namespace n on n.oid = k.connamespace
		where n.nspname in ('public', 'published') and k.conname like '%\_\_%'`) {
		if _, known := refusal.ByConstraint(name); !known {
			t.Errorf("the constraint %s bears the name of no reason", name)
		}
	}
	for _, source := range town.Column(t, db, `select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where n.nspname in ('public', 'published') and p.prosrc like '%refuse(%' and p.proname <> 'refuse'`) {
		for _, part := range strings.Split(source, "refuse('")[1:] {
			name, _, _ := strings.Cut(part, "'")
			if _, known := refusal.ByConstraint(name); !known {
				t.Errorf("a function refuses with %q, which is not a reason", name)
			}
		}
	}
}

// definers are the functions that run as the owner of the tables, past row level
// security: each with its reason to, and each asking itself who calls.
var definers = []string{
	"answer_identity_change", "any_signed_in", "ballot_guard", "begin_erasure", "begin_merge", "card_of_lesson",
	"carry_out_identity_changes", "count_app", "cover_at", "count_sign_in_day", "end_devices", "end_sessions", "end_sessions_of", "end_unvisited",
	"end_words", "erase_person_apart", "erase_person_in", "erase_step", "erase_words", "expire_visits", "feed_area",
	"feed_choice", "feed_commons_of_member", "feed_draft", "feed_epoch", "feed_exchange", "feed_identity",
	"feed_leaving", "feed_membership", "feed_note", "feed_notice", "feed_of_commons", "feed_of_school",
	"feed_person", "feed_round", "feed_school", "feed_takeaway", "feed_thanks", "feed_visit", "feed_visit_notice", "feeds_since",
	"forget_accesses", "forget_acts", "forget_requests", "forget_visits", "has_proven", "has_signed_in", "has_visits",
	"invitation_of", "invite_at_once", "is_busy", "last_change", "leave_address", "lessons_kept", "lessons_standing", "lesson_looks", "lesson_taken", "look_after", "look_at",
	"merge_people", "move_refused", "move_sign_in", "note_act", "note_export", "note_readings", "note_role", "open_box",
	"own_view_opens", "owners", "partner_facts", "question_open", "release_device", "return_sign_in", "seen_since",
	"set_lessons", "set_locale", "setup_facts", "slot_full", "slot_guard", "sweep_feed", "teaching_hours", "tell_of_addresses",
	"undo_merge", "use_sign_in", "used_by_many", "visit_about", "visit_step", "visit_tells", "visit_there", "wish_refused",
	"decision_looks", "feed_moment", "feed_learning", "feed_of_round", "report_looks", "round_count", "round_looks",
	"count_undelivered", "live_areas", "live_learnings", "live_needs",
	"end_owner_step", "owner_rows", "take_out", "take_out_name", "merged_into",
}

// G9 (R18): what the catalogue says of ways around row level security.
func TestG9TheCatalogueHasNoWayAround(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for what, sql := range map[string]string{
		"a function that runs as its owner on somebody's search_path": `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
			where n.nspname in ('public', 'published') and p.prosecdef and not coalesce('search_path=""' = any (p.proconfig), false)`,
		"a function that runs as its owner, for others than the server": `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace, unnest(array['undring_culture', 'undring_metrics']) r
			where n.nspname = 'public' and p.prosecdef and has_function_privilege(r, p.oid, 'execute')`,
		"a view that reads as its owner": `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname in ('public', 'published') and c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false)`,
		"a materialized view, which no row level security binds": `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname in ('public', 'published') and c.relkind = 'm'`,
		"a table of the application's own": `select c.relname from pg_class c where pg_get_userbyid(c.relowner) = 'undring_app'`,
		"a table that the application may empty, refer to or hang a trigger on": `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname in ('public', 'published') and c.relkind = 'r' and has_table_privilege('undring_app', c.oid, 'TRUNCATE, REFERENCES, TRIGGER')`,
		"a table that everybody may read": `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
			where n.nspname in ('public', 'published') and c.relkind = 'r' and a.grantee = 0`,
		"a right to make things": `select 'temporary' where has_database_privilege('undring_app', current_database(), 'TEMPORARY') union all
			select 'create in the database' where has_database_privilege('undring_app', current_database(), 'CREATE') union all
			select 'create in the schema' where has_schema_privilege('undring_app', 'public', 'CREATE')`,
		"a role that the application is a member of": `select r.rolname from pg_roles r where r.rolname <> 'undring_app' and pg_has_role('undring_app', r.oid, 'member')`,
		"a policy for everything at once": `select c.relname || '.' || p.polname from pg_policy p join pg_class c on c.oid = p.polrelid, unnest(p.polroles) r
			where p.polcmd = '*' and pg_get_userbyid(r) = 'undring_app'`,
		"a policy for everybody":               `select c.relname || '.' || p.polname from pg_policy p join pg_class c on c.oid = p.polrelid where 0 = any (p.polroles)`,
		"a policy to which nobody is somebody": `select tablename || '.' || policyname from pg_policies where coalesce(qual, '') || coalesce(with_check, '') like '%current\_setting(%, true)%'`,
	} {
		for _, name := range town.Column(t, db, sql) {
			t.Errorf("%s: %s", what, name)
		}
	}
	got := town.Column(t, db, `select distinct p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where n.nspname in ('public', 'published') and p.prosecdef order by 1`)
	if diff := cmp.Diff(sorted(slices.Clone(definers)), got); diff != "" {
		t.Errorf("the functions that run as the owner (-list +database):\n%s", diff)
	}
}
