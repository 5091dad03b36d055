-- Step 1 of the schema: workspaces, who may do what in them, their logs, and what stands in them.
--
-- Tables are read under row-level security by membership, and written by functions alone, which
-- know the person by the role of the session. What a record says is what is put into the tables
-- of entities, in the same transaction and by the server itself.

CREATE SCHEMA tracker;
GRANT USAGE ON SCHEMA tracker TO PUBLIC;

-- The place is by what programs know these tables again, whichever host they are asked through.
CREATE TABLE tracker.version (number integer NOT NULL, place uuid NOT NULL);
INSERT INTO tracker.version VALUES (0, gen_random_uuid());

-- seq and seal are those of the last record. Records up to `brought` came with a copy that the
-- role `brought_by` made: in those, names are what the copy said. Who listens on the channel hears
-- of each record: only members can know it.
CREATE TABLE tracker.workspace (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name = btrim(name) AND name <> '' AND length(name) <= 200),
    seq bigint NOT NULL DEFAULT 0,
    seal text NOT NULL DEFAULT '00000000',
    created timestamptz NOT NULL DEFAULT now(),
    archived timestamptz,
    brought bigint NOT NULL DEFAULT 0,
    brought_by text,
    channel text NOT NULL DEFAULT 'tracker_' || replace(gen_random_uuid()::text, '-', '')
) WITH (fillfactor = 50);

CREATE TABLE tracker.member (
    workspace bigint NOT NULL REFERENCES tracker.workspace,
    login text NOT NULL,
    level text NOT NULL CHECK (level IN ('reader', 'writer', 'owner')),
    PRIMARY KEY (workspace, login)
);

-- A line is what a journal's file would hold; `change` is what its writer knows it by. When it was
-- taken, and that it is still what was taken, the line itself cannot prove: it may be anybody's.
CREATE TABLE tracker.log (
    workspace bigint NOT NULL REFERENCES tracker.workspace,
    seq bigint NOT NULL,
    change uuid NOT NULL,
    who text NOT NULL,
    line text NOT NULL,
    digest bytea NOT NULL,
    taken timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace, seq)
);

-- Lines that an owner has set aside, as nobody could go on from them.
CREATE TABLE tracker.aside (
    workspace bigint NOT NULL REFERENCES tracker.workspace,
    seq bigint NOT NULL,
    change uuid NOT NULL,
    who text NOT NULL,
    line text NOT NULL,
    digest bytea NOT NULL,
    taken timestamptz NOT NULL,
    put_by text NOT NULL,
    put timestamptz NOT NULL DEFAULT now()
);

-- What the server cannot prove is opened by nobody but whoever has stored it, except what an owner
-- has: that is for `reader` '', which is everybody.
CREATE TABLE tracker.checkpoint (
    workspace bigint NOT NULL REFERENCES tracker.workspace,
    reader text NOT NULL,
    seq bigint NOT NULL,
    schema integer NOT NULL,
    who text NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (workspace, reader)
);
-- Read at every opening: to compress it would cost more than to send it.
ALTER TABLE tracker.checkpoint ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE tracker.entity (
    workspace bigint NOT NULL REFERENCES tracker.workspace,
    kind text NOT NULL,
    id bigint NOT NULL,
    seq bigint NOT NULL,
    doc jsonb NOT NULL,
    PRIMARY KEY (workspace, kind, id)
) WITH (fillfactor = 80);

-- Who may what -------------------------------------------------------------------------------

CREATE FUNCTION tracker.governs() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_has_role(session_user, nspowner, 'MEMBER')
          FROM pg_namespace WHERE nspname = 'tracker' $$;

CREATE FUNCTION tracker.may_create() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT tracker.governs()
              OR has_database_privilege(session_user, current_database(), 'CREATE') $$;

CREATE FUNCTION tracker.mine() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT workspace FROM tracker.member WHERE login = session_user
          UNION SELECT id FROM tracker.workspace WHERE tracker.governs() $$;

CREATE FUNCTION tracker.level(ws bigint) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT CASE WHEN tracker.governs() THEN 'owner' ELSE
              (SELECT level FROM tracker.member WHERE workspace = ws AND login = session_user)
          END $$;

