/* Accounts, and a record of every transfer between them, made in the transfer's own transaction; and registers. */
#include "../../../../guest/c/pinion.h"

enum { ACCOUNTS, TRANSFERS, REGISTERS };

#define BUFFER_BYTES 65536

static const pinion_column ACCOUNT_COLUMNS[] = {{"id", PINION_U64}, {"balance", PINION_I64}};
static const pinion_column TRANSFER_COLUMNS[] = {
    {"id", PINION_U64}, {"source", PINION_U64}, {"target", PINION_U64}, {"amount", PINION_I64}};
static const pinion_column REGISTER_COLUMNS[] = {{"id", PINION_U64}, {"value", PINION_U64}};

static const pinion_table TABLES[] = {
    [ACCOUNTS] = {.name = "accounts", .row_type = "Account", PINION_COLUMNS(ACCOUNT_COLUMNS), .access = PINION_PUBLIC,
                  .primary_key = PINION_COLUMN(0)},
    [TRANSFERS] = {.name = "transfers", .row_type = "Transfer", PINION_COLUMNS(TRANSFER_COLUMNS),
                   .access = PINION_PUBLIC, .primary_key = PINION_COLUMN(0)},
    [REGISTERS] = {.name = "registers", .row_type = "Register", PINION_COLUMNS(REGISTER_COLUMNS),
                   .access = PINION_PUBLIC, .primary_key = PINION_COLUMN(0)},
};

static pinion_table_ref accounts = {.name = "accounts"};
static pinion_index_ref accounts_by_id = {.name = "accounts_id_idx_btree"};
static pinion_table_ref transfers = {.name = "transfers"};
static pinion_index_ref transfers_by_id = {.name = "transfers_id_idx_btree"};
static pinion_table_ref registers = {.name = "registers"};
static pinion_index_ref registers_by_id = {.name = "registers_id_idx_btree"};

static uint8_t scanned[BUFFER_BYTES];
static uint8_t written[256];

static bool find_balance(uint64_t id, int64_t *balance) {
    pinion_reader row;
    if (!pinion_find(&accounts_by_id, &id, sizeof id, scanned, sizeof scanned, &row)) return false;
    pinion_read_u64(&row);
    *balance = pinion_read_i64(&row);
    return true;
}

static pinion_writer account_row(uint64_t id, int64_t balance) {
    pinion_writer row = pinion_writer_on(written, sizeof written);
    pinion_write_u64(&row, id);
    pinion_write_i64(&row, balance);
    return row;
}

static const pinion_column OPEN_PARAMETERS[] = {{"count", PINION_U32}, {"balance", PINION_I64}};

/* Opens the accounts 1 to count; a second time is an error. */
static int open_accounts(pinion_context *context, pinion_reader *arguments) {
    uint32_t count = pinion_read_u32(arguments);
    int64_t balance = pinion_read_i64(arguments);
    for (uint64_t id = 1; id <= count; id++) {
        pinion_writer row = account_row(id, balance);
        uint32_t problem = pinion_insert(&accounts, &row);
        if (problem == PINION_ERRNO_UNIQUE_ALREADY_EXISTS) return pinion_fail_u64(context, "there is an account ", id);
        pinion_check(problem, "insert into accounts");
    }
    return PINION_OK;
}

static void set_balance(uint64_t id, int64_t balance) {
    pinion_writer row = account_row(id, balance);
    pinion_check(pinion_update(&accounts, &accounts_by_id, &row), "update of accounts");
}

/* Moves the amount and records the transfer; a second transfer of one id is an error and changes nothing. */
static int transfer(pinion_context *context, pinion_reader *arguments) {
    uint64_t id = pinion_read_u64(arguments);
    uint64_t source = pinion_read_u64(arguments);
    uint64_t target = pinion_read_u64(arguments);
    int64_t amount = pinion_read_i64(arguments);
    /* Inserting a row that is there already, equal in every column, would be no error. */
    pinion_reader done;
    if (pinion_find(&transfers_by_id, &id, sizeof id, scanned, sizeof scanned, &done)) {
        return pinion_fail_u64(context, "there is a transfer ", id);
    }
    int64_t balance;
    if (!find_balance(source, &balance)) return pinion_fail_u64(context, "no account ", source);
    set_balance(source, balance - amount);
    if (!find_balance(target, &balance)) return pinion_fail_u64(context, "no account ", target);
    set_balance(target, balance + amount);
    pinion_writer row = pinion_writer_on(written, sizeof written);
    pinion_write_u64(&row, id);
    pinion_write_u64(&row, source);
    pinion_write_u64(&row, target);
    pinion_write_i64(&row, amount);
    pinion_check(pinion_insert(&transfers, &row), "insert into transfers");
    return PINION_OK;
}

static bool find_value(uint64_t id, uint64_t *value) {
    pinion_reader row;
    if (!pinion_find(&registers_by_id, &id, sizeof id, scanned, sizeof scanned, &row)) return false;
    pinion_read_u64(&row);
    *value = pinion_read_u64(&row);
    return true;
}

static void set_value(uint64_t id, uint64_t value, bool is_new) {
    pinion_writer row = pinion_writer_on(written, sizeof written);
    pinion_write_u64(&row, id);
    pinion_write_u64(&row, value);
    if (is_new) {
        pinion_check(pinion_insert(&registers, &row), "insert into registers");
    } else {
        pinion_check(pinion_update(&registers, &registers_by_id, &row), "update of registers");
    }
}

/* Sets a register, which may be new. */
static int write_register(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    uint64_t id = pinion_read_u64(arguments);
    uint64_t value = pinion_read_u64(arguments);
    uint64_t before;
    set_value(id, value, !find_value(id, &before));
    return PINION_OK;
}

static const pinion_column SWAP_PARAMETERS[] = {{"id", PINION_U64}, {"expected", PINION_U64}, {"value", PINION_U64}};

/* Sets a register that holds the expected value; the error says which one it holds instead. */
static int swap_register(pinion_context *context, pinion_reader *arguments) {
    uint64_t id = pinion_read_u64(arguments);
    uint64_t expected = pinion_read_u64(arguments);
    uint64_t value = pinion_read_u64(arguments);
    uint64_t before;
    if (!find_value(id, &before)) return pinion_fail_u64(context, "no register ", id);
    if (before != expected) return pinion_fail_u64(context, "it holds ", before);
    set_value(id, value, false);
    return PINION_OK;
}

static const pinion_reducer REDUCERS[] = {
    {.name = "open", PINION_PARAMETERS(OPEN_PARAMETERS), .run = open_accounts},
    {.name = "transfer", PINION_PARAMETERS(TRANSFER_COLUMNS), .run = transfer},
    {.name = "write", PINION_PARAMETERS(REGISTER_COLUMNS), .run = write_register},
    {.name = "swap", PINION_PARAMETERS(SWAP_PARAMETERS), .run = swap_register},
};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_NO_VIEWS)
