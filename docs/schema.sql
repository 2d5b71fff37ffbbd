-- The schema as it stands after all migrations. It is generated (make schema) and here
-- to be read: what makes it is migrations/. Tables come in the order in which they were
-- made, each with its columns, its rules, who may do what with it, and, where its rows
-- belong to the schema, these; functions come last. A constraint that bears the name of
-- a reason of refusal/reasons.go refuses with it.

create table school_owner (
    owner_id uuid not null,
    name text not null,
    constraint school_owner_pkey PRIMARY KEY (owner_id),
    constraint school_owner_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 200)
);
alter table school_owner enable row level security, force row level security;
create policy culture_counts on school_owner for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on school_owner for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on school_owner for select to undring_owner using (true);
create policy roster_adds on school_owner for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on school_owner for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on school_owner for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select on school_owner to undring_app;
grant select (owner_id, name) on school_owner to undring_culture;

create table school (
    owner_id uuid not null,
    id uuid not null,
    name text not null,
    time_zone text default 'Europe/Oslo'::text not null,
    sourced_id text,
    created_at timestamp with time zone not null,
    constraint school__id_taken PRIMARY KEY (owner_id, id),
    constraint school_sourced UNIQUE (owner_id, sourced_id),
    constraint school_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint school_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 200),
    constraint school_sourced_id_check CHECK (sourced_id <> ''::text)
);
CREATE TRIGGER feed_changed AFTER UPDATE ON school REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_school();
alter table school enable row level security, force row level security;
create policy culture_counts on school for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on school for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on school for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy roster_adds on school for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on school for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on school for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select, update (name, time_zone, sourced_id) on school to undring_app;
grant select (owner_id, id, name, time_zone) on school to undring_culture;

create table exchange_policy (
    owner_id uuid not null,
    school_id uuid not null,
    effective_at timestamp with time zone not null,
    feedback_due integer not null,
    answer_due integer not null,
    takeaway_due integer not null,
    gate boolean not null,
    set_by uuid,
    purpose text default ''::text not null,
    retention_months integer default 12 not null,
    reason text default ''::text not null,
    agreed_with text default ''::text not null,
    set_at timestamp with time zone,
    figures_in_words boolean default false not null,
    constraint exchange_policy_pkey PRIMARY KEY (owner_id, school_id, effective_at),
    constraint exchange_policy_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint exchange_policy_agreed_with_check CHECK (char_length(agreed_with) <= 300),
    constraint exchange_policy_answer_due_check CHECK (answer_due >= 1 AND answer_due <= 20),
    constraint exchange_policy_feedback_due_check CHECK (feedback_due >= 0 AND feedback_due <= 20),
    constraint exchange_policy_purpose_check CHECK (char_length(purpose) <= 1000),
    constraint exchange_policy_reason_check CHECK (char_length(reason) <= 500),
    constraint exchange_policy_retention_months_check CHECK (retention_months >= 1 AND retention_months <= 24),
    constraint exchange_policy_takeaway_due_check CHECK (takeaway_due >= 1 AND takeaway_due <= 20)
);
CREATE TRIGGER feed_added AFTER INSERT ON exchange_policy REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_changed AFTER UPDATE ON exchange_policy REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_removed AFTER DELETE ON exchange_policy REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER note_act AFTER INSERT ON exchange_policy FOR EACH ROW WHEN (new.set_by IS NOT NULL) EXECUTE FUNCTION note_act();
CREATE TRIGGER policy_guard BEFORE INSERT ON exchange_policy FOR EACH ROW EXECUTE FUNCTION policy_guard();
CREATE TRIGGER policy_now BEFORE INSERT ON exchange_policy FOR EACH ROW EXECUTE FUNCTION policy_now();
alter table exchange_policy enable row level security, force row level security;
create policy culture_counts on exchange_policy for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on exchange_policy for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on exchange_policy for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy leader_adds on exchange_policy for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id) AND set_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy roster_adds on exchange_policy for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on exchange_policy for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on exchange_policy for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select on exchange_policy to undring_app;
grant select (owner_id, school_id, effective_at, figures_in_words) on exchange_policy to undring_culture;

create table free_day (
    owner_id uuid not null,
    school_id uuid not null,
    day date not null,
    name text default ''::text not null,
    source text default ''::text not null,
    constraint free_day_pkey PRIMARY KEY (owner_id, school_id, source, day),
    constraint free_day_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint free_day_name_check CHECK (char_length(name) <= 100),
    constraint free_day_source_check CHECK (char_length(source) <= 100)
);
CREATE TRIGGER feed_added AFTER INSERT ON free_day REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_removed AFTER DELETE ON free_day REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
alter table free_day enable row level security, force row level security;
create policy definer_all on free_day for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on free_day for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy roster_adds on free_day for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on free_day for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_removes on free_day for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on free_day for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select on free_day to undring_app;

create table person (
    owner_id uuid not null,
    id uuid not null,
    given_name text not null,
    family_name text not null,
    email text default ''::text not null,
    locale text default 'nb'::text not null,
    active boolean default true not null,
    source text default ''::text not null,
    sourced_id text,
    created_at timestamp with time zone not null,
    login text default ''::text not null,
    constraint person__id_taken PRIMARY KEY (owner_id, id),
    constraint person_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint person_email_check CHECK (char_length(email) <= 320),
    constraint person_family_name_check CHECK (char_length(family_name) <= 200),
    constraint person_given_name_check CHECK (char_length(given_name) <= 200),
    constraint person_locale_check CHECK (locale = ANY (ARRAY['nb'::text, 'nn'::text, 'en'::text])),
    constraint person_login_check CHECK (char_length(login) <= 320),
    constraint person_sourced_id_check CHECK (sourced_id <> ''::text)
);
CREATE INDEX person_by_address ON person USING btree (owner_id, lower(email COLLATE "C")) WHERE email <> ''::text;
CREATE INDEX person_by_email ON person USING btree (owner_id, lower(email)) WHERE email <> ''::text;
CREATE INDEX person_by_login ON person USING btree (owner_id, login) WHERE login <> ''::text;
CREATE UNIQUE INDEX person_sourced ON person USING btree (owner_id, source, sourced_id) WHERE sourced_id IS NOT NULL;
CREATE TRIGGER feed_added AFTER INSERT ON person REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_person();
CREATE TRIGGER feed_changed AFTER UPDATE ON person REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_person();
alter table person enable row level security, force row level security;
create policy culture_counts on person for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on person for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_changes on person for update to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on person for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy roster_adds on person for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on person for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on person for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select, update (given_name, family_name, email, locale, active, login) on person to undring_app;
grant select (owner_id, id, active) on person to undring_culture;

create table membership (
    owner_id uuid not null,
    school_id uuid not null,
    person_id uuid not null,
    role text not null,
    active boolean default true not null,
    since timestamp with time zone not null,
    by_hand boolean default false not null,
    constraint membership_pkey PRIMARY KEY (owner_id, school_id, person_id, role),
    constraint membership_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint membership_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint membership_role CHECK (role = ANY (ARRAY['TEACHER'::text, 'LEADER'::text, 'ADMINISTRATOR'::text, 'REPRESENTATIVE'::text]))
);
CREATE INDEX membership_of_person ON membership USING btree (owner_id, person_id);
CREATE TRIGGER came_now BEFORE INSERT ON membership FOR EACH ROW EXECUTE FUNCTION came_now();
CREATE TRIGGER commons_added AFTER INSERT ON membership REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_commons_of_member();
CREATE TRIGGER commons_changed AFTER UPDATE ON membership REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_commons_of_member();
CREATE TRIGGER feed_added AFTER INSERT ON membership REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_membership();
CREATE TRIGGER feed_changed AFTER UPDATE ON membership REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_membership();
CREATE TRIGGER feed_leaving AFTER UPDATE OF active ON membership FOR EACH ROW WHEN (old.active <> new.active AND (new.role = ANY (ARRAY['TEACHER'::text, 'LEADER'::text]))) EXECUTE FUNCTION feed_leaving();
alter table membership enable row level security, force row level security;
create policy culture_counts on membership for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on membership for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_changes on membership for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on membership for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy roster_adds on membership for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on membership for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on membership for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select, update (active, by_hand) on membership to undring_app;
grant select (owner_id, school_id, person_id, role, active, since) on membership to undring_culture;

create table team (
    owner_id uuid not null,
    school_id uuid not null,
    id uuid not null,
    name text not null,
    constraint team_pkey PRIMARY KEY (owner_id, school_id, id),
    constraint team_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint team_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 200)
);
CREATE UNIQUE INDEX team_name ON team USING btree (owner_id, school_id, name) WHERE name <> ''::text;
CREATE TRIGGER feed_added AFTER INSERT ON team REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_changed AFTER UPDATE ON team REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_removed AFTER DELETE ON team REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
alter table team enable row level security, force row level security;
create policy culture_counts on team for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on team for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on team for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy roster_adds on team for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on team for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on team for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select, update (name) on team to undring_app;
grant select (owner_id, school_id, id, name) on team to undring_culture;

create table team_member (
    owner_id uuid not null,
    school_id uuid not null,
    team_id uuid not null,
    person_id uuid not null,
    constraint team_member_pkey PRIMARY KEY (owner_id, school_id, team_id, person_id),
    constraint team_member_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint team_member_owner_id_school_id_team_id_fkey FOREIGN KEY (owner_id, school_id, team_id) REFERENCES team(owner_id, school_id, id)
);
CREATE INDEX team_member_of_person ON team_member USING btree (owner_id, person_id);
CREATE INDEX team_of_person ON team_member USING btree (owner_id, school_id, person_id);
CREATE TRIGGER feed_added AFTER INSERT ON team_member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_changed AFTER UPDATE ON team_member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_removed AFTER DELETE ON team_member REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
alter table team_member enable row level security, force row level security;
create policy culture_counts on team_member for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on team_member for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_changes on team_member for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on team_member for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy roster_adds on team_member for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_changes on team_member for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy roster_removes on team_member for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy tenant_reads on team_member for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select on team_member to undring_app;
grant select on team_member to undring_culture;

create table request (
    owner_id uuid not null,
    person_id uuid not null,
    request_id uuid not null,
    rpc text not null,
    content_hash bytea not null,
    visit_id uuid,
    reply bytea,
    at timestamp with time zone not null,
    constraint request_once PRIMARY KEY (owner_id, person_id, request_id),
    constraint request_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint request_content_hash_check CHECK (octet_length(content_hash) = 32)
);
CREATE INDEX request_age ON request USING btree (owner_id, at);
CREATE INDEX request_of_visit ON request USING btree (owner_id, visit_id) WHERE visit_id IS NOT NULL;
alter table request enable row level security, force row level security;
create policy definer_all on request for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_adds on request for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_reads on request for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select on request to undring_app;

create table visit_arrow (
    from_state text not null,
    event text not null,
    to_state text not null,
    mover text not null,
    constraint visit_arrow_pkey PRIMARY KEY (from_state, event, to_state),
    constraint visit_arrow_mover_check CHECK (mover = ANY (ARRAY['OBSERVER'::text, 'OBSERVED'::text, 'AWAITED'::text, 'EITHER'::text, 'HOUSE'::text]))
);
grant select on visit_arrow to undring_app;
-- row: (AGREED,CANCEL,CANCELLED,EITHER)
-- row: (AGREED,END_ALONE,CANCELLED,EITHER)
-- row: (AGREED,EXPIRE,EXPIRED,HOUSE)
-- row: (AGREED,FORGET,WITHDRAWN,HOUSE)
-- row: (AGREED,MOVE,AGREED,AWAITED)
-- row: (AGREED,OBSERVE,OBSERVED,OBSERVER)
-- row: (AGREED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (ANSWERED,ASK_BACK,FEEDBACK_GIVEN,OBSERVED)
-- row: (ANSWERED,CLOSE,CLOSED,EITHER)
-- row: (ANSWERED,CLOSE_ALONE,CLOSED,EITHER)
-- row: (ANSWERED,END_ALONE,CLOSED_WITHOUT_EXCHANGE,EITHER)
-- row: (ANSWERED,FORGET,WITHDRAWN,HOUSE)
-- row: (ANSWERED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (CANCELLED,FORGET,WITHDRAWN,HOUSE)
-- row: (CANCELLED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (CLOSED,FORGET,WITHDRAWN,HOUSE)
-- row: (CLOSED,REOPEN,ANSWERED,EITHER)
-- row: (CLOSED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (CLOSED_WITHOUT_EXCHANGE,FORGET,WITHDRAWN,HOUSE)
-- row: (CLOSED_WITHOUT_EXCHANGE,WITHDRAW,WITHDRAWN,EITHER)
-- row: (DECLINED,FORGET,WITHDRAWN,HOUSE)
-- row: (DECLINED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (EXPIRED,FORGET,WITHDRAWN,HOUSE)
-- row: (EXPIRED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (FEEDBACK_GIVEN,END_ALONE,CLOSED_WITHOUT_EXCHANGE,EITHER)
-- row: (FEEDBACK_GIVEN,EXIT,CLOSED_WITHOUT_EXCHANGE,EITHER)
-- row: (FEEDBACK_GIVEN,FORGET,WITHDRAWN,HOUSE)
-- row: (FEEDBACK_GIVEN,SETTLE,ANSWERED,EITHER)
-- row: (FEEDBACK_GIVEN,WITHDRAW,WITHDRAWN,EITHER)
-- row: (NONE,PROPOSE,PROPOSED,EITHER)
-- row: (OBSERVED,END_ALONE,CLOSED_WITHOUT_EXCHANGE,EITHER)
-- row: (OBSERVED,EXIT,CLOSED_WITHOUT_EXCHANGE,EITHER)
-- row: (OBSERVED,FORGET,WITHDRAWN,HOUSE)
-- row: (OBSERVED,GIVE,FEEDBACK_GIVEN,OBSERVER)
-- row: (OBSERVED,WITHDRAW,WITHDRAWN,EITHER)
-- row: (PROPOSED,ACCEPT,AGREED,AWAITED)
-- row: (PROPOSED,CANCEL,CANCELLED,EITHER)
-- row: (PROPOSED,COUNTER,PROPOSED,AWAITED)
-- row: (PROPOSED,DECLINE,DECLINED,AWAITED)
-- row: (PROPOSED,END_ALONE,CANCELLED,EITHER)
-- row: (PROPOSED,EXPIRE,EXPIRED,HOUSE)
-- row: (PROPOSED,FORGET,WITHDRAWN,HOUSE)
-- row: (PROPOSED,WITHDRAW,WITHDRAWN,EITHER)

create table round (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    first_id uuid not null,
    second_id uuid not null,
    third_id uuid,
    joined_ids uuid[] not null,
    done_ids uuid[] default '{}'::uuid[] not null,
    ended_at timestamp with time zone,
    created_at timestamp with time zone not null,
    constraint round__id_taken PRIMARY KEY (owner_id, id),
    constraint round_owner_id_first_id_fkey FOREIGN KEY (owner_id, first_id) REFERENCES person(owner_id, id),
    constraint round_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint round_owner_id_second_id_fkey FOREIGN KEY (owner_id, second_id) REFERENCES person(owner_id, id),
    constraint round_owner_id_third_id_fkey FOREIGN KEY (owner_id, third_id) REFERENCES person(owner_id, id),
    constraint round_done_by_members CHECK (done_ids <@ ARRAY[first_id, second_id, third_id]),
    constraint round_joined_by_members CHECK (joined_ids <@ ARRAY[first_id, second_id, third_id]),
    constraint round_of_different CHECK (first_id <> second_id AND COALESCE(third_id <> first_id AND third_id <> second_id, true))
);
CREATE INDEX round_of_first ON round USING btree (owner_id, first_id);
CREATE INDEX round_of_second ON round USING btree (owner_id, second_id);
CREATE INDEX round_of_third ON round USING btree (owner_id, third_id);
CREATE TRIGGER feed_round AFTER INSERT OR UPDATE ON round FOR EACH ROW EXECUTE FUNCTION feed_round();
CREATE TRIGGER round_guard BEFORE UPDATE ON round FOR EACH ROW EXECUTE FUNCTION round_guard();
alter table round enable row level security, force row level security;
create policy definer_all on round for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy members_add on round for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = first_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = second_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = third_id) AND joined_ids = ARRAY[( SELECT current_setting('undring.person'::text)::uuid AS current_setting)]);
create policy members_change on round for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = first_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = second_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = third_id));
create policy members_read on round for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = first_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = second_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = third_id));
grant insert (owner_id, id, school_id, first_id, second_id, third_id, joined_ids, created_at), select, update (joined_ids, ended_at) on round to undring_app;

