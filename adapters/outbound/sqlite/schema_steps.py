"""The schema, in steps: one is never changed once it has been released; the next one amends it.

Times are text: UTC, ISO 8601 with microseconds, so that they sort as they follow each other.
"""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE users (
            id TEXT PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            password_hash TEXT,
            created_at TEXT NOT NULL,
            email_verified_at TEXT
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE user_profiles (
            user_id TEXT PRIMARY KEY,
            full_name TEXT,
            display_name TEXT,
            avatar_url TEXT,
            company TEXT,
            job_title TEXT,
            timezone TEXT,
            preferences TEXT NOT NULL,
            updated_at TEXT
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE password_reset_tokens (
            token_hash BLOB PRIMARY KEY,
            user_id TEXT NOT NULL,
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sessions (
            user_id TEXT NOT NULL,
            id TEXT NOT NULL,
            refresh_hash BLOB NOT NULL,
            previous_hash BLOB,
            renewed_at TEXT NOT NULL,
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            device TEXT NOT NULL,
            PRIMARY KEY (user_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE user_integrations (
            user_id TEXT NOT NULL,
            id TEXT NOT NULL,
            provider TEXT NOT NULL,
            account_id TEXT NOT NULL,
            account_name TEXT NOT NULL,
            status TEXT NOT NULL,
            scopes TEXT NOT NULL,
            created_at TEXT NOT NULL,
            connected_at TEXT NOT NULL,
            last_sync TEXT,
            last_error_code TEXT,
            last_error_at TEXT,
            version INTEGER NOT NULL,
            PRIMARY KEY (user_id, id),
            UNIQUE (user_id, provider, account_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE user_credentials (
            connection_id TEXT PRIMARY KEY,
            access_token BLOB NOT NULL,
            refresh_token BLOB,
            expires_at TEXT,
            scopes TEXT NOT NULL,
            obtained_at TEXT NOT NULL,
            revision TEXT NOT NULL,
            claimed_until TEXT
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE integration_items (
            connection_id TEXT NOT NULL,
            key BLOB NOT NULL,
            epoch INTEGER NOT NULL,
            number INTEGER NOT NULL,
            content_hash BLOB NOT NULL,
            synced_at TEXT NOT NULL,
            deleted_at TEXT,
            kind TEXT NOT NULL,
            external_id TEXT NOT NULL,
            name TEXT NOT NULL,
            item_type TEXT NOT NULL,
            directory INTEGER NOT NULL,
            parent_id TEXT,
            parent_path_or_name TEXT,
            creation_time TEXT,
            last_modified_time TEXT,
            url TEXT,
            mime_type TEXT,
            delta TEXT,
            drive_id TEXT,
            visibility INTEGER NOT NULL,
            properties TEXT NOT NULL,
            PRIMARY KEY (connection_id, key)
        ) STRICT
        """,
        """
        CREATE INDEX listed_items ON integration_items (connection_id, key) WHERE deleted_at IS NULL
        """,
        """
        CREATE TABLE item_changes (
            connection_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            change TEXT NOT NULL,
            item BLOB NOT NULL,
            counts INTEGER NOT NULL,
            PRIMARY KEY (connection_id, number)
        ) STRICT
        """,
        """
        CREATE TABLE item_change_epochs (
            connection_id TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sync_states (
            connection_id TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL,
            state TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sync_runs (
            opening INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            connection_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            provider TEXT NOT NULL,
            status TEXT NOT NULL,
            requested_at TEXT NOT NULL,
            started_at TEXT,
            ended_at TEXT,
            counts TEXT NOT NULL,
            error TEXT,
            cancel_requested INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE INDEX runs_of_connection ON sync_runs (connection_id, opening)
        """,
        """
        CREATE TABLE outbox (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            created_at TEXT NOT NULL,
            due_at TEXT NOT NULL,
            attempts INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE INDEX due_effects ON outbox (due_at)
        """,
    ),
    (
        "ALTER TABLE users ADD COLUMN disabled_at TEXT",
        "ALTER TABLE users ADD COLUMN credentials_changed_at TEXT",
        "ALTER TABLE users ADD COLUMN reset_token BLOB",
        "ALTER TABLE users ADD COLUMN reset_requested_at TEXT",
        "ALTER TABLE users ADD COLUMN reset_expires_at TEXT",
        "ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE user_profiles ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        "CREATE INDEX ended_resets ON password_reset_tokens (expires_at)",
        """
        CREATE TABLE registrations (
            token_hash BLOB PRIMARY KEY,
            email TEXT NOT NULL,
            password_hash TEXT NOT NULL,
            full_name TEXT,
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX registrations_of_address ON registrations (email, created_at)",
        "CREATE INDEX ended_registrations ON registrations (expires_at)",
        """
        CREATE TABLE security_events (
            user_id TEXT NOT NULL,
            id TEXT NOT NULL,
            action TEXT NOT NULL,
            outcome TEXT NOT NULL,
            at TEXT NOT NULL,
            address TEXT,
            request_id TEXT,
            reason TEXT NOT NULL,
            PRIMARY KEY (user_id, id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX old_security_events ON security_events (at)",
    ),
    (
        "ALTER TABLE sessions ADD COLUMN proven_by TEXT NOT NULL DEFAULT 'password'",
        "ALTER TABLE users ADD COLUMN by_identity INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE identities (
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_id TEXT NOT NULL,
            email TEXT NOT NULL,
            linked_at TEXT NOT NULL,
            PRIMARY KEY (issuer, subject)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX identities_of_user ON identities (user_id)",
        """
        CREATE TABLE account_deletions (
            account BLOB PRIMARY KEY,
            deleted_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ),
    (
        """
        CREATE TABLE shared_grant_holders (
            grant_id TEXT NOT NULL,
            connection_id TEXT NOT NULL,
            PRIMARY KEY (grant_id, connection_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE shared_grant_claims (
            grant_id TEXT PRIMARY KEY,
            claim TEXT NOT NULL,
            claimed_until TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ),
)