ALTER TABLE tracker.workspace ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracker.member ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracker.log ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracker.aside ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracker.checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracker.entity ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracker.version ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON tracker.workspace FOR SELECT USING (id IN (SELECT tracker.mine()));
CREATE POLICY members ON tracker.member FOR SELECT USING (workspace IN (SELECT tracker.mine()));
CREATE POLICY members ON tracker.log FOR SELECT USING (workspace IN (SELECT tracker.mine()));
CREATE POLICY members ON tracker.aside FOR SELECT USING (workspace IN (SELECT tracker.mine()));
CREATE POLICY members ON tracker.checkpoint FOR SELECT
    USING (workspace IN (SELECT tracker.mine()) AND reader IN ('', session_user));
CREATE POLICY members ON tracker.entity FOR SELECT USING (workspace IN (SELECT tracker.mine()));
CREATE POLICY everybody ON tracker.version FOR SELECT USING (true);
GRANT SELECT ON ALL TABLES IN SCHEMA tracker TO PUBLIC;

-- Errors that the program has sentences for: TR001 not there or not to be seen, TR002 may only be
-- read, TR003 archived, TR004 somebody else's record came first, TR005 only its owner may,
-- TR006 in another's name, TR007 no such role, TR008 the last owner, TR009 may create none,
-- TR010 no record of tracker's.

CREATE FUNCTION tracker.demand(ws bigint, wanted text) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given text;
BEGIN
    SELECT m.level INTO given FROM tracker.member m
    WHERE (m.workspace, m.login) = (ws, session_user);
    IF given IN ('owner', wanted) THEN
        RETURN;
    END IF;
    given := tracker.level(ws);
    IF given IS NULL THEN
        RAISE EXCEPTION 'no such workspace' USING ERRCODE = 'TR001';
    ELSIF wanted = 'owner' AND given <> 'owner' THEN
        RAISE EXCEPTION 'for owners only' USING ERRCODE = 'TR005';
    ELSIF given = 'reader' THEN
        RAISE EXCEPTION 'may be read only' USING ERRCODE = 'TR002';
    END IF;
END $$;

-- Writing ------------------------------------------------------------------------------------

