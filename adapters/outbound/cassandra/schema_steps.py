"""The schema, in steps: one is never changed once it has been released; the next one amends it. Each statement may be
repeated: a step that was stopped in the middle begins again.

A table is written under conditions (lightweight transactions) or without any, never in both ways: mixed, their order is
undefined. What each one is stands above it. Rows under conditions are not deleted either: see conditional.py. Times are
text: UTC, ISO 8601 with microseconds.
"""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        # Under conditions. The row of an account is its claim on the address.
        """
        CREATE TABLE IF NOT EXISTS users (
            email text PRIMARY KEY,
            user_id text,
            password_hash text,
            created_at text,
            email_verified_at text
        )
        """,
        # Without. Written before the account: whoever looks here also compares the account's own user_id.
        """
        CREATE TABLE IF NOT EXISTS user_ids (
            user_id text PRIMARY KEY,
            email text
        )
        """,
        # Under conditions.
        """
        CREATE TABLE IF NOT EXISTS user_profiles (
            user_id text PRIMARY KEY,
            full_name text,
            display_name text,
            avatar_url text,
            company text,
            job_title text,
            timezone text,
            preferences frozen<map<text, text>>,
            updated_at text,
            write_id text
        )
        """,
        # Without. Rows go by their TTL.
        """
        CREATE TABLE IF NOT EXISTS password_reset_tokens (
            token_hash blob PRIMARY KEY,
            user_id text,
            created_at text,
            expires_at text
        )
        """,
        # Under conditions. A session lives while it was added in the user's present generation. Rows go by their TTL.
        """
        CREATE TABLE IF NOT EXISTS sessions (
            user_id text,
            session_id text,
            generation bigint STATIC,
            added_in bigint,
            refresh_hash blob,
            previous_hash blob,
            renewed_at text,
            created_at text,
            expires_at text,
            device text,
            write_id text,
            PRIMARY KEY (user_id, session_id)
        )
        """,
        # Under conditions. One that was removed keeps its row, with nothing but its write_id.
        """
        CREATE TABLE IF NOT EXISTS user_integrations (
            user_id text,
            connection_id text,
            provider text,
            account_id text,
            account_name text,
            status text,
            scopes frozen<list<text>>,
            created_at text,
            connected_at text,
            last_sync text,
            last_error_code text,
            last_error_at text,
            version bigint,
            write_id text,
            PRIMARY KEY (user_id, connection_id)
        )
        """,
        # Under conditions. Which connection an outside account is; written before the connection. Once that was removed
        # the claim moves on to the next one, and never back: an id is removed once.
        """
        CREATE TABLE IF NOT EXISTS account_claims (
            user_id text,
            provider text,
            account_id text,
            connection_id text,
            PRIMARY KEY ((user_id, provider, account_id))
        )
        """,
        # Under conditions. One that was removed keeps its row, without tokens.
        """
        CREATE TABLE IF NOT EXISTS user_credentials (
            connection_id text PRIMARY KEY,
            access_token blob,
            refresh_token blob,
            expires_at text,
            scopes frozen<list<text>>,
            obtained_at text,
            revision text,
            claimed_until text,
            write_id text
        )
        """,
        # Without, and with timestamps of our own, made of epoch and number: the year is 1970 here, so a write or a
        # delete that leaves its timestamp to Cassandra would hide everything that comes later. An item that is deleted
        # moves to deleted = true, so that a listing does not read it; what holds is the later of the two. No column is
        # null, for each null is a tombstone: "absent" names the optional fields that the item does not have.
        """
        CREATE TABLE IF NOT EXISTS integration_items (
            connection_id text,
            bucket smallint,
            deleted boolean,
            item_key blob,
            number bigint,
            content_hash blob,
            synced_at text,
            deleted_at text,
            kind text,
            external_id text,
            name text,
            item_type text,
            directory boolean,
            parent_id text,
            parent_path_or_name text,
            creation_time text,
            last_modified_time text,
            url text,
            mime_type text,
            delta text,
            drive_id text,
            visibility boolean,
            properties text,
            absent frozen<set<text>>,
            PRIMARY KEY ((connection_id, bucket), deleted, item_key)
        )
        """,
        # Under conditions, all of them on the epoch of the slot. Its numbers may be deleted, under the same condition;
        # the epoch stays.
        """
        CREATE TABLE IF NOT EXISTS item_changes (
            connection_id text,
            slot bigint,
            epoch bigint STATIC,
            number bigint,
            change text,
            item blob,
            counts boolean,
            PRIMARY KEY ((connection_id, slot), number)
        )
        """,
        # Under conditions.
        """
        CREATE TABLE IF NOT EXISTS sync_states (
            connection_id text PRIMARY KEY,
            epoch bigint,
            state text,
            write_id text
        )
        """,
        # Under conditions. "latest" is the run that was opened last, whatever its id.
        """
        CREATE TABLE IF NOT EXISTS sync_runs (
            connection_id text,
            latest text STATIC,
            run_id text,
            user_id text,
            provider text,
            status text,
            requested_at text,
            started_at text,
            ended_at text,
            counts text,
            error text,
            cancel_requested boolean,
            write_id text,
            PRIMARY KEY (connection_id, run_id)
        ) WITH CLUSTERING ORDER BY (run_id DESC)
        """,
        # Without. Written before the run; one without a run leads nowhere.
        """
        CREATE TABLE IF NOT EXISTS sync_run_ids (
            run_id text PRIMARY KEY,
            connection_id text
        )
        """,
        # Without. Tombstones may go early: an effect that comes back is one that is done twice, which is harmless.
        """
        CREATE TABLE IF NOT EXISTS outbox (
            shard tinyint,
            slot bigint,
            due_at text,
            effect_id text,
            kind text,
            subject frozen<map<text, text>>,
            created_at text,
            attempts int,
            PRIMARY KEY ((shard, slot), due_at, effect_id)
        ) WITH gc_grace_seconds = 10800 AND memtable_flush_period_in_ms = 3600000
        """,
        # Without. Which slots of a shard may hold effects; written after the effect.
        """
        CREATE TABLE IF NOT EXISTS outbox_slots (
            shard tinyint,
            slot bigint,
            used boolean,
            PRIMARY KEY (shard, slot)
        ) WITH gc_grace_seconds = 10800 AND memtable_flush_period_in_ms = 3600000
        """,
    ),
    (
        # Accounts that were made before have neither version nor write_id: they count as of version 1.
        "ALTER TABLE users ADD IF NOT EXISTS disabled_at text",
        "ALTER TABLE users ADD IF NOT EXISTS credentials_changed_at text",
        "ALTER TABLE users ADD IF NOT EXISTS reset_token blob",
        "ALTER TABLE users ADD IF NOT EXISTS reset_requested_at text",
        "ALTER TABLE users ADD IF NOT EXISTS reset_expires_at text",
        "ALTER TABLE users ADD IF NOT EXISTS version bigint",
        "ALTER TABLE users ADD IF NOT EXISTS write_id text",
        # Likewise.
        "ALTER TABLE user_profiles ADD IF NOT EXISTS version bigint",
        # Without. Rows go by their TTL.
        """
        CREATE TABLE IF NOT EXISTS registrations (
            email text,
            token_hash blob,
            password_hash text,
            full_name text,
            created_at text,
            expires_at text,
            PRIMARY KEY (email, token_hash)
        )
        """,
        # Without. Written before the registration; one without a registration leads nowhere. Rows go by their TTL.
        """
        CREATE TABLE IF NOT EXISTS registration_tokens (
            token_hash blob PRIMARY KEY,
            email text
        )
        """,
        # Without. A slot is the beginning of the events' ids, which is their time. Rows go by their TTL, and with the
        # windows of this compaction whole files do.
        """
        CREATE TABLE IF NOT EXISTS security_events (
            user_id text,
            slot text,
            event_id text,
            action text,
            outcome text,
            at text,
            address text,
            request_id text,
            reason text,
            PRIMARY KEY ((user_id, slot), event_id)
        ) WITH CLUSTERING ORDER BY (event_id DESC) AND compaction =
            {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 3}
        """,
        # Without. Which slots of a user may hold events; written before the event. Rows go by their TTL.
        """
        CREATE TABLE IF NOT EXISTS security_event_slots (
            user_id text,
            slot text,
            PRIMARY KEY (user_id, slot)
        ) WITH CLUSTERING ORDER BY (slot DESC)
        """,
    ),
    (
        # Without a value a session was opened by a password: there was nothing else.
        "ALTER TABLE sessions ADD IF NOT EXISTS proven_by text",
        "ALTER TABLE users ADD IF NOT EXISTS by_identity boolean",
        # Under conditions. One that was removed keeps its row, without a user.
        """
        CREATE TABLE IF NOT EXISTS identities (
            issuer text,
            subject text,
            user_id text,
            email text,
            linked_at text,
            write_id text,
            PRIMARY KEY ((issuer, subject))
        )
        """,
        # Without. Written before the identity; whoever looks here also compares the identity's own user_id.
        """
        CREATE TABLE IF NOT EXISTS identities_of_user (
            user_id text,
            issuer text,
            subject text,
            PRIMARY KEY (user_id, issuer, subject)
        )
        """,
        # Under conditions.
        """
        CREATE TABLE IF NOT EXISTS account_deletions (
            account blob PRIMARY KEY,
            deleted_at text
        )
        """,
    ),
    (
        # Without. A holder that has left may be here a little longer: whoever looks here also looks for its credential.
        """
        CREATE TABLE IF NOT EXISTS shared_grant_holders (
            grant_id text,
            connection_id text,
            PRIMARY KEY (grant_id, connection_id)
        )
        """,
        # Under conditions. One that is free keeps its row.
        """
        CREATE TABLE IF NOT EXISTS shared_grant_claims (
            grant_id text PRIMARY KEY,
            claim text,
            claimed_until text,
            write_id text
        )
        """,
    ),
)
