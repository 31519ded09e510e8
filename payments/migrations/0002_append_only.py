"""What the ledger promises, kept by the database itself, whoever writes.

- Entries and postings are never changed and never deleted; accounts keep their name, and only their balance moves.
- A posting has the currency of its account, and moves the balance of that account; nothing is posted on an entry that
  is sealed.
- The head moves on to the next link of the chain only, if that balances for each currency: so an entry is sealed. On
  PostgreSQL, which has constraints that are looked at on commit, nothing is committed that is not.

SQLite makes a table anew to change it, and its triggers are lost: a migration that alters one of these tables calls
`backwards` first and `forwards` at its end.
"""

from django.db import migrations

HEAD, ENTRY = "payments_ledgerhead", "payments_ledgerentry"
POSTING, ACCOUNT = "payments_ledgerposting", "payments_ledgeraccount"
TABLES = (HEAD, ENTRY, POSTING, ACCOUNT)
FIRST_HASH = "0" * 64

# What means the same on both databases.
OTHER_CURRENCY = "NEW.currency <> (SELECT currency FROM payments_ledgeraccount WHERE id = NEW.account_id)"
IS_SEALED = """(SELECT number FROM payments_ledgerentry WHERE id = NEW.entry_id)
    <= (SELECT number FROM payments_ledgerhead)"""
NOT_SEALED = "NEW.number > (SELECT number FROM payments_ledgerhead)"
#: The balance of liabilities and income grows by credits.
MOVE_BALANCE = """
    UPDATE payments_ledgeraccount SET balance_minor = balance_minor + CASE
        WHEN kind IN ('trust_patient', 'refund_pending', 'provider_payable', 'medicaim_revenue')
        THEN -NEW.amount_minor ELSE NEW.amount_minor END
    WHERE id = NEW.account_id;
"""
NOT_NEXT = """NEW.id <> OLD.id OR NEW.number <> OLD.number + 1 OR NOT EXISTS (
    SELECT 1 FROM payments_ledgerentry
    WHERE number = NEW.number AND hash = NEW.hash AND previous_hash = OLD.hash)"""
UNBALANCED = """EXISTS (
    SELECT 1 FROM payments_ledgerentry AS entry
    LEFT JOIN payments_ledgerposting AS posting ON posting.entry_id = entry.id
    WHERE entry.number = NEW.number GROUP BY posting.currency
    HAVING COUNT(posting.id) < 2 OR SUM(posting.amount_minor) <> 0)"""

REFUSE = "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE ="
POSTGRESQL = (
    f"""
    CREATE FUNCTION payments_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {REFUSE} 'payments_ledger_append_only: ' || TG_OP || ' on ' || TG_TABLE_NAME;
    END $$
    """,
    f"""
    CREATE FUNCTION payments_ledger_post() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF {OTHER_CURRENCY} THEN {REFUSE} 'payments_ledger_currency'; END IF;
        IF {IS_SEALED} THEN {REFUSE} 'payments_ledger_sealed'; END IF;
        {MOVE_BALANCE}
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE FUNCTION payments_ledger_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF {NOT_NEXT} THEN {REFUSE} 'payments_ledger_next_link'; END IF;
        IF {UNBALANCED} THEN {REFUSE} 'payments_ledger_balanced'; END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION payments_ledger_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF {UNBALANCED} THEN {REFUSE} 'payments_ledger_balanced'; END IF;
        IF {NOT_SEALED} THEN {REFUSE} 'payments_ledger_not_sealed'; END IF;
        RETURN NULL;
    END $$
    """,
    *(
        f"""CREATE TRIGGER payments_ledger_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION payments_ledger_refuse()"""
        for table in (ENTRY, POSTING)
    ),
    *(
        f"""CREATE TRIGGER payments_ledger_no_delete BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION payments_ledger_refuse()"""
        for table in (HEAD, ACCOUNT)
    ),
    *(
        f"""CREATE TRIGGER payments_ledger_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION payments_ledger_refuse()"""
        for table in TABLES
    ),
    f"""CREATE TRIGGER payments_ledger_name BEFORE UPDATE OF id, kind, currency, holder ON {ACCOUNT}
    FOR EACH ROW EXECUTE FUNCTION payments_ledger_refuse()""",
    f"""CREATE TRIGGER payments_ledger_post AFTER INSERT ON {POSTING}
    FOR EACH ROW EXECUTE FUNCTION payments_ledger_post()""",
    f"""CREATE TRIGGER payments_ledger_seal BEFORE UPDATE ON {HEAD}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION payments_ledger_seal()""",
    f"""CREATE CONSTRAINT TRIGGER payments_ledger_commit AFTER INSERT ON {ENTRY}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_ledger_commit()""",
)
POSTGRESQL_BACK = tuple(
    f"DROP FUNCTION payments_ledger_{name}() CASCADE" for name in ("refuse", "post", "seal", "commit")
)