create table visit (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    peers text not null,
    occasion_id uuid not null,
    twin_id uuid,
    round_id uuid,
    state text default 'NONE'::text not null,
    seq integer default 0 not null,
    awaits_id uuid,
    start_at timestamp with time zone not null,
    end_at timestamp with time zone not null,
    place text default ''::text not null,
    co_taught boolean not null,
    talk_at timestamp with time zone,
    talk_minutes integer default 30 not null,
    talk_arena text default ''::text not null,
    focus_question text default ''::text not null,
    suggested_focus text default ''::text not null,
    intention text default ''::text not null,
    look_for text default ''::text not null,
    do_not_note text default ''::text not null,
    wanted_feedback text default ''::text not null,
    focus_area_id uuid,
    observer_agreed_at timestamp with time zone,
    observer_agreed_to text default ''::text not null,
    observed_agreed_at timestamp with time zone,
    observed_agreed_to text default ''::text not null,
    feedback_due_at timestamp with time zone,
    answer_due_at timestamp with time zone,
    takeaway_due_at timestamp with time zone,
    opened boolean default false not null,
    acknowledged_at timestamp with time zone,
    exit_wished_by uuid,
    reopen_wished_by uuid,
    edition integer default 1 not null,
    point_id uuid,
    wondering_id uuid,
    answered_id uuid,
    observer_takeaway integer,
    observed_takeaway integer,
    revision bigint default 1 not null,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    wondering_true boolean generated always as (
CASE
    WHEN wondering_id IS NOT NULL THEN true
    ELSE NULL::boolean
END) stored,
    answered_true boolean generated always as (
CASE
    WHEN answered_id IS NOT NULL THEN true
    ELSE NULL::boolean
END) stored,
    ended_alone_by uuid,
    expectation text default ''::text not null,
    intended_at timestamp with time zone,
    later_intention text default ''::text not null,
    later_expectation text default ''::text not null,
    later_at timestamp with time zone,
    audience audience default 'TWO'::audience not null,
    name_out text default ''::text not null,
    name_out_by uuid,
    constraint visit__id_taken PRIMARY KEY (owner_id, id),
    constraint visit_of_two UNIQUE (owner_id, id, observer_id, observed_id),
    constraint answered__question_open FOREIGN KEY (owner_id, id, answered_id, answered_true) REFERENCES question(owner_id, visit_id, id, answers_gate),
    constraint observed__not_peers FOREIGN KEY (owner_id, school_id, observed_id, peers) REFERENCES membership(owner_id, school_id, person_id, role),
    constraint observed__takeaway_missing FOREIGN KEY (owner_id, id, observed_id, observed_takeaway) REFERENCES takeaway(owner_id, visit_id, person_id, edition),
    constraint observer__not_peers FOREIGN KEY (owner_id, school_id, observer_id, peers) REFERENCES membership(owner_id, school_id, person_id, role),
    constraint observer__takeaway_missing FOREIGN KEY (owner_id, id, observer_id, observer_takeaway) REFERENCES takeaway(owner_id, visit_id, person_id, edition),
    constraint point__feedback_point_missing FOREIGN KEY (owner_id, id, point_id) REFERENCES feedback_point(owner_id, visit_id, id),
    constraint stands__wrong_state FOREIGN KEY (owner_id, id, seq, state) REFERENCES visit_event(owner_id, visit_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
    constraint visit_owner_id_round_id_fkey FOREIGN KEY (owner_id, round_id) REFERENCES round(owner_id, id),
    constraint visit_owner_id_twin_id_fkey FOREIGN KEY (owner_id, twin_id) REFERENCES visit(owner_id, id) DEFERRABLE INITIALLY DEFERRED,
    constraint witness__wondering_question_missing FOREIGN KEY (owner_id, id, wondering_id, wondering_true) REFERENCES question(owner_id, visit_id, id, opens_gate),
    constraint agreed_by_both CHECK (observer_agreed_at IS NOT NULL AND observed_agreed_at IS NOT NULL OR (state <> ALL (ARRAY['AGREED'::text, 'OBSERVED'::text, 'FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text, 'CLOSED_WITHOUT_EXCHANGE'::text]))),
    constraint answer_due_with_feedback CHECK (answer_due_at IS NOT NULL OR (state <> ALL (ARRAY['FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text]))),
    constraint awaits_one_of_two CHECK (awaits_id = observer_id OR awaits_id = observed_id),
    constraint awaits_only_proposed CHECK (state = 'NONE'::text OR (state = 'PROPOSED'::text) = (awaits_id IS NOT NULL)),
    constraint feedback_due_with_agreement CHECK (feedback_due_at IS NOT NULL OR (state <> ALL (ARRAY['AGREED'::text, 'OBSERVED'::text, 'FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text, 'CLOSED_WITHOUT_EXCHANGE'::text]))),
    constraint feedback_point_missing CHECK (point_id IS NOT NULL OR (state <> ALL (ARRAY['FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text]))),
    constraint focus_missing CHECK (btrim(focus_question) <> ''::text OR (state <> ALL (ARRAY['AGREED'::text, 'OBSERVED'::text, 'FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text, 'CLOSED_WITHOUT_EXCHANGE'::text]))),
    constraint later_with_time CHECK (later_at IS NOT NULL OR later_intention = ''::text AND later_expectation = ''::text),
    constraint name_out__invalid_field CHECK (char_length(name_out) <= 60) NOT VALID,
    constraint name_out_of_two CHECK (name_out = ''::text OR name_out_by = observer_id OR name_out_by = observed_id) NOT VALID,
    constraint oneself__invalid_field CHECK (observer_id <> observed_id),
    constraint peers__invalid_field CHECK (peers = ANY (ARRAY['TEACHER'::text, 'LEADER'::text])),
    constraint says__focus_missing CHECK (state <> 'AGREED'::text OR says_something(focus_question)) NOT VALID,
    constraint span__invalid_field CHECK (end_at > start_at AND end_at <= (start_at + '04:00:00'::interval)),
    constraint takeaway_due_with_answers CHECK (takeaway_due_at IS NOT NULL OR (state <> ALL (ARRAY['ANSWERED'::text, 'CLOSED'::text]))),
    constraint takeaway_missing CHECK (state <> 'CLOSED'::text OR (COALESCE(observer_takeaway, 0) = edition OR NOT ended_alone_by IS DISTINCT FROM observed_id) AND (COALESCE(observed_takeaway, 0) = edition OR NOT ended_alone_by IS DISTINCT FROM observer_id)) NOT VALID,
    constraint visit_do_not_note_check CHECK (char_length(do_not_note) <= 500),
    constraint visit_expectation_check CHECK (char_length(expectation) <= 1000),
    constraint visit_focus_question_check CHECK (char_length(focus_question) <= 500),
    constraint visit_intention_check CHECK (char_length(intention) <= 2000),
    constraint visit_later_expectation_check CHECK (char_length(later_expectation) <= 1000),
    constraint visit_later_intention_check CHECK (char_length(later_intention) <= 2000),
    constraint visit_look_for_check CHECK (char_length(look_for) <= 500),
    constraint visit_place_check CHECK (char_length(place) <= 200),
    constraint visit_suggested_focus_check CHECK (char_length(suggested_focus) <= 500),
    constraint visit_talk_arena_check CHECK (talk_arena = ANY (ARRAY[''::text, 'CLASSROOM'::text, 'OFFICE'::text, 'WALK'::text, 'CAFE'::text, 'OUTDOORS'::text, 'DIGITAL'::text])),
    constraint visit_talk_minutes_check CHECK (talk_minutes >= 5 AND talk_minutes <= 120),
    constraint visit_wanted_feedback_check CHECK (char_length(wanted_feedback) <= 500),
    constraint wishes_of_two CHECK ((COALESCE(exit_wished_by, observer_id) = observer_id OR COALESCE(exit_wished_by, observer_id) = observed_id) AND (COALESCE(reopen_wished_by, observer_id) = observer_id OR COALESCE(reopen_wished_by, observer_id) = observed_id)),
    constraint wondering__question_open CHECK (answered_id IS NOT NULL OR (state <> ALL (ARRAY['ANSWERED'::text, 'CLOSED'::text]))),
    constraint wondering_question_missing CHECK (wondering_id IS NOT NULL OR (state <> ALL (ARRAY['FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text])))
);
CREATE INDEX visit_age ON visit USING btree (owner_id, school_id, GREATEST(end_at,
CASE
    WHEN state <> 'EXPIRED'::text THEN updated_at
    ELSE NULL::timestamp with time zone
END)) WHERE state <> 'WITHDRAWN'::text;
CREATE INDEX visit_as_observed ON visit USING btree (owner_id, observed_id, start_at DESC, id DESC);
CREATE INDEX visit_as_observer ON visit USING btree (owner_id, observer_id, start_at DESC, id DESC);
CREATE INDEX visit_of_round ON visit USING btree (owner_id, round_id) WHERE round_id IS NOT NULL;
CREATE INDEX visit_of_twin ON visit USING btree (owner_id, twin_id) WHERE twin_id IS NOT NULL;
CREATE INDEX visit_underway_as_observed ON visit USING btree (owner_id, observed_id) WHERE state = ANY (ARRAY['OBSERVED'::text, 'FEEDBACK_GIVEN'::text, 'ANSWERED'::text]);
CREATE INDEX visit_underway_as_observer ON visit USING btree (owner_id, observer_id) WHERE state = ANY (ARRAY['OBSERVED'::text, 'FEEDBACK_GIVEN'::text, 'ANSWERED'::text]);
CREATE INDEX visit_waiting ON visit USING btree (owner_id, end_at) WHERE state = ANY (ARRAY['PROPOSED'::text, 'AGREED'::text]);
CREATE TRIGGER area_of_changed BEFORE UPDATE OF focus_area_id ON visit FOR EACH ROW WHEN (new.focus_area_id IS NOT NULL AND new.focus_area_id IS DISTINCT FROM old.focus_area_id) EXECUTE FUNCTION area_guard();
CREATE TRIGGER area_of_new BEFORE INSERT ON visit FOR EACH ROW WHEN (new.focus_area_id IS NOT NULL) EXECUTE FUNCTION area_guard();
CREATE TRIGGER audience_born BEFORE INSERT ON visit FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON visit FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_visit AFTER INSERT OR UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION feed_visit();
CREATE TRIGGER intention_guard BEFORE INSERT OR UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION intention_guard();
CREATE TRIGGER read_when_given BEFORE UPDATE OF acknowledged_at ON visit FOR EACH ROW WHEN (old.acknowledged_at IS DISTINCT FROM new.acknowledged_at) EXECUTE FUNCTION read_when_given();
CREATE TRIGGER visit_begins BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION visit_begins();
CREATE TRIGGER visit_guard BEFORE UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION visit_guard();
CREATE TRIGGER visit_guard_more BEFORE UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION visit_guard_more();
CREATE TRIGGER wish_refused AFTER UPDATE OF exit_wished_by, reopen_wished_by ON visit FOR EACH ROW WHEN (old.seq = new.seq AND (old.exit_wished_by IS DISTINCT FROM new.exit_wished_by OR old.reopen_wished_by IS DISTINCT FROM new.reopen_wished_by)) EXECUTE FUNCTION wish_refused();
alter table visit enable row level security, force row level security;
create policy audience_holds on visit as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy culture_counts on visit for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on visit for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy two_add on visit for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
create policy two_change on visit for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
create policy two_read on visit for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, twin_id, round_id, awaits_id, start_at, end_at, place, co_taught, talk_at, talk_minutes, talk_arena, focus_question, suggested_focus, intention, focus_area_id, observer_agreed_at, observer_agreed_to, observed_agreed_at, observed_agreed_to, revision, created_at, updated_at, expectation, intended_at), select, update (start_at, end_at, place, talk_at, talk_minutes, talk_arena, focus_question, intention, look_for, do_not_note, wanted_feedback, focus_area_id, observer_agreed_at, observer_agreed_to, observed_agreed_at, observed_agreed_to, feedback_due_at, answer_due_at, takeaway_due_at, acknowledged_at, exit_wished_by, reopen_wished_by, point_id, wondering_id, answered_id, observer_takeaway, observed_takeaway, revision, updated_at, expectation, intended_at, later_intention, later_expectation, later_at) on visit to undring_app;
grant select (owner_id, id, school_id, observer_id, observed_id, peers, state, start_at, focus_area_id, feedback_due_at, answer_due_at) on visit to undring_culture;

create table visit_event (
    owner_id uuid not null,
    visit_id uuid not null,
    seq integer not null,
    prev_seq integer generated always as (NULLIF(seq - 1, 0)) stored,
    event text not null,
    from_state text not null,
    to_state text not null,
    actor_id uuid,
    at timestamp with time zone not null,
    xid xid8 default pg_current_xact_id() not null,
    constraint visit_event__wrong_state PRIMARY KEY (owner_id, visit_id, seq),
    constraint visit_event_to UNIQUE (owner_id, visit_id, seq, to_state),
    constraint arrow__wrong_state FOREIGN KEY (from_state, event, to_state) REFERENCES visit_arrow(from_state, event, to_state),
    constraint before__wrong_state FOREIGN KEY (owner_id, visit_id, prev_seq, from_state) REFERENCES visit_event(owner_id, visit_id, seq, to_state),
    constraint visit_event_owner_id_visit_id_fkey FOREIGN KEY (owner_id, visit_id) REFERENCES visit(owner_id, id),
    constraint first__wrong_state CHECK ((seq = 1) = (from_state = 'NONE'::text)),
    constraint visit_event_seq_check CHECK (seq > 0)
);
CREATE INDEX visit_event_committed ON visit_event USING btree (owner_id, xid, visit_id, seq);
CREATE CONSTRAINT TRIGGER question_open_at_step AFTER INSERT ON visit_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.to_state = ANY (ARRAY['ANSWERED'::text, 'CLOSED'::text])) EXECUTE FUNCTION question_open();
CREATE TRIGGER visit_step AFTER INSERT ON visit_event FOR EACH ROW EXECUTE FUNCTION visit_step();
CREATE TRIGGER visit_tells AFTER INSERT ON visit_event FOR EACH ROW EXECUTE FUNCTION visit_tells();
alter table visit_event enable row level security, force row level security;
create policy culture_counts on visit_event for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on visit_event for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy two_add on visit_event for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND actor_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM visit v
  WHERE v.owner_id = visit_event.owner_id AND v.id = visit_event.visit_id)));
create policy two_read on visit_event for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM visit v
  WHERE v.owner_id = visit_event.owner_id AND v.id = visit_event.visit_id)));
grant insert (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at), select on visit_event to undring_app;
grant select on visit_event to undring_culture;

create table booking (
    owner_id uuid not null,
    person_id uuid not null,
    occasion_id uuid not null,
    kind integer not null,
    visit_id uuid,
    blocks_lesson boolean not null,
    span tstzrange not null,
    beside boolean default false not null,
    school_id uuid,
    own_address boolean default false not null,
    constraint booking_once UNIQUE NULLS NOT DISTINCT (owner_id, person_id, occasion_id, kind, span, visit_id),
    constraint lesson__double_booked EXCLUDE USING gist (owner_id WITH =, person_id WITH =, kind WITH <>, span WITH &&) WHERE (kind = 2 AND NOT beside OR blocks_lesson),
    constraint visit__double_booked EXCLUDE USING gist (owner_id WITH =, person_id WITH =, occasion_id WITH <>, span WITH &&) WHERE (kind = 1),
    constraint booking_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint booking_owner_id_visit_id_fkey FOREIGN KEY (owner_id, visit_id) REFERENCES visit(owner_id, id),
    constraint booking_kind_check CHECK (kind = ANY (ARRAY[1, 2, 3])),
    constraint booking_of_file CHECK (kind = 2 OR NOT own_address),
    constraint booking_of_visit CHECK ((kind = 1) = (visit_id IS NOT NULL)),
    constraint booking_span_check CHECK (NOT isempty(span))
);
CREATE INDEX booking_of_visit ON booking USING btree (owner_id, visit_id);
CREATE TRIGGER lesson_free AFTER DELETE ON booking FOR EACH ROW WHEN (old.kind = 1) EXECUTE FUNCTION lesson_taken();
CREATE TRIGGER lesson_taken AFTER INSERT ON booking FOR EACH ROW WHEN (new.kind = 1) EXECUTE FUNCTION lesson_taken();
alter table booking enable row level security, force row level security;
create policy definer_all on booking for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_read on booking for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant select on booking to undring_app;

create table note (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    kind text not null,
    text text not null,
    observed_at timestamp with time zone not null,
    tag text default ''::text not null,
    about_focus boolean not null,
    revision bigint default 1 not null,
    shared boolean default false not null,
    opened boolean default false not null,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    audience audience default 'WRITER_UNTIL_GIVEN'::audience not null,
    constraint note__id_taken PRIMARY KEY (owner_id, id),
    constraint note_kind UNIQUE (owner_id, visit_id, id, kind),
    constraint note_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint note_kind_check CHECK (kind = ANY (ARRAY['SAW'::text, 'INTERPRETATION'::text, 'WONDERING'::text])),
    constraint note_tag_check CHECK (char_length(tag) <= 40),
    constraint note_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 2000)
);
CREATE INDEX note_by_clock ON note USING btree (owner_id, visit_id, observed_at, id);
CREATE TRIGGER audience_born BEFORE INSERT ON note FOR EACH ROW WHEN (new.audience > 'WRITER_UNTIL_GIVEN'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON note FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_note AFTER INSERT OR DELETE OR UPDATE OF kind, text, observed_at, tag, about_focus, revision, shared ON note FOR EACH ROW EXECUTE FUNCTION feed_note();
CREATE TRIGGER note_guard BEFORE INSERT OR DELETE OR UPDATE OF kind, text, observed_at, tag, about_focus, shared ON note FOR EACH ROW EXECUTE FUNCTION note_guard();
alter table note enable row level security, force row level security;
create policy audience_holds on note as restrictive for select to undring_app using (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (audience >= 'TWO'::audience OR audience = 'WRITER_UNTIL_GIVEN'::audience AND shared));
create policy definer_all on note for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy observer_adds on note for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observer_changes on note for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observer_removes on note for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on note for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND shared AND opened));
grant delete, insert (owner_id, id, visit_id, observer_id, observed_id, kind, text, observed_at, tag, about_focus, created_at, updated_at), select, update (kind, text, observed_at, tag, about_focus, revision, shared, updated_at) on note to undring_app;

create table availability (
    owner_id uuid not null,
    person_id uuid not null,
    span tstzrange not null,
    constraint availability_pkey PRIMARY KEY (owner_id, person_id, span),
    constraint availability_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint availability_span_check CHECK (NOT isempty(span))
);
alter table availability enable row level security, force row level security;
create policy definer_all on availability for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on availability for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on availability for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_remove on availability for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select on availability to undring_app;

create table kept_from_suggestions (
    owner_id uuid not null,
    person_id uuid not null,
    other_id uuid not null,
    constraint kept_from_suggestions_pkey PRIMARY KEY (owner_id, person_id, other_id),
    constraint kept_from_suggestions_owner_id_other_id_fkey FOREIGN KEY (owner_id, other_id) REFERENCES person(owner_id, id),
    constraint kept_from_suggestions_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id)
);
CREATE INDEX kept_from_suggestions_of_other ON kept_from_suggestions USING btree (owner_id, other_id);
alter table kept_from_suggestions enable row level security, force row level security;
create policy definer_all on kept_from_suggestions for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on kept_from_suggestions for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on kept_from_suggestions for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_remove on kept_from_suggestions for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select on kept_from_suggestions to undring_app;

create table feedback_point (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    position integer not null,
    text text not null,
    note_ids uuid[] not null,
    saw_note_id uuid,
    saw_kind text default 'SAW'::text not null,
    opened boolean default false not null,
    created_at timestamp with time zone not null,
    effect text default ''::text not null,
    audience audience default 'TWO'::audience not null,
    constraint feedback_point__id_taken PRIMARY KEY (owner_id, id),
    constraint feedback_point_of_visit UNIQUE (owner_id, visit_id, id),
    constraint feedback_point_position UNIQUE (owner_id, visit_id, "position"),
    constraint point_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint saw__evidence_missing FOREIGN KEY (owner_id, visit_id, saw_note_id, saw_kind) REFERENCES note(owner_id, visit_id, id, kind),
    constraint evidence_missing CHECK (saw_note_id IS NOT NULL AND (saw_note_id = ANY (note_ids))),
    constraint feedback_point_effect_check CHECK (char_length(effect) <= 1000),
    constraint feedback_point_note_ids_check CHECK (cardinality(note_ids) >= 1 AND cardinality(note_ids) <= 50),
    constraint feedback_point_position_check CHECK ("position" >= 1 AND "position" <= 20),
    constraint feedback_point_saw_kind_check CHECK (saw_kind = 'SAW'::text),
    constraint feedback_point_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 2000),
    constraint says__feedback_point_missing CHECK (says_something(text)) NOT VALID
);
CREATE TRIGGER audience_born BEFORE INSERT ON feedback_point FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON feedback_point FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT ON feedback_point FOR EACH ROW EXECUTE FUNCTION exchange_guard('OBSERVED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON feedback_point FOR EACH ROW EXECUTE FUNCTION feed_exchange();
alter table feedback_point enable row level security, force row level security;
create policy audience_holds on feedback_point as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy definer_all on feedback_point for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy observer_adds on feedback_point for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on feedback_point for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND opened));
grant insert (owner_id, id, visit_id, observer_id, observed_id, position, text, note_ids, saw_note_id, created_at, effect), select on feedback_point to undring_app;

create table question (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    asker_id uuid not null,
    addressee_id uuid not null,
    position integer not null,
    text text not null,
    language text not null,
    wondering boolean not null,
    stand_by boolean not null,
    note_ids uuid[] default '{}'::uuid[] not null,
    source text default ''::text not null,
    state text default 'OPEN'::text not null,
    answer text default ''::text not null,
    settled_at timestamp with time zone,
    due_at timestamp with time zone not null,
    opened boolean default false not null,
    created_at timestamp with time zone not null,
    answers_gate boolean generated always as (wondering AND asker_id = observer_id AND (state = ANY (ARRAY['ANSWERED'::text, 'TALKED'::text]))) stored,
    opens_gate boolean generated always as (wondering AND asker_id = observer_id) stored,
    audience audience default 'TWO'::audience not null,
    constraint question__id_taken PRIMARY KEY (owner_id, id),
    constraint question_answers_gate UNIQUE (owner_id, visit_id, id, answers_gate),
    constraint question_opens_gate UNIQUE (owner_id, visit_id, id, opens_gate),
    constraint question_position UNIQUE (owner_id, visit_id, asker_id, "position"),
    constraint question_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint answer_empty CHECK (answer = ''::text OR says_something(answer)) NOT VALID,
    constraint answer_with_state CHECK ((state = 'ANSWERED'::text) = (btrim(answer) <> ''::text)),
    constraint asks__wondering_question_missing CHECK (says_something(text)) NOT VALID,
    constraint own_view_missing CHECK (opened OR state = 'OPEN'::text OR addressee_id = observer_id),
    constraint parked__not_your_move CHECK (state <> 'PARKED'::text OR addressee_id = observed_id),
    constraint question_answer_check CHECK (char_length(answer) <= 4000),
    constraint question_between_two CHECK (asker_id = observer_id AND addressee_id = observed_id OR asker_id = observed_id AND addressee_id = observer_id),
    constraint question_language_check CHECK (language = ANY (ARRAY['nb'::text, 'nn'::text, 'en'::text])),
    constraint question_note_ids_check CHECK (cardinality(note_ids) <= 50),
    constraint question_position_check CHECK ("position" >= 1 AND "position" <= 5),
    constraint question_source_check CHECK (char_length(source) <= 300),
    constraint question_state_check CHECK (state = ANY (ARRAY['OPEN'::text, 'ANSWERED'::text, 'TALKED_UNCONFIRMED'::text, 'TALKED'::text, 'PARKED'::text])),
    constraint question_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 1000),
    constraint settled_with_state CHECK ((state = 'OPEN'::text) = (settled_at IS NULL))
);
CREATE TRIGGER audience_born BEFORE INSERT ON question FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON question FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT ON question FOR EACH ROW EXECUTE FUNCTION exchange_guard('OBSERVED,FEEDBACK_GIVEN');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON question FOR EACH ROW EXECUTE FUNCTION feed_exchange();
CREATE TRIGGER question_begins BEFORE INSERT ON question FOR EACH ROW EXECUTE FUNCTION question_begins();
CREATE TRIGGER question_guard BEFORE UPDATE ON question FOR EACH ROW EXECUTE FUNCTION question_guard();
CREATE CONSTRAINT TRIGGER question_open_at_question AFTER INSERT OR UPDATE OF state ON question DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION question_open();
alter table question enable row level security, force row level security;
create policy asker_adds on question for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND asker_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))) AND (asker_id = observer_id OR opened));
create policy audience_holds on question as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy culture_counts on question for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on question for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy two_read on question for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND opened));
create policy two_settle on question for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert (owner_id, id, visit_id, observer_id, observed_id, asker_id, addressee_id, position, text, language, wondering, stand_by, note_ids, source, due_at, opened, created_at), select, update (state, answer, settled_at) on question to undring_app;
grant select (owner_id, visit_id, asker_id) on question to undring_culture;

create table reply (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    about_id uuid not null,
    author_id uuid not null,
    position integer not null,
    text text not null,
    created_at timestamp with time zone not null,
    audience audience default 'TWO'::audience not null,
    constraint reply__id_taken PRIMARY KEY (owner_id, id),
    constraint reply_position UNIQUE (owner_id, about_id, "position"),
    constraint reply_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint author__not_your_move CHECK (author_id = observer_id OR author_id = observed_id),
    constraint reply_position_check CHECK ("position" >= 1 AND "position" <= 30),
    constraint reply_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 1000),
    constraint says__invalid_field CHECK (says_something(text)) NOT VALID
);
CREATE INDEX reply_of_visit ON reply USING btree (owner_id, visit_id);
CREATE TRIGGER audience_born BEFORE INSERT ON reply FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON reply FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT ON reply FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON reply FOR EACH ROW EXECUTE FUNCTION feed_exchange();
CREATE TRIGGER hangs_on_its_visit BEFORE INSERT ON reply FOR EACH ROW EXECUTE FUNCTION hangs_on_its_visit();
alter table reply enable row level security, force row level security;
create policy audience_holds on reply as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy author_adds on reply for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND author_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy definer_all on reply for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy two_read on reply for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert (owner_id, id, visit_id, observer_id, observed_id, about_id, author_id, position, text, created_at), select on reply to undring_app;

create table conversation (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    recorded_by uuid not null,
    talked_at timestamp with time zone not null,
    minutes integer not null,
    summary text not null,
    confirmed_by uuid,
    confirmed_at timestamp with time zone,
    created_at timestamp with time zone not null,
    audience audience default 'TWO'::audience not null,
    constraint conversation__id_taken PRIMARY KEY (owner_id, id),
    constraint conversation_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint confirmed_with_time CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    constraint confirmer__not_your_move CHECK ((confirmed_by = observer_id OR confirmed_by = observed_id) AND confirmed_by <> recorded_by),
    constraint conversation_minutes_check CHECK (minutes >= 1 AND minutes <= 480),
    constraint conversation_summary_check CHECK (char_length(summary) >= 1 AND char_length(summary) <= 500),
    constraint recorder__not_your_move CHECK (recorded_by = observer_id OR recorded_by = observed_id)
);
CREATE INDEX conversation_of_visit ON conversation USING btree (owner_id, visit_id, created_at);
CREATE TRIGGER audience_born BEFORE INSERT ON conversation FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON conversation FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT OR UPDATE ON conversation FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON conversation FOR EACH ROW EXECUTE FUNCTION feed_exchange();
alter table conversation enable row level security, force row level security;
create policy audience_holds on conversation as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy definer_all on conversation for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy other_confirms on conversation for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))) with check (confirmed_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy recorder_adds on conversation for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND recorded_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND confirmed_by IS NULL);
create policy two_read on conversation for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert (owner_id, id, visit_id, observer_id, observed_id, recorded_by, talked_at, minutes, summary, created_at), select, update (confirmed_by, confirmed_at) on conversation to undring_app;

create table correction (
    owner_id uuid not null,
    note_id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    text text not null,
    resolution text default ''::text not null,
    created_at timestamp with time zone not null,
    audience audience default 'TWO'::audience not null,
    constraint correction_pkey PRIMARY KEY (owner_id, note_id),
    constraint correction_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint correction_owner_id_note_id_fkey FOREIGN KEY (owner_id, note_id) REFERENCES note(owner_id, id),
    constraint correction_resolution_check CHECK (resolution = ANY (ARRAY[''::text, 'ACCEPTED'::text, 'BOTH_STAND'::text])),
    constraint correction_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 2000)
);
CREATE INDEX correction_of_visit ON correction USING btree (owner_id, visit_id);
CREATE TRIGGER audience_born BEFORE INSERT ON correction FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON correction FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT OR UPDATE ON correction FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON correction FOR EACH ROW EXECUTE FUNCTION feed_exchange();
CREATE TRIGGER hangs_on_its_visit BEFORE INSERT ON correction FOR EACH ROW EXECUTE FUNCTION hangs_on_its_visit();
CREATE TRIGGER own_part_guard BEFORE UPDATE ON correction FOR EACH ROW EXECUTE FUNCTION own_part_guard();
alter table correction enable row level security, force row level security;
create policy audience_holds on correction as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy definer_all on correction for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy observed_corrects on correction for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on correction for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
create policy two_resolve on correction for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert (owner_id, note_id, visit_id, observer_id, observed_id, text, created_at), select, update (text, resolution, created_at) on correction to undring_app;

create table own_view (
    owner_id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    text text default ''::text not null,
    skipped boolean not null,
    recorded_at timestamp with time zone not null,
    audience audience default 'TWO'::audience not null,
    constraint own_view_pkey PRIMARY KEY (owner_id, visit_id),
    constraint own_view_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint lines_or_skipped CHECK (skipped = (btrim(text) = ''::text)),
    constraint own_view_text_check CHECK (char_length(text) <= 1000),
    constraint says__own_view_missing CHECK (skipped OR says_something(text)) NOT VALID
);
CREATE TRIGGER audience_born BEFORE INSERT ON own_view FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON own_view FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT OR UPDATE ON own_view FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON own_view FOR EACH ROW EXECUTE FUNCTION feed_exchange();
CREATE TRIGGER own_view_opens AFTER INSERT ON own_view FOR EACH ROW EXECUTE FUNCTION own_view_opens();
alter table own_view enable row level security, force row level security;
create policy audience_holds on own_view as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy definer_all on own_view for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy observed_adds on own_view for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observed_changes on own_view for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on own_view for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert, select, update (text, skipped, recorded_at) on own_view to undring_app;

create table takeaway (
    owner_id uuid not null,
    visit_id uuid not null,
    person_id uuid not null,
    edition integer not null,
    observer_id uuid not null,
    observed_id uuid not null,
    text text not null,
    borrowed text default ''::text not null,
    learning text not null,
    recorded_at timestamp with time zone not null,
    audience audience default 'WRITER'::audience not null,
    constraint takeaway_pkey PRIMARY KEY (owner_id, visit_id, person_id, edition),
    constraint takeaway_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint says__takeaway_missing CHECK (says_something(text) OR text = '…'::text) NOT VALID,
    constraint takeaway_borrowed_check CHECK (char_length(borrowed) <= 1000),
    constraint takeaway_learning_check CHECK (learning = ANY (ARRAY['ADJUSTED_PRACTICE'::text, 'QUESTIONED_ASSUMPTION'::text, 'NOTHING_NEW'::text])),
    constraint takeaway_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 2000),
    constraint writer__not_your_move CHECK (person_id = observer_id OR person_id = observed_id)
);
CREATE TRIGGER audience_born BEFORE INSERT ON takeaway FOR EACH ROW WHEN (new.audience > 'WRITER'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON takeaway FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT OR UPDATE ON takeaway FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_takeaway AFTER INSERT OR DELETE OR UPDATE ON takeaway FOR EACH ROW EXECUTE FUNCTION feed_takeaway();
alter table takeaway enable row level security, force row level security;
create policy audience_holds on takeaway as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'TWO'::audience AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id));
create policy culture_counts on takeaway for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on takeaway for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on takeaway for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on takeaway for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on takeaway for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update (text, borrowed, learning, recorded_at) on takeaway to undring_app;
grant select (owner_id, visit_id, person_id, learning) on takeaway to undring_culture;

create table draft (
    owner_id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    body bytea not null,
    revision bigint not null,
    updated_at timestamp with time zone not null,
    audience audience default 'WRITER_UNTIL_GIVEN'::audience not null,
    constraint draft_pkey PRIMARY KEY (owner_id, visit_id),
    constraint draft_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint draft_body_check CHECK (octet_length(body) <= 262144)
);
CREATE TRIGGER audience_born BEFORE INSERT ON draft FOR EACH ROW WHEN (new.audience > 'WRITER_UNTIL_GIVEN'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON draft FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT OR UPDATE ON draft FOR EACH ROW EXECUTE FUNCTION exchange_guard('AGREED,OBSERVED');
CREATE TRIGGER feed_draft AFTER INSERT OR DELETE OR UPDATE ON draft FOR EACH ROW EXECUTE FUNCTION feed_draft();
alter table draft enable row level security, force row level security;
create policy audience_holds on draft as restrictive for select to undring_app using (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'TWO'::audience AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id));
create policy definer_all on draft for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy observer_adds on draft for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observer_changes on draft for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observer_reads on draft for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update (body, revision, updated_at) on draft to undring_app;

create table action (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    person_id uuid not null,
    slot integer not null,
    text text not null,
    lesson text default ''::text not null,
    due_on date,
    focus_area_id uuid,
    state text default 'PROPOSED'::text not null,
    agreed_by uuid,
    did text default ''::text not null,
    happened text default ''::text not null,
    questioned text default ''::text not null,
    next text default ''::text not null,
    learning text default ''::text not null,
    reported_at timestamp with time zone,
    created_at timestamp with time zone not null,
    outcome text default ''::text not null,
    audience audience default 'TWO'::audience not null,
    constraint action__id_taken PRIMARY KEY (owner_id, id),
    constraint action_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint action_did_check CHECK (char_length(did) <= 1000),
    constraint action_happened_check CHECK (char_length(happened) <= 1000),
    constraint action_learning_check CHECK (learning = ANY (ARRAY[''::text, 'ADJUSTED_PRACTICE'::text, 'QUESTIONED_ASSUMPTION'::text, 'NOTHING_NEW'::text])),
    constraint action_lesson_check CHECK (char_length(lesson) <= 200),
    constraint action_next_check CHECK (char_length(next) <= 1000),
    constraint action_outcome_check CHECK (outcome = ANY (ARRAY[''::text, 'TRIED'::text, 'KEPT'::text, 'DROPPED'::text])),
    constraint action_questioned_check CHECK (char_length(questioned) <= 1000),
    constraint action_slot_check CHECK (slot = ANY (ARRAY[1, 2])),
    constraint action_state_check CHECK (state = ANY (ARRAY['PROPOSED'::text, 'AGREED'::text, 'REPORTED'::text])),
    constraint action_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 500),
    constraint agreed__wrong_state CHECK ((state <> 'PROPOSED'::text) = (agreed_by IS NOT NULL)),
    constraint agreer__not_your_move CHECK ((agreed_by = observer_id OR agreed_by = observed_id) AND agreed_by <> person_id),
    constraint doer__not_your_move CHECK (person_id = observer_id OR person_id = observed_id),
    constraint outcome__wrong_state CHECK (outcome = ''::text OR state = 'REPORTED'::text),
    constraint plan__invalid_field CHECK (state <> 'PROPOSED'::text OR says_something(text)) NOT VALID,
    constraint report__invalid_field CHECK (state <> 'REPORTED'::text OR says_something(did) AND says_something(happened)) NOT VALID,
    constraint reported_with_words CHECK ((state = 'REPORTED'::text) = (reported_at IS NOT NULL AND did <> ''::text AND happened <> ''::text AND learning <> ''::text)),
    constraint when__invalid_field CHECK (due_on IS NOT NULL OR lesson <> ''::text)
);
CREATE INDEX action_of_person ON action USING btree (owner_id, person_id, due_on);
CREATE INDEX action_of_visit ON action USING btree (owner_id, visit_id);
CREATE UNIQUE INDEX action_slot ON action USING btree (owner_id, visit_id, slot) WHERE state <> 'REPORTED'::text;
CREATE TRIGGER area_of_new BEFORE INSERT ON action FOR EACH ROW WHEN (new.focus_area_id IS NOT NULL) EXECUTE FUNCTION area_guard();
CREATE TRIGGER audience_born BEFORE INSERT ON action FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON action FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT ON action FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON action FOR EACH ROW EXECUTE FUNCTION feed_exchange();
CREATE TRIGGER own_part_guard BEFORE UPDATE ON action FOR EACH ROW EXECUTE FUNCTION own_part_guard();
CREATE TRIGGER report_guard BEFORE UPDATE ON action FOR EACH ROW EXECUTE FUNCTION report_guard();
alter table action enable row level security, force row level security;
create policy audience_holds on action as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy culture_counts on action for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on action for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy doer_adds on action for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND state = 'PROPOSED'::text);
create policy two_change on action for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))) with check (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR agreed_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on action for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert (owner_id, id, visit_id, observer_id, observed_id, person_id, slot, text, lesson, due_on, focus_area_id, created_at), select, update (state, agreed_by, did, happened, questioned, next, learning, reported_at, outcome) on action to undring_app;
grant select (owner_id, visit_id, person_id, state) on action to undring_culture;

create table prompt (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    author_id uuid not null,
    moment text not null,
    kind text not null,
    language text not null,
    text text not null,
    revision bigint not null,
    created_at timestamp with time zone not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint prompt__id_taken PRIMARY KEY (owner_id, id),
    constraint prompt_owner_id_author_id_fkey FOREIGN KEY (owner_id, author_id) REFERENCES person(owner_id, id),
    constraint prompt_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint prompt_kind_check CHECK (kind ~ '^[a-z_]{0,40}$'::text),
    constraint prompt_language_check CHECK (language = ANY (ARRAY['nb'::text, 'nn'::text, 'en'::text])),
    constraint prompt_moment_check CHECK (moment ~ '^[a-z_]{1,40}$'::text),
    constraint prompt_revision_check CHECK (revision >= 1),
    constraint prompt_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 300)
);
CREATE INDEX prompt_of_author ON prompt USING btree (owner_id, author_id);
CREATE INDEX prompt_of_school ON prompt USING btree (owner_id, school_id, language, moment, created_at);
CREATE TRIGGER audience_born BEFORE INSERT ON prompt FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON prompt FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON prompt REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_changed AFTER UPDATE ON prompt REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_removed AFTER DELETE ON prompt REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
alter table prompt enable row level security, force row level security;
create policy audience_holds on prompt as restrictive for select to undring_app using (author_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'SCHOOL'::audience);
create policy author_changes on prompt for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND author_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy author_or_administrator_removes on prompt for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (author_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR (EXISTS ( SELECT
   FROM membership m
  WHERE m.owner_id = prompt.owner_id AND m.school_id = prompt.school_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND m.active AND m.role = 'ADMINISTRATOR'::text))));
create policy definer_all on prompt for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_export on prompt for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = author_id AND ( SELECT is_exporting() AS is_exporting));
create policy staff_add on prompt for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND author_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM membership m
  WHERE m.owner_id = prompt.owner_id AND m.school_id = prompt.school_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND m.active)));
create policy staff_read on prompt for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM membership m
  WHERE m.owner_id = prompt.owner_id AND m.school_id = prompt.school_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND m.active)));
grant delete, insert, select, update (moment, kind, language, text, revision) on prompt to undring_app;

create table session (
    owner_id uuid not null,
    id uuid not null,
    person_id uuid not null,
    device_name text not null,
    device_key bytea,
    opened_by text not null,
    generation integer default 1 not null,
    refreshed_at timestamp with time zone not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    end_reason text,
    own_data boolean default false not null,
    constraint session_pkey PRIMARY KEY (owner_id, id),
    constraint session_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint session_check CHECK (expires_at > created_at),
    constraint session_check1 CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    constraint session_device_key_check CHECK (octet_length(device_key) <= 200),
    constraint session_device_name_check CHECK (char_length(device_name) <= 80),
    constraint session_end_reason_check CHECK (end_reason = ANY (ARRAY['SIGNED_OUT'::text, 'REVOKED'::text, 'REUSED'::text])),
    constraint session_generation_check CHECK (generation >= 1),
    constraint session_opened_by_check CHECK (opened_by = ANY (ARRAY['PROVIDER'::text, 'INVITATION'::text, 'DEMO'::text]))
);
CREATE INDEX session_of_person ON session USING btree (owner_id, person_id, created_at DESC);
CREATE INDEX session_old ON session USING btree (owner_id, expires_at);
CREATE TRIGGER count_sign_in_day AFTER INSERT OR UPDATE OF refreshed_at ON session FOR EACH ROW EXECUTE FUNCTION count_sign_in_day();
CREATE TRIGGER end_devices AFTER UPDATE OF ended_at ON session FOR EACH ROW WHEN (new.ended_at IS NOT NULL) EXECUTE FUNCTION end_devices();
CREATE TRIGGER session_guard BEFORE UPDATE ON session FOR EACH ROW EXECUTE FUNCTION session_guard();
alter table session enable row level security, force row level security;
create policy definer_all on session for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_changes on session for update to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on session for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_removes on session for delete to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_reads on session for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy house_removes on session for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy own_add on session for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on session for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on session for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (generation, refreshed_at, ended_at, end_reason) on session to undring_app;

create table sign_in_link (
    owner_id uuid not null,
    issuer text not null,
    subject text not null,
    person_id uuid not null,
    created_at timestamp with time zone not null,
    constraint sign_in_link_pkey PRIMARY KEY (owner_id, issuer, subject),
    constraint one_subject_a_person UNIQUE (owner_id, person_id, issuer),
    constraint sign_in_link_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint sign_in_link_issuer_check CHECK (char_length(issuer) >= 1 AND char_length(issuer) <= 500),
    constraint sign_in_link_subject_check CHECK (char_length(subject) >= 1 AND char_length(subject) <= 500)
);
alter table sign_in_link enable row level security, force row level security;
create policy definer_all on sign_in_link for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_changes on sign_in_link for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on sign_in_link for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_adds on sign_in_link for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy house_changes on sign_in_link for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy house_reads on sign_in_link for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy house_removes on sign_in_link for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy own_reads on sign_in_link for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (person_id) on sign_in_link to undring_app;

create table invitation (
    owner_id uuid not null,
    id uuid not null,
    person_id uuid not null,
    invited_by uuid,
    code_hash bytea not null,
    created_at timestamp with time zone not null,
    valid_from timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    used_at timestamp with time zone,
    constraint invitation_pkey PRIMARY KEY (owner_id, id),
    constraint invitation_code UNIQUE (owner_id, code_hash),
    constraint invitation_owner_id_invited_by_fkey FOREIGN KEY (owner_id, invited_by) REFERENCES person(owner_id, id),
    constraint invitation_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint invitation_check CHECK (valid_from >= created_at),
    constraint invitation_check1 CHECK (expires_at > valid_from),
    constraint invitation_code_hash_check CHECK (octet_length(code_hash) = 32)
);
CREATE INDEX invitation_by_code ON invitation USING btree (code_hash);
CREATE INDEX invitation_of_inviter ON invitation USING btree (owner_id, invited_by) WHERE invited_by IS NOT NULL;
CREATE INDEX invitation_of_person ON invitation USING btree (owner_id, person_id);
CREATE TRIGGER note_act AFTER INSERT ON invitation FOR EACH ROW EXECUTE FUNCTION note_act();
CREATE TRIGGER used_once BEFORE UPDATE OF used_at ON invitation FOR EACH ROW EXECUTE FUNCTION used_once();
CREATE TRIGGER waits_before_it_counts BEFORE INSERT ON invitation FOR EACH ROW EXECUTE FUNCTION waits_before_it_counts();
alter table invitation enable row level security, force row level security;
create policy administrator_adds on invitation for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (is_administrator() AND invited_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR is_house() AND invited_by IS NULL));
create policy definer_all on invitation for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on invitation for select to undring_owner using (true);
create policy definer_removes on invitation for delete to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_or_invited_changes on invitation for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (is_house() OR is_administrator() OR person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
create policy house_or_invited_reads on invitation for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (is_house() OR is_administrator() OR person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert, select, update (used_at) on invitation to undring_app;

create table time_budget (
    owner_id uuid not null,
    school_id uuid not null,
    term text not null,
    minutes integer not null,
    revision bigint not null,
    set_by uuid not null,
    set_at timestamp with time zone not null,
    constraint time_budget_pkey PRIMARY KEY (owner_id, school_id, term),
    constraint time_budget_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint time_budget_minutes_check CHECK (minutes >= 0 AND minutes <= 1000000),
    constraint time_budget_revision_check CHECK (revision >= 1),
    constraint time_budget_term_check CHECK (term ~ '^[0-9]{4}-[12]$'::text)
);
CREATE TRIGGER in_own_name BEFORE INSERT OR UPDATE ON time_budget FOR EACH ROW EXECUTE FUNCTION in_own_name();
alter table time_budget enable row level security, force row level security;
create policy definer_all on time_budget for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy leader_adds on time_budget for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy leader_changes on time_budget for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy leader_removes on time_budget for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy own_export on time_budget for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = set_by AND ( SELECT is_exporting() AS is_exporting));
create policy staff_read on time_budget for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM membership m
  WHERE m.owner_id = time_budget.owner_id AND m.school_id = time_budget.school_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND m.active AND m.role <> 'REPRESENTATIVE'::text)));
