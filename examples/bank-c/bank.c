/* A small bank: accounts, transfers between them, and an audit every minute. */
#include "../../guest/c/pinion.h"

enum { ACCOUNTS, AUDIT_TIMER, AUDITS };

#define AUDIT_INTERVAL_MICROS (60 * 1000000ll)
/* An account written by this module is far smaller; one chunk of a scan is 32 KiB and a row. */
#define BUFFER_BYTES 65536

static const pinion_column ACCOUNT_COLUMNS[] = {{"id", PINION_U64}, {"owner", PINION_STRING}, {"balance", PINION_I64}};
static const pinion_column TIMER_COLUMNS[] = {{"scheduled_id", PINION_U64}, {"scheduled_at", PINION_SCHEDULE_AT}};
static const pinion_column AUDIT_COLUMNS[] = {
    {"id", PINION_U64}, {"at", PINION_TIMESTAMP}, {"accounts", PINION_U64}, {"total", PINION_I64}};

static const pinion_table TABLES[] = {
    [ACCOUNTS] = {.name = "accounts", .row_type = "Account", PINION_COLUMNS(ACCOUNT_COLUMNS), .access = PINION_PUBLIC,
                  .primary_key = PINION_COLUMN(0)},
    [AUDIT_TIMER] = {.name = "audit_timer", .row_type = "AuditTimer", PINION_COLUMNS(TIMER_COLUMNS),
                     .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0), .scheduled = "audit",
                     .scheduled_at = PINION_COLUMN(1)},
    [AUDITS] = {.name = "audits", .row_type = "Audit", PINION_COLUMNS(AUDIT_COLUMNS), .access = PINION_PUBLIC,
                .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0)},
};

static pinion_table_ref accounts = {.name = "accounts"};
static pinion_index_ref accounts_by_id = {.name = "accounts_id_idx_btree"};
static pinion_table_ref audit_timer = {.name = "audit_timer"};
static pinion_table_ref audits = {.name = "audits"};

typedef struct {
    uint64_t id;
    pinion_string owner;
    int64_t balance;
} account;

static account read_account(pinion_reader *rows) {
    account read = {pinion_read_u64(rows), pinion_read_string(rows), pinion_read_i64(rows)};
    return read;
}

static void write_account(pinion_writer *row, account written) {
    pinion_write_u64(row, written.id);
    pinion_write_string(row, written.owner);
    pinion_write_i64(row, written.balance);
}

static bool find_account(uint64_t id, uint8_t *buffer, account *found) {
    pinion_reader row;
    if (!pinion_find(&accounts_by_id, &id, sizeof id, buffer, BUFFER_BYTES, &row)) return false;
    *found = read_account(&row);
    return true;
}

static uint8_t scanned[BUFFER_BYTES];
static uint8_t scanned_too[BUFFER_BYTES];
static uint8_t written[BUFFER_BYTES];

static int init(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    (void)arguments;
    pinion_writer row = pinion_writer_on(written, sizeof written);
    pinion_write_u64(&row, 0);
    pinion_write_every(&row, AUDIT_INTERVAL_MICROS);
    pinion_check(pinion_insert(&audit_timer, &row), "insert into audit_timer");
    return PINION_OK;
}

static const pinion_column SEED_PARAMETERS[] = {{"count", PINION_U32}, {"balance", PINION_I64}};

/* Opens the accounts 1 to count that do not exist yet. */
static int seed(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    uint32_t count = pinion_read_u32(arguments);
    int64_t balance = pinion_read_i64(arguments);
    for (uint64_t id = 1; id <= count; id++) {
        account existing;
        if (find_account(id, scanned, &existing)) continue;
        uint8_t text[32];
        pinion_writer owner = pinion_writer_on(text, sizeof text);
        pinion_write_raw(&owner, "account-", 8);
        pinion_write_decimal(&owner, id);
        account opened = {id, {(const char *)text, pinion_written(&owner)}, balance};
        pinion_writer row = pinion_writer_on(written, sizeof written);
        write_account(&row, opened);
        pinion_check(pinion_insert(&accounts, &row), "insert into accounts");
    }
    return PINION_OK;
}