#: What INSERT OR REPLACE would silently take away: rows with one of these in common.
UNIQUE = {
    HEAD: "id = NEW.id",
    ENTRY: "id = NEW.id OR number = NEW.number OR reference = NEW.reference"
    " OR hash = NEW.hash OR previous_hash = NEW.previous_hash",
    POSTING: "id = NEW.id OR (entry_id = NEW.entry_id AND account_id = NEW.account_id)",
    ACCOUNT: "id = NEW.id OR (kind = NEW.kind AND currency = NEW.currency AND holder = NEW.holder)",
}
IF_THERE = "WHERE EXISTS (SELECT 1 FROM {} WHERE {})"
REFUSE_HERE = "SELECT RAISE(ABORT, 'payments_ledger_append_only')"
#: Name and "WHEN … BEGIN …" of each trigger.
SQLITE = {
    **{f"no_delete_{table}": f"BEFORE DELETE ON {table} BEGIN {REFUSE_HERE};" for table in TABLES},
    **{
        f"no_replace_{table}": f"BEFORE INSERT ON {table} BEGIN {REFUSE_HERE} {IF_THERE.format(table, same)};"
        for table, same in UNIQUE.items()
    },
    **{f"no_update_{table}": f"BEFORE UPDATE ON {table} BEGIN {REFUSE_HERE};" for table in (ENTRY, POSTING)},
    "name": f"BEFORE UPDATE OF id, kind, currency, holder ON {ACCOUNT} BEGIN {REFUSE_HERE};",
    "post": f"""AFTER INSERT ON {POSTING} BEGIN
        SELECT RAISE(ABORT, 'payments_ledger_currency') WHERE {OTHER_CURRENCY};
        SELECT RAISE(ABORT, 'payments_ledger_sealed') WHERE {IS_SEALED};
        {MOVE_BALANCE}""",
    "seal": f"""BEFORE UPDATE ON {HEAD}
        WHEN NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.hash <> OLD.hash BEGIN
        SELECT RAISE(ABORT, 'payments_ledger_next_link') WHERE {NOT_NEXT};
        SELECT RAISE(ABORT, 'payments_ledger_balanced') WHERE {UNBALANCED};""",
}


def forwards(apps, schema_editor):
    statements = {
        "postgresql": POSTGRESQL,
        "sqlite": [f"CREATE TRIGGER payments_ledger_{name} {rule} END" for name, rule in SQLITE.items()],
    }[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    statements = {
        "postgresql": POSTGRESQL_BACK,
        "sqlite": [f"DROP TRIGGER payments_ledger_{name}" for name in SQLITE],
    }[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def begin_the_chain(apps, schema_editor):
    apps.get_model("payments", "LedgerHead").objects.get_or_create(pk=1, defaults={"number": 0, "hash": FIRST_HASH})


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [
        migrations.RunPython(begin_the_chain, migrations.RunPython.noop),
        migrations.RunPython(forwards, backwards),
    ]