grant delete, insert, select, update (minutes, revision, set_by, set_at) on time_budget to undring_app;

create table time_slot (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    term text not null,
    start_at timestamp with time zone not null,
    end_at timestamp with time zone not null,
    places integer not null,
    constraint time_slot__id_taken PRIMARY KEY (owner_id, id),
    constraint time_slot_owner_id_school_id_term_fkey FOREIGN KEY (owner_id, school_id, term) REFERENCES time_budget(owner_id, school_id, term),
    constraint time_slot_check CHECK (end_at > start_at),
    constraint time_slot_places_check CHECK (places >= 1 AND places <= 50)
);
CREATE INDEX time_slot_of_term ON time_slot USING btree (owner_id, school_id, term, start_at);
CREATE TRIGGER places_guard BEFORE UPDATE ON time_slot FOR EACH ROW EXECUTE FUNCTION places_guard();
alter table time_slot enable row level security, force row level security;
create policy definer_all on time_slot for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy leader_adds on time_slot for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy leader_changes on time_slot for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy leader_removes on time_slot for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy staff_read on time_slot for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM membership m
  WHERE m.owner_id = time_slot.owner_id AND m.school_id = time_slot.school_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND m.active AND m.role <> 'REPRESENTATIVE'::text)));
grant delete, insert, select, update (start_at, end_at, places) on time_slot to undring_app;

create table time_booking (
    owner_id uuid not null,
    slot_id uuid not null,
    person_id uuid not null,
    booked_at timestamp with time zone not null,
    constraint time_booking_pkey PRIMARY KEY (owner_id, slot_id, person_id),
    constraint time_booking_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint time_booking_owner_id_slot_id_fkey FOREIGN KEY (owner_id, slot_id) REFERENCES time_slot(owner_id, id) ON DELETE CASCADE
);
CREATE INDEX time_booking_of_person ON time_booking USING btree (owner_id, person_id);
CREATE TRIGGER slot_guard BEFORE INSERT ON time_booking FOR EACH ROW EXECUTE FUNCTION slot_guard();
alter table time_booking enable row level security, force row level security;
create policy definer_all on time_booking for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on time_booking for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on time_booking for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_remove on time_booking for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select on time_booking to undring_app;

create table feed (
    owner_id uuid not null,
    person_id uuid not null,
    thing text not null,
    subject_id uuid not null,
    xid xid8 default pg_current_xact_id() not null,
    seq bigint default nextval('feed_seq'::regclass) not null,
    gone boolean default false not null,
    at timestamp with time zone default now() not null,
    constraint feed_pkey PRIMARY KEY (owner_id, person_id, thing, subject_id),
    constraint feed_thing_check CHECK (thing = ANY (ARRAY['MOMENT'::text, 'COMMONS'::text, 'DRAFT'::text, 'EXCHANGE'::text, 'ME'::text, 'NOTE'::text, 'NOTIFICATION'::text, 'OBSERVATION'::text, 'PREFERENCES'::text, 'ROUND'::text, 'SCHOOL'::text]))
);
CREATE INDEX feed_gone ON feed USING btree (owner_id, at) WHERE gone;
CREATE INDEX feed_of_everybody ON feed USING btree (xid) WHERE seq > 0;
CREATE INDEX feed_of_person ON feed USING btree (owner_id, person_id, xid, seq);
CREATE INDEX feed_of_school ON feed USING btree (owner_id, subject_id) WHERE thing = 'SCHOOL'::text;
alter table feed enable row level security, force row level security;
create policy definer_all on feed for all to undring_owner using (true);
create policy own_read on feed for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant select on feed to undring_app;

create table culture_term (
    owner_id uuid not null,
    term text not null,
    taken_at timestamp with time zone not null,
    late boolean not null,
    published_at timestamp with time zone,
    pulse_published_at timestamp with time zone,
    constraint culture_term_pkey PRIMARY KEY (owner_id, term),
    constraint culture_term_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint culture_term_term_check CHECK (term ~ '^[0-9]{4}-[12]$'::text)
);
alter table culture_term enable row level security, force row level security;
create policy culture_counts on culture_term for all to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on culture_term for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select, update on culture_term to undring_culture;

create table culture_school (
    owner_id uuid not null,
    term text not null,
    school_id uuid not null,
    in_words boolean not null,
    constraint culture_school_pkey PRIMARY KEY (owner_id, term, school_id),
    constraint culture_school_owner_id_term_fkey FOREIGN KEY (owner_id, term) REFERENCES culture_term(owner_id, term) ON DELETE CASCADE
);
alter table culture_school enable row level security, force row level security;
create policy culture_counts on culture_school for all to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on culture_school for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select, update on culture_school to undring_culture;

create table culture_member (
    owner_id uuid not null,
    term text not null,
    person_id uuid not null,
    school_id uuid not null,
    team_ids uuid[] not null,
    teaches boolean not null,
    leads boolean not null,
    stayed boolean default true not null,
    constraint culture_member_pkey PRIMARY KEY (owner_id, term, person_id),
    constraint culture_member_owner_id_term_school_id_fkey FOREIGN KEY (owner_id, term, school_id) REFERENCES culture_school(owner_id, term, school_id) ON DELETE CASCADE
);
CREATE INDEX culture_member_of_school ON culture_member USING btree (owner_id, term, school_id);
alter table culture_member enable row level security, force row level security;
create policy culture_counts on culture_member for all to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on culture_member for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select, update on culture_member to undring_culture;

create table culture_fact (
    owner_id uuid not null,
    term text not null,
    visit_id uuid not null,
    person_id uuid not null,
    other_id uuid not null,
    as_observer boolean not null,
    as_leader boolean not null,
    gave boolean default false not null,
    answered boolean default false not null,
    on_time boolean default false not null,
    let_go boolean default false not null,
    constraint culture_fact_pkey PRIMARY KEY (owner_id, visit_id, person_id)
);
CREATE INDEX culture_fact_of_person ON culture_fact USING btree (owner_id, term, person_id);
alter table culture_fact enable row level security, force row level security;
create policy culture_counts on culture_fact for all to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on culture_fact for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select, update on culture_fact to undring_culture;

create table culture_cursor (
    owner_id uuid not null,
    xid xid8 not null,
    visit_id uuid not null,
    seq integer not null,
    constraint culture_cursor_pkey PRIMARY KEY (owner_id),
    constraint culture_cursor_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id)
);
alter table culture_cursor enable row level security, force row level security;
create policy culture_counts on culture_cursor for all to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on culture_cursor for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select, update on culture_cursor to undring_culture;

create table pulse_answered (
    owner_id uuid not null,
    term text not null,
    person_id uuid not null,
    constraint answered__pulse_closed PRIMARY KEY (owner_id, term, person_id),
    constraint pulse_answered_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint pulse_answered_term_check CHECK (term ~ '^[0-9]{4}-[12]$'::text)
);
CREATE INDEX pulse_answered_of_person ON pulse_answered USING btree (owner_id, person_id);
alter table pulse_answered enable row level security, force row level security;
create policy culture_finds on pulse_answered for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy culture_forgets on pulse_answered for delete to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on pulse_answered for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_counts on pulse_answered for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_add on pulse_answered for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on pulse_answered for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, select on pulse_answered to undring_culture;
grant insert, select on pulse_answered to undring_app;

create table pulse_answer (
    owner_id uuid not null,
    term text not null,
    id uuid not null,
    sealed bytea not null,
    constraint pulse_answer_pkey PRIMARY KEY (owner_id, term, id),
    constraint pulse_answer_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint pulse_answer_sealed_check CHECK (octet_length(sealed) = 46)
);
CREATE TRIGGER ballot_guard BEFORE INSERT ON pulse_answer FOR EACH ROW EXECUTE FUNCTION ballot_guard();
alter table pulse_answer enable row level security, force row level security;
create policy anyone_adds on pulse_answer for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy culture_forgets on pulse_answer for delete to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy culture_opens on pulse_answer for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on pulse_answer for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_counts on pulse_answer for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, select on pulse_answer to undring_culture;
grant insert on pulse_answer to undring_app;

create table register_entry (
    owner_id uuid not null,
    source text not null,
    sourced_id text not null,
    person_id uuid not null,
    created_at timestamp with time zone not null,
    constraint register_entry_pkey PRIMARY KEY (owner_id, source, sourced_id),
    constraint register_entry_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint register_entry_sourced_id_check CHECK (char_length(sourced_id) >= 1 AND char_length(sourced_id) <= 2000)
);
CREATE INDEX register_entry_of_person ON register_entry USING btree (owner_id, person_id);
alter table register_entry enable row level security, force row level security;
create policy definer_all on register_entry for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy keeper_adds on register_entry for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy keeper_changes on register_entry for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy keeper_reads on register_entry for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy keeper_removes on register_entry for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy own_reads on register_entry for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (person_id, created_at) on register_entry to undring_app;

create table roster_import (
    owner_id uuid not null,
    id uuid not null,
    at timestamp with time zone not null,
    imported_by uuid,
    source text not null,
    school_id uuid,
    file_hash bytea,
    difference text not null,
    created integer not null,
    updated integer not null,
    deactivated integer not null,
    unchanged integer not null,
    odd_rows integer not null,
    questions integer not null,
    brakes text[] not null,
    ended integer not null,
    held boolean not null,
    before jsonb,
    undone_at timestamp with time zone,
    undone_by uuid,
    constraint roster_import_pkey PRIMARY KEY (owner_id, id),
    constraint roster_import_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint roster_import_owner_id_imported_by_fkey FOREIGN KEY (owner_id, imported_by) REFERENCES person(owner_id, id),
    constraint roster_import_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint roster_import_owner_id_undone_by_fkey FOREIGN KEY (owner_id, undone_by) REFERENCES person(owner_id, id),
    constraint roster_import_file_hash_check CHECK (octet_length(file_hash) = 32)
);
CREATE INDEX roster_import_at ON roster_import USING btree (owner_id, at DESC);
CREATE INDEX roster_import_by ON roster_import USING btree (owner_id, imported_by) WHERE imported_by IS NOT NULL;
CREATE INDEX roster_import_of_person ON roster_import USING btree (owner_id, imported_by);
CREATE INDEX roster_import_undone_by ON roster_import USING btree (owner_id, undone_by);
CREATE TRIGGER in_own_name BEFORE UPDATE ON roster_import FOR EACH ROW EXECUTE FUNCTION in_own_name();
CREATE TRIGGER note_act AFTER INSERT ON roster_import FOR EACH ROW EXECUTE FUNCTION note_act();
CREATE TRIGGER note_act_undone AFTER UPDATE ON roster_import FOR EACH ROW WHEN (old.undone_at IS NULL AND new.undone_at IS NOT NULL) EXECUTE FUNCTION note_act();
alter table roster_import enable row level security, force row level security;
create policy definer_all on roster_import for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy keeper_adds on roster_import for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()) AND (is_house() AND imported_by IS NULL OR imported_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
create policy keeper_changes on roster_import for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy keeper_reads on roster_import for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy own_export on roster_import for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = imported_by OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = undone_by) AND ( SELECT is_exporting() AS is_exporting));
grant insert, select, update (before, undone_at, undone_by) on roster_import to undring_app;

create table identity_change (
    owner_id uuid not null,
    id uuid not null,
    person_id uuid not null,
    kind text not null,
    was text default ''::text not null,
    said text default ''::text not null,
    issuer text default ''::text not null,
    subject text default ''::text not null,
    other_id uuid,
    asked_by uuid,
    created_at timestamp with time zone not null,
    effective_at timestamp with time zone not null,
    agreed boolean default false not null,
    other_agreed boolean default false not null,
    outcome text,
    ended_at timestamp with time zone,
    before jsonb,
    constraint identity_change_pkey PRIMARY KEY (owner_id, id),
    constraint identity_change_owner_id_asked_by_fkey FOREIGN KEY (owner_id, asked_by) REFERENCES person(owner_id, id),
    constraint identity_change_owner_id_other_id_fkey FOREIGN KEY (owner_id, other_id) REFERENCES person(owner_id, id),
    constraint identity_change_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint identity_change_check CHECK (effective_at >= created_at),
    constraint identity_change_check1 CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    constraint identity_change_check2 CHECK ((kind = 'MERGE'::text) = (other_id IS NOT NULL)),
    constraint identity_change_check3 CHECK (other_id <> person_id),
    constraint identity_change_issuer_check CHECK (char_length(issuer) <= 500),
    constraint identity_change_kind_check CHECK (kind = ANY (ARRAY['ADDRESS'::text, 'LINK'::text, 'RELINK'::text, 'MERGE'::text])),
    constraint identity_change_outcome_check CHECK (outcome = ANY (ARRAY['DONE'::text, 'VOID'::text, 'REPLACED'::text, 'UNDONE'::text])),
    constraint identity_change_said_check CHECK (char_length(said) <= 500),
    constraint identity_change_subject_check CHECK (char_length(subject) <= 500),
    constraint identity_change_was_check CHECK (char_length(was) <= 500)
);
CREATE INDEX identity_change_asked_by ON identity_change USING btree (owner_id, asked_by);
CREATE INDEX identity_change_of_other ON identity_change USING btree (owner_id, other_id) WHERE other_id IS NOT NULL;
CREATE INDEX identity_change_of_person ON identity_change USING btree (owner_id, person_id, created_at DESC);
CREATE INDEX identity_change_of_subject ON identity_change USING btree (owner_id, issuer, subject) WHERE kind = 'LINK'::text;
CREATE UNIQUE INDEX identity_change_open ON identity_change USING btree (owner_id, person_id, kind, issuer, subject) WHERE outcome IS NULL;
CREATE TRIGGER feed_identity AFTER INSERT OR UPDATE OF outcome, agreed, other_agreed ON identity_change FOR EACH ROW EXECUTE FUNCTION feed_identity();
CREATE TRIGGER note_act AFTER INSERT ON identity_change FOR EACH ROW WHEN (new.kind = ANY (ARRAY['MERGE'::text, 'RELINK'::text])) EXECUTE FUNCTION note_act();
CREATE TRIGGER note_act_undone AFTER UPDATE ON identity_change FOR EACH ROW WHEN (new.kind = 'MERGE'::text AND new.outcome = 'UNDONE'::text AND old.outcome IS DISTINCT FROM 'UNDONE'::text) EXECUTE FUNCTION note_act();
CREATE TRIGGER waits_before_it_counts BEFORE INSERT ON identity_change FOR EACH ROW EXECUTE FUNCTION waits_before_it_counts();
alter table identity_change enable row level security, force row level security;
create policy definer_all on identity_change for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy keeper_adds on identity_change for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()) AND (asked_by IS NULL OR asked_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))) AND NOT agreed AND NOT other_agreed);
create policy keeper_changes on identity_change for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
create policy keeper_reads on identity_change for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy own_reads on identity_change for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR other_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant insert, select, update (outcome, ended_at, before) on identity_change to undring_app;

create table open_lesson (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    person_id uuid not null,
    start_at timestamp with time zone not null,
    end_at timestamp with time zone not null,
    place text not null,
    title text not null,
    focus_question text not null,
    wanted_feedback text not null,
    taken boolean default false not null,
    created_at timestamp with time zone not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint open_lesson__id_taken PRIMARY KEY (owner_id, id),
    constraint open_lesson_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint open_lesson_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint open_lesson_check CHECK (end_at > start_at AND end_at <= (start_at + '04:00:00'::interval)),
    constraint open_lesson_focus_question_check CHECK (char_length(focus_question) >= 1 AND char_length(focus_question) <= 500),
    constraint open_lesson_place_check CHECK (char_length(place) <= 200),
    constraint open_lesson_title_check CHECK (char_length(title) >= 1 AND char_length(title) <= 200),
    constraint open_lesson_wanted_feedback_check CHECK (char_length(wanted_feedback) <= 500)
);
CREATE INDEX open_lesson_of_person ON open_lesson USING btree (owner_id, person_id);
CREATE INDEX open_lesson_of_school ON open_lesson USING btree (owner_id, school_id, start_at);
CREATE TRIGGER audience_born BEFORE INSERT ON open_lesson FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON open_lesson FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON open_lesson REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_changed AFTER UPDATE ON open_lesson REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_removed AFTER DELETE ON open_lesson REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER lesson_looks AFTER INSERT ON open_lesson FOR EACH ROW EXECUTE FUNCTION lesson_looks();
alter table open_lesson enable row level security, force row level security;
create policy audience_holds on open_lesson as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'SCHOOL'::audience);
create policy definer_all on open_lesson for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on open_lesson for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND NOT taken AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_export on open_lesson for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy own_remove on open_lesson for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy staff_read on open_lesson for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select on open_lesson to undring_app;

create table visit_notice (
    owner_id uuid not null,
    visit_id uuid not null,
    person_id uuid not null,
    other_id uuid not null,
    revision bigint not null,
    kind text not null,
    at timestamp with time zone not null,
    constraint visit_notice_once PRIMARY KEY (owner_id, visit_id, person_id, revision, kind),
    constraint visit_notice_owner_id_visit_id_fkey FOREIGN KEY (owner_id, visit_id) REFERENCES visit(owner_id, id),
    constraint visit_notice_kind_check CHECK (kind = ANY (ARRAY['CALLED_OFF'::text, 'DECLINED'::text, 'WITHDRAWN'::text, 'EXIT_REFUSED'::text, 'REOPEN_REFUSED'::text, 'MOVED'::text, 'MOVE_REFUSED'::text, 'NAME_REFUSED'::text]))
);
CREATE TRIGGER feed_visit_notice AFTER INSERT OR DELETE ON visit_notice FOR EACH ROW EXECUTE FUNCTION feed_visit_notice();
alter table visit_notice enable row level security, force row level security;
create policy definer_all on visit_notice for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_remove on visit_notice for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on visit_notice for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR other_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant delete, select on visit_notice to undring_app;

create table visit_move (
    owner_id uuid not null,
    visit_id uuid not null,
    by_id uuid not null,
    other_id uuid not null,
    start_at timestamp with time zone not null,
    end_at timestamp with time zone not null,
    created_at timestamp with time zone not null,
    constraint visit_move_one PRIMARY KEY (owner_id, visit_id),
    constraint visit_move_owner_id_visit_id_fkey FOREIGN KEY (owner_id, visit_id) REFERENCES visit(owner_id, id),
    constraint move__invalid_field CHECK (end_at > start_at AND end_at <= (start_at + '04:00:00'::interval))
);
CREATE TRIGGER move_guard BEFORE INSERT OR UPDATE ON visit_move FOR EACH ROW EXECUTE FUNCTION move_guard();
CREATE TRIGGER move_refused AFTER DELETE ON visit_move FOR EACH ROW EXECUTE FUNCTION move_refused();
alter table visit_move enable row level security, force row level security;
create policy definer_all on visit_move for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on visit_move for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND by_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on visit_move for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (by_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR other_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))) with check (by_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on visit_move for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (by_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR other_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
create policy two_remove on visit_move for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (by_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR other_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant delete, insert, select, update (by_id, other_id, start_at, end_at, created_at) on visit_move to undring_app;

create table question_opening (
    owner_id uuid not null,
    question_id uuid not null,
    visit_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    opened boolean not null,
    text text not null,
    said_at timestamp with time zone not null,
    audience audience default 'TWO'::audience not null,
    constraint question_opening_pkey PRIMARY KEY (owner_id, question_id),
    constraint opening_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint question_opening_owner_id_question_id_fkey FOREIGN KEY (owner_id, question_id) REFERENCES question(owner_id, id),
    constraint question_opening_text_check CHECK (char_length(text) <= 500)
);
CREATE INDEX question_opening_of_visit ON question_opening USING btree (owner_id, visit_id);
CREATE TRIGGER audience_born BEFORE INSERT ON question_opening FOR EACH ROW WHEN (new.audience > 'TWO'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON question_opening FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER exchange_guard BEFORE INSERT OR UPDATE ON question_opening FOR EACH ROW EXECUTE FUNCTION exchange_guard('FEEDBACK_GIVEN,ANSWERED,CLOSED');
CREATE TRIGGER feed_exchange AFTER INSERT OR DELETE OR UPDATE ON question_opening FOR EACH ROW EXECUTE FUNCTION feed_exchange();
CREATE TRIGGER opening_guard BEFORE INSERT OR UPDATE ON question_opening FOR EACH ROW EXECUTE FUNCTION opening_guard();
alter table question_opening enable row level security, force row level security;
create policy audience_holds on question_opening as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = observed_id OR audience >= 'SCHOOL'::audience);
create policy definer_all on question_opening for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy observed_adds on question_opening for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observed_changes on question_opening for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy observed_removes on question_opening for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on question_opening for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (observer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR observed_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))));
grant delete, insert, select, update (opened, text, said_at) on question_opening to undring_app;

create table moment (
    owner_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    person_id uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    marked_at timestamp with time zone not null,
    created_at timestamp with time zone not null,
    constraint moment__id_taken PRIMARY KEY (owner_id, id),
    constraint moment_of_two FOREIGN KEY (owner_id, visit_id, observer_id, observed_id) REFERENCES visit(owner_id, id, observer_id, observed_id),
    constraint marker__not_your_move CHECK (person_id = observer_id OR person_id = observed_id)
);
CREATE INDEX moment_of_person ON moment USING btree (owner_id, visit_id, person_id);
CREATE TRIGGER exchange_guard BEFORE INSERT ON moment FOR EACH ROW EXECUTE FUNCTION exchange_guard('AGREED,OBSERVED,FEEDBACK_GIVEN,ANSWERED');
CREATE TRIGGER feed_moment AFTER INSERT OR DELETE ON moment FOR EACH ROW EXECUTE FUNCTION feed_moment();
alter table moment enable row level security, force row level security;
create policy definer_all on moment for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on moment for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on moment for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_remove on moment for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select on moment to undring_app;

create table sign_in_days (
    owner_id uuid not null,
    person_id uuid not null,
    days smallint not null,
    last_on date,
    constraint sign_in_days_pkey PRIMARY KEY (owner_id, person_id),
    constraint sign_in_days_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint sign_in_days_check CHECK ((days = 3) = (last_on IS NULL)),
    constraint sign_in_days_days_check CHECK (days >= 1 AND days <= 3)
);
alter table sign_in_days enable row level security, force row level security;
create policy culture_counts on sign_in_days for select to undring_culture using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy definer_all on sign_in_days for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_read on sign_in_days for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant select (owner_id, person_id, days) on sign_in_days to undring_culture;
grant select on sign_in_days to undring_app;

create table busy_plan (
    owner_id uuid not null,
    school_id uuid not null,
    revision bigint not null,
    set_by uuid not null,
    set_at timestamp with time zone not null,
    constraint busy_plan_pkey PRIMARY KEY (owner_id, school_id),
    constraint busy_plan_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint busy_plan_revision_check CHECK (revision >= 1)
);
CREATE TRIGGER feed_added AFTER INSERT ON busy_plan REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
CREATE TRIGGER feed_changed AFTER UPDATE ON busy_plan REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_school();
alter table busy_plan enable row level security, force row level security;
create policy definer_all on busy_plan for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on busy_plan for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy leader_adds on busy_plan for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy leader_changes on busy_plan for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy tenant_reads on busy_plan for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant insert, select, update (revision, set_by, set_at) on busy_plan to undring_app;

create table busy_period (
    owner_id uuid not null,
    school_id uuid not null,
    first_day date not null,
    last_day date not null,
    name text not null,
    constraint busy_period_pkey PRIMARY KEY (owner_id, school_id, first_day, name),
    constraint busy_period_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES busy_plan(owner_id, school_id),
    constraint busy_period_check CHECK (last_day >= first_day AND last_day <= (first_day + 41)),
    constraint busy_period_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 100)
);
alter table busy_period enable row level security, force row level security;
create policy definer_all on busy_period for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy definer_reads on busy_period for select to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy leader_adds on busy_period for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy leader_removes on busy_period for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id));
create policy tenant_reads on busy_period for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
grant delete, insert, select on busy_period to undring_app;

create table sign_in_failure (
    owner_id uuid not null,
    day date not null,
    kind text not null,
    times integer not null,
    constraint sign_in_failure_pkey PRIMARY KEY (owner_id, day, kind),
    constraint sign_in_failure_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint sign_in_failure_kind_check CHECK (kind ~ '^[A-Z_]{1,40}$'::text),
    constraint sign_in_failure_times_check CHECK (times >= 1)
);
alter table sign_in_failure enable row level security, force row level security;
create policy definer_all on sign_in_failure for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_adds on sign_in_failure for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
create policy house_changes on sign_in_failure for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
create policy house_removes on sign_in_failure for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
create policy keeper_reads on sign_in_failure for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
grant delete, insert, select, update (times) on sign_in_failure to undring_app;

create table access (
    owner_id uuid not null,
    person_id uuid not null,
    reader_id uuid not null,
    kind text not null,
    thing_id uuid not null,
    day date not null,
    at timestamp with time zone not null,
    constraint access_pkey PRIMARY KEY (owner_id, person_id, reader_id, thing_id, kind, day),
    constraint access_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint access_owner_id_reader_id_fkey FOREIGN KEY (owner_id, reader_id) REFERENCES person(owner_id, id),
    constraint access_kind_check CHECK (kind = ANY (ARRAY['READ'::text, 'EXPORT'::text]))
);
CREATE INDEX access_age ON access USING btree (owner_id, at);
CREATE INDEX access_by_reader ON access USING btree (owner_id, reader_id);
CREATE INDEX access_export ON access USING btree (owner_id, person_id, at) WHERE kind = 'EXPORT'::text;
CREATE INDEX access_of_person ON access USING btree (owner_id, person_id, at DESC, thing_id DESC);
alter table access enable row level security, force row level security;
create policy definer_all on access for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_reads on access for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant select on access to undring_app;

create table administrative_act (
    owner_id uuid not null,
    id uuid not null,
    at timestamp with time zone not null,
    kind text not null,
    actor_id uuid,
    person_id uuid,
    other_id uuid,
    school_id uuid,
    role text default ''::text not null,
    people integer default 0 not null,
    constraint administrative_act_pkey PRIMARY KEY (owner_id, id),
    constraint administrative_act_owner_id_actor_id_fkey FOREIGN KEY (owner_id, actor_id) REFERENCES person(owner_id, id),
    constraint administrative_act_owner_id_other_id_fkey FOREIGN KEY (owner_id, other_id) REFERENCES person(owner_id, id),
    constraint administrative_act_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint administrative_act_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint administrative_act_kind_check CHECK (kind = ANY (ARRAY['ROLE_GIVEN'::text, 'ROLE_TAKEN'::text, 'ROSTER_IMPORTED'::text, 'IMPORT_HELD'::text, 'IMPORT_UNDONE'::text, 'INVITED'::text, 'RELINKED'::text, 'MERGED'::text, 'MERGE_UNDONE'::text, 'POLICY_CHANGED'::text, 'SESSIONS_ENDED'::text, 'ROLLED_OVER'::text]))
);
CREATE INDEX administrative_act_at ON administrative_act USING btree (owner_id, at DESC, id DESC);
CREATE INDEX administrative_act_of_actor ON administrative_act USING btree (owner_id, actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX administrative_act_of_other ON administrative_act USING btree (owner_id, other_id) WHERE other_id IS NOT NULL;
CREATE INDEX administrative_act_of_person ON administrative_act USING btree (owner_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX administrative_act_of_school ON administrative_act USING btree (owner_id, school_id) WHERE school_id IS NOT NULL;
alter table administrative_act enable row level security, force row level security;
create policy concerned_reads on administrative_act for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = other_id OR (EXISTS ( SELECT
   FROM act_concerns c
  WHERE c.owner_id = administrative_act.owner_id AND c.act_id = administrative_act.id AND c.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting))))));
create policy definer_all on administrative_act for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy keeper_reads on administrative_act for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
grant select on administrative_act to undring_app;

create table act_concerns (
    owner_id uuid not null,
    person_id uuid not null,
    act_id uuid not null,
    constraint act_concerns_pkey PRIMARY KEY (owner_id, person_id, act_id),
    constraint act_concerns_owner_id_act_id_fkey FOREIGN KEY (owner_id, act_id) REFERENCES administrative_act(owner_id, id) ON DELETE CASCADE,
    constraint act_concerns_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id)
);
CREATE INDEX act_concerns_of_act ON act_concerns USING btree (owner_id, act_id);
alter table act_concerns enable row level security, force row level security;
create policy definer_all on act_concerns for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy keeper_adds on act_concerns for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
create policy own_reads on act_concerns for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select on act_concerns to undring_app;

create table consent (
    owner_id uuid not null,
    person_id uuid not null,
    subject text not null,
    version text not null,
    agreed boolean not null,
    at timestamp with time zone not null,
    constraint consent_pkey PRIMARY KEY (owner_id, person_id, subject, at),
    constraint consent_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint consent_subject_check CHECK (subject = 'INFORMATION'::text),
    constraint consent_version_check CHECK (char_length(version) >= 1 AND char_length(version) <= 20)
);
alter table consent enable row level security, force row level security;
create policy definer_all on consent for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_adds on consent for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_reads on consent for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select on consent to undring_app;

create table erasure (
    owner_id uuid not null,
    person_id uuid not null,
    asked_at timestamp with time zone not null,
    upto uuid default '00000000-0000-0000-0000-000000000000'::uuid not null,
    done_at timestamp with time zone,
    constraint erasure_pkey PRIMARY KEY (owner_id, person_id),
    constraint erasure_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id)
);
CREATE INDEX erasure_open ON erasure USING btree (owner_id, asked_at) WHERE done_at IS NULL;
alter table erasure enable row level security, force row level security;
create policy definer_all on erasure for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_reads on erasure for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
grant select on erasure to undring_app;

create table notice (
    owner_id uuid not null,
    person_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    kind text not null,
    subject_id uuid not null,
    due_at timestamp with time zone not null,
    nth integer not null,
    todo text not null,
    start_at timestamp with time zone,
    at timestamp with time zone not null,
    told_at timestamp with time zone,
    read_at timestamp with time zone,
    constraint notice_pkey PRIMARY KEY (owner_id, person_id, id),
    constraint notice_once UNIQUE (owner_id, person_id, subject_id, kind, due_at, nth),
    constraint notice_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint notice_kind_check CHECK (kind = ANY (ARRAY['PROPOSAL'::text, 'VISIT_AHEAD'::text, 'FEEDBACK_DUE'::text, 'ANSWER_DUE'::text, 'TAKEAWAY_DUE'::text, 'ACTION_DUE'::text, 'WISH'::text, 'CHANGED'::text, 'RETURN_VISIT'::text, 'OPEN_LESSON'::text])),
    constraint notice_nth_check CHECK (nth >= 0 AND nth <= 9),
    constraint notice_todo_check CHECK (char_length(todo) <= 40)
);
CREATE INDEX notice_by_age ON notice USING btree (owner_id, at);
CREATE INDEX notice_of_person ON notice USING btree (owner_id, person_id, at DESC, id DESC);
CREATE INDEX notice_unread ON notice USING btree (owner_id, person_id) WHERE read_at IS NULL;
CREATE INDEX notice_untold ON notice USING btree (owner_id, person_id) WHERE told_at IS NULL;
CREATE TRIGGER feed_notice AFTER INSERT OR DELETE OR UPDATE OF read_at ON notice FOR EACH ROW EXECUTE FUNCTION feed_notice();
alter table notice enable row level security, force row level security;
create policy definer_all on notice for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_reads on notice for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy house_removes on notice for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy own_add on notice for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on notice for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on notice for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (told_at, read_at) on notice to undring_app;