static void set_balance(account changed, int64_t balance) {
    changed.balance = balance;
    pinion_writer row = pinion_writer_on(written, sizeof written);
    write_account(&row, changed);
    pinion_check(pinion_update(&accounts, &accounts_by_id, &row), "update of accounts");
}

static const pinion_column TRANSFER_PARAMETERS[] = {{"from", PINION_U64}, {"to", PINION_U64}, {"amount", PINION_I64}};

static int transfer(pinion_context *context, pinion_reader *arguments) {
    uint64_t from_id = pinion_read_u64(arguments);
    uint64_t to_id = pinion_read_u64(arguments);
    int64_t amount = pinion_read_i64(arguments);
    if (from_id == to_id) return pinion_fail(context, "cannot transfer to the same account");
    if (amount <= 0) return pinion_fail(context, "the amount must be positive");
    account from, to;
    if (!find_account(from_id, scanned, &from)) return pinion_fail_u64(context, "no account ", from_id);
    if (!find_account(to_id, scanned_too, &to)) return pinion_fail_u64(context, "no account ", to_id);
    if (from.balance < amount) return pinion_fail(context, "insufficient funds");
    int64_t received;
    if (__builtin_add_overflow(to.balance, amount, &received)) pinion_panic("the balance exceeds 64 bits");
    set_balance(from, from.balance - amount);
    set_balance(to, received);
    return PINION_OK;
}

/* Does nothing: what a call costs by itself. */
static int empty(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    (void)arguments;
    return PINION_OK;
}

static const pinion_column AUDIT_PARAMETERS[] = {{"timer", PINION_ROW(AUDIT_TIMER)}};

/* Writes down how many accounts there are and what they hold together. */
static int audit(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    uint64_t count = 0;
    int64_t total = 0;
    pinion_iterator rows = pinion_scan(&accounts, scanned, sizeof scanned);
    while (pinion_next(&rows)) {
        if (__builtin_add_overflow(total, read_account(&rows.rows).balance, &total)) {
            pinion_panic("the total exceeds 64 bits");
        }
        count++;
    }
    pinion_writer row = pinion_writer_on(written, sizeof written);
    pinion_write_u64(&row, 0);
    pinion_write_i64(&row, context->timestamp_micros);
    pinion_write_u64(&row, count);
    pinion_write_i64(&row, total);
    pinion_check(pinion_insert(&audits, &row), "insert into audits");
    return PINION_OK;
}

/* The accounts whose balance is 0: counted first, as the count comes before the rows. */
static int empty_accounts(pinion_context *context) {
    uint32_t count = 0;
    pinion_iterator rows = pinion_scan(&accounts, scanned, sizeof scanned);
    while (pinion_next(&rows)) count += read_account(&rows.rows).balance == 0 ? 1 : 0;
    pinion_view_rows(context, count);
    rows = pinion_scan(&accounts, scanned, sizeof scanned);
    while (pinion_next(&rows)) {
        const uint8_t *start = rows.rows.at;
        if (read_account(&rows.rows).balance == 0) pinion_view_row(context, start, (uint32_t)(rows.rows.at - start));
    }
    return PINION_OK;
}

static const pinion_reducer REDUCERS[] = {
    {.name = "audit", PINION_PARAMETERS(AUDIT_PARAMETERS), .run = audit},
    {.name = "empty", .run = empty},
    {.name = "init", .run = init, .lifecycle = PINION_INIT},
    {.name = "seed", PINION_PARAMETERS(SEED_PARAMETERS), .run = seed},
    {.name = "transfer", PINION_PARAMETERS(TRANSFER_PARAMETERS), .run = transfer},
};

static const pinion_view VIEWS[] = {{.name = "empty_accounts", .table = ACCOUNTS, .anonymous = true, .run = empty_accounts}};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_VIEWS(VIEWS))