-- Locks the row of a workspace until the transaction ends, and returns where its log ends.
CREATE FUNCTION tracker.hold(ws bigint, patient boolean, OUT seq bigint, OUT seal text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here tracker.workspace;
BEGIN
    PERFORM tracker.demand(ws, 'writer');
    IF patient THEN
        SELECT * INTO here FROM tracker.workspace w WHERE w.id = ws FOR NO KEY UPDATE;
    ELSE
        SELECT * INTO here FROM tracker.workspace w WHERE w.id = ws FOR NO KEY UPDATE NOWAIT;
    END IF;
    IF here.archived IS NOT NULL THEN
        RAISE EXCEPTION 'archived' USING ERRCODE = 'TR003';
    END IF;
    seq := here.seq;
    seal := here.seal;
END $$;

-- Puts the edits of a record into the table of entities, in their order.
CREATE FUNCTION tracker.enter(ws bigint, number bigint, edits jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    edit jsonb;
BEGIN
    FOR edit IN SELECT each FROM jsonb_array_elements(edits) AS each LOOP
        IF edit ->> 0 <> ALL (tracker.kinds()) OR edit ->> 1 IS NULL OR edit -> 3 IS NULL THEN
            CONTINUE;
        ELSIF edit -> 3 = 'null'::jsonb THEN
            DELETE FROM tracker.entity e
            WHERE (e.workspace, e.kind, e.id) = (ws, edit ->> 0, (edit ->> 1)::bigint);
        ELSE
            INSERT INTO tracker.entity
            VALUES (ws, edit ->> 0, (edit ->> 1)::bigint, number, edit -> 3)
            ON CONFLICT (workspace, kind, id)
            DO UPDATE SET doc = EXCLUDED.doc, seq = EXCLUDED.seq;
        END IF;
    END LOOP;
END $$;

-- JSONB knows no NUL: its picture stands there instead.
CREATE FUNCTION tracker.readable(line text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT CASE WHEN position('\u0000' IN line) = 0 THEN line::jsonb
          ELSE regexp_replace(line, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\u2400', 'g')::jsonb END $$;

CREATE FUNCTION tracker.kinds() RETURNS text[] LANGUAGE sql IMMUTABLE
    AS $$ SELECT ARRAY['settings', 'projects', 'departments', 'people', 'systems', 'tasks', 'links',
                       'baselines', 'filters'] $$;

-- The schema of documents: a program that writes another one comes with a step that brings what
-- stands here to it.
CREATE FUNCTION tracker.documents() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';

CREATE FUNCTION tracker.digest(line text) RETURNS bytea
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT sha256(convert_to(line, 'UTF8')) $$;

-- Refuses what no program could go on from, as far as that is cheap to see. No numbers are skipped
-- beyond what a list may bring along: after the last one there could be no other. It is called by
-- `append` alone, and runs with its rights and path.
CREATE FUNCTION tracker.demand_record(ws bigint, said jsonb, number bigint) RETURNS void
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF ((said ->> 'v')::integer = tracker.documents()
        AND (said ->> 'seq')::bigint = number
        AND said ->> 'at' ~ ('^(19[7-9]|[2-8]\d\d)\d-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d'
                             '(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$')
        AND (said ->> 'at')::timestamptz IS NOT NULL
        AND jsonb_typeof(said #> '{label,text}') = 'string'
        AND coalesce((said ->> 'undoes')::bigint BETWEEN 1 AND number - 1, true)
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'no record' USING ERRCODE = 'TR010';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_array_elements(said -> 'edits') AS each(edit)
        WHERE (
            jsonb_array_length(edit) = 4 AND jsonb_typeof(edit -> 0) = 'string'
            AND CASE WHEN edit ->> 0 = ANY (tracker.kinds()) THEN
                jsonb_typeof(edit -> 1) = 'number'
                AND (edit ->> 1)::bigint BETWEEN 1 AND 9007199254740991
                AND (edit -> 2 = 'null' OR edit #> '{2,id}' = edit -> 1)
                AND (edit -> 3 = 'null' OR edit #> '{3,id}' = edit -> 1)
                AND (edit -> 2 <> 'null' OR edit -> 3 <> 'null')
                AND (edit -> 2 <> 'null' OR (edit ->> 1)::bigint <= 10000000
                     OR (edit ->> 1)::bigint - 10000000 <= (
                         SELECT max(e.id) FROM tracker.entity e
                         WHERE (e.workspace, e.kind) = (ws, edit ->> 0)))
            ELSE jsonb_typeof(edit -> 1) IN ('number', 'null') END
        ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'no record' USING ERRCODE = 'TR010';
    END IF;
END $$;

-- Appends a record to a workspace whose log ends where the record says; its caller tells those who
-- listen once it is kept. A name that stands twice in a line counts once, and not as what is first.
CREATE FUNCTION tracker.append(ws bigint, change uuid, line text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said jsonb;
    number bigint := substring(left(line, 40) FROM '^\{"v":\d+,"seq":([1-9]\d{0,17}),');
    ends text[] := regexp_match(
        right(line, 36), '^,"prev":"([0-9a-f]{8})","crc":"([0-9a-f]{8})"\}$'
    );
BEGIN
    PERFORM tracker.demand(ws, 'writer');
    IF number IS NULL OR ends IS NULL OR octet_length(line) > 134217728 + 18 THEN
        RAISE EXCEPTION 'no record' USING ERRCODE = 'TR010';
    END IF;
    said := tracker.readable(line);
    IF said ->> 'who' IS DISTINCT FROM session_user THEN
        RAISE EXCEPTION 'in the name of another' USING ERRCODE = 'TR006';
    END IF;
    UPDATE tracker.workspace w SET seq = number, seal = ends[2]
    WHERE w.id = ws AND w.archived IS NULL AND (w.seq, w.seal) = (number - 1, ends[1]);
    IF NOT FOUND THEN
        PERFORM tracker.hold(ws, true);
        RAISE EXCEPTION 'not the next record' USING ERRCODE = 'TR004';
    END IF;
    PERFORM tracker.demand_record(ws, said, number);
    INSERT INTO tracker.log
    VALUES (ws, number, change, session_user, line, sha256(convert_to(line, 'UTF8')));
    PERFORM tracker.enter(ws, number, said -> 'edits');
END $$;

-- Replaces a checkpoint by a newer one, which has to be of this very log.
CREATE FUNCTION tracker.keep(ws bigint, number bigint, schema_number integer, mark text, bytes bytea)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept_for text := CASE tracker.level(ws) WHEN 'owner' THEN '' ELSE session_user END;
BEGIN
    PERFORM tracker.demand(ws, 'writer');
    IF number > 0 AND NOT EXISTS (
        SELECT FROM tracker.log l
        WHERE (l.workspace, l.seq) = (ws, number) AND right(l.line, 10) = mark || '"}'
    ) THEN
        RAISE EXCEPTION 'of another history' USING ERRCODE = 'TR004';
    END IF;
    INSERT INTO tracker.checkpoint AS old
    VALUES (ws, kept_for, number, schema_number, session_user, bytes)
    ON CONFLICT (workspace, reader) DO UPDATE
    SET seq = EXCLUDED.seq, schema = EXCLUDED.schema, who = EXCLUDED.who, data = EXCLUDED.data
    WHERE (old.schema, old.seq) < (EXCLUDED.schema, EXCLUDED.seq);
    RETURN FOUND;
END $$;

-- Workspaces and their members ---------------------------------------------------------------

CREATE FUNCTION tracker.create_workspace(called text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF NOT tracker.may_create() THEN
        RAISE EXCEPTION 'may create none' USING ERRCODE = 'TR009';
    END IF;
    INSERT INTO tracker.workspace (name) VALUES (called) RETURNING id INTO made;
    INSERT INTO tracker.member VALUES (made, session_user, 'owner');
    RETURN made;
END $$;

-- Lays down the records that a copy brings along, in whoever's name: only within the transaction
-- that has made the workspace, whose time is that of its row.
CREATE FUNCTION tracker.bring(ws bigint, numbers bigint[], names text[], lines text[])
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here tracker.workspace;
BEGIN
    PERFORM tracker.demand(ws, 'owner');
    SELECT * INTO here FROM tracker.workspace w WHERE w.id = ws FOR UPDATE;
    IF here.created <> now() OR (here.seq > 0 AND numbers[1] <> here.seq + 1) THEN
        RAISE EXCEPTION 'not the next record' USING ERRCODE = 'TR004';
    END IF;
    INSERT INTO tracker.log
    SELECT ws, each.number, gen_random_uuid(), each.name, each.line, tracker.digest(each.line)
    FROM unnest(numbers, names, lines) AS each(number, name, line)
    WHERE tracker.readable(each.line) IS NOT NULL;
    UPDATE tracker.workspace w
    SET (seq, brought) = (SELECT max(number), max(number) FROM unnest(numbers) AS number),
        seal = left(right(lines[array_upper(lines, 1)], 10), 8),
        brought_by = session_user
    WHERE w.id = ws;
END $$;

-- Lays down what stands in a workspace after the records that a copy has just brought.
CREATE FUNCTION tracker.bring_entities(ws bigint, kinds text[], ids bigint[], docs text[])
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here tracker.workspace;
BEGIN
    PERFORM tracker.demand(ws, 'owner');
    SELECT * INTO here FROM tracker.workspace w WHERE w.id = ws FOR UPDATE;
    IF here.created <> now() THEN
        RAISE EXCEPTION 'not the next record' USING ERRCODE = 'TR004';
    END IF;
    INSERT INTO tracker.entity
    SELECT ws, each.kind, each.id, here.seq, tracker.readable(each.doc)
    FROM unnest(kinds, ids, docs) AS each(kind, id, doc);
END $$;

-- Puts into the tables what the history says, and drops the checkpoint; false where the history
-- does not go back to the first record.
CREATE FUNCTION tracker.rebuild(ws bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here tracker.workspace;
    kept tracker.log;
BEGIN
    PERFORM tracker.demand(ws, 'owner');
    SELECT * INTO here FROM tracker.workspace w WHERE w.id = ws FOR UPDATE;
    IF here.seq > 0 AND NOT EXISTS (
        SELECT FROM tracker.log l WHERE (l.workspace, l.seq) = (ws, 1)
    ) THEN
        RETURN false;
    END IF;
    DELETE FROM tracker.checkpoint c WHERE c.workspace = ws;
    DELETE FROM tracker.entity e WHERE e.workspace = ws;
    FOR kept IN SELECT * FROM tracker.log l WHERE l.workspace = ws ORDER BY l.seq LOOP
        PERFORM tracker.enter(ws, kept.seq, tracker.readable(kept.line) -> 'edits');
    END LOOP;
    RETURN true;
END $$;

-- Sets aside a record that nobody can go on from, and all behind it; what stands in the workspace
-- then has to be rebuilt.
CREATE FUNCTION tracker.set_aside(ws bigint, number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here tracker.workspace;
    before text;
BEGIN
    PERFORM tracker.demand(ws, 'owner');
    SELECT * INTO here FROM tracker.workspace w WHERE w.id = ws FOR UPDATE;
    SELECT left(right(l.line, 10), 8) INTO before
    FROM tracker.log l WHERE (l.workspace, l.seq) = (ws, number - 1);
    IF number <= here.brought OR number > here.seq OR (before IS NULL AND number > 1) THEN
        RAISE EXCEPTION 'no such record' USING ERRCODE = 'TR004';
    END IF;
    INSERT INTO tracker.aside
    SELECT l.*, session_user FROM tracker.log l WHERE l.workspace = ws AND l.seq >= number;
    DELETE FROM tracker.log l WHERE l.workspace = ws AND l.seq >= number;
    DELETE FROM tracker.checkpoint c WHERE c.workspace = ws AND c.seq >= number;
    UPDATE tracker.workspace w SET seq = number - 1, seal = coalesce(before, '00000000')
    WHERE w.id = ws;
END $$;

CREATE FUNCTION tracker.archive(ws bigint, away boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM tracker.demand(ws, 'owner');
    UPDATE tracker.workspace w SET archived = CASE WHEN away THEN coalesce(archived, now()) END
    WHERE w.id = ws;
END $$;

-- Makes a role a member; without a level it is none any more. Nobody who holds the workspace can
-- hold that up.
CREATE FUNCTION tracker.set_member(ws bigint, person text, wanted text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM tracker.demand(ws, 'owner');
    PERFORM FROM tracker.member m WHERE (m.workspace, m.level) = (ws, 'owner') FOR UPDATE;
    IF wanted IS NULL THEN
        DELETE FROM tracker.member m WHERE (m.workspace, m.login) = (ws, person);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such member' USING ERRCODE = 'TR007';
        END IF;
        DELETE FROM tracker.checkpoint c WHERE (c.workspace, c.reader) = (ws, person);
    ELSE
        IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = person) THEN
            RAISE EXCEPTION 'no such role' USING ERRCODE = 'TR007';
        END IF;
        INSERT INTO tracker.member VALUES (ws, person, wanted)
        ON CONFLICT (workspace, login) DO UPDATE SET level = EXCLUDED.level;
    END IF;
    IF NOT EXISTS (SELECT FROM tracker.member m WHERE (m.workspace, m.level) = (ws, 'owner')) THEN
        RAISE EXCEPTION 'the last owner' USING ERRCODE = 'TR008';
    END IF;
END $$;

-- Views for people ---------------------------------------------------------------------------
-- Columns are named as in the JSON of the command line; what is not written stands at its default.
-- What follows from rules and the day (ready, blocked, stuck, late) is only in that JSON.
-- What is not of its kind is nothing: one workspace never keeps anybody from reading the others.

CREATE FUNCTION tracker.number(value jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE jsonb_typeof(value) WHEN 'number' THEN value::numeric END $$;

CREATE FUNCTION tracker.whole(value jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN jsonb_typeof(value) IS DISTINCT FROM 'number' THEN NULL
          WHEN value::numeric BETWEEN 0 AND 9007199254740992 THEN value::numeric::bigint END $$;

CREATE FUNCTION tracker.truth(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE jsonb_typeof(value) WHEN 'boolean' THEN value::boolean END $$;

CREATE FUNCTION tracker.listed(value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END $$;

CREATE FUNCTION tracker.day(value text) RETURNS date LANGUAGE sql STABLE
    AS $$ SELECT CASE WHEN value ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$' THEN
          CASE WHEN right(value, 2)::integer <= date_part(
              'day', (left(value, 8) || '01')::date + interval '1 month' - interval '1 day'
          ) THEN value::date END END $$;

CREATE FUNCTION tracker.moment(value text) RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT CASE WHEN tracker.day(left(value, 10)) IS NULL THEN NULL
          WHEN substr(value, 11) ~ ('^T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?'
              '(Z|[+-](0\d|1[0-5]):[0-5]\d)$') THEN value::timestamptz END $$;

CREATE VIEW tracker.project WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id, e.doc ->> 'name' AS name, coalesce(e.doc ->> 'key', '') AS key,
    tracker.day(e.doc ->> 'start') AS start, tracker.day(e.doc ->> 'target') AS target,
    tracker.number(e.doc -> 'budget') AS budget
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace WHERE e.kind = 'projects';
COMMENT ON VIEW tracker.project IS 'Projects; budget in the currency of the settings';

CREATE VIEW tracker.department WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id, e.doc ->> 'name' AS name,
    coalesce(e.doc ->> 'short', '') AS short, tracker.whole(e.doc -> 'wip_limit') AS wip_limit,
    tracker.number(e.doc -> 'capacity') AS capacity,
    tracker.number(e.doc -> 'day_rate') AS day_rate
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace WHERE e.kind = 'departments';
COMMENT ON VIEW tracker.department IS 'Departments; capacity in person-days a week, day_rate a person-day';

CREATE VIEW tracker.person WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id, e.doc ->> 'login' AS login, coalesce(e.doc ->> 'name', '') AS name,
    d.doc ->> 'name' AS department, coalesce(tracker.number(e.doc -> 'capacity'), 5) AS capacity,
    tracker.number(e.doc -> 'day_rate') AS day_rate,
    tracker.whole(e.doc -> 'wip_limit') AS wip_limit
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace
LEFT JOIN tracker.entity d ON (d.workspace, d.kind, d.id)
    = (e.workspace, 'departments', tracker.whole(e.doc -> 'department'))
WHERE e.kind = 'people';
COMMENT ON VIEW tracker.person IS 'People; capacity in days a week';

CREATE VIEW tracker.system WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id, e.doc ->> 'name' AS name, coalesce(e.doc ->> 'side', 'other') AS side,
    coalesce(e.doc ->> 'state', 'up') AS state, coalesce(e.doc ->> 'why', '') AS why,
    tracker.moment(e.doc ->> 'since') AS since
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace WHERE e.kind = 'systems';
COMMENT ON VIEW tracker.system IS 'Systems that tasks touch; while one is down they are stuck';

CREATE VIEW tracker.task WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id, e.doc ->> 'title' AS title, p.doc ->> 'name' AS project,
    coalesce(e.doc ->> 'phase', '') AS phase, d.doc ->> 'name' AS department,
    a.doc ->> 'login' AS assignee, r.doc ->> 'login' AS requester,
    coalesce(e.doc ->> 'state', 'todo') AS state, coalesce(e.doc ->> 'priority', 'medium') AS priority,
    tracker.number(e.doc -> 'low') AS low, tracker.number(e.doc -> 'likely') AS likely,
    tracker.number(e.doc -> 'high') AS high, tracker.number(e.doc -> 'effort') AS effort,
    tracker.number(e.doc -> 'spent') AS spent, tracker.number(e.doc -> 'progress') AS progress,
    tracker.day(e.doc ->> 'due') AS due, tracker.day(e.doc ->> 'not_before') AS not_before,
    tracker.day(e.doc ->> 'follow_up') AS follow_up,
    coalesce(e.doc ->> 'waiting_for', '') AS waiting_for,
    ARRAY(SELECT jsonb_array_elements_text(tracker.listed(e.doc -> 'tags'))) AS tags,
    ARRAY(SELECT s.doc ->> 'name'
          FROM jsonb_array_elements(tracker.listed(e.doc -> 'systems'))
              WITH ORDINALITY AS each(key, at)
          JOIN tracker.entity s
              ON (s.workspace, s.kind, s.id) = (e.workspace, 'systems', tracker.whole(each.key))
          ORDER BY each.at) AS systems,
    coalesce(e.doc ->> 'notes', '') AS notes,
    tracker.moment(e.doc ->> 'created') AS created, tracker.moment(e.doc ->> 'modified') AS modified
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace
LEFT JOIN tracker.entity p
    ON (p.workspace, p.kind, p.id) = (e.workspace, 'projects', tracker.whole(e.doc -> 'project'))
LEFT JOIN tracker.entity d
    ON (d.workspace, d.kind, d.id)
    = (e.workspace, 'departments', tracker.whole(e.doc -> 'department'))
LEFT JOIN tracker.entity a
    ON (a.workspace, a.kind, a.id) = (e.workspace, 'people', tracker.whole(e.doc -> 'assignee'))
LEFT JOIN tracker.entity r
    ON (r.workspace, r.kind, r.id) = (e.workspace, 'people', tracker.whole(e.doc -> 'requester'))
WHERE e.kind = 'tasks';
COMMENT ON VIEW tracker.task IS 'Tasks; low, likely, high in working days, effort and spent in person-days';

CREATE VIEW tracker.link WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id, e.doc ->> 'kind' AS kind,
    tracker.whole(e.doc -> 'source') AS "from", tracker.whole(e.doc -> 'target') AS "to",
    coalesce(tracker.number(e.doc -> 'lag'), 0) AS lag,
    coalesce(tracker.number(e.doc -> 'rate'), 0.2) AS rate,
    coalesce(tracker.number(e.doc -> 'share'), 1) AS share,
    tracker.whole(e.doc -> 'limit') AS "limit",
    coalesce(tracker.truth(e.doc -> 'observed'), false) AS observed_only
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace WHERE e.kind = 'links';
COMMENT ON VIEW tracker.link IS
    'Arrows: needs (to needs from) and returns (from sends work back to to); rate and share are fractions';

CREATE VIEW tracker.pass WITH (security_invoker = true) AS
SELECT w.name AS workspace, e.id AS task, tracker.whole(run -> 'number') AS number,
    tracker.moment(run ->> 'opened') AS opened, tracker.moment(run ->> 'started') AS started,
    tracker.moment(run ->> 'ended') AS ended, nullif(run ->> 'outcome', '') AS outcome,
    tracker.whole(run -> 'gate') AS gate, coalesce(run ->> 'reason', '') AS reason,
    s.doc ->> 'name' AS system, nullif(run ->> 'who', '') AS who,
    tracker.whole(run -> 'returned_to') AS returned_to
FROM tracker.entity e JOIN tracker.workspace w ON w.id = e.workspace
CROSS JOIN LATERAL jsonb_array_elements(tracker.listed(e.doc -> 'passes')) AS each(run)
LEFT JOIN tracker.entity s
    ON (s.workspace, s.kind, s.id) = (e.workspace, 'systems', tracker.whole(run -> 'system'))
WHERE e.kind = 'tasks';
COMMENT ON VIEW tracker.pass IS 'Runs of tasks from start to outcome; gate and reason say who sent it back';

CREATE VIEW tracker.record WITH (security_invoker = true) AS
SELECT w.name AS workspace, l.seq, tracker.moment(said ->> 'at') AS at, l.taken, l.who,
    l.seq <= w.brought AS copied, said -> 'label' AS label,
    tracker.whole(said -> 'undoes') AS undoes
FROM tracker.log l JOIN tracker.workspace w ON w.id = l.workspace
CROSS JOIN LATERAL tracker.readable(l.line) AS each(said);
COMMENT ON VIEW tracker.record IS
    'The history: at is what the program said, taken what the server saw; of records that a copy'
    ' brought along, at and who are what the copy said';

GRANT SELECT ON ALL TABLES IN SCHEMA tracker TO PUBLIC;

-- Whatever new functions are granted to by default in this database.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tracker TO PUBLIC;
-- These are called by the others alone.
REVOKE EXECUTE ON FUNCTION tracker.enter(bigint, bigint, jsonb) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION tracker.demand(bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION tracker.demand_record(bigint, jsonb, bigint) FROM PUBLIC;