create table notice_choice (
    owner_id uuid not null,
    person_id uuid not null,
    revision bigint not null,
    channels text[] not null,
    quiet_from integer not null,
    quiet_to integer not null,
    quiet_free_days boolean not null,
    digest boolean not null,
    pause_in_holidays boolean not null,
    paused_until date,
    show_name boolean not null,
    updated_at timestamp with time zone not null,
    constraint notice_choice_pkey PRIMARY KEY (owner_id, person_id),
    constraint notice_choice_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint notice_choice_channels_check CHECK (cardinality(channels) <= 40),
    constraint notice_choice_quiet_from_check CHECK (quiet_from >= 0 AND quiet_from <= 1439),
    constraint notice_choice_quiet_to_check CHECK (quiet_to >= 0 AND quiet_to <= 1439),
    constraint notice_choice_revision_check CHECK (revision >= 1)
);
CREATE TRIGGER feed_choice AFTER INSERT OR UPDATE ON notice_choice FOR EACH ROW EXECUTE FUNCTION feed_choice();
alter table notice_choice enable row level security, force row level security;
create policy definer_all on notice_choice for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on notice_choice for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on notice_choice for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on notice_choice for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update on notice_choice to undring_app;

create table device (
    owner_id uuid not null,
    person_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    kind text not null,
    address text not null,
    p256dh bytea,
    auth bytea,
    created_at timestamp with time zone not null,
    constraint device_pkey PRIMARY KEY (owner_id, person_id, id),
    constraint device_address UNIQUE (owner_id, kind, address),
    constraint device_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint device_owner_id_session_id_fkey FOREIGN KEY (owner_id, session_id) REFERENCES session(owner_id, id) ON DELETE CASCADE,
    constraint device_address_check CHECK (char_length(address) >= 1 AND char_length(address) <= 1000),
    constraint device_auth_check CHECK (octet_length(auth) = 16),
    constraint device_check CHECK ((kind = 'WEB_PUSH'::text) = (p256dh IS NOT NULL) AND (p256dh IS NULL) = (auth IS NULL)),
    constraint device_kind_check CHECK (kind = ANY (ARRAY['WEB_PUSH'::text, 'FCM'::text, 'APNS'::text])),
    constraint device_p256dh_check CHECK (octet_length(p256dh) = 65)
);
CREATE INDEX device_of_session ON device USING btree (owner_id, session_id);
alter table device enable row level security, force row level security;
create policy definer_all on device for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on device for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on device for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on device for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_remove on device for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select on device to undring_app;

create table message (
    owner_id uuid not null,
    person_id uuid not null,
    id uuid not null,
    channel text not null,
    device_id uuid,
    notice_ids uuid[] not null,
    state text default 'WAITING'::text not null,
    attempts integer default 0 not null,
    at timestamp with time zone not null,
    settled_at timestamp with time zone,
    claimed_at timestamp with time zone,
    reason text default ''::text not null,
    constraint message_pkey PRIMARY KEY (owner_id, person_id, id),
    constraint message_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint message_channel_check CHECK (channel = ANY (ARRAY['PUSH'::text, 'EMAIL'::text])),
    constraint message_notice_ids_check CHECK (cardinality(notice_ids) >= 1 AND cardinality(notice_ids) <= 500),
    constraint message_reason CHECK (reason ~ '^[A-Z_]{0,40}$'::text),
    constraint message_state_check CHECK (state = ANY (ARRAY['WAITING'::text, 'SENDING'::text, 'SENT'::text, 'FAILED'::text, 'DROPPED'::text]))
);
CREATE INDEX message_by_age ON message USING btree (owner_id, at);
CREATE TRIGGER count_undelivered AFTER UPDATE OF state ON message FOR EACH ROW WHEN (new.reason <> ''::text AND new.claimed_at IS NOT NULL AND old.state = 'SENDING'::text AND (new.state = ANY (ARRAY['WAITING'::text, 'FAILED'::text]))) EXECUTE FUNCTION count_undelivered();
alter table message enable row level security, force row level security;
create policy definer_all on message for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_reads on message for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy house_removes on message for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND is_house());
create policy own_add on message for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on message for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on message for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (state, attempts, settled_at, claimed_at, reason) on message to undring_app;

create table calendar_feed (
    owner_id uuid not null,
    person_id uuid not null,
    generation integer not null,
    constraint calendar_feed_pkey PRIMARY KEY (owner_id, person_id),
    constraint calendar_feed_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint calendar_feed_generation_check CHECK (generation >= 1)
);
alter table calendar_feed enable row level security, force row level security;
create policy definer_all on calendar_feed for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on calendar_feed for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on calendar_feed for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_read on calendar_feed for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update on calendar_feed to undring_app;

create table need (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    day date not null,
    due_on date not null,
    person_id uuid,
    text text not null,
    status text default 'OPEN'::text not null,
    answer text default ''::text not null,
    answered_by uuid,
    answered_on date,
    revision bigint default 1 not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint need__id_taken PRIMARY KEY (owner_id, id),
    constraint need_of_school UNIQUE (owner_id, id, school_id),
    constraint need_owner_id_answered_by_fkey FOREIGN KEY (owner_id, answered_by) REFERENCES person(owner_id, id),
    constraint need_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint need_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint answer__invalid_field CHECK (status = 'OPEN'::text OR says_something(answer)) NOT VALID,
    constraint answered CHECK ((status = 'OPEN'::text) = (answered_on IS NULL) AND (status = 'OPEN'::text OR answer <> ''::text)),
    constraint need_answer_check CHECK (char_length(answer) <= 1000),
    constraint need_revision_check CHECK (revision >= 1),
    constraint need_status_check CHECK (status = ANY (ARRAY['OPEN'::text, 'CONSIDERED'::text, 'TAKEN_UP'::text, 'DONE'::text, 'NOT_NOW'::text])),
    constraint need_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 500)
);
CREATE INDEX need_answerer ON need USING btree (owner_id, answered_by) WHERE answered_by IS NOT NULL;
CREATE INDEX need_of_day ON need USING btree (owner_id, school_id, day DESC, md5(id::text));
CREATE INDEX need_of_person ON need USING btree (owner_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX need_waiting ON need USING btree (owner_id, school_id, day, due_on) WHERE status = 'OPEN'::text;
CREATE TRIGGER audience_born BEFORE INSERT ON need FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON need FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON need REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_changed AFTER UPDATE ON need REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_removed AFTER DELETE ON need REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table need enable row level security, force row level security;
create policy audience_holds on need as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'SCHOOL'::audience);
create policy definer_all on need for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy leader_answers on need for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND leads(school_id)) with check (answered_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_add on need for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND status = 'OPEN'::text);
create policy own_export on need for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy own_remove on need for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy staff_read on need for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (status, answer, answered_by, answered_on, revision) on need to undring_app;

create table need_box (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    day date not null,
    due_on date not null,
    text text not null,
    constraint need_box_pkey PRIMARY KEY (owner_id, id),
    constraint need_box_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint need_box_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 500)
);
alter table need_box enable row level security, force row level security;
create policy definer_all on need_box for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on need_box for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND true);
grant insert on need_box to undring_app;

create table need_support (
    owner_id uuid not null,
    need_id uuid not null,
    person_id uuid not null,
    school_id uuid not null,
    story text default ''::text not null,
    day date not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint need_support_pkey PRIMARY KEY (owner_id, need_id, person_id),
    constraint need_support_owner_id_need_id_school_id_fkey FOREIGN KEY (owner_id, need_id, school_id) REFERENCES need(owner_id, id, school_id) ON DELETE CASCADE,
    constraint need_support_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint need_support_story_check CHECK (char_length(story) <= 1000)
);
CREATE INDEX support_of_need ON need_support USING btree (owner_id, need_id, school_id);
CREATE INDEX support_of_person ON need_support USING btree (owner_id, person_id);
CREATE TRIGGER audience_born BEFORE INSERT ON need_support FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON need_support FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON need_support REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_changed AFTER UPDATE ON need_support REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_removed AFTER DELETE ON need_support REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table need_support enable row level security, force row level security;
create policy audience_holds on need_support as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'SCHOOL'::audience);
create policy definer_all on need_support for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on need_support for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_change on need_support for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_export on need_support for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy own_remove on need_support for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy staff_read on need_support for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (story, day) on need_support to undring_app;

create table focus_area (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    state text default 'DRAFT'::text not null,
    origin text not null,
    proposed_by uuid not null,
    named boolean not null,
    title text not null,
    background text not null,
    source text not null,
    goal text not null,
    steps jsonb default '[]'::jsonb not null,
    need_ids uuid[] default '{}'::uuid[] not null,
    responsible_id uuid,
    hearing_until date,
    slot integer,
    agreed_with text default ''::text not null,
    result text default ''::text not null,
    revision bigint default 1 not null,
    created_on date not null,
    constraint focus_area__id_taken PRIMARY KEY (owner_id, id),
    constraint focus_area_of_school UNIQUE (owner_id, id, school_id),
    constraint focus_area_owner_id_proposed_by_fkey FOREIGN KEY (owner_id, proposed_by) REFERENCES person(owner_id, id),
    constraint focus_area_owner_id_responsible_id_fkey FOREIGN KEY (owner_id, responsible_id) REFERENCES person(owner_id, id),
    constraint focus_area_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint area__hearing_missing CHECK ((state <> ALL (ARRAY['HEARING'::text, 'ADOPTED'::text])) OR hearing_until IS NOT NULL),
    constraint focus_area_agreed_with_check CHECK (char_length(agreed_with) <= 200),
    constraint focus_area_background_check CHECK (char_length(background) >= 1 AND char_length(background) <= 2000),
    constraint focus_area_goal_check CHECK (char_length(goal) >= 1 AND char_length(goal) <= 500),
    constraint focus_area_need_ids_check CHECK (cardinality(need_ids) <= 20),
    constraint focus_area_origin_check CHECK (origin = ANY (ARRAY['TEACHERS'::text, 'LEADERS'::text, 'TOGETHER'::text])),
    constraint focus_area_result_check CHECK (char_length(result) <= 1000),
    constraint focus_area_revision_check CHECK (revision >= 1),
    constraint focus_area_slot_check CHECK (slot >= 1 AND slot <= 3),
    constraint focus_area_source_check CHECK (char_length(source) <= 500),
    constraint focus_area_state_check CHECK (state = ANY (ARRAY['DRAFT'::text, 'HEARING'::text, 'ADOPTED'::text, 'ENDED'::text])),
    constraint focus_area_steps_check CHECK (jsonb_typeof(steps) = 'array'::text AND jsonb_array_length(steps) <= 10),
    constraint focus_area_title_check CHECK (char_length(title) >= 1 AND char_length(title) <= 120),
    constraint in_the_plan CHECK ((state = 'ADOPTED'::text) = (slot IS NOT NULL))
);
CREATE UNIQUE INDEX area__too_many_areas ON focus_area USING btree (owner_id, school_id, slot) WHERE slot IS NOT NULL;
CREATE INDEX area_of_proposer ON focus_area USING btree (owner_id, proposed_by);
CREATE INDEX area_of_responsible ON focus_area USING btree (owner_id, responsible_id) WHERE responsible_id IS NOT NULL;
CREATE INDEX area_of_school ON focus_area USING btree (owner_id, school_id, state);
CREATE TRIGGER area_step BEFORE UPDATE OF state, hearing_until ON focus_area FOR EACH ROW EXECUTE FUNCTION area_step();
CREATE TRIGGER feed_area AFTER INSERT OR UPDATE ON focus_area FOR EACH ROW EXECUTE FUNCTION feed_area();
alter table focus_area enable row level security, force row level security;
create policy definer_all on focus_area for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on focus_area for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND proposed_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND state = 'DRAFT'::text);
create policy own_change on focus_area for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (proposed_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR responsible_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(school_id)));
create policy own_export on focus_area for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = proposed_by AND ( SELECT is_exporting() AS is_exporting));
create policy staff_read on focus_area for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (state <> 'DRAFT'::text OR proposed_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR origin = 'LEADERS'::text AND leads(school_id)));
grant insert, select, update (state, title, background, source, goal, steps, need_ids, responsible_id, hearing_until, slot, agreed_with, result, revision) on focus_area to undring_app;

create table hearing_voice (
    owner_id uuid not null,
    id uuid not null,
    area_id uuid not null,
    school_id uuid not null,
    person_id uuid not null,
    text text not null,
    day date not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint hearing_voice__id_taken PRIMARY KEY (owner_id, id),
    constraint hearing_voice_owner_id_area_id_school_id_fkey FOREIGN KEY (owner_id, area_id, school_id) REFERENCES focus_area(owner_id, id, school_id),
    constraint hearing_voice_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint hearing_voice_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 1000)
);
CREATE INDEX voice_of_area ON hearing_voice USING btree (owner_id, area_id, day, id);
CREATE INDEX voice_of_person ON hearing_voice USING btree (owner_id, person_id);
CREATE TRIGGER audience_born BEFORE INSERT ON hearing_voice FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON hearing_voice FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON hearing_voice REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table hearing_voice enable row level security, force row level security;
create policy audience_holds on hearing_voice as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'SCHOOL'::audience);
create policy definer_all on hearing_voice for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on hearing_voice for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM focus_area a
  WHERE a.owner_id = hearing_voice.owner_id AND a.id = hearing_voice.area_id AND a.state = 'HEARING'::text)));
create policy own_export on hearing_voice for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy staff_read on hearing_voice for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM focus_area a
  WHERE a.owner_id = hearing_voice.owner_id AND a.id = hearing_voice.area_id)));
grant insert, select on hearing_voice to undring_app;

create table focus_change (
    owner_id uuid not null,
    area_id uuid not null,
    revision bigint not null,
    kind text not null,
    reason text not null,
    person_id uuid not null,
    day date not null,
    constraint focus_change_pkey PRIMARY KEY (owner_id, area_id, revision),
    constraint focus_change_owner_id_area_id_fkey FOREIGN KEY (owner_id, area_id) REFERENCES focus_area(owner_id, id),
    constraint focus_change_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint focus_change_kind_check CHECK (kind = ANY (ARRAY['HEARING'::text, 'ADOPTED'::text, 'UPDATED'::text, 'ENDED'::text])),
    constraint focus_change_reason_check CHECK (char_length(reason) <= 500)
);
CREATE INDEX focus_change_of_person ON focus_change USING btree (owner_id, person_id);
alter table focus_change enable row level security, force row level security;
create policy definer_all on focus_change for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on focus_change for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM focus_area a
  WHERE a.owner_id = focus_change.owner_id AND a.id = focus_change.area_id)));
create policy own_export on focus_change for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy staff_read on focus_change for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM focus_area a
  WHERE a.owner_id = focus_change.owner_id AND a.id = focus_change.area_id)));
grant insert, select on focus_change to undring_app;

create table delivery_failure (
    owner_id uuid not null,
    day date not null,
    channel text not null,
    reason text not null,
    retried integer not null,
    given_up integer not null,
    constraint delivery_failure_pkey PRIMARY KEY (owner_id, day, channel, reason),
    constraint delivery_failure_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint delivery_failure_channel_check CHECK (channel = ANY (ARRAY['PUSH'::text, 'EMAIL'::text])),
    constraint delivery_failure_given_up_check CHECK (given_up >= 0),
    constraint delivery_failure_reason CHECK (reason ~ '^[A-Z_]{1,40}$'::text),
    constraint delivery_failure_retried_check CHECK (retried >= 0)
);
alter table delivery_failure enable row level security, force row level security;
create policy definer_all on delivery_failure for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_removes on delivery_failure for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
create policy keeper_reads on delivery_failure for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
grant delete, select on delivery_failure to undring_app;

create table learning (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    from_visit uuid not null,
    writer_id uuid not null,
    other_id uuid not null,
    team_id uuid,
    focus_area_id uuid,
    text text not null,
    source text not null,
    mark text not null,
    published boolean default false not null,
    day date not null,
    practice text default ''::text not null,
    agreed_with text default ''::text not null,
    decided_by uuid,
    decided_on date,
    words tsvector generated always as (to_tsvector('norwegian'::regconfig, (((text || ' '::text) || source) || ' '::text) || practice) || to_tsvector('english'::regconfig, (((text || ' '::text) || source) || ' '::text) || practice)) stored not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint learning__id_taken PRIMARY KEY (owner_id, id),
    constraint learning_of_school UNIQUE (owner_id, id, school_id),
    constraint learning_owner_id_decided_by_fkey FOREIGN KEY (owner_id, decided_by) REFERENCES person(owner_id, id),
    constraint learning_owner_id_other_id_fkey FOREIGN KEY (owner_id, other_id) REFERENCES person(owner_id, id),
    constraint learning_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint learning_owner_id_writer_id_fkey FOREIGN KEY (owner_id, writer_id) REFERENCES person(owner_id, id),
    constraint learning_agreed_with_check CHECK (char_length(agreed_with) <= 200),
    constraint learning_check CHECK (other_id <> writer_id),
    constraint learning_mark_check CHECK (mark = ANY (ARRAY['WORKED_HERE'::text, 'LET_US_TRY'::text])),
    constraint learning_practice_check CHECK (char_length(practice) <= 500),
    constraint learning_source_check CHECK (char_length(source) <= 300),
    constraint learning_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 1000),
    constraint practice_decided CHECK ((practice = ''::text) = (decided_on IS NULL) AND (practice = ''::text OR published AND agreed_with <> ''::text))
);
CREATE INDEX learning_decider ON learning USING btree (owner_id, decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX learning_of_other ON learning USING btree (owner_id, other_id);
CREATE INDEX learning_of_visit ON learning USING btree (owner_id, from_visit);
CREATE INDEX learning_of_writer ON learning USING btree (owner_id, writer_id);
CREATE INDEX learnings_of_school ON learning USING btree (owner_id, school_id, day DESC, id DESC);
CREATE TRIGGER area_of_new BEFORE INSERT ON learning FOR EACH ROW WHEN (new.focus_area_id IS NOT NULL) EXECUTE FUNCTION area_guard();
CREATE TRIGGER audience_born BEFORE INSERT ON learning FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON learning FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_learning AFTER INSERT OR DELETE OR UPDATE ON learning FOR EACH ROW EXECUTE FUNCTION feed_learning();
alter table learning enable row level security, force row level security;
create policy audience_holds on learning as restrictive for select to undring_app using ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = writer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = other_id OR audience >= 'SCHOOL'::audience OR audience = 'TEAM'::audience AND (EXISTS ( SELECT
   FROM team_member m
  WHERE m.owner_id = learning.owner_id AND m.school_id = learning.school_id AND m.team_id = learning.team_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))));
create policy definer_all on learning for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy other_or_leader on learning for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (other_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR published AND leads(school_id)));
create policy own_add on learning for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND writer_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND NOT published);
create policy own_export on learning for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = writer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = other_id) AND ( SELECT is_exporting() AS is_exporting));
create policy staff_read on learning for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = writer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = other_id OR published AND (team_id IS NULL OR (EXISTS ( SELECT
   FROM team_member m
  WHERE m.owner_id = learning.owner_id AND m.school_id = learning.school_id AND m.team_id = learning.team_id AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))))));
create policy two_remove on learning for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = writer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = other_id));
grant delete, insert, select, update (published, day, practice, agreed_with, decided_by, decided_on) on learning to undring_app;

create table learning_response (
    owner_id uuid not null,
    id uuid not null,
    learning_id uuid not null,
    school_id uuid not null,
    person_id uuid not null,
    kind text not null,
    text text not null,
    day date not null,
    audience audience default 'SCHOOL'::audience not null,
    constraint learning_response__id_taken PRIMARY KEY (owner_id, id),
    constraint learning_response_owner_id_learning_id_school_id_fkey FOREIGN KEY (owner_id, learning_id, school_id) REFERENCES learning(owner_id, id, school_id) ON DELETE CASCADE,
    constraint learning_response_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint learning_response_kind_check CHECK (kind = ANY (ARRAY['QUESTION'::text, 'TRIED'::text, 'ANSWER'::text])),
    constraint learning_response_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 1000),
    constraint says__invalid_field CHECK (says_something(text)) NOT VALID
);
CREATE INDEX response_of_learning ON learning_response USING btree (owner_id, learning_id, school_id, day, id);
CREATE INDEX response_of_person ON learning_response USING btree (owner_id, person_id);
CREATE TRIGGER audience_born BEFORE INSERT ON learning_response FOR EACH ROW WHEN (new.audience > 'SCHOOL'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON learning_response FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON learning_response REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table learning_response enable row level security, force row level security;
create policy audience_holds on learning_response as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'SCHOOL'::audience);
create policy definer_all on learning_response for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on learning_response for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM learning l
  WHERE l.owner_id = learning_response.owner_id AND l.id = learning_response.learning_id AND l.published)));
create policy own_export on learning_response for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy reader_read on learning_response for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM learning l
  WHERE l.owner_id = learning_response.owner_id AND l.id = learning_response.learning_id)));
grant insert, select on learning_response to undring_app;

create table learning_thanks (
    owner_id uuid not null,
    learning_id uuid not null,
    person_id uuid not null,
    school_id uuid not null,
    constraint learning_thanks_pkey PRIMARY KEY (owner_id, learning_id, person_id),
    constraint learning_thanks_owner_id_learning_id_school_id_fkey FOREIGN KEY (owner_id, learning_id, school_id) REFERENCES learning(owner_id, id, school_id) ON DELETE CASCADE,
    constraint learning_thanks_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id)
);
CREATE INDEX thanks_of_learning ON learning_thanks USING btree (owner_id, learning_id, school_id);
CREATE INDEX thanks_of_person ON learning_thanks USING btree (owner_id, person_id);
CREATE TRIGGER feed_thanks AFTER INSERT OR DELETE ON learning_thanks FOR EACH ROW EXECUTE FUNCTION feed_thanks();
alter table learning_thanks enable row level security, force row level security;
create policy definer_all on learning_thanks for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on learning_thanks for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM learning l
  WHERE l.owner_id = learning_thanks.owner_id AND l.id = learning_thanks.learning_id AND l.published AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) <> l.writer_id AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) <> l.other_id)));
create policy own_remove on learning_thanks for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy two_read on learning_thanks for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR (EXISTS ( SELECT
   FROM learning l
  WHERE l.owner_id = learning_thanks.owner_id AND l.id = learning_thanks.learning_id AND ((( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = l.writer_id OR (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = l.other_id)))));
grant delete, insert, select on learning_thanks to undring_app;

create table action_round (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    team_id uuid,
    focus_area_id uuid,
    starter_id uuid not null,
    question text not null,
    action text not null,
    due_on date not null,
    created_on date not null,
    now_differently text default ''::text not null,
    ended_on date,
    counted text default ''::text not null,
    low integer default 0 not null,
    high integer default 0 not null,
    people_low integer default 0 not null,
    people_high integer default 0 not null,
    constraint action_round__id_taken PRIMARY KEY (owner_id, id),
    constraint action_round_of_school UNIQUE (owner_id, id, school_id),
    constraint action_round_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint action_round_owner_id_school_id_team_id_fkey FOREIGN KEY (owner_id, school_id, team_id) REFERENCES team(owner_id, school_id, id),
    constraint action_round_owner_id_starter_id_fkey FOREIGN KEY (owner_id, starter_id) REFERENCES person(owner_id, id),
    constraint action_round_action_check CHECK (char_length(action) >= 1 AND char_length(action) <= 500),
    constraint action_round_counted_check CHECK (counted = ANY (ARRAY[''::text, 'NUMBER'::text, 'LOW_END'::text, 'HIGH_END'::text, 'TOO_FEW'::text])),
    constraint action_round_now_differently_check CHECK (char_length(now_differently) <= 1000),
    constraint action_round_question_check CHECK (char_length(question) >= 1 AND char_length(question) <= 300),
    constraint round_ended CHECK ((ended_on IS NULL) = (now_differently = ''::text) AND (ended_on IS NULL) = (counted = ''::text))
);
CREATE INDEX round_of_starter ON action_round USING btree (owner_id, starter_id);
CREATE INDEX round_of_team ON action_round USING btree (owner_id, school_id, team_id) WHERE team_id IS NOT NULL;
CREATE INDEX rounds_of_school ON action_round USING btree (owner_id, school_id, due_on DESC, id DESC);
CREATE TRIGGER area_of_new BEFORE INSERT ON action_round FOR EACH ROW WHEN (new.focus_area_id IS NOT NULL) EXECUTE FUNCTION area_guard();
CREATE TRIGGER feed_added AFTER INSERT ON action_round REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_changed AFTER UPDATE ON action_round REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER round_looks AFTER INSERT ON action_round FOR EACH ROW EXECUTE FUNCTION round_looks();
CREATE TRIGGER round_looks_ended AFTER UPDATE OF ended_on ON action_round FOR EACH ROW EXECUTE FUNCTION round_looks();
alter table action_round enable row level security, force row level security;
create policy definer_all on action_round for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy ends on action_round for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ended_on IS NULL AND (starter_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR takes_part(school_id, team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))) with check (ended_on IS NOT NULL);
create policy own_add on action_round for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND starter_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND ended_on IS NULL);
create policy own_export on action_round for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = starter_id AND ( SELECT is_exporting() AS is_exporting));
create policy staff_read on action_round for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update (now_differently, ended_on, counted, low, high, people_low, people_high) on action_round to undring_app;

create table round_report (
    owner_id uuid not null,
    round_id uuid not null,
    person_id uuid not null,
    school_id uuid not null,
    team_id uuid,
    did text not null,
    happened text not null,
    questioned text not null,
    learning text not null,
    day date not null,
    audience audience default 'TEAM'::audience not null,
    constraint round_report_pkey PRIMARY KEY (owner_id, round_id, person_id),
    constraint round_report_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint round_report_owner_id_round_id_school_id_fkey FOREIGN KEY (owner_id, round_id, school_id) REFERENCES action_round(owner_id, id, school_id),
    constraint round_report_did_check CHECK (char_length(did) >= 1 AND char_length(did) <= 1000),
    constraint round_report_happened_check CHECK (char_length(happened) >= 1 AND char_length(happened) <= 1000),
    constraint round_report_learning_check CHECK (learning = ANY (ARRAY['ADJUSTED_PRACTICE'::text, 'QUESTIONED_ASSUMPTION'::text, 'NOTHING_NEW'::text])),
    constraint round_report_questioned_check CHECK (char_length(questioned) <= 1000),
    constraint says__invalid_field CHECK (says_something(did) AND says_something(happened)) NOT VALID
);
CREATE INDEX report_of_person ON round_report USING btree (owner_id, person_id);
CREATE INDEX report_of_round ON round_report USING btree (owner_id, round_id, school_id, day);
CREATE TRIGGER audience_born BEFORE INSERT ON round_report FOR EACH ROW WHEN (new.audience > 'TEAM'::audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER audience_stands BEFORE UPDATE OF audience ON round_report FOR EACH ROW WHEN (new.audience > old.audience) EXECUTE FUNCTION audience_stands();
CREATE TRIGGER feed_added AFTER INSERT ON round_report REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_round();
CREATE TRIGGER feed_changed AFTER UPDATE ON round_report REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_round();
CREATE TRIGGER feed_removed AFTER DELETE ON round_report REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_round();
CREATE TRIGGER report_looks AFTER INSERT ON round_report FOR EACH ROW EXECUTE FUNCTION report_looks();
alter table round_report enable row level security, force row level security;
create policy audience_holds on round_report as restrictive for select to undring_app using (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR audience >= 'TEAM'::audience);
create policy definer_all on round_report for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_add on round_report for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM action_round r
  WHERE r.owner_id = round_report.owner_id AND r.id = round_report.round_id AND r.school_id = round_report.school_id AND NOT r.team_id IS DISTINCT FROM round_report.team_id AND r.ended_on IS NULL AND takes_part(r.school_id, r.team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))));
create policy own_change on round_report for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM action_round r
  WHERE r.owner_id = round_report.owner_id AND r.id = round_report.round_id AND r.ended_on IS NULL)));
create policy part_read on round_report for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR (school_id IN ( SELECT m.school_id
   FROM membership m
  WHERE m.owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND m.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND m.role = 'TEACHER'::text AND m.active)) AND (team_id IS NULL OR (team_id IN ( SELECT t.team_id
   FROM team_member t
  WHERE t.owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND t.person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)))))));
grant insert, select, update (did, happened, questioned, learning, day) on round_report to undring_app;

