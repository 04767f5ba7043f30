-- Roles for Earmark. A superuser runs this in the database that holds it: psql -d earmark -f roles.sql
-- once before the first `earmark db upgrade`, and again after every later one; it changes nothing that is right.
-- Give each role a password: ALTER ROLE earmark_service PASSWORD '...';
--   earmark_owner     owns the tables: `earmark db upgrade`, backup and restore, nothing else
--   earmark_service   the service and its workers: reads and writes rows, makes and drops nothing
--   earmark_analyst   reads everything but what people sign in with
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['earmark_owner', 'earmark_service', 'earmark_analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO earmark_owner;
GRANT USAGE ON SCHEMA public TO earmark_service, earmark_analyst;

-- the service sees the tables of later migrations at once, so that it works while an upgrade is under way
ALTER DEFAULT PRIVILEGES FOR ROLE earmark_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO earmark_service;
ALTER DEFAULT PRIVILEGES FOR ROLE earmark_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO earmark_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO earmark_service;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO earmark_service;

-- an upgrade that waits in vain for a table tells who has it in use, and with what
GRANT pg_read_all_stats TO earmark_owner;

-- analysts see a new table when this is run again
GRANT SELECT ON ALL TABLES IN SCHEMA public TO earmark_analyst;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'sessions', 'sign_in_links', 'sign_in_attempts', 'passwords', 'tokens', 'idempotency_keys', 'calendar_feeds'
    ] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %I FROM earmark_analyst', name);
        END IF;
    END LOOP;
END $$;

-- plans are made for the values that are asked for, and none is compiled
ALTER ROLE earmark_service SET plan_cache_mode = force_custom_plan;
ALTER ROLE earmark_service SET jit = off;
ALTER ROLE earmark_analyst SET default_transaction_read_only = on;
ALTER ROLE earmark_analyst SET statement_timeout = '5min';