create table meeting (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    team_id uuid,
    planned_by uuid not null,
    start_at timestamp with time zone not null,
    place text not null,
    form text not null,
    leader_id uuid,
    timekeeper_id uuid,
    questioner_id uuid,
    reading text not null,
    reading_why text not null,
    items jsonb not null,
    parked jsonb default '[]'::jsonb not null,
    at_item integer default 0 not null,
    item_at timestamp with time zone,
    ended_at timestamp with time zone,
    revision bigint default 1 not null,
    constraint meeting__id_taken PRIMARY KEY (owner_id, id),
    constraint meeting_of_school UNIQUE (owner_id, id, school_id),
    constraint meeting_owner_id_leader_id_fkey FOREIGN KEY (owner_id, leader_id) REFERENCES person(owner_id, id),
    constraint meeting_owner_id_planned_by_fkey FOREIGN KEY (owner_id, planned_by) REFERENCES person(owner_id, id),
    constraint meeting_owner_id_questioner_id_fkey FOREIGN KEY (owner_id, questioner_id) REFERENCES person(owner_id, id),
    constraint meeting_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint meeting_owner_id_school_id_team_id_fkey FOREIGN KEY (owner_id, school_id, team_id) REFERENCES team(owner_id, school_id, id),
    constraint meeting_owner_id_timekeeper_id_fkey FOREIGN KEY (owner_id, timekeeper_id) REFERENCES person(owner_id, id),
    constraint item_since CHECK ((at_item = 0) = (item_at IS NULL)),
    constraint meeting_at_item_check CHECK (at_item >= 0 AND at_item <= 12),
    constraint meeting_form_check CHECK (form = ANY (ARRAY['TABLE'::text, 'WALK'::text, 'CAFE'::text, 'OUTDOORS'::text, 'SCREEN'::text])),
    constraint meeting_items_check CHECK (jsonb_typeof(items) = 'array'::text AND jsonb_array_length(items) >= 1 AND jsonb_array_length(items) <= 12),
    constraint meeting_parked_check CHECK (jsonb_typeof(parked) = 'array'::text AND jsonb_array_length(parked) <= 30),
    constraint meeting_place_check CHECK (char_length(place) <= 120),
    constraint meeting_reading_check CHECK (char_length(reading) <= 300),
    constraint meeting_reading_why_check CHECK (char_length(reading_why) <= 300),
    constraint meeting_revision_check CHECK (revision >= 1),
    constraint reading_says_why CHECK (reading = ''::text OR reading_why <> ''::text)
);
CREATE INDEX meeting_leader ON meeting USING btree (owner_id, leader_id) WHERE leader_id IS NOT NULL;
CREATE INDEX meeting_of_team ON meeting USING btree (owner_id, school_id, team_id) WHERE team_id IS NOT NULL;
CREATE INDEX meeting_planner ON meeting USING btree (owner_id, planned_by);
CREATE INDEX meeting_questioner ON meeting USING btree (owner_id, questioner_id) WHERE questioner_id IS NOT NULL;
CREATE INDEX meeting_timekeeper ON meeting USING btree (owner_id, timekeeper_id) WHERE timekeeper_id IS NOT NULL;
CREATE INDEX meetings_of_school ON meeting USING btree (owner_id, school_id, start_at DESC, id DESC);
CREATE TRIGGER feed_added AFTER INSERT ON meeting REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_changed AFTER UPDATE ON meeting REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table meeting enable row level security, force row level security;
create policy definer_all on meeting for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_export on meeting for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = planned_by AND ( SELECT is_exporting() AS is_exporting));
create policy runs_add on meeting for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND planned_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (takes_part(school_id, team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(school_id)));
create policy runs_change on meeting for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ended_at IS NULL AND (takes_part(school_id, team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(school_id))) with check (takes_part(school_id, team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(school_id));
create policy staff_read on meeting for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update (start_at, place, form, leader_id, timekeeper_id, questioner_id, reading, reading_why, items, parked, at_item, item_at, ended_at, revision) on meeting to undring_app;

create table meeting_decision (
    owner_id uuid not null,
    id uuid not null,
    meeting_id uuid not null,
    school_id uuid not null,
    text text not null,
    person_id uuid not null,
    due_on date not null,
    done boolean not null,
    constraint meeting_decision__id_taken PRIMARY KEY (owner_id, id),
    constraint meeting_decision_owner_id_meeting_id_school_id_fkey FOREIGN KEY (owner_id, meeting_id, school_id) REFERENCES meeting(owner_id, id, school_id),
    constraint meeting_decision_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint meeting_decision_text_check CHECK (char_length(text) >= 1 AND char_length(text) <= 300)
);
CREATE INDEX decision_of_meeting ON meeting_decision USING btree (owner_id, meeting_id, school_id, due_on, id);
CREATE INDEX decision_of_person ON meeting_decision USING btree (owner_id, person_id);
CREATE TRIGGER decision_looks_added AFTER INSERT ON meeting_decision FOR EACH ROW EXECUTE FUNCTION decision_looks();
CREATE TRIGGER decision_looks_changed AFTER UPDATE OF person_id, due_on, done ON meeting_decision FOR EACH ROW EXECUTE FUNCTION decision_looks();
CREATE TRIGGER feed_added AFTER INSERT ON meeting_decision REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_changed AFTER UPDATE ON meeting_decision REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table meeting_decision enable row level security, force row level security;
create policy definer_all on meeting_decision for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_export on meeting_decision for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = person_id AND ( SELECT is_exporting() AS is_exporting));
create policy runs_add on meeting_decision for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (EXISTS ( SELECT
   FROM meeting m
  WHERE m.owner_id = meeting_decision.owner_id AND m.id = meeting_decision.meeting_id AND (takes_part(m.school_id, m.team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(m.school_id)))));
create policy runs_change on meeting_decision for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR (EXISTS ( SELECT
   FROM meeting m
  WHERE m.owner_id = meeting_decision.owner_id AND m.id = meeting_decision.meeting_id AND (takes_part(m.school_id, m.team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(m.school_id))))));
create policy staff_read on meeting_decision for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update (text, person_id, due_on, done) on meeting_decision to undring_app;

create table meeting_norms (
    owner_id uuid not null,
    id uuid not null,
    school_id uuid not null,
    team_id uuid,
    norms text[] not null,
    agreed_with text not null,
    agreed_on date not null,
    set_by uuid not null,
    constraint meeting_norms_pkey PRIMARY KEY (owner_id, id),
    constraint norms_of_team UNIQUE NULLS NOT DISTINCT (owner_id, school_id, team_id),
    constraint meeting_norms_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint meeting_norms_owner_id_school_id_team_id_fkey FOREIGN KEY (owner_id, school_id, team_id) REFERENCES team(owner_id, school_id, id),
    constraint meeting_norms_owner_id_set_by_fkey FOREIGN KEY (owner_id, set_by) REFERENCES person(owner_id, id),
    constraint meeting_norms_agreed_with_check CHECK (char_length(agreed_with) >= 1 AND char_length(agreed_with) <= 200),
    constraint meeting_norms_norms_check CHECK (cardinality(norms) >= 1 AND cardinality(norms) <= 10)
);
CREATE INDEX norms_setter ON meeting_norms USING btree (owner_id, set_by);
CREATE TRIGGER feed_added AFTER INSERT ON meeting_norms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
CREATE TRIGGER feed_changed AFTER UPDATE ON meeting_norms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_commons();
alter table meeting_norms enable row level security, force row level security;
create policy definer_all on meeting_norms for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_export on meeting_norms for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) = set_by AND ( SELECT is_exporting() AS is_exporting));
create policy runs_add on meeting_norms for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND set_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) AND (takes_part(school_id, team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(school_id)));
create policy runs_change on meeting_norms for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (takes_part(school_id, team_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR leads(school_id))) with check (set_by = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy staff_read on meeting_norms for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND belongs_to(school_id, ( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant insert, select, update (norms, agreed_with, agreed_on, set_by) on meeting_norms to undring_app;

create table app_version (
    owner_id uuid not null,
    day date not null,
    app text not null,
    sessions integer not null,
    constraint app_version_pkey PRIMARY KEY (owner_id, day, app),
    constraint app_version_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES school_owner(owner_id),
    constraint app_version_app CHECK (app ~ '^[A-Za-z0-9._/-]{1,40}$'::text),
    constraint app_version_sessions_check CHECK (sessions >= 1)
);
alter table app_version enable row level security, force row level security;
create policy definer_all on app_version for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy house_removes on app_version for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() AS is_house));
create policy keeper_reads on app_version for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND ( SELECT is_house() OR is_administrator()));
grant delete, select on app_version to undring_app;

create table timetable_feed (
    owner_id uuid not null,
    person_id uuid not null,
    school_id uuid not null,
    address text not null,
    set_at timestamp with time zone not null,
    tried_at timestamp with time zone,
    read_at timestamp with time zone,
    outcome text default 'WAITING'::text not null,
    lessons integer default 0 not null,
    left_out integer default 0 not null,
    odd jsonb default '[]'::jsonb not null,
    more integer default 0 not null,
    constraint timetable_feed_pkey PRIMARY KEY (owner_id, person_id),
    constraint timetable_feed_owner_id_person_id_fkey FOREIGN KEY (owner_id, person_id) REFERENCES person(owner_id, id),
    constraint timetable_feed_owner_id_school_id_fkey FOREIGN KEY (owner_id, school_id) REFERENCES school(owner_id, id),
    constraint timetable_feed_address_check CHECK (char_length(address) >= 1 AND char_length(address) <= 2000),
    constraint timetable_feed_left_out_check CHECK (left_out >= 0),
    constraint timetable_feed_lessons_check CHECK (lessons >= 0),
    constraint timetable_feed_more_check CHECK (more >= 0),
    constraint timetable_feed_odd_check CHECK (jsonb_typeof(odd) = 'array'::text),
    constraint timetable_feed_outcome_check CHECK (outcome = ANY (ARRAY['WAITING'::text, 'READ'::text, 'UNREACHABLE'::text, 'REFUSED'::text, 'TOO_LARGE'::text, 'NO_CALENDAR'::text, 'INSIDE'::text]))
);
CREATE INDEX timetable_feed_by_try ON timetable_feed USING btree (owner_id, tried_at NULLS FIRST);
CREATE INDEX timetable_feed_of_school ON timetable_feed USING btree (owner_id, school_id);
alter table timetable_feed enable row level security, force row level security;
create policy definer_all on timetable_feed for all to undring_owner using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)));
create policy own_change on timetable_feed for update to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR ( SELECT is_house() AS is_house)));
create policy own_read on timetable_feed for select to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND (person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)) OR ( SELECT is_house() AS is_house)));
create policy own_remove on timetable_feed for delete to undring_app using (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
create policy own_write on timetable_feed for insert to undring_app with check (owner_id = (( SELECT current_setting('undring.owner'::text)::uuid AS current_setting)) AND person_id = (( SELECT current_setting('undring.person'::text)::uuid AS current_setting)));
grant delete, insert, select, update (school_id, address, set_at, tried_at, read_at, outcome, lessons, left_out, odd, more) on timetable_feed to undring_app;

CREATE OR REPLACE FUNCTION public.agreements()
 RETURNS TABLE(version text, at timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT a.version,
     max(a.at) AS max
    FROM ( SELECT v.observer_agreed_to AS version,
             v.observer_agreed_at AS at
            FROM visit v
           WHERE ((v.owner_id = (current_setting('undring.owner'::text))::uuid) AND (v.observer_id = (current_setting('undring.person'::text))::uuid))
         UNION ALL
          SELECT v.observed_agreed_to,
             v.observed_agreed_at
            FROM visit v
           WHERE ((v.owner_id = (current_setting('undring.owner'::text))::uuid) AND (v.observed_id = (current_setting('undring.person'::text))::uuid))) a
   WHERE ((a.at IS NOT NULL) AND (a.version <> ''::text))
   GROUP BY a.version;
END;
grant execute on function agreements() to undring_app;

CREATE OR REPLACE FUNCTION public.answer_identity_change(change uuid, yes boolean, now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    c public.identity_change;
begin
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and me in (i.person_id, i.other_id) for update;
    if c.id is null then
        perform public.refuse('not_found');
    end if;
    if c.outcome is not null then
        perform public.refuse('wrong_state');
    end if;
    if not yes then
        if c.kind = 'ADDRESS' then
            update public.person p set email = c.was where p.owner_id = tenant and p.id = c.person_id and p.email = c.said;
        end if;
        update public.identity_change i set outcome = 'VOID', ended_at = now_at where i.owner_id = tenant and i.id = change;
        return;
    end if;
    update public.identity_change i set agreed = i.agreed or me = c.person_id, other_agreed = i.other_agreed or coalesce(me = c.other_id, false)
    where i.owner_id = tenant and i.id = change returning * into c;
    if c.kind = 'ADDRESS' then
        update public.identity_change i set outcome = 'DONE', ended_at = now_at where i.owner_id = tenant and i.id = change;
    elsif c.kind = 'MERGE' and (c.agreed or not public.has_proven(c.person_id)) and (c.other_agreed or not public.has_proven(c.other_id)) then
        perform public.merge_people(change, now_at);
    end if;
end
$function$;
grant execute on function answer_identity_change(uuid,boolean,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.any_signed_in(people uuid[], now_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM session s
           WHERE ((s.owner_id = (current_setting('undring.owner'::text))::uuid) AND (s.person_id = ANY (any_signed_in.people)) AND (s.ended_at IS NULL) AND (s.expires_at > any_signed_in.now_at)))) AS "exists";
END;

CREATE OR REPLACE FUNCTION public.area_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if tg_table_name = 'visit' then
        if not public.area_in_plan(new.focus_area_id, (to_jsonb(new) ->> 'school_id')::uuid) then
            perform public.refuse('invalid_field');
        end if;
    elsif not public.area_there(new.focus_area_id, case tg_table_name when 'action' then public.school_of_visit((to_jsonb(new) ->> 'visit_id')::uuid)
            else (to_jsonb(new) ->> 'school_id')::uuid end) then
        perform public.refuse('not_found');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.area_in_plan(which uuid, of_school uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM focus_area a
           WHERE ((a.owner_id = (current_setting('undring.owner'::text))::uuid) AND (a.id = area_in_plan.which) AND (a.school_id = area_in_plan.of_school) AND (a.state = 'ADOPTED'::text)))) AS "exists";
END;

CREATE OR REPLACE FUNCTION public.area_step()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if new.state <> old.state and (old.state, new.state) not in (('DRAFT', 'HEARING'), ('HEARING', 'ADOPTED'), ('DRAFT', 'ENDED'), ('HEARING', 'ENDED'), ('ADOPTED', 'ENDED')) then
        perform public.refuse('wrong_state');
    end if;
    -- The hearing's end was told to all.
    if new.hearing_until is distinct from old.hearing_until and not (old.state = 'DRAFT' and new.state = 'HEARING') then
        perform public.refuse('wrong_state');
    end if;
    if new.state = 'ADOPTED' and old.state <> 'ADOPTED' and not public.leads(new.school_id) then
        perform public.refuse('role_required');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.area_there(which uuid, of_school uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM focus_area a
           WHERE ((a.owner_id = (current_setting('undring.owner'::text))::uuid) AND (a.id = area_there.which) AND (a.school_id = area_there.of_school) AND (a.state <> 'DRAFT'::text)))) AS "exists";
END;

CREATE OR REPLACE FUNCTION public.audience_stands()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform public.refuse('invalid_field');
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.ballot_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    this constant text := pg_current_xact_id()::xid::text;
begin
    perform from public.pulse_answered a
        join public.sign_in_days d on d.owner_id = a.owner_id and d.person_id = a.person_id and d.days = 3
        where a.owner_id = new.owner_id and a.term = new.term
          and a.person_id = current_setting('undring.person')::uuid and a.xmin::text = this;
    if not found or exists (select from public.pulse_answer b where b.owner_id = new.owner_id and b.xmin::text = this) then
        perform public.refuse('pulse_closed');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.begin_erasure(who uuid, moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    all_of constant uuid[] := array(select who union all select public.merged_into(who));
begin
    if not public.is_house() and who <> current_setting('undring.person')::uuid then
        perform public.refuse('role_required');
    end if;
    insert into public.erasure (owner_id, person_id, asked_at)
    select p.owner_id, p.id, moment from public.person p where p.owner_id = tenant and p.id = any (all_of)
    on conflict do nothing;
    if not found then
        return;
    end if;
    update public.person p set active = false, given_name = '', family_name = '', email = '', login = '', sourced_id = null
    where p.owner_id = tenant and p.id = any (all_of);
    update public.membership m set active = false where m.owner_id = tenant and m.person_id = any (all_of) and m.active;
    update public.session s set ended_at = moment, end_reason = 'REVOKED' where s.owner_id = tenant and s.person_id = any (all_of) and s.ended_at is null;
    delete from public.identity_change i where i.owner_id = tenant and (i.person_id = any (all_of) or i.other_id = any (all_of));
    delete from public.sign_in_link l where l.owner_id = tenant and l.person_id = any (all_of);
    delete from public.invitation i where i.owner_id = tenant and i.person_id = any (all_of);
    delete from public.open_lesson l where l.owner_id = tenant and l.person_id = any (all_of);
end
$function$;
grant execute on function begin_erasure(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.begin_merge(change uuid, keep uuid, gone uuid, now_at timestamp with time zone, until timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    if (select count(*) from public.person p where p.owner_id = tenant and p.id in (keep, gone)) <> 2 then
        perform public.refuse('not_found');
    end if;
    if exists (
        select from public.identity_change i where i.owner_id = tenant and i.kind = 'MERGE' and i.outcome is null and i.person_id in (keep, gone)) then
        perform public.refuse('wrong_state');
    end if;
    insert into public.identity_change (owner_id, id, person_id, kind, other_id, asked_by, created_at, effective_at)
    values (tenant, change, keep, 'MERGE', gone, case when public.is_house() then null else me end, now_at, until);
    if not public.has_proven(keep) and not public.has_proven(gone) then
        perform public.merge_people(change, now_at);
    end if;
end
$function$;
grant execute on function begin_merge(uuid,uuid,uuid,timestamp with time zone,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.belongs_to(which_school uuid, who uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return exists (select from public.membership m
        where m.owner_id = current_setting('undring.owner')::uuid and m.school_id = which_school and m.person_id = who and m.active);
end
$function$;
grant execute on function belongs_to(uuid,uuid) to public;
grant execute on function belongs_to(uuid,uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.busy_on(which uuid, day date)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (EXISTS (SELECT FROM busy_period b WHERE ((b.owner_id = (current_setting('undring.owner'::text))::uuid) AND (b.school_id = busy_on.which) AND ((busy_on.day >= b.first_day) AND (busy_on.day <= b.last_day)))));

CREATE OR REPLACE FUNCTION public.came_now()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if current_user = 'undring_app' and not public.is_house() and not public.is_now(new.since) then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.card_of_lesson(which uuid, lesson uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    update public.visit v set focus_question = l.focus_question, wanted_feedback = l.wanted_feedback
    from public.open_lesson l
    where v.owner_id = current_setting('undring.owner')::uuid and v.id = which
      and v.observer_id = current_setting('undring.person')::uuid
      and v.state = 'PROPOSED' and v.focus_question = '' and v.awaits_id = v.observed_id
      and l.owner_id = v.owner_id and l.id = lesson and l.person_id = v.observed_id
      and (l.start_at, l.end_at) = (v.start_at, v.end_at);
end
$function$;
grant execute on function card_of_lesson(uuid,uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.carry_out_identity_changes(now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    for c in select * from public.identity_change i
        where i.owner_id = tenant and i.kind in ('MERGE', 'ADDRESS') and i.outcome is null and i.effective_at <= now_at
          and not public.seen_since(i.person_id, i.created_at)
          and (i.other_id is null or not public.seen_since(i.other_id, i.created_at))
    loop
        if c.kind = 'ADDRESS' then
            update public.identity_change i set outcome = 'DONE', ended_at = now_at where i.owner_id = tenant and i.id = c.id;
        else
            perform public.merge_people(c.id, now_at);
        end if;
    end loop;
    update public.roster_import r set before = null
    where r.owner_id = tenant and r.before is not null and r.at < now_at - interval '30 days';
end
$function$;
grant execute on function carry_out_identity_changes(timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.count_app(which text, moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    today constant date := (moment at time zone 'UTC')::date;
begin
    insert into public.app_version as v (owner_id, day, app, sessions)
    select tenant, today, case
        when exists (select from public.app_version o where o.owner_id = tenant and o.day = today and o.app = which)
            or (select count(*) from public.app_version o where o.owner_id = tenant and o.day = today) < 50 then which
        else 'OTHER' end, 1
    on conflict (owner_id, day, app) do update set sessions = v.sessions + 1;
end
$function$;
grant execute on function count_app(text,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.count_sign_in_day()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    today constant date := (new.refreshed_at at time zone 'UTC')::date;
begin
    -- Asked first, since whoever counts already should not wait for a lock at each renewal.
    if exists (select from public.sign_in_days d where d.owner_id = new.owner_id and d.person_id = new.person_id
               and (d.days = 3 or d.last_on >= today)) then
        return null;
    end if;
    insert into public.sign_in_days as d (owner_id, person_id, days, last_on)
    values (new.owner_id, new.person_id, 1, today)
    on conflict (owner_id, person_id) do update
        set days = d.days + 1, last_on = case when d.days = 1 then excluded.last_on end
        where d.days < 3 and d.last_on < excluded.last_on;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.count_undelivered()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    insert into public.delivery_failure as f (owner_id, day, channel, reason, retried, given_up)
    values (new.owner_id, (new.claimed_at at time zone 'UTC')::date, new.channel, new.reason,
        case new.state when 'FAILED' then 0 else 1 end, case new.state when 'FAILED' then 1 else 0 end)
    on conflict (owner_id, day, channel, reason) do update set retried = f.retried + excluded.retried, given_up = f.given_up + excluded.given_up;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.cover_at(which_school uuid, day date)
 RETURNS TABLE(person_id uuid, start_at timestamp with time zone, end_at timestamp with time zone, able uuid[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH asker AS (
          SELECT m.owner_id,
             tstzrange(((cover_at.day)::timestamp without time zone AT TIME ZONE s.time_zone), (((cover_at.day + 1))::timestamp without time zone AT TIME ZONE s.time_zone)) AS day
            FROM (membership m
              JOIN school s ON (((s.owner_id = m.owner_id) AND (s.id = m.school_id))))
           WHERE ((m.owner_id = (current_setting('undring.owner'::text))::uuid) AND (m.person_id = (current_setting('undring.person'::text))::uuid) AND (m.school_id = cover_at.which_school) AND m.active AND (m.role = ANY (ARRAY['LEADER'::text, 'ADMINISTRATOR'::text])))
          LIMIT 1
         ), anywhere AS (
          SELECT DISTINCT b.person_id,
             b.span,
             b.school_id
            FROM ((asker a
              JOIN membership m ON (((m.owner_id = a.owner_id) AND (m.school_id = cover_at.which_school) AND m.active AND (m.role = 'TEACHER'::text))))
              JOIN booking b ON (((b.owner_id = a.owner_id) AND (b.person_id = m.person_id) AND (b.kind = 2) AND (b.span && a.day))))
         ), lesson AS (
          SELECT x.person_id,
             x.span
            FROM anywhere x
           WHERE (x.school_id = cover_at.which_school)
         ), load AS (
          SELECT l_1.person_id,
             count(*) AS n
            FROM lesson l_1
           GROUP BY l_1.person_id
         )
  SELECT l.person_id,
     lower(l.span) AS lower,
     upper(l.span) AS upper,
     ARRAY( SELECT o.person_id
            FROM load o
           WHERE ((o.person_id <> l.person_id) AND (NOT (EXISTS ( SELECT
                    FROM anywhere k
                   WHERE ((k.person_id = o.person_id) AND (k.span && l.span))))))
           ORDER BY o.n, o.person_id
          LIMIT 12) AS "array"
    FROM lesson l
   ORDER BY (lower(l.span)), (upper(l.span)), l.person_id
  LIMIT 2000;
END;
grant execute on function cover_at(uuid,date) to undring_app;

CREATE OR REPLACE FUNCTION public.decision_looks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.look_after(new.owner_id, array[new.person_id, old.person_id], timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.draft_without_name(message bytea, what text, inside boolean)
 RETURNS bytea
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
declare
    size constant int := octet_length(message);
    done bytea := '';
    begun int;
    at int := 0;
    key bigint;
    number bigint;
    piece bytea;
begin
    while at < size loop
        begun := at;
        select v.at, v.number into at, key from public.read_varint(message, at) v;
        case key & 7
            when 0 then
                select v.at into at from public.read_varint(message, at) v;
            when 1 then
                at := at + 8;
            when 5 then
                at := at + 4;
            when 2 then
                select v.at, v.number into at, number from public.read_varint(message, at) v;
                piece := substring(message from at + 1 for number::int);
                at := at + number::int;
                if not inside and key >> 3 in (1, 2) then
                    piece := public.draft_without_name(piece, what, true);
                elsif inside and key >> 3 in (2, 5) then
                    piece := convert_to(public.without_name(convert_from(piece, 'UTF8'), what), 'UTF8');
                end if;
                done := done || public.write_varint(key) || public.write_varint(octet_length(piece)) || piece;
                continue;
            else
                raise 'a draft is no message of the contract' using errcode = 'data_corrupted';
        end case;
        done := done || substring(message from begun + 1 for at - begun);
    end loop;
    return done;
end
$function$;

CREATE OR REPLACE FUNCTION public.end_devices()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if coalesce(current_setting('undring.owner', true), '') = '' then
        perform set_config('undring.owner', new.owner_id::text, true);
    end if;
    delete from public.device d where d.owner_id = new.owner_id and d.session_id = new.id;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.end_owner_step(moment timestamp with time zone, most integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    t record;
    any_left boolean;
    done_now int;
    these uuid[];
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    -- Nobody comes in any more.
    delete from public.sign_in_link where ctid = any (array(select ctid from public.sign_in_link where owner_id = tenant limit most));
    get diagnostics done_now = row_count;
    if done_now > 0 then return true; end if;
    delete from public.session where ctid = any (array(select ctid from public.session where owner_id = tenant limit most));
    get diagnostics done_now = row_count;
    if done_now > 0 then return true; end if;
    -- The words of visits go by the step that takes them.
    with few as (
        select v.id, v.seq, v.state from public.visit v
        where v.owner_id = tenant and v.state not in ('NONE', 'WITHDRAWN') order by v.id limit greatest(most / 40, 1) for update
    )
    insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
    select tenant, s.id, s.seq + 1, 'FORGET', s.state, 'WITHDRAWN', null, moment from few s;
    get diagnostics done_now = row_count;
    if done_now > 0 then return true; end if;

    for t in
        select n.nspname || '.' || c.relname as name, c.oid
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
        where c.relkind = 'r' and n.nspname in ('public', 'published')
          and (n.nspname, c.relname) not in (('public', 'visit_event'), ('public', 'school_owner'))
        order by n.nspname = 'published', c.relname
    loop
        execute format('select exists (select from %s where owner_id = $1)', t.name) into any_left using tenant;
        continue when not any_left or public.pointed_at(tenant, t.oid);
        if t.name = 'public.visit' then
            -- A visit, its steps and its twin point at each other: they go together.
            select array_agg(distinct u.id) into these from (
                select v.id, v.twin_id from public.visit v where v.owner_id = tenant order by v.id limit greatest(most / 10, 1)) v
                cross join lateral (values (v.id), (v.twin_id)) u(id) where u.id is not null;
            delete from public.visit_event e where e.owner_id = tenant and e.visit_id = any (these);
            delete from public.visit v where v.owner_id = tenant and v.id = any (these);
        else
            execute format('delete from %1$s where ctid = any (array(select ctid from %1$s where owner_id = $1 limit $2))', t.name) using tenant, most;
        end if;
        return true;
    end loop;
    delete from public.school_owner o where o.owner_id = tenant;
    return found;
end
$function$;
grant execute on function end_owner_step(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.end_sessions(who uuid, now_at timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 UPDATE session s SET ended_at = end_sessions.now_at, end_reason = 'REVOKED'::text
   WHERE ((s.owner_id = (current_setting('undring.owner'::text))::uuid) AND (s.person_id = end_sessions.who) AND (s.ended_at IS NULL));
END;

CREATE OR REPLACE FUNCTION public.end_sessions_of(who uuid, now_at timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    ended int;
begin
    if not public.is_administrator() then
        perform public.refuse('role_required');
    end if;
    if not exists (select from public.person p where p.owner_id = tenant and p.id = who) then
        perform public.refuse('not_found');
    end if;
    update public.session s set ended_at = now_at, end_reason = 'REVOKED'
    where s.owner_id = tenant and s.person_id = who and s.ended_at is null;
    get diagnostics ended = row_count;
    insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id)
    values (tenant, gen_random_uuid(), now_at, 'SESSIONS_ENDED', current_setting('undring.person')::uuid, who);
    return ended;
end
$function$;
grant execute on function end_sessions_of(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.end_unvisited(ended_before timestamp with time zone, moment timestamp with time zone, most integer)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    return query
        with due as (
            select v.owner_id, v.id, v.seq, v.state from public.visit v
            where v.owner_id = current_setting('undring.owner')::uuid
              and v.state in ('PROPOSED', 'AGREED') and v.end_at < ended_before
            order by v.end_at limit most for update skip locked)
        insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
        select due.owner_id, due.id, due.seq + 1, 'EXPIRE', due.state, 'EXPIRED', null, moment from due
        returning visit_id;
end
$function$;
grant execute on function end_unvisited(timestamp with time zone,timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.end_words(tenant uuid, which uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which and not shared;
    delete from public.moment where owner_id = tenant and visit_id = which;
end
$function$;

CREATE OR REPLACE FUNCTION public.erase_person_apart(tenant uuid, who uuid, most integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    budget int := most; -- how many rows are left to take
    done_now int;
begin
    delete from public.prompt where ctid = any (array(select ctid from public.prompt where owner_id = tenant and author_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.need where ctid = any (array(select ctid from public.need where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.need_support where ctid = any (array(select ctid from public.need_support where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.hearing_voice where ctid = any (array(select ctid from public.hearing_voice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.learning_response where ctid = any (array(select ctid from public.learning_response where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.learning_thanks where ctid = any (array(select ctid from public.learning_thanks where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.round_report where ctid = any (array(select ctid from public.round_report where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.booking where ctid = any (array(select ctid from public.booking where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.open_lesson where ctid = any (array(select ctid from public.open_lesson where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.availability where ctid = any (array(select ctid from public.availability where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.kept_from_suggestions where ctid = any (array(select ctid from public.kept_from_suggestions where owner_id = tenant and who in (person_id, other_id) limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.request where ctid = any (array(select ctid from public.request where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    update public.person set given_name = '', family_name = '', email = '', login = '' where owner_id = tenant and id = who;
    update public.person set sourced_id = null where owner_id = tenant and id = who;
    delete from public.register_entry where ctid = any (array(select ctid from public.register_entry where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    update public.roster_import set before = null where owner_id = tenant and strpos(before::text, who::text) > 0;
    delete from public.identity_change where ctid = any (array(select ctid from public.identity_change where owner_id = tenant and who in (person_id, other_id) limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.team_member where ctid = any (array(select ctid from public.team_member where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.invitation where ctid = any (array(select ctid from public.invitation where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.time_booking where ctid = any (array(select ctid from public.time_booking where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.timetable_feed where ctid = any (array(select ctid from public.timetable_feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.session where ctid = any (array(select ctid from public.session where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.sign_in_days where ctid = any (array(select ctid from public.sign_in_days where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.sign_in_link where ctid = any (array(select ctid from public.sign_in_link where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.message where ctid = any (array(select ctid from public.message where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.notice where ctid = any (array(select ctid from public.notice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.notice_choice where ctid = any (array(select ctid from public.notice_choice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.device where ctid = any (array(select ctid from public.device where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.calendar_feed where ctid = any (array(select ctid from public.calendar_feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.access where ctid = any (array(select ctid from public.access where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.consent where ctid = any (array(select ctid from public.consent where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.feed where ctid = any (array(select ctid from public.feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    return false;
end
$function$;

CREATE OR REPLACE FUNCTION public.erase_person_in(tenant uuid, who uuid, which uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    delete from public.conversation where owner_id = tenant and recorded_by = who and confirmed_at is null and visit_id = which;
    delete from public.correction where owner_id = tenant and observed_id = who and visit_id = which;
    delete from public.own_view where owner_id = tenant and observed_id = who and visit_id = which;
    update public.takeaway set text = '…' where owner_id = tenant and person_id = who and visit_id = which;
    update public.takeaway set borrowed = '' where owner_id = tenant and person_id = who and visit_id = which;
    delete from public.draft where owner_id = tenant and observer_id = who and visit_id = which;
    delete from public.action where owner_id = tenant and person_id = who and visit_id = which;
    update public.visit set place = '' where owner_id = tenant and true and id = which;
    update public.visit set talk_arena = '' where owner_id = tenant and true and id = which;
    update public.visit set name_out = '' where owner_id = tenant and true and id = which;
    update public.visit set focus_question = '…' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set intention = '', expectation = '', later_intention = '', later_expectation = '', look_for = '', do_not_note = '', wanted_feedback = '' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set suggested_focus = '' where owner_id = tenant and observer_id = who and id = which;
    delete from public.note where owner_id = tenant and observer_id = who and not shared and visit_id = which;
    delete from public.moment where owner_id = tenant and person_id = who and visit_id = which;
    update public.request set reply = null where owner_id = tenant and true and visit_id = which;
end
$function$;

CREATE OR REPLACE FUNCTION public.erase_step(moment timestamp with time zone, most integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    e public.erasure;
    v record;
    gone_through int := 0;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    select * into e from public.erasure x where x.owner_id = tenant and x.done_at is null order by x.asked_at, x.person_id limit 1 for update;
    if not found then
        return false;
    end if;
    for v in
        select w.id, w.seq, w.state, exists (
                select from public.erasure x
                where x.owner_id = tenant and x.person_id in (w.observer_id, w.observed_id) and x.person_id <> e.person_id) as both
        from public.visit w
        where w.owner_id = tenant and e.person_id in (w.observer_id, w.observed_id) and w.id > e.upto
        order by w.id limit most for update
    loop
        gone_through := gone_through + 1;
        -- Where both are erased there is no colleague to keep anything.
        if v.state in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') and not v.both then
            perform public.erase_person_in(tenant, e.person_id, v.id);
        elsif v.state <> 'WITHDRAWN' then
            insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
            values (tenant, v.id, v.seq + 1, 'FORGET', v.state, 'WITHDRAWN', null, moment);
        end if;
        update public.erasure x set upto = v.id where x.owner_id = tenant and x.person_id = e.person_id;
    end loop;
    if gone_through < most and not public.erase_person_apart(tenant, e.person_id, 200) then
        update public.erasure x set done_at = moment where x.owner_id = tenant and x.person_id = e.person_id;
    end if;
    return exists (select from public.erasure x where x.owner_id = tenant and x.done_at is null);
end
$function$;
grant execute on function erase_step(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.erase_words(tenant uuid, which uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    update public.visit set
        place = '',
        talk_arena = '',
        name_out = '',
        focus_question = '',
        intention = '',
        expectation = '',
        later_intention = '',
        later_expectation = '',
        look_for = '',
        do_not_note = '',
        wanted_feedback = '',
        suggested_focus = '',
        talk_at = null,
        focus_area_id = null,
        point_id = null,
        wondering_id = null,
        answered_id = null,
        observer_takeaway = null,
        observed_takeaway = null,
        acknowledged_at = null,
        intended_at = null,
        later_at = null,
        name_out_by = null
    where owner_id = tenant and id = which;
    update public.request set
        reply = null
    where owner_id = tenant and visit_id = which;
    delete from public.reply where owner_id = tenant and visit_id = which;
    delete from public.conversation where owner_id = tenant and visit_id = which;
    delete from public.correction where owner_id = tenant and visit_id = which;
    delete from public.own_view where owner_id = tenant and visit_id = which;
    delete from public.takeaway where owner_id = tenant and visit_id = which;
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.question_opening where owner_id = tenant and visit_id = which;
    delete from public.question where owner_id = tenant and visit_id = which;
    delete from public.feedback_point where owner_id = tenant and visit_id = which;
    delete from public.action where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which;
    delete from public.moment where owner_id = tenant and visit_id = which;
end
$function$;

CREATE OR REPLACE FUNCTION public.exchange_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if current_user = 'undring_owner' then
        return new; -- an erasure, see erase_person_in
    end if;
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = any (string_to_array(tg_argv[0], ','))
        for no key update;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.expire_visits(moment timestamp with time zone, most integer)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    return query
        with due as (
            select v.owner_id, v.id, v.seq, v.state from public.visit v
            where v.owner_id = current_setting('undring.owner')::uuid
              and v.state in ('PROPOSED', 'AGREED') and v.end_at < moment - interval '14 days'
            order by v.end_at limit most for update skip locked)
        insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
        select due.owner_id, due.id, due.seq + 1, 'EXPIRE', due.state, 'EXPIRED', null, moment from due
        returning visit_id;
end
$function$;
grant execute on function expire_visits(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.feed_area()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || new.school_id, 0));
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct l.owner_id, l.person_id, 'COMMONS', l.subject_id
    from public.feed l
    where l.owner_id = new.owner_id and l.subject_id = new.school_id and l.thing = 'SCHOOL'
      and (new.state <> 'DRAFT' or l.person_id = new.proposed_by or new.origin = 'LEADERS' and exists (
          select from public.membership m
          where m.owner_id = l.owner_id and m.school_id = new.school_id and m.person_id = l.person_id and m.role = 'LEADER' and m.active))
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_choice()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell(new.owner_id, array[new.person_id], 'PREFERENCES', new.person_id, false);
    perform public.look_after(new.owner_id, array[new.person_id], timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_commons_of_member()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct c.owner_id, c.person_id, 'COMMONS', c.school_id from changed c order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_draft()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    d constant record := coalesce(new, old);
begin
    perform public.tell(d.owner_id, array[d.observer_id], 'DRAFT', d.visit_id, tg_op = 'DELETE');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_epoch()
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (((((((( SELECT pg_control_system.system_identifier
            FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified)))::text || '.'::text) || "left"(pg_walfile_name(pg_current_wal_insert_lsn()), 8)) || '.'::text) || (( SELECT pg_database.oid
            FROM pg_database
           WHERE (pg_database.datname = current_database())))::text) || '.'::text) || (('feed'::regclass)::oid)::text);
END;
grant execute on function feed_epoch() to undring_app;

CREATE OR REPLACE FUNCTION public.feed_exchange()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    x constant record := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array[x.observer_id, x.observed_id], 'EXCHANGE', x.visit_id, false);
    if tg_table_name in ('question', 'conversation') then
        perform public.tell(x.owner_id, array[x.observer_id, x.observed_id], 'OBSERVATION', x.visit_id, false);
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_identity()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell(new.owner_id, array[new.person_id], 'ME', new.person_id, false);
    if new.other_id is not null then
        perform public.tell(new.owner_id, array[new.other_id], 'ME', new.other_id, false);
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_learning()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    l constant public.learning := coalesce(new, old);
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || l.school_id, 0));
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct s.owner_id, s.person_id, 'COMMONS', s.subject_id
    from public.feed s
    where s.owner_id = l.owner_id and s.subject_id = l.school_id and s.thing = 'SCHOOL'
      and (l.published or s.person_id in (l.writer_id, l.other_id))
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_leaving()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    one record;
begin
    if coalesce(current_setting('undring.owner', true), '') = '' then -- changed by hand, past the program
        perform set_config('undring.owner', new.owner_id::text, true);
    end if;
    for one in
        select v.id, v.observer_id, v.observed_id from public.visit v
        where v.owner_id = new.owner_id and v.school_id = new.school_id and v.observer_id = new.person_id
          and v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')
        union
        select v.id, v.observer_id, v.observed_id from public.visit v
        where v.owner_id = new.owner_id and v.school_id = new.school_id and v.observed_id = new.person_id
          and v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')
    loop
        perform public.tell(new.owner_id, array[one.observer_id, one.observed_id], 'OBSERVATION', one.id, false);
    end loop;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_membership()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell_schools(c.owner_id, array_agg(c.school_id))
    from (select distinct owner_id, school_id from changed) c group by c.owner_id;
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select c.owner_id, c.person_id, t.thing, t.id
    from changed c, lateral (values ('SCHOOL', c.school_id), ('ME', c.person_id)) t (thing, id)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_moment()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    m constant public.moment := coalesce(new, old);
begin
    perform public.tell(m.owner_id, array[m.person_id], 'MOMENT', m.id, tg_op = 'DELETE');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_note()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    n constant record := coalesce(new, old);
begin
    perform public.tell(n.owner_id, array[n.observer_id], 'NOTE', n.id, tg_op = 'DELETE');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_notice()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    x constant record := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array[x.person_id], 'NOTIFICATION', x.id, tg_op = 'DELETE');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_of_commons()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || s.school_id, 0))
    from (select distinct c.school_id from changed c order by 1) s;
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct l.owner_id, l.person_id, 'COMMONS', l.subject_id
    from (select distinct c.owner_id, c.school_id from changed c) s
    join public.feed l on l.owner_id = s.owner_id and l.subject_id = s.school_id and l.thing = 'SCHOOL'
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_of_round()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || s.school_id, 0))
    from (select distinct c.school_id from changed c order by 1) s;
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct l.owner_id, l.person_id, 'COMMONS', l.subject_id
    from (select distinct c.owner_id, c.school_id, c.team_id from changed c) s
    join public.feed l on l.owner_id = s.owner_id and l.subject_id = s.school_id and l.thing = 'SCHOOL'
    where public.takes_part(s.school_id, s.team_id, l.person_id)
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_of_school()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell_schools(c.owner_id, array_agg(c.school_id))
    from (select distinct owner_id, school_id from changed) c group by c.owner_id;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant uuid;
    others uuid[]; -- who looks otherwise now, to their colleagues
begin
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select c.owner_id, c.id, 'ME', c.id from changed c order by 1, 2
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, at = excluded.at
        where f.xid <> excluded.xid;
    if tg_op = 'UPDATE' then -- a language is nobody else's business
        for tenant in select distinct c.owner_id from changed c loop
            others := array(
                select x.id from (
                    select c.id, c.given_name, c.family_name, c.email, c.active from changed c where c.owner_id = tenant
                    except
                    select w.id, w.given_name, w.family_name, w.email, w.active from was w where w.owner_id = tenant
                ) x);
            perform public.tell_schools(tenant, array(
                select distinct f.subject_id from public.feed f
                where f.owner_id = tenant and f.person_id = any (others) and f.thing = 'SCHOOL'));
        end loop;
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_round()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell(new.owner_id, array_remove(array[new.first_id, new.second_id, new.third_id], null), 'ROUND', new.id, false);
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_school()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell_schools(c.owner_id, array_agg(c.id)) from changed c group by c.owner_id;
    update public.feed f set xid = default, seq = default, at = default
    from (
        select distinct m.owner_id, m.person_id
        from changed c
        join public.feed m on m.owner_id = c.owner_id and m.subject_id = c.id and m.thing = 'SCHOOL'
    ) p
    where f.owner_id = p.owner_id and f.person_id = p.person_id and f.thing = 'ME' and f.xid <> pg_current_xact_id();
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_takeaway()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    x constant record := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array[x.person_id], 'EXCHANGE', x.visit_id, false);
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_thanks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    x constant public.learning_thanks := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array_remove(array[x.person_id, l.writer_id, l.other_id], null), 'COMMONS', l.school_id, false)
    from public.learning l where l.owner_id = x.owner_id and l.id = x.learning_id;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_visit()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.tell(new.owner_id, array[new.observer_id, new.observed_id], 'OBSERVATION', new.id, false);
    -- An exchange begins with the first feedback point; its witness goes when
    -- the words are erased.
    if new.point_id is not null or tg_op = 'UPDATE' and old.point_id is not null then
        perform public.tell(new.owner_id, array[new.observer_id, new.observed_id], 'EXCHANGE', new.id, false);
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feed_visit_notice()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    n constant public.visit_notice := coalesce(new, old);
begin
    perform public.tell(n.owner_id, array[n.person_id, n.other_id], 'OBSERVATION', n.visit_id, false);
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.feeds_since(since xid8)
 RETURNS TABLE(owner_id uuid, person_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT DISTINCT f.owner_id,
     f.person_id
    FROM feed f
   WHERE (is_house() AND (f.xid >= feeds_since.since) AND (f.xid < pg_snapshot_xmin(pg_current_snapshot())) AND (f.seq > 0));
END;
grant execute on function feeds_since(xid8) to undring_app;

CREATE OR REPLACE FUNCTION public.forget_accesses(older_than timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    gone int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.access a using (
        select q.ctid from public.access q
        where q.owner_id = current_setting('undring.owner')::uuid and q.at < older_than
        order by q.at limit most for update skip locked) old
    where a.ctid = old.ctid;
    get diagnostics gone = row_count;
    return gone;
end
$function$;
grant execute on function forget_accesses(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.forget_acts(older_than timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    gone int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.administrative_act a using (
        select q.ctid from public.administrative_act q
        where q.owner_id = current_setting('undring.owner')::uuid and q.at < older_than
        order by q.at limit most for update skip locked) old
    where a.ctid = old.ctid;
    get diagnostics gone = row_count;
    return gone;
end
$function$;
grant execute on function forget_acts(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.forget_requests(came_before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    gone int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.request r using (
        select q.ctid from public.request q
        where q.owner_id = current_setting('undring.owner')::uuid and q.at < came_before
        order by q.at limit most for update skip locked) old
    where r.ctid = old.ctid;
    get diagnostics gone = row_count;
    return gone;
end
$function$;
grant execute on function forget_requests(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.forget_visits(moment timestamp with time zone, most integer)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    return query
        with due as (
            select o.* from public.months_of_words(moment) m
            cross join lateral (
                select v.owner_id, v.id, v.seq, v.state from public.visit v
                where v.owner_id = current_setting('undring.owner')::uuid and v.school_id = m.school_id and v.state <> 'WITHDRAWN'
                  and greatest(v.end_at, case when v.state <> 'EXPIRED' then v.updated_at end) < moment - make_interval(months => m.months)
                order by greatest(v.end_at, case when v.state <> 'EXPIRED' then v.updated_at end)
                limit most for update skip locked) o
            limit most)
        insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
        select due.owner_id, due.id, due.seq + 1, 'FORGET', due.state, 'WITHDRAWN', null, moment from due
        returning visit_id;
end
$function$;
grant execute on function forget_visits(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.gate_holds(school uuid, moment timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return coalesce((
        select p.gate from public.exchange_policy p
        where p.owner_id = current_setting('undring.owner')::uuid and p.school_id = school and p.effective_at <= moment
        order by p.effective_at desc limit 1), true);
end
$function$;
grant execute on function gate_holds(uuid,timestamp with time zone) to public;
grant execute on function gate_holds(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.hangs_on_its_visit()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if tg_table_name = 'correction' then
        perform from public.note n where n.owner_id = new.owner_id and n.id = new.note_id and n.visit_id = new.visit_id and n.shared;
    else
        perform from public.feedback_point p where p.owner_id = new.owner_id and p.id = new.about_id and p.visit_id = new.visit_id
            union all
            select from public.question q where q.owner_id = new.owner_id and q.id = new.about_id and q.visit_id = new.visit_id;
    end if;
    if not found then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.has_left(which_school uuid, who uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return not exists (
        select from public.membership m
        where m.owner_id = current_setting('undring.owner')::uuid and m.school_id = which_school and m.person_id = who
          and m.active and m.role in ('TEACHER', 'LEADER'));
end
$function$;

CREATE OR REPLACE FUNCTION public.has_proven(who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM session s
           WHERE ((s.owner_id = (current_setting('undring.owner'::text))::uuid) AND (s.person_id = has_proven.who) AND (s.opened_by <> 'DEMO'::text)))) OR (EXISTS ( SELECT
            FROM sign_in_link l
           WHERE ((l.owner_id = (current_setting('undring.owner'::text))::uuid) AND (l.person_id = has_proven.who)))));
END;
grant execute on function has_proven(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.has_signed_in(who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM session s
           WHERE ((s.owner_id = (current_setting('undring.owner'::text))::uuid) AND (s.person_id = has_signed_in.who)))) OR (EXISTS ( SELECT
            FROM sign_in_link l
           WHERE ((l.owner_id = (current_setting('undring.owner'::text))::uuid) AND (l.person_id = has_signed_in.who)))));
END;
grant execute on function has_signed_in(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.has_visits(who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM visit v
           WHERE ((v.owner_id = (current_setting('undring.owner'::text))::uuid) AND ((v.observer_id = has_visits.who) OR (v.observed_id = has_visits.who))))) AS "exists";
END;
grant execute on function has_visits(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.holds_a_place(who uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    return exists (select from public.person p
        where p.owner_id = tenant and p.id = who and p.active
          and exists (select from public.membership m where m.owner_id = tenant and m.person_id = who and m.active));
end
$function$;
grant execute on function holds_a_place(uuid) to public;
grant execute on function holds_a_place(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.in_own_name()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user <> 'undring_app' or public.is_house() then
        return new;
    end if;
    if tg_table_name = 'time_budget' then
        if new.set_by <> me then
            perform public.refuse('role_required');
        end if;
    elsif new.undone_by is distinct from old.undone_by and new.undone_by is distinct from me
       or old.undone_at is not null and new.undone_at is distinct from old.undone_at then
        perform public.refuse('role_required');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.intention_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if tg_op = 'INSERT' then
        if (new.expectation <> '' or new.intended_at is not null) and me <> new.observed_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (old.intention, old.expectation, old.intended_at, old.later_intention, old.later_expectation, old.later_at)
       is not distinct from (new.intention, new.expectation, new.intended_at, new.later_intention, new.later_expectation, new.later_at) then
        return new;
    end if;
    if me <> old.observed_id then
        perform public.refuse('not_your_move');
    end if;
    if old.state not in ('PROPOSED', 'AGREED') then
        perform public.refuse('wrong_state');
    end if;
    if (old.intention, old.expectation, old.intended_at) is distinct from (new.intention, new.expectation, new.intended_at)
       and (old.intention <> '' or old.expectation <> '')
       and greatest(old.updated_at, new.updated_at) >= old.start_at then
        perform public.refuse('lesson_started');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.invitation_of(hash bytea)
 RETURNS TABLE(owner_id uuid, person_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT i.owner_id,
     i.person_id
    FROM invitation i
   WHERE (i.code_hash = invitation_of.hash)
  LIMIT 1;
END;
grant execute on function invitation_of(bytea) to undring_app;

CREATE OR REPLACE FUNCTION public.invite_at_once(who uuid, now_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    administrators uuid[];
begin
    select array_agg(distinct m.person_id) into administrators from public.membership m
        join public.person p on p.owner_id = m.owner_id and p.id = m.person_id and p.active
        where m.owner_id = tenant and m.role = 'ADMINISTRATOR' and m.active;
    if not public.is_house() or administrators is null or not who = any (administrators)
        or public.any_signed_in(array_remove(administrators, who), now_at) then
        return false;
    end if;
    perform public.end_sessions(who, now_at);
    return true;
end
$function$;
grant execute on function invite_at_once(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.is_administrator()
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (EXISTS (SELECT FROM membership WHERE ((membership.owner_id = (current_setting('undring.owner'::text))::uuid) AND (membership.person_id = (current_setting('undring.person'::text))::uuid) AND (membership.role = 'ADMINISTRATOR'::text) AND membership.active)));
grant execute on function is_administrator() to public;
grant execute on function is_administrator() to undring_app;

CREATE OR REPLACE FUNCTION public.is_busy(who uuid, span tstzrange, occasion uuid, lessons_too boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    return exists (
        select from public.booking b
        where b.owner_id = current_setting('undring.owner')::uuid
          and b.person_id = who
          and b.span && is_busy.span
          and b.occasion_id <> occasion
          and (b.kind = 1 or lessons_too and b.kind = 2 and not b.beside));
end
$function$;
grant execute on function is_busy(uuid,tstzrange,uuid,boolean) to undring_app;

CREATE OR REPLACE FUNCTION public.is_exporting()
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(current_setting('undring.export', true), '') = 'on'
$function$;

CREATE OR REPLACE FUNCTION public.is_house()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN ((current_setting('undring.person'::text))::uuid = '00000000-0000-0000-0000-000000000000'::uuid);
grant execute on function is_house() to public;
grant execute on function is_house() to undring_app;
grant execute on function is_house() to undring_culture;

CREATE OR REPLACE FUNCTION public.is_now(moment timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
RETURN COALESCE((moment >= (last_change() - '00:05:00'::interval)), true);
grant execute on function is_now(timestamp with time zone) to public;
grant execute on function is_now(timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.last_change()
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    return (select max(r.at) from public.request r where r.owner_id = current_setting('undring.owner')::uuid);
end
$function$;
grant execute on function last_change() to undring_app;

CREATE OR REPLACE FUNCTION public.last_export()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT max(a.at) AS max
    FROM access a
   WHERE ((a.owner_id = (current_setting('undring.owner'::text))::uuid) AND (a.person_id = (current_setting('undring.person'::text))::uuid) AND (a.kind = 'EXPORT'::text));
END;
grant execute on function last_export() to undring_app;

CREATE OR REPLACE FUNCTION public.leads(which_school uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (EXISTS (SELECT FROM membership WHERE ((membership.owner_id = (current_setting('undring.owner'::text))::uuid) AND (membership.school_id = leads.which_school) AND (membership.person_id = (current_setting('undring.person'::text))::uuid) AND (membership.role = ANY (ARRAY['LEADER'::text, 'ADMINISTRATOR'::text])) AND membership.active)));
grant execute on function leads(uuid) to public;
grant execute on function leads(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.leave_address()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    delete from public.booking b
    where b.owner_id = tenant and b.person_id = me and b.own_address
        and exists (select from public.booking f
            where f.owner_id = tenant and f.person_id = me and f.kind = 3 and coalesce(f.school_id, b.school_id) = b.school_id);
    update public.booking b set own_address = false where b.owner_id = tenant and b.person_id = me and b.own_address;
    perform public.settle_lessons(tenant, array[me]);
end
$function$;
grant execute on function leave_address() to undring_app;

CREATE OR REPLACE FUNCTION public.lesson_looks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.look_after(new.owner_id, (
        select array_agg(distinct m.person_id) from public.membership m
        where m.owner_id = new.owner_id and m.school_id = new.school_id and m.active and m.role in ('TEACHER', 'LEADER')
          and m.person_id <> new.person_id), timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.lesson_taken()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    b constant public.booking := coalesce(new, old);
begin
    update public.open_lesson l set taken = not l.taken
    where l.owner_id = b.owner_id and l.person_id = b.person_id and tstzrange(l.start_at, l.end_at) && b.span
      and l.taken is distinct from exists (
          select from public.booking there
          where there.owner_id = l.owner_id and there.person_id = l.person_id and there.kind = 1
            and there.span && tstzrange(l.start_at, l.end_at));
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.lessons_kept()
 RETURNS integer
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (count(*))::integer AS count
    FROM booking b
   WHERE ((b.owner_id = (current_setting('undring.owner'::text))::uuid) AND (b.person_id = (current_setting('undring.person'::text))::uuid) AND (b.kind = 3));
END;
grant execute on function lessons_kept() to undring_app;

CREATE OR REPLACE FUNCTION public.lessons_standing(people uuid[], from_at timestamp with time zone, until_at timestamp with time zone, which_school uuid, by_address boolean, OUT standing integer, OUT own_addresses integer)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if exists (select from unnest(people) p where p <> me) and not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    select count(*) filter (where b.own_address = by_address
            and (by_address or b.school_id is null or b.school_id = which_school) and b.span && tstzrange(from_at, until_at)),
        count(distinct b.person_id) filter (where b.own_address and not by_address and b.school_id = which_school)
    into standing, own_addresses
    from public.booking b
    where b.owner_id = tenant and b.person_id = any (people) and b.kind in (2, 3);
end
$function$;
grant execute on function lessons_standing(uuid[],timestamp with time zone,timestamp with time zone,uuid,boolean) to undring_app;

CREATE OR REPLACE FUNCTION public.live_areas(which_school uuid)
 RETURNS TABLE(title text, origin text, adopted_on date)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select a.title, a.origin, (
        select c.day from public.focus_change c
        where c.owner_id = a.owner_id and c.area_id = a.id and c.kind = 'ADOPTED'
        order by c.revision desc limit 1)
    from public.focus_area a
    where a.owner_id = current_setting('undring.owner')::uuid and a.school_id = which_school and a.state = 'ADOPTED'
      and public.belongs_to(which_school, current_setting('undring.person')::uuid)
    order by a.slot
$function$;
grant execute on function live_areas(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.live_learnings(which_school uuid, since date, OUT answered integer, OUT unanswered integer, OUT practices integer)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select count(*) filter (where l.asked), count(*) filter (where not l.asked), count(*) filter (where l.practice <> '')
    from (
        select l.practice, exists (
            select from public.learning_response r
            where r.owner_id = l.owner_id and r.learning_id = l.id and r.person_id not in (l.writer_id, l.other_id)) as asked
        from public.learning l
        where l.owner_id = current_setting('undring.owner')::uuid and l.school_id = which_school and l.day >= since
          and l.published and l.team_id is null
          and public.belongs_to(which_school, current_setting('undring.person')::uuid)) l
$function$;
grant execute on function live_learnings(uuid,date) to undring_app;

CREATE OR REPLACE FUNCTION public.live_needs(which_school uuid, today date, OUT waiting integer, OUT overdue integer, OUT oldest date)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select count(*), count(*) filter (where n.due_on < today), min(n.day)
    from public.need n
    where n.owner_id = current_setting('undring.owner')::uuid and n.school_id = which_school and n.status = 'OPEN'
      and public.belongs_to(which_school, current_setting('undring.person')::uuid)
$function$;
grant execute on function live_needs(uuid,date) to undring_app;

CREATE OR REPLACE FUNCTION public.look_after(owner uuid, people uuid[], moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    told constant text := coalesce(current_setting('undring.looked', true), '');
    this constant text := moment || people::text || ';';
begin
    if strpos(told, this) > 0 then
        return;
    end if;
    perform set_config('undring.looked', right(told, 1000) || this, true);
    insert into river.river_job as j (kind, queue, args, max_attempts, scheduled_at, unique_key, unique_states)
    select 'look', 'look', jsonb_build_object('owner', owner, 'person', o.p), 20, moment,
        case when o.alone then uuid_send(owner) || uuid_send(o.p) end, case when o.alone then b'00000001' end
    from (select u.p, pg_try_advisory_xact_lock(hashtextextended(owner || ' ' || u.p, 65)) alone
        from (select distinct p from unnest(people) p where p is not null) u) o
    order by o.p
    on conflict (unique_key) where unique_key is not null and unique_states is not null and river.river_job_state_in_bitmask(unique_states, state)
    do update set scheduled_at = excluded.scheduled_at where j.scheduled_at > excluded.scheduled_at;
end
$function$;

CREATE OR REPLACE FUNCTION public.look_at(moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.look_after(current_setting('undring.owner')::uuid, array[current_setting('undring.person')::uuid], moment);
end
$function$;
grant execute on function look_at(timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.merge_people(change uuid, now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
    keep public.person;
    gone public.person;
    kept jsonb;
    swapped boolean := false; -- the one who was to go has the visits, and stays
    told boolean;    -- the name and address are those of the one who goes
begin
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and i.kind = 'MERGE' and i.outcome is null for update;
    if c.id is null then
        perform public.refuse('wrong_state');
    end if;
    if public.has_visits(c.other_id) then
        if public.has_visits(c.person_id) then
            update public.identity_change i set outcome = 'VOID', ended_at = now_at where i.owner_id = tenant and i.id = change;
            return;
        end if;
        update public.identity_change i set person_id = i.other_id, other_id = i.person_id, agreed = i.other_agreed, other_agreed = i.agreed
        where i.owner_id = tenant and i.id = change returning * into c;
        swapped := true;
    end if;
    select * into keep from public.person p where p.owner_id = tenant and p.id = c.person_id for update;
    select * into gone from public.person p where p.owner_id = tenant and p.id = c.other_id for update;
    -- As it was asked for, whoever stays: of the one named second, where they are there.
    told := case when swapped then not keep.active else gone.active end;
    kept := jsonb_build_object(
        'keep', jsonb_build_object('given', keep.given_name, 'family', keep.family_name, 'email', keep.email, 'login', keep.login, 'active', keep.active),
        'gone', jsonb_build_object('email', gone.email, 'login', gone.login, 'active', gone.active),
        'places', (select coalesce(jsonb_agg(jsonb_build_array(m.school_id, m.role, coalesce(k.active, false))), '[]')
            from public.membership m left join public.membership k on k.owner_id = tenant and k.person_id = keep.id and k.school_id = m.school_id and k.role = m.role
            where m.owner_id = tenant and m.person_id = gone.id and m.active),
        'teams', (select coalesce(jsonb_agg(jsonb_build_array(t.school_id, t.team_id)), '[]') from public.team_member t where t.owner_id = tenant and t.person_id = gone.id),
        'entries', (select coalesce(jsonb_agg(jsonb_build_array(e.source, e.sourced_id)), '[]') from public.register_entry e where e.owner_id = tenant and e.person_id = gone.id),
        'links', public.move_sign_in(gone.id, keep.id, now_at));
    update public.person p set active = false, email = '', login = '' where p.owner_id = tenant and p.id = gone.id;
    update public.person p set active = keep.active or gone.active,
        given_name = case when told then gone.given_name else keep.given_name end,
        family_name = case when told then gone.family_name else keep.family_name end,
        email = case when gone.email <> '' and (told or keep.email = '') then gone.email else keep.email end,
        login = case when gone.login <> '' and (told or keep.login = '') then gone.login else keep.login end
    where p.owner_id = tenant and p.id = keep.id;
    insert into public.membership (owner_id, school_id, person_id, role, active, since, by_hand)
    select m.owner_id, m.school_id, keep.id, m.role, true, m.since, m.by_hand from public.membership m
    where m.owner_id = tenant and m.person_id = gone.id and m.active
    on conflict (owner_id, school_id, person_id, role) do update set active = true;
    update public.membership m set active = false where m.owner_id = tenant and m.person_id = gone.id and m.active;
    insert into public.team_member (owner_id, school_id, team_id, person_id)
    select t.owner_id, t.school_id, t.team_id, keep.id from public.team_member t where t.owner_id = tenant and t.person_id = gone.id
    on conflict do nothing;
    delete from public.team_member t where t.owner_id = tenant and t.person_id = gone.id;
    update public.register_entry e set person_id = keep.id where e.owner_id = tenant and e.person_id = gone.id;
    update public.identity_change i set outcome = 'REPLACED', ended_at = now_at
    where i.owner_id = tenant and i.outcome is null and i.id <> change and gone.id in (i.person_id, i.other_id);
    update public.identity_change i set outcome = 'DONE', ended_at = now_at, before = kept where i.owner_id = tenant and i.id = change;
end
$function$;

CREATE OR REPLACE FUNCTION public.merged_into(who uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    with recursive theirs as (
        select who as id
        where public.is_house() or who = current_setting('undring.person')::uuid
        union
        select i.other_id from theirs t
        join public.identity_change i on i.owner_id = current_setting('undring.owner')::uuid and i.person_id = t.id
        where i.kind = 'MERGE' and i.outcome = 'DONE'
    )
    select t.id from theirs t where t.id <> who
$function$;
grant execute on function merged_into(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.met_at(which uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT v.observed_id
    FROM visit v
   WHERE ((v.owner_id = (current_setting('undring.owner'::text))::uuid) AND (v.observer_id = (current_setting('undring.person'::text))::uuid) AND (v.school_id = met_at.which))
 UNION
  SELECT v.observer_id
    FROM visit v
   WHERE ((v.owner_id = (current_setting('undring.owner'::text))::uuid) AND (v.observed_id = (current_setting('undring.person'::text))::uuid) AND (v.school_id = met_at.which));
END;
grant execute on function met_at(uuid) to public;
grant execute on function met_at(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.months_of_words(moment timestamp with time zone)
 RETURNS TABLE(school_id uuid, months integer)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return query
        select s.id, least(coalesce((
            select e.retention_months from public.exchange_policy e
            where e.owner_id = s.owner_id and e.school_id = s.id and e.effective_at <= moment
            order by e.effective_at desc limit 1), 12), 24)
        from public.school s
        where s.owner_id = current_setting('undring.owner')::uuid;
end
$function$;

CREATE OR REPLACE FUNCTION public.move_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = 'AGREED'
          and new.by_id in (v.observer_id, v.observed_id) and new.other_id in (v.observer_id, v.observed_id) and new.by_id <> new.other_id
        for no key update;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.move_refused()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if pg_trigger_depth() = 1 and old.by_id <> nullif(current_setting('undring.person'), '')::uuid then
        perform public.tell_change(old.owner_id, old.visit_id, old.by_id, 'MOVE_REFUSED', v.updated_at)
        from public.visit v where v.owner_id = old.owner_id and v.id = old.visit_id;
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.move_sign_in(gone uuid, keep uuid, now_at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    moved jsonb;
begin
    with moving as (
        update public.sign_in_link l set person_id = keep
        where l.owner_id = tenant and l.person_id = gone
          and not exists (select from public.sign_in_link k where k.owner_id = tenant and k.person_id = keep and k.issuer = l.issuer)
        returning l.issuer, l.subject
    ) select coalesce(jsonb_agg(jsonb_build_array(m.issuer, m.subject)), '[]') into moved from moving m;
    update public.session s set ended_at = now_at, end_reason = 'REVOKED'
    where s.owner_id = tenant and s.person_id = gone and s.ended_at is null;
    return moved;
end
$function$;

CREATE OR REPLACE FUNCTION public.note_act()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    me constant uuid := nullif(current_setting('undring.person', true), '')::uuid;
    actor uuid;
begin
    select p.id into actor from public.person p where p.owner_id = new.owner_id and p.id = me;
    case tg_table_name
        when 'roster_import' then
            if tg_op = 'INSERT' then
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id, people)
                values (new.owner_id, new.id, new.at, case when new.held then 'IMPORT_HELD' when new.source = 'rollover' then 'ROLLED_OVER' else 'ROSTER_IMPORTED' end, new.imported_by,
                    new.school_id, new.created + new.updated + new.deactivated);
            else
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id, people)
                values (new.owner_id, gen_random_uuid(), new.undone_at, 'IMPORT_UNDONE', new.undone_by, new.school_id,
                    new.created + new.updated + new.deactivated);
            end if;
        when 'invitation' then
            insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id)
            values (new.owner_id, gen_random_uuid(), new.created_at, 'INVITED', new.invited_by, new.person_id);
        when 'identity_change' then
            if tg_op = 'UPDATE' then
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, other_id)
                values (new.owner_id, gen_random_uuid(), new.ended_at, 'MERGE_UNDONE', actor, new.person_id, new.other_id);
            else
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, other_id)
                values (new.owner_id, gen_random_uuid(), new.created_at, case new.kind when 'MERGE' then 'MERGED' else 'RELINKED' end,
                    coalesce(new.asked_by, actor), new.person_id, new.other_id);
            end if;
        when 'exchange_policy' then
            insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id)
            values (new.owner_id, gen_random_uuid(), new.set_at, 'POLICY_CHANGED', new.set_by, new.school_id);
    end case;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.note_export(export uuid, moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    insert into public.access (owner_id, person_id, reader_id, kind, thing_id, day, at)
    values (tenant, me, me, 'EXPORT', export, (moment at time zone 'UTC')::date, moment);
    perform public.tell(tenant, array[me], 'ME', me, false);
end
$function$;
grant execute on function note_export(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.note_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    n constant public.note := coalesce(new, old);
begin
    if current_user = 'undring_owner' then
        return coalesce(new, old); -- a step, see visit_step
    end if;
    perform from public.visit v
        where v.owner_id = n.owner_id and v.id = n.visit_id and v.state in ('AGREED', 'OBSERVED')
        for no key update;
    if not found then
        perform public.refuse('notes_closed');
    end if;
    return coalesce(new, old);
end
$function$;

CREATE OR REPLACE FUNCTION public.note_readings(visits uuid[], notes boolean, moment timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 INSERT INTO access (owner_id, person_id, reader_id, kind, thing_id, day, at)  SELECT v.owner_id,
                 CASE me.id
                     WHEN v.observer_id THEN v.observed_id
                     ELSE v.observer_id
                 END AS observer_id,
             me.id,
             'READ',
             v.id,
             ((note_readings.moment AT TIME ZONE zone_of(v.school_id)))::date AS timezone,
             note_readings.moment AS moment
            FROM visit v,
             ( SELECT (current_setting('undring.person'::text))::uuid AS id) me
           WHERE ((v.owner_id = (current_setting('undring.owner'::text))::uuid) AND (v.id = ANY (note_readings.visits)) AND ((me.id = v.observer_id) OR (me.id = v.observed_id)) AND (v.state <> 'WITHDRAWN'::text) AND ((NOT note_readings.notes) OR (me.id = v.observed_id)))
           ORDER BY v.id ON CONFLICT DO NOTHING;
END;
grant execute on function note_readings(uuid[],boolean,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.note_role(who uuid, which_school uuid, which_role text, given boolean, moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, school_id, role)
    values (tenant, gen_random_uuid(), moment, case when given then 'ROLE_GIVEN' else 'ROLE_TAKEN' end,
        case when not public.is_house() then me end, who, which_school, which_role);
end
$function$;
grant execute on function note_role(uuid,uuid,text,boolean,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.open_box(moment timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    taken int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    with out as (
        delete from public.need_box b using (
            select x.owner_id, x.id from public.need_box x
            join public.school s on s.owner_id = x.owner_id and s.id = x.school_id
            where x.owner_id = tenant and x.day < (moment at time zone s.time_zone)::date
            order by x.day limit most for update of x skip locked) due
        where b.owner_id = due.owner_id and b.id = due.id
        returning b.*)
    insert into public.need (owner_id, id, school_id, day, due_on, text)
    select o.owner_id, gen_random_uuid(), o.school_id, o.day, o.due_on, o.text from out o order by random();
    get diagnostics taken = row_count;
    return taken;
end
$function$;
grant execute on function open_box(timestamp with time zone,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.open_exchange(tenant uuid, which uuid, observer uuid, observed uuid)
 RETURNS TABLE(to_observed bigint, to_observer bigint, due_at timestamp with time zone, unconfirmed bigint, teller uuid)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT count(*) FILTER (WHERE ((q.state = 'OPEN'::text) AND (q.addressee_id = open_exchange.observed))) AS count,
     count(*) FILTER (WHERE ((q.state = 'OPEN'::text) AND (q.addressee_id = open_exchange.observer))) AS count,
     min(q.due_at) FILTER (WHERE (q.state = 'OPEN'::text)) AS min,
     count(*) FILTER (WHERE (q.state = 'TALKED_UNCONFIRMED'::text)) AS count,
     ( SELECT c.recorded_by
            FROM conversation c
           WHERE ((c.owner_id = open_exchange.tenant) AND (c.visit_id = open_exchange.which) AND (c.confirmed_by IS NULL))
           ORDER BY c.created_at DESC
          LIMIT 1) AS recorded_by
    FROM question q
   WHERE ((q.owner_id = open_exchange.tenant) AND (q.visit_id = open_exchange.which));
END;
grant execute on function open_exchange(uuid,uuid,uuid,uuid) to public;
grant execute on function open_exchange(uuid,uuid,uuid,uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.opening_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform from public.question q
        where q.owner_id = new.owner_id and q.id = new.question_id and q.visit_id = new.visit_id and q.asker_id = new.observer_id and q.opened;
    if not found then
        perform public.refuse('own_view_missing');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.overdue_visit(who uuid, in_role text, moment timestamp with time zone)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return (
    select v.id
    from public.visit v
    where v.owner_id = current_setting('undring.owner')::uuid
      and v.state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')
      and (v.observer_id = who and in_role = 'OBSERVER' or v.observed_id = who and in_role = 'OBSERVED')
      and v.exit_wished_by is distinct from who
      and not public.has_left(v.school_id, case who when v.observer_id then v.observed_id else v.observer_id end)
      and (
        v.state = 'OBSERVED' and in_role = 'OBSERVER' and v.feedback_due_at < moment
        or v.state = 'FEEDBACK_GIVEN' and exists (
            select from public.question q
            where q.owner_id = v.owner_id and q.visit_id = v.id
              and q.addressee_id = who and q.state = 'OPEN' and q.due_at < moment)
        or v.state = 'FEEDBACK_GIVEN' and in_role = 'OBSERVED' and v.answer_due_at < moment
            and (not v.opened or not exists (
                select from public.question q
                where q.owner_id = v.owner_id and q.visit_id = v.id and q.opens_gate
                  and q.state in ('ANSWERED', 'TALKED', 'TALKED_UNCONFIRMED')))
        or v.state = 'ANSWERED' and v.takeaway_due_at < moment
            and coalesce(case in_role when 'OBSERVER' then v.observer_takeaway else v.observed_takeaway end, 0) < v.edition)
    order by v.start_at
    limit 1);
end
$function$;
grant execute on function overdue_visit(uuid,text,timestamp with time zone) to public;
grant execute on function overdue_visit(uuid,text,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.own_part_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- see take_out
    end if;
    if tg_table_name = 'correction' then
        if (new.text, new.created_at) is distinct from (old.text, old.created_at) and me <> old.observed_id
           or new.resolution <> '' and new.resolution is distinct from old.resolution and me <> old.observer_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (new.did, new.happened, new.questioned, new.next, new.outcome, new.learning)
           is distinct from (old.did, old.happened, old.questioned, old.next, old.outcome, old.learning)
           and me <> old.person_id
       or new.agreed_by is distinct from old.agreed_by and me = old.person_id then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.own_view_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    update public.visit set opened = true where owner_id = new.owner_id and id = new.visit_id and not opened;
    update public.feedback_point set opened = true where owner_id = new.owner_id and visit_id = new.visit_id;
    update public.question set opened = true where owner_id = new.owner_id and visit_id = new.visit_id;
    update public.note set opened = true where owner_id = new.owner_id and visit_id = new.visit_id and shared;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.owner_rows(what text)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    case what
    when 'need_box' then return query select to_jsonb(t) - array['owner_id'] from public.need_box t where t.owner_id = tenant and true;
    when 'focus_area' then return query select to_jsonb(t) - array['owner_id'] from public.focus_area t where t.owner_id = tenant and true;
    when 'focus_change' then return query select to_jsonb(t) - array['owner_id'] from public.focus_change t where t.owner_id = tenant and true;
    when 'hearing_voice' then return query select to_jsonb(t) - array['owner_id'] from public.hearing_voice t where t.owner_id = tenant and true;
    when 'learning' then return query select to_jsonb(t) - array['owner_id', 'words'] from public.learning t where t.owner_id = tenant and t.published;
    when 'school_owner' then return query select to_jsonb(t) - array['owner_id'] from public.school_owner t where t.owner_id = tenant and true;
    when 'school' then return query select to_jsonb(t) - array['owner_id'] from public.school t where t.owner_id = tenant and true;
    when 'person' then return query select to_jsonb(t) - array['owner_id'] from public.person t where t.owner_id = tenant and true;
    when 'register_entry' then return query select to_jsonb(t) - array['owner_id'] from public.register_entry t where t.owner_id = tenant and true;
    when 'administrative_act' then return query select to_jsonb(t) - array['owner_id'] from public.administrative_act t where t.owner_id = tenant and true;
    when 'act_concerns' then return query select to_jsonb(t) - array['owner_id'] from public.act_concerns t where t.owner_id = tenant and true;
    when 'membership' then return query select to_jsonb(t) - array['owner_id'] from public.membership t where t.owner_id = tenant and true;
    when 'team' then return query select to_jsonb(t) - array['owner_id'] from public.team t where t.owner_id = tenant and true;
    when 'team_member' then return query select to_jsonb(t) - array['owner_id'] from public.team_member t where t.owner_id = tenant and true;
    when 'exchange_policy' then return query select to_jsonb(t) - array['owner_id'] from public.exchange_policy t where t.owner_id = tenant and true;
    when 'free_day' then return query select to_jsonb(t) - array['owner_id'] from public.free_day t where t.owner_id = tenant and true;
    when 'busy_plan' then return query select to_jsonb(t) - array['owner_id'] from public.busy_plan t where t.owner_id = tenant and true;
    when 'busy_period' then return query select to_jsonb(t) - array['owner_id'] from public.busy_period t where t.owner_id = tenant and true;
    when 'time_budget' then return query select to_jsonb(t) - array['owner_id'] from public.time_budget t where t.owner_id = tenant and true;
    when 'time_slot' then return query select to_jsonb(t) - array['owner_id'] from public.time_slot t where t.owner_id = tenant and true;
    when 'sheet' then return query select to_jsonb(t) - array['owner_id'] from published.sheet t where t.owner_id = tenant and true;
    when 'publication' then return query select to_jsonb(t) - array['owner_id'] from published.publication t where t.owner_id = tenant and true;
    end case;
end
$function$;
grant execute on function owner_rows(text) to undring_app;

CREATE OR REPLACE FUNCTION public.owners()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT school_owner.owner_id
    FROM school_owner
   WHERE is_house();
END;
grant execute on function owners() to undring_app;

CREATE OR REPLACE FUNCTION public.partner_facts(which_school uuid, moment timestamp with time zone)
 RETURNS TABLE(person_id uuid, name text, same_team boolean, since timestamp with time zone, paid integer, received integer, happened boolean, shared_focus boolean, free_from timestamp with time zone[], free_to timestamp with time zone[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH asker AS (
          SELECT (current_setting('undring.owner'::text))::uuid AS owner_id,
             (current_setting('undring.person'::text))::uuid AS id
         ), peer AS (
          SELECT DISTINCT ON (p.id) a.owner_id,
             a.id AS asker_id,
             p.id,
             ((p.given_name || ' '::text) || p.family_name) AS name,
             theirs.since
            FROM (((asker a
              JOIN membership mine ON (((mine.owner_id = a.owner_id) AND (mine.school_id = partner_facts.which_school) AND (mine.person_id = a.id) AND mine.active AND (mine.role = ANY (ARRAY['TEACHER'::text, 'LEADER'::text])))))
              JOIN membership theirs ON (((theirs.owner_id = a.owner_id) AND (theirs.school_id = partner_facts.which_school) AND (theirs.role = mine.role) AND theirs.active AND (theirs.person_id <> a.id))))
              JOIN person p ON (((p.owner_id = a.owner_id) AND (p.id = theirs.person_id) AND p.active)))
           WHERE (NOT (EXISTS ( SELECT
                    FROM kept_from_suggestions k
                   WHERE ((k.owner_id = a.owner_id) AND (k.person_id = a.id) AND (k.other_id = p.id)))))
           ORDER BY p.id, theirs.since
         ), between_two AS (
          SELECT
                 CASE v.observer_id
                     WHEN a.id THEN v.observed_id
                     ELSE v.observer_id
                 END AS id,
             count(*) FILTER (WHERE (v.observer_id = a.id)) AS paid,
             count(*) FILTER (WHERE (v.observed_id = a.id)) AS received,
             bool_or((v.state <> ALL (ARRAY['PROPOSED'::text, 'AGREED'::text]))) AS happened
            FROM (asker a
              JOIN visit v ON (((v.owner_id = a.owner_id) AND ((a.id = v.observer_id) OR (a.id = v.observed_id)))))
           WHERE (v.state = ANY (ARRAY['PROPOSED'::text, 'AGREED'::text, 'OBSERVED'::text, 'FEEDBACK_GIVEN'::text, 'ANSWERED'::text, 'CLOSED'::text]))
           GROUP BY
                 CASE v.observer_id
                     WHEN a.id THEN v.observed_id
                     ELSE v.observer_id
                 END
         ), focus AS (
          SELECT DISTINCT v.focus_area_id
            FROM (asker a
              JOIN visit v ON (((v.owner_id = a.owner_id) AND ((a.id = v.observer_id) OR (a.id = v.observed_id)))))
           WHERE (v.focus_area_id IS NOT NULL)
         )
  SELECT peer.id,
     peer.name,
     (EXISTS ( SELECT
            FROM (team_member m
              JOIN team_member t ON (((t.owner_id = m.owner_id) AND (t.school_id = m.school_id) AND (t.team_id = m.team_id))))
           WHERE ((m.owner_id = peer.owner_id) AND (m.school_id = partner_facts.which_school) AND (m.person_id = peer.asker_id) AND (t.person_id = peer.id)))) AS "exists",
     peer.since,
     (COALESCE(b.paid, (0)::bigint))::integer AS "coalesce",
     (COALESCE(b.received, (0)::bigint))::integer AS "coalesce",
     COALESCE(b.happened, false) AS "coalesce",
     (EXISTS ( SELECT
            FROM (visit v
              JOIN focus f ON ((f.focus_area_id = v.focus_area_id)))
           WHERE ((v.owner_id = peer.owner_id) AND ((peer.id = v.observer_id) OR (peer.id = v.observed_id))))) AS "exists",
     COALESCE(free.start_at, '{}'::timestamp with time zone[]) AS "coalesce",
     COALESCE(free.end_at, '{}'::timestamp with time zone[]) AS "coalesce"
    FROM ((peer
      LEFT JOIN between_two b ON ((b.id = peer.id)))
      LEFT JOIN LATERAL ( SELECT array_agg(lower(s.span) ORDER BY s.span) AS start_at,
             array_agg(upper(s.span) ORDER BY s.span) AS end_at
            FROM ( SELECT ((mine.span * theirs.span) * tstzrange(partner_facts.moment, (partner_facts.moment + '14 days'::interval))) AS span
                    FROM (availability mine
                      JOIN availability theirs ON (((theirs.owner_id = mine.owner_id) AND (theirs.person_id = peer.id) AND (theirs.span && mine.span))))
                   WHERE ((mine.owner_id = peer.owner_id) AND (mine.person_id = peer.asker_id) AND ((mine.span * theirs.span) && tstzrange(partner_facts.moment, (partner_facts.moment + '14 days'::interval))) AND (NOT (EXISTS ( SELECT
                            FROM booking k
                           WHERE ((k.owner_id = peer.owner_id) AND (k.person_id = peer.asker_id) AND (k.kind < 3) AND (k.span && (mine.span * theirs.span)))))))
                   ORDER BY ((mine.span * theirs.span) * tstzrange(partner_facts.moment, (partner_facts.moment + '14 days'::interval)))
                  LIMIT 5) s) free ON (true))
   ORDER BY peer.id
  LIMIT 500;
END;
grant execute on function partner_facts(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.person_name(which uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return (select p.given_name || ' ' || p.family_name from public.person p
        where p.owner_id = current_setting('undring.owner')::uuid and p.id = which);
end
$function$;
grant execute on function person_name(uuid) to public;
grant execute on function person_name(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.places_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if new.places <> old.places then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.pointed_at(tenant uuid, what oid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    by_whom text;
    any_left boolean;
begin
    for by_whom in
        select distinct n.nspname || '.' || c.relname
        from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where k.contype = 'f' and k.confrelid = what and k.conrelid <> what and (n.nspname, c.relname) <> ('public', 'visit_event')
    loop
        execute format('select exists (select from %s where owner_id = $1)', by_whom) into any_left using tenant;
        if any_left then
            return true;
        end if;
    end loop;
    return false;
end
$function$;

CREATE OR REPLACE FUNCTION public.policy_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    zone text;
begin
    if new.set_by is null then -- what a school begins with: where it has rules, nothing begins anew
        if exists (select from public.exchange_policy e where e.owner_id = new.owner_id and e.school_id = new.school_id) then
            perform public.refuse('invalid_field');
        end if;
        return new;
    end if;
    if new.set_at is null or new.effective_at < new.set_at then
        perform public.refuse('invalid_field');
    end if;
    select s.time_zone into zone from public.school s where s.owner_id = new.owner_id and s.id = new.school_id;
    if trim(new.agreed_with) = '' and new.effective_at < (date_trunc('day', new.set_at at time zone zone) + interval '7 days') at time zone zone then
        perform public.refuse('notice_too_short');
    end if;
    if exists (select from public.exchange_policy e
        where e.owner_id = new.owner_id and e.school_id = new.school_id and e.set_at > new.set_at) then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.policy_now()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if new.set_by is not null and not public.is_house() then
        if new.set_by <> current_setting('undring.person')::uuid then
            perform public.refuse('role_required');
        end if;
        if new.set_at < public.last_change() - interval '5 minutes' then
            perform public.refuse('invalid_field');
        end if;
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.published_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if tg_op = 'DELETE' and current_user = 'undring_owner'
       and not exists (select from public.person p where p.owner_id = old.owner_id) then
        return old; -- see end_owner_step
    end if;
    raise exception using errcode = 'restrict_violation', message = 'what is published is never changed';
end
$function$;

CREATE OR REPLACE FUNCTION public.question_begins()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v public.visit;
begin
    if current_user <> 'undring_app' then
        return new;
    end if;
    select * into v from public.visit o where o.owner_id = new.owner_id and o.id = new.visit_id;
    if new.due_at < v.updated_at then
        perform public.refuse('invalid_field');
    end if;
    if new.opened and v.opened is not true then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.question_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see own_view_opens
    end if;
    if new.state = 'TALKED' then
        perform from public.conversation c
            where c.owner_id = new.owner_id and c.visit_id = new.visit_id and c.confirmed_by is not null;
        if not found then
            perform public.refuse('question_open');
        end if;
        if new.addressee_id <> me and old.state <> 'TALKED_UNCONFIRMED' then
            perform public.refuse('not_your_move');
        end if;
    elsif new.addressee_id <> me then
        perform public.refuse('not_your_move');
    end if;
    if old.state not in ('OPEN', 'PARKED', 'TALKED_UNCONFIRMED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.question_open()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if exists (
        select from public.question q
        join public.visit v on v.owner_id = q.owner_id and v.id = q.visit_id
        where q.owner_id = new.owner_id and q.visit_id = new.visit_id
          and v.state in ('ANSWERED', 'CLOSED') and q.state in ('OPEN', 'TALKED_UNCONFIRMED'))
    then
        perform public.refuse('question_open');
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.read_varint(message bytea, INOUT at integer, OUT number bigint)
 RETURNS record
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
declare
    byte int;
    shift int := 0;
begin
    number := 0;
    loop
        byte := get_byte(message, at);
        number := number | ((byte & 127)::bigint << shift);
        at := at + 1;
        shift := shift + 7;
        exit when byte < 128;
    end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.read_when_given()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if current_user = 'undring_app' and old.state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse(reason text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    raise exception using errcode = 'check_violation', message = 'refused: ' || reason, constraint = reason;
end
$function$;

CREATE OR REPLACE FUNCTION public.release_device(what text, at_address text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    delete from public.device d
    where d.owner_id = current_setting('undring.owner')::uuid and d.kind = what and d.address = at_address;
end
$function$;
grant execute on function release_device(text,text) to undring_app;

CREATE OR REPLACE FUNCTION public.report_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if current_user <> 'undring_owner' and (old.state, old.reported_at) is distinct from (new.state, new.reported_at)
       and (old.state = 'REPORTED' or new.state = 'REPORTED') then
        if current_setting('undring.person')::uuid <> old.person_id then
            perform public.refuse('not_your_move');
        end if;
        if old.state = 'REPORTED' and new.state <> 'REPORTED' then
            perform public.refuse('wrong_state');
        end if;
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.report_looks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.look_after(new.owner_id, array[new.person_id], timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.return_sign_in(keep uuid, gone uuid, links jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 UPDATE sign_in_link l SET person_id = return_sign_in.gone
    FROM jsonb_array_elements(return_sign_in.links) m(value)
   WHERE ((l.owner_id = (current_setting('undring.owner'::text))::uuid) AND (l.person_id = return_sign_in.keep) AND (l.issuer = (m.value ->> 0)) AND (l.subject = (m.value ->> 1)));
END;

CREATE OR REPLACE FUNCTION public.round_count(which uuid)
 RETURNS TABLE(people integer, told integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select count(*)::int, count(p.person_id)::int
    from public.action_round r
    join public.membership m on m.owner_id = r.owner_id and m.school_id = r.school_id and m.role = 'TEACHER' and m.active and m.since::date <= r.created_on
    left join public.round_report p on p.owner_id = r.owner_id and p.round_id = r.id and p.person_id = m.person_id
    where r.owner_id = current_setting('undring.owner')::uuid and r.id = which and r.ended_on is null
      and (r.starter_id = current_setting('undring.person')::uuid or public.takes_part(r.school_id, r.team_id, current_setting('undring.person')::uuid))
      and (r.team_id is null or exists (
          select from public.team_member t
          where t.owner_id = r.owner_id and t.school_id = r.school_id and t.team_id = r.team_id and t.person_id = m.person_id))
$function$;
grant execute on function round_count(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.round_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if current_user <> 'undring_owner' and new.joined_ids is distinct from old.joined_ids
       and new.joined_ids <> array_append(old.joined_ids, current_setting('undring.person')::uuid) then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.round_looks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform public.look_after(new.owner_id, (
        select array_agg(distinct m.person_id) from public.membership m
        where m.owner_id = new.owner_id and m.school_id = new.school_id and m.active and m.role = 'TEACHER'
          and public.takes_part(new.school_id, new.team_id, m.person_id)), timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.rounds_to_tell(who uuid)
 RETURNS TABLE(id uuid, school_id uuid, due_on date)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT r.id,
     r.school_id,
     r.due_on
    FROM (membership m
      JOIN action_round r ON (((r.owner_id = m.owner_id) AND (r.school_id = m.school_id) AND (r.ended_on IS NULL))))
   WHERE ((m.owner_id = (current_setting('undring.owner'::text))::uuid) AND (m.person_id = rounds_to_tell.who) AND (m.role = 'TEACHER'::text) AND m.active AND ((r.team_id IS NULL) OR (EXISTS ( SELECT
            FROM team_member t
           WHERE ((t.owner_id = r.owner_id) AND (t.school_id = r.school_id) AND (t.team_id = r.team_id) AND (t.person_id = rounds_to_tell.who))))) AND (NOT (EXISTS ( SELECT
            FROM round_report p
           WHERE ((p.owner_id = r.owner_id) AND (p.round_id = r.id) AND (p.person_id = rounds_to_tell.who))))));
END;

CREATE OR REPLACE FUNCTION public.says_something(words text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
    select words ~ '[A-Za-z0-9\u00AA\u00B5\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u1FFF\u2071\u207F\u2090-\u209C\u2100-\u218F\u2C00-\u2DFF\u3005-\u3006\u3031-\uD7FF\uF900-\uFDFF\uFE70-\uFEFC\uFF10-\uFFDC\U00010000-\U0001EFFF\U00020000-\U0003FFFF]'
$function$;

CREATE OR REPLACE FUNCTION public.school_of_visit(which uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return (select v.school_id from public.visit v where v.owner_id = current_setting('undring.owner')::uuid and v.id = which);
end
$function$;
grant execute on function school_of_visit(uuid) to public;
grant execute on function school_of_visit(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.seen_since(who uuid, moment timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM session s
           WHERE ((s.owner_id = (current_setting('undring.owner'::text))::uuid) AND (s.person_id = seen_since.who) AND (GREATEST(s.created_at, s.refreshed_at) > seen_since.moment)))) AS "exists";
END;
grant execute on function seen_since(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.session_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if old.ended_at is not null or new.generation < old.generation then
        perform public.refuse('session_revoked');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.set_lessons(people uuid[], begins timestamp with time zone[], ends timestamp with time zone[], from_at timestamp with time zone, until_at timestamp with time zone, which_school uuid, by_address boolean)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    taken int;
begin
    if exists (select from unnest(people) p where p <> me) and not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    perform public.take_turns_at_hours(tenant, people);
    delete from public.booking b
    where b.owner_id = tenant and b.person_id = any (people) and b.kind in (2, 3) and b.own_address = by_address
        and (by_address or b.school_id is null or b.school_id = which_school) and b.span && tstzrange(from_at, until_at);
    with lesson as (
        select distinct l.person, tstzrange(l.begins, l.ends) as span
        from unnest(people, begins, ends) l (person, begins, ends)
        where l.begins is not null and l.begins < until_at and l.ends > from_at
    ), added as (
        insert into public.booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span, beside, school_id, own_address)
        select tenant, l.person, gen_random_uuid(), 2, false, l.span, exists (
            select from public.booking v
            where v.owner_id = tenant and v.person_id = l.person and v.kind = 1 and v.blocks_lesson and v.span && l.span), which_school, by_address
        from lesson l
        returning beside
    )
    select count(*) filter (where not beside) into taken from added;
    perform public.settle_lessons(tenant, people);
    return taken;
end
$function$;
grant execute on function set_lessons(uuid[],timestamp with time zone[],timestamp with time zone[],timestamp with time zone,timestamp with time zone,uuid,boolean) to undring_app;

CREATE OR REPLACE FUNCTION public.set_locale(which text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 UPDATE person SET locale = set_locale.which
   WHERE ((person.owner_id = (current_setting('undring.owner'::text))::uuid) AND (person.id = (current_setting('undring.person'::text))::uuid));
END;
grant execute on function set_locale(text) to undring_app;

CREATE OR REPLACE FUNCTION public.settle_lessons(tenant uuid, people uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    update public.booking b set kind = 3, beside = false
    where b.owner_id = tenant and b.person_id = any (people) and b.kind = 2 and not b.own_address
        and exists (select from public.booking o
            where o.owner_id = tenant and o.person_id = b.person_id and o.own_address and o.kind = 2
                and o.school_id = coalesce(b.school_id, o.school_id));
    update public.booking b set kind = 2, beside = exists (
        select from public.booking v
        where v.owner_id = tenant and v.person_id = b.person_id and v.kind = 1 and v.blocks_lesson and v.span && b.span)
    where b.owner_id = tenant and b.person_id = any (people) and b.kind = 3
        and not exists (select from public.booking o
            where o.owner_id = tenant and o.person_id = b.person_id and o.own_address and o.kind = 2
                and o.school_id = coalesce(b.school_id, o.school_id));
end
$function$;

CREATE OR REPLACE FUNCTION public.setup_facts(which uuid, now_at timestamp with time zone, OUT signed_in integer, OUT teachers_in integer, OUT timetabled integer)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_administrator() then
        perform public.refuse('role_required');
    end if;
    select count(*) filter (where x.came), count(*) filter (where x.came and x.teaches), count(*) filter (where x.lessons)
    into signed_in, teachers_in, timetabled
    from (
        select bool_or(m.role in ('TEACHER', 'LEADER')) as teaches,
            exists (select from public.session s where s.owner_id = tenant and s.person_id = m.person_id)
                or exists (select from public.sign_in_days d where d.owner_id = tenant and d.person_id = m.person_id) as came,
            exists (select from public.booking b where b.owner_id = tenant and b.person_id = m.person_id and b.kind = 2
                and b.span && tstzrange(now_at, now_at + interval '60 days')) as lessons
        from public.membership m
        where m.owner_id = tenant and m.school_id = which and m.active
        group by m.person_id
    ) x;
end
$function$;
grant execute on function setup_facts(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.signed_in_at(which uuid)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT s.created_at
    FROM session s
   WHERE ((s.owner_id = (current_setting('undring.owner'::text))::uuid) AND (s.id = signed_in_at.which) AND (s.person_id = (current_setting('undring.person'::text))::uuid) AND (s.ended_at IS NULL) AND s.own_data);
END;
grant execute on function signed_in_at(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.slot_full(which uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    return (
        select count(*) >= max(s.places) from public.time_slot s
        left join public.time_booking b on b.owner_id = s.owner_id and b.slot_id = s.id
        where s.owner_id = current_setting('undring.owner')::uuid and s.id = which
        having count(b.person_id) >= max(s.places)) is true;
end
$function$;
grant execute on function slot_full(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.slot_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    places int;
begin
    select s.places into places from public.time_slot s where s.owner_id = new.owner_id and s.id = new.slot_id for update;
    if (select count(*) from public.time_booking b where b.owner_id = new.owner_id and b.slot_id = new.slot_id) >= places then
        perform public.refuse('time_taken');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.sweep_feed(moment timestamp with time zone, horizon interval, most integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.feed f using (
        select g.ctid from public.feed g
        where g.owner_id = tenant and g.gone and g.at < moment - horizon
        order by g.at limit most for update skip locked) old
    where f.ctid = old.ctid;
    perform public.tell_schools(tenant, array_agg(distinct e.school_id))
    from public.exchange_policy e
    join public.feed f on f.owner_id = e.owner_id and f.subject_id = e.school_id and f.thing = 'SCHOOL'
    where e.owner_id = tenant and e.effective_at > e.set_at and e.effective_at <= moment and f.at < e.effective_at
    having count(*) > 0;
    update public.feed set xid = default, seq = default
    where owner_id = tenant and xid >= pg_snapshot_xmax(pg_current_snapshot()) and xid <> pg_current_xact_id();
end
$function$;
grant execute on function sweep_feed(timestamp with time zone,interval,integer) to undring_app;

CREATE OR REPLACE FUNCTION public.take_out(tenant uuid, which uuid, what text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    update public.reply set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.conversation set
        summary = public.without_name(summary, what)
    where owner_id = tenant and visit_id = which and (summary) is distinct from (public.without_name(summary, what));
    update public.correction set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.own_view set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.takeaway set
        text = public.without_name(text, what),
        borrowed = public.without_name(borrowed, what)
    where owner_id = tenant and visit_id = which and (text, borrowed) is distinct from (public.without_name(text, what), public.without_name(borrowed, what));
    update public.draft set
        body = public.without_name_in(body, what),
        revision = revision + 1
    where owner_id = tenant and visit_id = which and (body) is distinct from (public.without_name_in(body, what));
    update public.question_opening set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.question set
        text = public.without_name(text, what),
        source = public.without_name(source, what),
        answer = public.without_name(answer, what)
    where owner_id = tenant and visit_id = which and (text, source, answer) is distinct from (public.without_name(text, what), public.without_name(source, what), public.without_name(answer, what));
    update public.feedback_point set
        text = public.without_name(text, what),
        effect = public.without_name(effect, what)
    where owner_id = tenant and visit_id = which and (text, effect) is distinct from (public.without_name(text, what), public.without_name(effect, what));
    update public.action set
        text = public.without_name(text, what),
        lesson = public.without_name(lesson, what),
        did = public.without_name(did, what),
        happened = public.without_name(happened, what),
        questioned = public.without_name(questioned, what),
        next = public.without_name(next, what)
    where owner_id = tenant and visit_id = which and (text, lesson, did, happened, questioned, next) is distinct from (public.without_name(text, what), public.without_name(lesson, what), public.without_name(did, what), public.without_name(happened, what), public.without_name(questioned, what), public.without_name(next, what));
    update public.learning set
        text = public.without_name(text, what),
        source = public.without_name(source, what)
    where owner_id = tenant and from_visit = which and (text, source) is distinct from (public.without_name(text, what), public.without_name(source, what));
    update public.learning_response set
        text = public.without_name(text, what)
    where owner_id = tenant and kind = 'ANSWER' and learning_id in (select l.id from public.learning l where l.owner_id = tenant and l.from_visit = which) and (text) is distinct from (public.without_name(text, what));
    update public.visit set
        place = public.without_name(place, what),
        name_out = public.without_name(name_out, what),
        focus_question = public.without_name(focus_question, what),
        intention = public.without_name(intention, what),
        expectation = public.without_name(expectation, what),
        later_intention = public.without_name(later_intention, what),
        later_expectation = public.without_name(later_expectation, what),
        look_for = public.without_name(look_for, what),
        do_not_note = public.without_name(do_not_note, what),
        wanted_feedback = public.without_name(wanted_feedback, what),
        suggested_focus = public.without_name(suggested_focus, what)
    where owner_id = tenant and id = which and (place, name_out, focus_question, intention, expectation, later_intention, later_expectation, look_for, do_not_note, wanted_feedback, suggested_focus) is distinct from (public.without_name(place, what), public.without_name(name_out, what), public.without_name(focus_question, what), public.without_name(intention, what), public.without_name(expectation, what), public.without_name(later_intention, what), public.without_name(later_expectation, what), public.without_name(look_for, what), public.without_name(do_not_note, what), public.without_name(wanted_feedback, what), public.without_name(suggested_focus, what));
    update public.note set
        text = public.without_name(text, what),
        tag = public.without_name(tag, what),
        revision = revision + 1
    where owner_id = tenant and visit_id = which and (text, tag) is distinct from (public.without_name(text, what), public.without_name(tag, what));
    update public.request set
        reply = null
    where owner_id = tenant and visit_id = which and (reply) is distinct from (null);
end
$function$;

CREATE OR REPLACE FUNCTION public.take_out_name(which uuid, what text, let_go boolean, moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    v public.visit;
    other uuid;
    done boolean;
begin
    select * into v from public.visit x
        where x.owner_id = tenant and x.id = which and me in (x.observer_id, x.observed_id) for no key update;
    if not found or v.state in ('NONE', 'WITHDRAWN') then
        perform public.refuse('wrong_state');
    end if;
    other := case me when v.observer_id then v.observed_id else v.observer_id end;
    if not let_go and v.name_out <> '' and v.name_out_by = other and normalize(v.name_out, NFC) <> normalize(what, NFC) then
        perform public.refuse('nothing_to_answer');
    end if;
    done := not let_go and (v.name_out <> '' and v.name_out_by = other or public.has_left(v.school_id, other));
    if done then
        perform public.take_out(tenant, which, what);
    end if;
    update public.visit x set
        name_out = case when done or let_go then '' else what end,
        name_out_by = case when done or let_go then null else me end,
        revision = x.revision + 1, updated_at = moment
    where x.owner_id = tenant and x.id = which;
    if let_go and v.name_out_by = other then
        perform public.tell_change(tenant, which, other, 'NAME_REFUSED', moment);
    end if;
end
$function$;
grant execute on function take_out_name(uuid,text,boolean,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.take_turns_at_hours(tenant uuid, people uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform pg_advisory_xact_lock(hashtextextended(tenant || ' ' || o.p, 66))
    from (select distinct p from unnest(people) p where p is not null order by p) o;
end
$function$;

CREATE OR REPLACE FUNCTION public.takes_part(which_school uuid, which_team uuid, who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM membership m
           WHERE ((m.owner_id = (current_setting('undring.owner'::text))::uuid) AND (m.school_id = takes_part.which_school) AND (m.person_id = takes_part.who) AND (m.role = 'TEACHER'::text) AND m.active))) AND ((which_team IS NULL) OR (EXISTS ( SELECT
            FROM team_member t
           WHERE ((t.owner_id = (current_setting('undring.owner'::text))::uuid) AND (t.school_id = takes_part.which_school) AND (t.team_id = takes_part.which_team) AND (t.person_id = takes_part.who))))));
END;

CREATE OR REPLACE FUNCTION public.teaching_hours(which_school uuid, moment timestamp with time zone)
 RETURNS TABLE(person_id uuid, hours integer, start_at timestamp with time zone[], end_at timestamp with time zone[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH asker AS (
          SELECT (current_setting('undring.owner'::text))::uuid AS owner_id,
             (current_setting('undring.person'::text))::uuid AS id
         ), free AS (
          SELECT DISTINCT b.person_id,
             b.span
            FROM (((asker a
              JOIN membership mine ON (((mine.owner_id = a.owner_id) AND (mine.school_id = teaching_hours.which_school) AND (mine.person_id = a.id) AND mine.active AND (mine.role = ANY (ARRAY['TEACHER'::text, 'LEADER'::text])))))
              JOIN membership theirs ON (((theirs.owner_id = a.owner_id) AND (theirs.school_id = teaching_hours.which_school) AND (theirs.role = mine.role) AND theirs.active AND (theirs.person_id <> a.id))))
              JOIN booking b ON (((b.owner_id = a.owner_id) AND (b.person_id = theirs.person_id) AND (b.kind = 2) AND (b.span && tstzrange(teaching_hours.moment, (teaching_hours.moment + '7 days'::interval))) AND (lower(b.span) > teaching_hours.moment))))
           WHERE ((EXISTS ( SELECT
                    FROM booking o
                   WHERE ((o.owner_id = a.owner_id) AND (o.person_id = a.id) AND (o.kind = 2) AND (o.span && tstzrange(teaching_hours.moment, (teaching_hours.moment + '14 days'::interval)))))) AND (NOT (EXISTS ( SELECT
                    FROM booking k
                   WHERE ((k.owner_id = a.owner_id) AND (k.person_id = a.id) AND (k.kind < 3) AND (k.span && b.span))))))
         )
  SELECT f.person_id,
     (count(*))::integer AS count,
     (array_agg(lower(f.span) ORDER BY f.span))[1:5] AS array_agg,
     (array_agg(upper(f.span) ORDER BY f.span))[1:5] AS array_agg
    FROM free f
   GROUP BY f.person_id
   ORDER BY f.person_id
  LIMIT 500;
END;
grant execute on function teaching_hours(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.tell(owner uuid, people uuid[], what text, subject uuid, is_gone boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    told constant text := coalesce(current_setting('undring.told', true), '');
    this constant text := what || subject || people::text || ';';
begin
    if not is_gone and strpos(told, this) > 0 then
        return;
    end if;
    -- What is gone may be there again later in the transaction. A change of very many things remembers the last ones.
    perform set_config('undring.told', case when is_gone then '' else right(told, 1000) || this end, true);
    if not exists (
        select from unnest(people) p
        left join public.feed f on f.owner_id = owner and f.person_id = p and f.thing = what and f.subject_id = subject
        where f.xid is distinct from pg_current_xact_id() or f.gone <> is_gone) then
        return;
    end if;
    insert into public.feed as f (owner_id, person_id, thing, subject_id, gone)
    select owner, p, what, subject, is_gone from unnest(people) p order by p
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = excluded.gone, at = excluded.at
        where f.xid <> excluded.xid or f.gone <> excluded.gone;
    if what in ('OBSERVATION', 'EXCHANGE') then
        perform public.look_after(owner, people, timestamptz '2000-01-01 00:00:00Z');
    end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.tell_change(tenant uuid, which uuid, told uuid, what text, moment timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.visit_notice (owner_id, visit_id, person_id, other_id, revision, kind, at)
    select v.owner_id, v.id, told, case told when v.observer_id then v.observed_id else v.observer_id end, v.revision, what, moment
    from public.visit v
    where v.owner_id = tenant and v.id = which and told in (v.observer_id, v.observed_id)
    on conflict do nothing;
end
$function$;

CREATE OR REPLACE FUNCTION public.tell_of_addresses(people uuid[], olds text[], news text[], now_at timestamp with time zone, until timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = current_setting('undring.person')::uuid and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    update public.identity_change c set outcome = 'REPLACED', ended_at = now_at
    where c.owner_id = tenant and c.kind = 'ADDRESS' and c.person_id = any (people) and c.outcome is null;
    insert into public.identity_change (owner_id, id, person_id, kind, was, said, created_at, effective_at)
    select tenant, gen_random_uuid(), n.person, 'ADDRESS', n.old, n.new, now_at, until
    from unnest(people, olds, news) n (person, old, new)
    where public.has_signed_in(n.person);
end
$function$;
grant execute on function tell_of_addresses(uuid[],text[],text[],timestamp with time zone,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.tell_schools(owner uuid, schools uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform pg_advisory_xact_lock(hashtextextended('feed of school ' || s.id, 0))
    from (select distinct id from unnest(schools) u (id) order by id) s;
    update public.feed f set xid = default, seq = default, at = default
    from (
        select l.ctid from public.feed l
        where l.owner_id = owner and l.thing = 'SCHOOL' and l.subject_id = any (schools)
          and l.xid <> pg_current_xact_id()
        order by l.subject_id, l.person_id
        for update
    ) m
    where f.ctid = m.ctid;
end
$function$;

CREATE OR REPLACE FUNCTION public.term_of(moment timestamp with time zone, zone text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (((EXTRACT(year FROM (moment AT TIME ZONE zone)))::integer)::text || CASE WHEN (EXTRACT(month FROM (moment AT TIME ZONE zone)) <= (6)::numeric) THEN '-1'::text WHEN (EXTRACT(month FROM (moment AT TIME ZONE zone)) >= (8)::numeric) THEN '-2'::text ELSE NULL::text END);
grant execute on function term_of(timestamp with time zone,text) to public;
grant execute on function term_of(timestamp with time zone,text) to undring_culture;

CREATE OR REPLACE FUNCTION public.undo_merge(change uuid, now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = current_setting('undring.person')::uuid and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and i.kind = 'MERGE' for update;
    if c.id is null then
        perform public.refuse('not_found');
    end if;
    if c.outcome is null then
        update public.identity_change i set outcome = 'UNDONE', ended_at = now_at where i.owner_id = tenant and i.id = change;
        return;
    end if;
    if c.outcome <> 'DONE' or c.before is null then
        perform public.refuse('wrong_state');
    end if;
    update public.person p set given_name = c.before #>> '{keep,given}', family_name = c.before #>> '{keep,family}', email = c.before #>> '{keep,email}',
        login = c.before #>> '{keep,login}', active = (c.before #>> '{keep,active}')::boolean
    where p.owner_id = tenant and p.id = c.person_id;
    update public.person p set email = c.before #>> '{gone,email}', login = c.before #>> '{gone,login}', active = (c.before #>> '{gone,active}')::boolean
    where p.owner_id = tenant and p.id = c.other_id;
    update public.membership m set active = true from jsonb_array_elements(c.before -> 'places') b
    where m.owner_id = tenant and m.person_id = c.other_id and m.school_id = (b ->> 0)::uuid and m.role = b ->> 1;
    update public.membership m set active = false from jsonb_array_elements(c.before -> 'places') b
    where m.owner_id = tenant and m.person_id = c.person_id and m.school_id = (b ->> 0)::uuid and m.role = b ->> 1 and not (b ->> 2)::boolean;
    insert into public.team_member (owner_id, school_id, team_id, person_id)
    select tenant, (b ->> 0)::uuid, (b ->> 1)::uuid, c.other_id from jsonb_array_elements(c.before -> 'teams') b
    on conflict do nothing;
    update public.register_entry e set person_id = c.other_id from jsonb_array_elements(c.before -> 'entries') b
    where e.owner_id = tenant and e.source = b ->> 0 and e.sourced_id = b ->> 1 and e.person_id = c.person_id;
    perform public.return_sign_in(c.person_id, c.other_id, c.before -> 'links');
    update public.identity_change i set outcome = 'UNDONE', ended_at = now_at, before = null where i.owner_id = tenant and i.id = change;
end
$function$;
grant execute on function undo_merge(uuid,timestamp with time zone) to undring_app;

CREATE OR REPLACE FUNCTION public.use_sign_in(which uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    update public.session s set own_data = false
    where s.owner_id = current_setting('undring.owner')::uuid and s.id = which
      and s.person_id = current_setting('undring.person')::uuid and s.ended_at is null and s.own_data;
    if not found then
        perform public.refuse('sign_in_again');
    end if;
end
$function$;
grant execute on function use_sign_in(uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.used_by_many(which_school uuid, which_term text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    return (
        select count(distinct b.person_id) >= 8 and (
            select count(distinct m.person_id) from public.membership m
            join public.sign_in_days d on d.owner_id = m.owner_id and d.person_id = m.person_id and d.days = 3
            where m.owner_id = tenant and m.school_id = which_school and m.active
              and m.role in ('TEACHER', 'LEADER')) >= 11
        from public.time_slot s
        join public.time_booking b on b.owner_id = s.owner_id and b.slot_id = s.id
        join public.sign_in_days d on d.owner_id = b.owner_id and d.person_id = b.person_id and d.days = 3
        where s.owner_id = tenant and s.school_id = which_school and s.term = which_term);
end
$function$;
grant execute on function used_by_many(uuid,text) to undring_app;

CREATE OR REPLACE FUNCTION public.used_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if old.used_at is not null then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.visit_about(kind text, what uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    found_visit uuid;
begin
    case kind
        when 'VISIT' then
            return what;
        when 'QUESTION', 'THREAD' then
            select q.visit_id into found_visit from public.question q
                where q.owner_id = tenant and q.id = what and me in (q.observer_id, q.observed_id);
            if found_visit is null and kind = 'THREAD' then
                select p.visit_id into found_visit from public.feedback_point p
                    where p.owner_id = tenant and p.id = what and me in (p.observer_id, p.observed_id);
            end if;
        when 'NOTE' then
            select n.visit_id into found_visit from public.note n
                where n.owner_id = tenant and n.id = what and n.shared and me in (n.observer_id, n.observed_id);
        when 'CONVERSATION' then
            select c.visit_id into found_visit from public.conversation c
                where c.owner_id = tenant and c.id = what and me in (c.observer_id, c.observed_id);
        when 'ACTION' then
            select a.visit_id into found_visit from public.action a
                where a.owner_id = tenant and a.id = what and me in (a.observer_id, a.observed_id);
    end case;
    return found_visit;
end
$function$;
grant execute on function visit_about(text,uuid) to undring_app;

CREATE OR REPLACE FUNCTION public.visit_begins()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new;
    end if;
    if (new.observer_agreed_at is not null or new.observer_agreed_to <> '') and me <> new.observer_id
       or (new.observed_agreed_at is not null or new.observed_agreed_to <> '') and me <> new.observed_id
       or (new.focus_question <> '' or new.intention <> '') and me <> new.observed_id
       or new.suggested_focus <> '' and me <> new.observer_id
       or new.awaits_id is not distinct from me then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.visit_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if (old.start_at, old.end_at, old.place) is distinct from (new.start_at, new.end_at, new.place) and old.state not in ('NONE', 'PROPOSED') then
        perform public.refuse('wrong_state');
    end if;
    if (old.focus_question, old.intention, old.look_for, old.do_not_note, old.wanted_feedback)
       is distinct from (new.focus_question, new.intention, new.look_for, new.do_not_note, new.wanted_feedback) then
        if me <> old.observed_id then
            perform public.refuse('not_your_move');
        end if;
        if old.state not in ('PROPOSED', 'AGREED') then
            perform public.refuse('wrong_state');
        end if;
    end if;
    if new.observer_agreed_at is not null and new.observer_agreed_at is distinct from old.observer_agreed_at and me <> old.observer_id
       or new.observed_agreed_at is not null and new.observed_agreed_at is distinct from old.observed_agreed_at and me <> old.observed_id then
        perform public.refuse('not_your_move'); -- nobody says yes for the other
    end if;
    if old.exit_wished_by is distinct from new.exit_wished_by and me <> coalesce(new.exit_wished_by, me)
       or old.reopen_wished_by is distinct from new.reopen_wished_by and me <> coalesce(new.reopen_wished_by, me) then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.visit_guard_more()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if (old.observer_agreed_at, old.observer_agreed_to) is distinct from (new.observer_agreed_at, new.observer_agreed_to) and me <> old.observer_id
       or (old.observed_agreed_at, old.observed_agreed_to) is distinct from (new.observed_agreed_at, new.observed_agreed_to) and me <> old.observed_id
       or old.acknowledged_at is distinct from new.acknowledged_at and me <> old.observed_id then
        perform public.refuse('not_your_move');
    end if;
    if old.feedback_due_at is distinct from new.feedback_due_at and old.state not in ('NONE', 'PROPOSED') and not (
            old.state = 'AGREED' and exists ( -- to a move that the other one has proposed
                select from public.visit_move m where m.owner_id = old.owner_id and m.visit_id = old.id and m.by_id <> me))
       or old.answer_due_at is distinct from new.answer_due_at and old.state not in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')
       or old.takeaway_due_at is distinct from new.takeaway_due_at and old.state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.visit_step()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v   public.visit;
    who text;
    m   public.visit_move;
    asked uuid; -- whom a move waits for
    left_by boolean; -- the other one has left
begin
    select * into v from public.visit where owner_id = new.owner_id and id = new.visit_id for no key update;
    select mover into who from public.visit_arrow
        where from_state = new.from_state and event = new.event and to_state = new.to_state;
    if v.state <> new.from_state or v.seq <> new.seq - 1 or who is null then
        perform public.refuse('wrong_state');
    end if;

    select * into m from public.visit_move where owner_id = new.owner_id and visit_id = new.visit_id;
    asked := case m.by_id when v.observer_id then v.observed_id when v.observed_id then v.observer_id end;
    if new.event = 'MOVE' and m.by_id is null then
        perform public.refuse('nothing_to_answer');
    end if;

    -- Whose move is it?
    if (case who
        when 'OBSERVER' then new.actor_id = v.observer_id
        when 'OBSERVED' then new.actor_id = v.observed_id
        when 'AWAITED' then new.actor_id = case new.event when 'MOVE' then asked else v.awaits_id end
        when 'EITHER' then new.actor_id in (v.observer_id, v.observed_id)
        when 'HOUSE' then new.actor_id is null
    end) is not true then
        perform public.refuse('not_your_move');
    end if;
    if new.event = 'PROPOSE' and v.awaits_id is not distinct from new.actor_id
       or new.event = 'EXIT' and coalesce(v.exit_wished_by, new.actor_id) = new.actor_id
       or new.event = 'REOPEN' and coalesce(v.reopen_wished_by, new.actor_id) = new.actor_id then
        perform public.refuse('not_your_move'); -- it takes the other one
    end if;

    -- Nobody agrees with somebody who has left; and ends alone whom the other one has left.
    if new.event in ('COUNTER', 'ACCEPT', 'MOVE', 'END_ALONE', 'CLOSE_ALONE') then
        left_by := public.has_left(v.school_id, case new.actor_id when v.observer_id then v.observed_id else v.observer_id end);
        if new.event in ('END_ALONE', 'CLOSE_ALONE') and not left_by then
            perform public.refuse('other_is_there');
        elsif new.event in ('COUNTER', 'ACCEPT', 'MOVE') and left_by then
            perform public.refuse('person_left');
        end if;
    end if;

    -- Finish the one that you owe first.
    if new.event in ('PROPOSE', 'COUNTER', 'ACCEPT') and public.gate_holds(v.school_id, new.at) and (
        public.overdue_visit(new.actor_id, case new.actor_id when v.observer_id then 'OBSERVER' else 'OBSERVED' end, new.at) is not null) then
        perform public.refuse('exchange_overdue');
    end if;

    if new.event = 'MOVE' or new.to_state = 'AGREED' then
        perform public.take_turns_at_hours(v.owner_id, array[v.observer_id, v.observed_id]);
    end if;

    -- The other time takes the place of the old one, and its hours; a talk that was set
    -- for the old one follows the lesson again.
    if new.event = 'MOVE' then
        delete from public.booking where owner_id = v.owner_id and visit_id = v.id;
        v.start_at := m.start_at;
        v.end_at := m.end_at;
        update public.visit set start_at = m.start_at, end_at = m.end_at, talk_at = null where owner_id = v.owner_id and id = v.id;
    end if;

    -- Hours: taken while agreed and observed.
    if new.to_state = 'AGREED' then
        insert into public.booking (owner_id, person_id, occasion_id, kind, visit_id, blocks_lesson, span)
        select v.owner_id, taken.id, v.occasion_id, 1, v.id, taken.blocks, tstzrange(v.start_at, v.end_at)
        from (values (v.observer_id, not v.co_taught), (v.observed_id, false)) taken (id, blocks)
        order by taken.id;
    elsif new.to_state <> 'OBSERVED' then
        delete from public.booking where owner_id = v.owner_id and visit_id = v.id;
    end if;

    update public.visit set
        state = new.to_state,
        seq = new.seq,
        awaits_id = case new.to_state when 'PROPOSED' then
            case when new.event = 'COUNTER' then
                case new.actor_id when v.observer_id then v.observed_id else v.observer_id end
            else v.awaits_id end end,
        exit_wished_by = null,
        reopen_wished_by = null,
        ended_alone_by = case when new.event in ('END_ALONE', 'CLOSE_ALONE') then new.actor_id end,
        edition = case new.event when 'REOPEN' then v.edition + 1 else v.edition end,
        revision = v.revision + 1,
        updated_at = new.at
    where owner_id = v.owner_id and id = v.id;

    if new.to_state = 'ANSWERED' and v.round_id is not null then
        update public.round set done_ids = array_append(done_ids, v.observer_id)
        where owner_id = v.owner_id and id = v.round_id and not v.observer_id = any (done_ids);
    end if;
    -- What was addressed to the one who stays can be read, though nobody answers it any more.
    if new.event in ('END_ALONE', 'CLOSE_ALONE') and new.actor_id = v.observed_id and v.point_id is not null and not v.opened then
        update public.visit set opened = true where owner_id = v.owner_id and id = v.id;
        update public.feedback_point set opened = true where owner_id = v.owner_id and visit_id = v.id;
        update public.question set opened = true where owner_id = v.owner_id and visit_id = v.id;
        update public.note set opened = true where owner_id = v.owner_id and visit_id = v.id and shared;
    end if;
    if new.to_state in ('CLOSED', 'CLOSED_WITHOUT_EXCHANGE') then
        perform public.end_words(v.owner_id, v.id); -- what was not shared is gone
    end if;
    if new.to_state = 'WITHDRAWN' then
        perform public.erase_words(v.owner_id, v.id);
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.visit_tells()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    what constant text := case
        when new.event = 'CANCEL' then 'CALLED_OFF'
        when new.event = 'DECLINE' then 'DECLINED'
        when new.event = 'WITHDRAW' and new.from_state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED') then 'WITHDRAWN'
    end;
begin
    if new.event = 'MOVE' then
        perform public.tell_change(new.owner_id, new.visit_id, m.by_id, 'MOVED', new.at)
        from public.visit_move m where m.owner_id = new.owner_id and m.visit_id = new.visit_id;
    end if;
    delete from public.visit_move m where m.owner_id = new.owner_id and m.visit_id = new.visit_id; -- answered, or of no use any more
    if new.event = 'FORGET' then
        delete from public.visit_notice n where n.owner_id = new.owner_id and n.visit_id = new.visit_id;
    elsif what is not null then
        perform public.tell_change(new.owner_id, new.visit_id,
            case new.actor_id when v.observer_id then v.observed_id else v.observer_id end, what, new.at)
        from public.visit v where v.owner_id = new.owner_id and v.id = new.visit_id;
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.visit_there(ids uuid[])
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    return exists (select from public.visit v
        where v.owner_id = current_setting('undring.owner')::uuid and v.id = any (ids));
end
$function$;
grant execute on function visit_there(uuid[]) to undring_app;

CREATE OR REPLACE FUNCTION public.waits_before_it_counts()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if current_user <> 'undring_app' or public.is_house() then
        return new;
    end if;
    if tg_table_name = 'invitation' then
        if not public.is_now(new.created_at)
           or new.valid_from < new.created_at + interval '72 hours' and public.has_signed_in(new.person_id) then
            perform public.refuse('invalid_field');
        end if;
    elsif not public.is_now(new.created_at) or new.effective_at < new.created_at + interval '72 hours' then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.wish_refused()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    me constant uuid := nullif(current_setting('undring.person'), '')::uuid;
begin
    if old.exit_wished_by <> me and new.exit_wished_by is null then
        perform public.tell_change(new.owner_id, new.id, old.exit_wished_by, 'EXIT_REFUSED', new.updated_at);
    end if;
    if old.reopen_wished_by <> me and new.reopen_wished_by is null then
        perform public.tell_change(new.owner_id, new.id, old.reopen_wished_by, 'REOPEN_REFUSED', new.updated_at);
    end if;
    return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.without_name(words text, what text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
    select case when normalize(words, NFC) ~ p.name then regexp_replace(normalize(words, NFC), p.name, 'NN\1', 'g') else words end
    from (select '(?<![0-9A-Za-z\u00C0-\u1FFF])' || string_agg(case
                when c ~ '[0-9A-Za-z\u00C0-\u1FFF]' then c
                when c = ' ' then '[\s\u00A0\u202F]+'
                when c ~ '[''\u2019\u02BC]' then '[''\u2019\u02BC]'
                when c ~ '[-\u2010\u2011]' then '[-\u2010\u2011]'
                else '\' || c
            end, '' order by nth) || '(s|[''\u2019]s)?(?![0-9A-Za-z\u00C0-\u1FFF])' as name
        from unnest(string_to_array(normalize(regexp_replace(what, '[\s\u00A0\u202F]+', ' ', 'g'), NFC), null)) with ordinality l (c, nth)) p
$function$;

CREATE OR REPLACE FUNCTION public.without_name_in(message bytea, what text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
    select public.draft_without_name(message, what, false)
$function$;

CREATE OR REPLACE FUNCTION public.write_varint(number bigint)
 RETURNS bytea
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
declare
    bytes bytea := '';
begin
    loop
        if number < 128 then
            return bytes || set_byte('\x00', 0, number::int);
        end if;
        bytes := bytes || set_byte('\x00', 0, (128 | (number & 127))::int);
        number := number >> 7;
    end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.zone_of(which uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return (select s.time_zone from public.school s where s.owner_id = current_setting('undring.owner')::uuid and s.id = which);
end
$function$;
grant execute on function zone_of(uuid) to public;
grant execute on function zone_of(uuid) to undring_app;
