/* Every call and every error of the module ABI, on pinion.h. What the header does not reach is called on the imports
 * directly. The same module is beside this one in JavaScript and in TypeScript: each writes the same log lines. */
#define PINION_USE_JWT
#define PINION_USE_CLEAR
#define PINION_USE_PROCEDURES
#define PINION_USE_IMMEDIATE
#define PINION_ARGUMENT_BYTES_MAX 65536
#include "../../guest/c/pinion.h"

PINION_IMPORT(1, bytes_source_remaining_length) uint32_t host_remaining(uint32_t source, uint32_t *length);
PINION_IMPORT(0, datastore_btree_scan_bsatn)
uint32_t host_old_scan(uint32_t index, const uint8_t *prefix, uint32_t prefix_length, uint32_t prefix_elements,
                       const uint8_t *start, uint32_t start_length, const uint8_t *end, uint32_t end_length,
                       uint32_t *iterator);
PINION_IMPORT(0, datastore_delete_by_btree_scan_bsatn)
uint32_t host_old_delete(uint32_t index, const uint8_t *prefix, uint32_t prefix_length, uint32_t prefix_elements,
                         const uint8_t *start, uint32_t start_length, const uint8_t *end, uint32_t end_length,
                         uint32_t *count);

enum { ITEMS, TAGS, TICKS, JOBS };

static pinion_table_ref items = {.name = "items"};
static pinion_index_ref items_by_id = {.name = "items_id_idx_btree"};
static pinion_index_ref items_by_name = {.name = "items_name_idx_btree"};
static pinion_index_ref items_by_kind_rank = {.name = "items_kind_rank_idx_btree"};
static pinion_table_ref tags = {.name = "tags"};
static pinion_index_ref tags_by_key = {.name = "tags_key_idx_hash"};
static pinion_table_ref ticks = {.name = "ticks"};
static pinion_table_ref jobs = {.name = "jobs"};

static uint8_t rows[1 << 18];
static uint8_t scratch[1 << 18];

/* ---- Log lines: texts and numbers, one behind the other ---- */

static uint8_t line[1024];
static pinion_writer out;

static void begin(const char *text) {
    out = pinion_writer_on(line, sizeof line - 1);
    pinion_write_raw(&out, text, pinion_length(text));
}

static void word(const char *text) { pinion_write_raw(&out, text, pinion_length(text)); }
static void number(uint64_t value) { word(" "); pinion_write_decimal(&out, value); }

static void hex(const uint64_t *words, int count) {
    word(" ");
    for (int i = count - 1; i >= 0; i--) {
        for (int shift = 60; shift >= 0; shift -= 4) pinion_write_raw(&out, &"0123456789abcdef"[words[i] >> shift & 15], 1);
    }
}

static void end(void) {
    *out.at = 0;
    pinion_log(PINION_LOG_INFO, (const char *)line);
}

static void say(const char *what, uint32_t code) {
    begin(what);
    number(code);
    end();
}

/* ---- Rows ---- */

static pinion_writer item(uint64_t id, const char *name, uint32_t kind, uint8_t rank) {
    pinion_writer row = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u64(&row, id);
    pinion_write_text(&row, name);
    pinion_write_u32(&row, kind);
    pinion_write_u8(&row, rank);
    return row;
}

/* Inserts a row and tells its id. */
static uint64_t insert_item(uint64_t id, const char *name, uint32_t kind, uint8_t rank) {
    pinion_writer row = item(id, name, kind, rank);
    pinion_check(pinion_insert(&items, &row), "insert");
    pinion_reader reader = {scratch, scratch + 8, false};
    return pinion_read_u64(&reader);
}

typedef struct { uint64_t id; pinion_string name; uint32_t kind; uint8_t rank; } item_row;

static item_row read_item(pinion_reader *reader) {
    item_row row;
    row.id = pinion_read_u64(reader);
    row.name = pinion_read_string(reader);
    row.kind = pinion_read_u32(reader);
    row.rank = pinion_read_u8(reader);
    return row;
}

static void summarise(const char *what, uint32_t handle) {
    uint64_t count = 0, sum = 0;
    pinion_iterator iterator = pinion_iterate(handle, rows, sizeof rows);
    while (pinion_next(&iterator)) {
        sum += read_item(&iterator.rows).rank;
        count++;
    }
    begin(what);
    number(count);
    number(sum);
    end();
}

/* ---- Reducers ---- */

static int on_init(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    begin("init");
    end();
    return PINION_OK;
}

static int on_connected(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    begin("connected");
    hex(context->connection.words, 2);
    end();
    return PINION_OK;
}

static int on_disconnected(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    begin("disconnected");
    hex(context->connection.words, 2);
    end();
    return PINION_OK;
}

static void say_connection(const pinion_connection_id *connection) {
    if (connection->words[0] == 0 && connection->words[1] == 0) word(" none");
    else hex(connection->words, 2);
}

static int context_of(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    pinion_identity database = pinion_database();
    begin("sender");
    hex(context->sender.words, 4);
    end();
    begin("connection");
    say_connection(&context->connection);
    end();
    begin("timestamp");
    number((uint64_t)context->timestamp_micros);
    end();
    begin("database");
    hex(database.words, 4);
    end();
    return PINION_OK;
}

static int claims(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    pinion_reader found;
    pinion_claims(&context->connection, scratch, sizeof scratch, &found);
    begin("claims ");
    if (found.at == found.end) word("none");
    else pinion_write_raw(&out, found.at, (uint32_t)(found.end - found.at));
    end();
    return PINION_OK;
}

static uint64_t item_named(const char *name) {
    uint8_t key[64];
    pinion_writer writer = pinion_writer_on(key, sizeof key);
    pinion_write_text(&writer, name);
    pinion_reader row;
    bool found = pinion_find(&items_by_name, key, pinion_written(&writer), rows, sizeof rows, &row);
    return found ? read_item(&row).id : 0;
}

static uint32_t delete_row(pinion_writer *row) {
    uint32_t length = pinion_written(row), count = 0;
    rows[0] = 1, rows[1] = rows[2] = rows[3] = 0;
    memcpy(rows + 4, row->start, length);
    pinion_check(pinion_host_delete_rows(pinion_table_id(&items), rows, length + 4, &count), "delete");
    return count;
}

static int tables(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    uint64_t a = insert_item(0, "a", 0, 0), b = insert_item(0, "b", 0, 0), c = insert_item(0, "c", 0, 0);
    begin("inserted");
    number(a), number(b), number(c), number(insert_item(100, "d", 0, 0));
    end();
    begin("again");
    number(insert_item(a, "a", 0, 0));
    end();
    begin("count");
    number(pinion_row_count(&items));
    end();
    uint64_t sum = 0;
    pinion_iterator all = pinion_scan(&items, rows, sizeof rows);
    while (pinion_next(&all)) sum += read_item(&all.rows).id;
    begin("scan");
    number(sum);
    end();
    begin("found");
    number(item_named("b"));
    word(item_named("x") == 0 ? " none" : " some");
    end();
    pinion_writer changed = item(b, "b", 0, 9);
    pinion_check(pinion_update(&items, &items_by_id, &changed), "update");
    pinion_reader row;
    pinion_find(&items_by_id, &b, sizeof b, rows, sizeof rows, &row);
    begin("updated");
    number(read_item(&row).rank);
    end();
    begin("deleted");
    number(pinion_delete_key(&items_by_id, &a, sizeof a)), number(pinion_delete_key(&items_by_id, &a, sizeof a));
    end();
    pinion_writer third = item(c, "c", 0, 0);
    begin("deleted row");
    number(delete_row(&third)), number(delete_row(&third));
    end();
    begin("cleared");
    number(pinion_clear(&items)), number(pinion_row_count(&items));
    end();
    return PINION_OK;
}

/* Bounds on the rank of one kind; the length of each is 2, but 1 for the unbounded. */
static void range(const char *what, uint32_t kind, const uint8_t *from, const uint8_t *to) {
    uint32_t handle = 0;
    pinion_check(pinion_host_scan_range(pinion_index_id(&items_by_kind_rank), (const uint8_t *)&kind, 4, 1, from,
                                        from[0] == 2 ? 1 : 2, to, to[0] == 2 ? 1 : 2, &handle), what);
    summarise(what, handle);
}

static int ranges(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    static const uint8_t open[] = {2}, from_3[] = {0, 3}, above_3[] = {1, 3}, below_9[] = {1, 9}, from_5[] = {0, 5};
    static const uint8_t kind_2[] = {0, 2, 0, 0, 0}, point[] = {2, 0, 0, 0, 5};
    for (uint32_t kind = 1; kind <= 3; kind++) {
        for (uint8_t rank = 0; rank < 10; rank++) {
            char name[] = {(char)('0' + kind), '-', (char)('0' + rank), 0};
            insert_item(0, name, kind, rank);
        }
    }
    uint32_t index = pinion_index_id(&items_by_kind_rank), handle = 0, count = 0, three = 3;
    range("prefix", 2, open, open);
    range("range", 2, from_3, below_9);
    range("above", 2, above_3, open);
    range("up to", 2, open, from_3);
    pinion_check(host_old_scan(index, NULL, 0, 0, kind_2, sizeof kind_2, open, 1, &handle), "kinds");
    summarise("kinds", handle);
    pinion_check(pinion_host_scan_point(index, point, sizeof point, &handle), "point");
    summarise("point", handle);
    pinion_check(host_old_delete(index, (const uint8_t *)&three, 4, 1, from_5, 2, open, 1, &count), "delete");
    begin("deleted");
    number(count), number(pinion_delete_key(&items_by_kind_rank, point, sizeof point));
    end();
    for (uint32_t i = 0; i < 6; i++) {
        char label[] = {(char)('0' + i), 0};
        pinion_writer tag = pinion_writer_on(scratch, sizeof scratch);
        pinion_write_u32(&tag, i % 2);
        pinion_write_text(&tag, label);
        pinion_check(pinion_insert(&tags, &tag), "insert");
    }
    uint32_t one = 1, found = 0;
    pinion_iterator hashed = pinion_scan_key(&tags_by_key, &one, 4, rows, sizeof rows);
    for (; pinion_next(&hashed); found++) pinion_read_u32(&hashed.rows), pinion_read_string(&hashed.rows);
    begin("hash");
    number(found), number(pinion_delete_key(&tags_by_key, &one, 4)), number(pinion_row_count(&tags));
    end();
    return PINION_OK;
}

static void insert_tag(uint32_t key, char letter, uint32_t length) {
    pinion_writer tag = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u32(&tag, key);
    pinion_write_u32(&tag, length);
    for (uint32_t i = 0; i < length; i++) pinion_write_u8(&tag, (uint8_t)letter);
    pinion_check(pinion_insert(&tags, &tag), "insert");
}

static int chunks(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    for (uint32_t i = 0; i < 3000; i++) insert_tag(i, 'x', 100);
    uint64_t count = 0, longest = 0;
    pinion_iterator all = pinion_scan(&tags, rows, 40000);
    for (; pinion_next(&all); count++) pinion_read_u32(&all.rows), pinion_read_string(&all.rows);
    begin("rows");
    number(count);
    end();
    pinion_iterator first = pinion_scan(&tags, rows, sizeof rows);
    pinion_next(&first);
    pinion_read_u32(&first.rows);
    begin("first");
    number(pinion_read_string(&first.rows).length);
    end();
    pinion_close(&first);
    insert_tag(1, 'y', 200000);
    all = pinion_scan(&tags, rows, sizeof rows);
    while (pinion_next(&all)) {
        pinion_read_u32(&all.rows);
        uint32_t length = pinion_read_string(&all.rows).length;
        longest = length > longest ? length : longest;
    }
    begin("longest");
    number(longest);
    end();
    return PINION_OK;
}

static int errors(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    static const uint8_t open[] = {2}, odd[] = {7}, none[4], one_row[] = {1, 0, 0, 0};
    insert_item(0, "one", 0, 0);
    uint32_t table = pinion_table_id(&items), by_id = pinion_index_id(&items_by_id), handle = 0, count = 0;
    uint32_t by_kind = pinion_index_id(&items_by_kind_rank);
    uint64_t rows_of = 0;
    int64_t time = 0;
    pinion_writer row = item(0, "one", 0, 0);
    say("unique", pinion_insert(&items, &row));
    row = item(77, "one", 0, 0);
    say("no row", pinion_update(&items, &items_by_id, &row));
    row = item(1, "x", 0, 0);
    uint32_t length = pinion_written(&row);
    say("not unique", pinion_host_update(table, by_kind, scratch, &length));
    say("update no index", pinion_host_update(table, 99999, scratch, &length));
    say("no table", pinion_host_table_id("nothing", 7, &handle));
    say("no table count", pinion_host_row_count(99999, &rows_of));
    say("no table scan", pinion_host_scan(99999, &handle));
    say("no table delete", pinion_host_delete_rows(99999, none, 4, &count));
    say("no index", pinion_host_index_id("nothing", 7, &handle));
    say("no index point", pinion_host_scan_point(99999, none, 1, &handle));
    say("no index range", pinion_host_scan_range(99999, NULL, 0, 0, open, 1, open, 1, &handle));
    say("no index delete", pinion_host_delete_point(99999, none, 1, &count));
    say("undecodable point", pinion_host_scan_point(by_id, one_row, 1, &handle));
    say("undecodable bound", pinion_host_scan_range(by_id, NULL, 0, 0, odd, 1, odd, 1, &handle));
    say("undecodable rows", pinion_host_delete_rows(table, one_row, 4, &count));
    length = sizeof rows;
    say("no iterator", pinion_host_advance(99999, rows, &length));
    say("no iterator to close", pinion_host_close(99999));
    say("no timer", pinion_host_timer_end(99999));
    row = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u64(&row, 0);
    pinion_write_at(&row, INT64_C(1) << 62);
    say("too far", pinion_insert(&ticks, &row));
    say("start", pinion_host_begin(&time));
    say("commit", pinion_host_commit());
    say("abort", pinion_host_abort());
    pinion_check(pinion_host_scan(table, &handle), "scan");
    length = 1;
    pinion_check(pinion_host_advance(handle, rows, &length) == PINION_ERRNO_BUFFER_TOO_SMALL ? 0 : 1, "too small");
    begin("too small");
    number(length);
    end();
    say("closed", pinion_host_close(handle));
    say("closed again", pinion_host_close(handle));
    return PINION_OK;
}

/* What only this language has: byte sources and sinks, and the arguments by hand. */
static int sources(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    uint32_t length = 4;
    begin("arguments");
    number((uint32_t)(arguments->end - arguments->at));
    end();
    say("exhausted", (uint32_t)pinion_host_read(1, rows, &length));
    say("remaining", host_remaining(1, &length));
    say("no source", (uint32_t)pinion_host_read(99, rows, &length));
    say("empty source", (uint32_t)pinion_host_read(0, rows, &length));
    say("no sink", pinion_host_write(99, rows, &length));
    begin("length");
    number(length);
    end();
    return PINION_OK;
}

static int trap_unknown_table(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    uint32_t length = 1;
    pinion_host_insert(99999, rows, &length);
    pinion_log(PINION_LOG_INFO, "caught");
    return PINION_OK;
}

static int trap_bad_row(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    uint32_t length = 2;
    pinion_host_insert(pinion_table_id(&items), rows, &length);
    pinion_log(PINION_LOG_INFO, "caught");
    return PINION_OK;
}

static int trap_clear(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    uint64_t count = 0;
    pinion_host_clear(99999, &count);
    pinion_log(PINION_LOG_INFO, "caught");
    return PINION_OK;
}

static int trap_hash_range(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    static const uint8_t open[] = {2};
    uint32_t handle = 0;
    pinion_host_scan_range(pinion_index_id(&tags_by_key), NULL, 0, 0, open, 1, open, 1, &handle);
    pinion_log(PINION_LOG_INFO, "caught");
    return PINION_OK;
}

static pinion_writer get_request(uint8_t *buffer, uint32_t capacity) {
    pinion_writer request = pinion_writer_on(buffer, capacity);
    pinion_write_request(&request, PINION_GET, "http://a/", NULL, 0, -1);
    return request;
}

static int http_in_reducer(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    pinion_writer request = get_request(scratch, sizeof scratch);
    pinion_response response;
    pinion_http(&request, NULL, 0, &response);
    return PINION_OK;
}

static int sleep_in_reducer(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    pinion_sleep_until(0);
    return PINION_OK;
}

static int refuse(pinion_context *context, pinion_reader *arguments) {
    pinion_string text = pinion_read_string(arguments);
    pinion_sink(context->sink, text.at, text.length);
    return PINION_ERROR;
}

static int fail(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    insert_item(0, "lost", 0, 0);
    pinion_panic("a mistake");
}

static int logs(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    pinion_log(PINION_LOG_ERROR, "at error");
    pinion_log(PINION_LOG_WARN, "at warn");
    pinion_log(PINION_LOG_INFO, "at info");
    pinion_log(PINION_LOG_DEBUG, "at debug");
    pinion_log(PINION_LOG_TRACE, "at trace");
    pinion_log(PINION_LOG_PANIC, "at panic");
    pinion_log(42, "at another");
    pinion_check(pinion_host_timer_end(pinion_host_timer_start("work \"quoted\"", 13)), "timer");
    return PINION_OK;
}

static int immediate(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    pinion_writer text = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_text(&text, "hi");
    pinion_schedule("refuse", &text);
    return PINION_OK;
}

static int schedule(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    pinion_writer tick = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u64(&tick, 0);
    pinion_write_every(&tick, 5000000);
    pinion_check(pinion_insert(&ticks, &tick), "insert");
    pinion_reader id = {scratch, scratch + 8, false};
    begin("scheduled");
    number(pinion_read_u64(&id));
    pinion_writer job = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u64(&job, 0);
    pinion_write_at(&job, context->timestamp_micros + 1000000);
    pinion_check(pinion_insert(&jobs, &job), "insert");
    id = (pinion_reader){scratch, scratch + 8, false};
    number(pinion_read_u64(&id));
    end();
    return PINION_OK;
}

static void say_schedule(const char *what, pinion_reader *arguments) {
    begin(what);
    number(pinion_read_u64(arguments));
    word(pinion_read_u8(arguments) == 0 ? " Interval" : " Time");
    end();
}

static int on_tick(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    say_schedule("tick", arguments);
    return PINION_OK;
}

static int fill(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    pinion_string name = pinion_read_string(arguments);
    uint32_t kind = pinion_read_u32(arguments);
    pinion_writer row = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u64(&row, 0);
    pinion_write_string(&row, name);
    pinion_write_u32(&row, kind);
    pinion_write_u8(&row, 0);
    pinion_check(pinion_insert(&items, &row), "insert");
    return PINION_OK;
}

/* ---- Views ---- */

/* Items of one kind, or all; their number has to be known before the first of them. */
static int return_items(pinion_context *context, bool all, uint32_t kind) {
    uint32_t length = 0, count = 0;
    pinion_iterator iterator = pinion_scan(&items, rows, sizeof rows);
    while (pinion_next(&iterator)) {
        const uint8_t *start = iterator.rows.at;
        if (read_item(&iterator.rows).kind != kind && !all) continue;
        memcpy(scratch + length, start, (uint32_t)(iterator.rows.at - start));
        length += (uint32_t)(iterator.rows.at - start);
        count++;
    }
    pinion_view_rows(context, count);
    pinion_view_row(context, scratch, length);
    return PINION_OK;
}

static int all_items(pinion_context *context) { return return_items(context, true, 0); }
static int my_items(pinion_context *context) { return return_items(context, false, (uint32_t)context->sender.words[0]); }

static int first_item(pinion_context *context) {
    uint64_t id = 1;
    pinion_reader row;
    bool found = pinion_find(&items_by_id, &id, sizeof id, rows, sizeof rows, &row);
    pinion_view_rows(context, found ? 1 : 0);
    if (found) pinion_view_row(context, row.at, (uint32_t)(row.end - row.at));
    return PINION_OK;
}

static int queried(pinion_context *context) {
    pinion_view_query(context, "SELECT * FROM items");
    return PINION_OK;
}

static int refusing(pinion_context *context) { return pinion_fail(context, "view refused"); }

static int failing(pinion_context *context) {
    (void)context;
    pinion_panic("view failed");
}

/* ---- Procedures ---- */

static void return_u64(pinion_context *context, uint64_t value) {
    uint8_t buffer[8];
    pinion_writer result = pinion_writer_on(buffer, sizeof buffer);
    pinion_write_u64(&result, value);
    pinion_return(context, &result);
}

static int add(pinion_context *context, pinion_reader *arguments) {
    uint64_t a = pinion_read_u32(arguments), b = pinion_read_u32(arguments);
    begin("procedure");
    hex(context->sender.words, 4);
    say_connection(&context->connection);
    number((uint64_t)context->timestamp_micros);
    end();
    return_u64(context, a + b);
    return PINION_OK;
}

static int nothing(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    return PINION_OK;
}

static int insert_named(pinion_context *transaction, void *state) {
    const pinion_string *name = (const pinion_string *)state;
    pinion_writer row = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_u64(&row, 0);
    pinion_write_string(&row, *name);
    pinion_write_u32(&row, 0);
    pinion_write_u8(&row, 0);
    pinion_check(pinion_insert(&items, &row), "insert");
    begin("inside");
    number((uint64_t)transaction->timestamp_micros);
    end();
    return PINION_OK;
}

static int count_items(pinion_context *transaction, void *state) {
    (void)transaction;
    *(uint64_t *)state = pinion_row_count(&items);
    return PINION_OK;
}

static int two_transactions(pinion_context *context, pinion_reader *arguments) {
    pinion_string name = pinion_read_string(arguments);
    uint64_t count = 0;
    pinion_transaction(context, insert_named, &name);
    pinion_transaction(context, count_items, &count);
    return_u64(context, count);
    return PINION_OK;
}

static int insert_and_undo(pinion_context *transaction, void *state) {
    (void)transaction, (void)state;
    insert_item(0, "undone", 0, 0);
    return PINION_ERROR;
}

static int abort_one(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    uint64_t count = 0;
    if (pinion_transaction(context, insert_and_undo, NULL) != PINION_OK) pinion_log(PINION_LOG_INFO, "undone undo");
    pinion_transaction(context, count_items, &count);
    return_u64(context, count);
    return PINION_OK;
}

static int errors_inside(pinion_context *transaction, void *state) {
    (void)transaction, (void)state;
    int64_t time = 0;
    uint8_t buffer[64];
    pinion_writer request = get_request(buffer, sizeof buffer);
    pinion_response response;
    say("start inside", pinion_host_begin(&time));
    say("http inside", pinion_http(&request, NULL, 0, &response));
    return PINION_OK;
}

static int procedure_errors(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    static const pinion_connection_id one = {{1, 0}};
    uint32_t id = 0;
    uint64_t count = 0;
    say("name outside", pinion_host_table_id("items", 5, &id));
    say("count outside", pinion_host_row_count(4096, &count));
    say("claims outside", pinion_host_jwt((const uint8_t *)&one, &id));
    say("commit", pinion_host_commit());
    say("abort", pinion_host_abort());
    pinion_transaction(context, errors_inside, NULL);
    return PINION_OK;
}

static int fetch(pinion_context *context, pinion_reader *arguments) {
    static const pinion_header headers[] = {{"x-a", "1"}};
    static char uri[1024];
    pinion_string given = pinion_read_string(arguments);
    memcpy(uri, given.at, given.length);
    uri[given.length] = 0;
    pinion_writer request = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_request(&request, PINION_POST, uri, headers, 1, 2000000);
    pinion_response response;
    uint32_t code = pinion_http(&request, "ping", 4, &response);
    begin("");
    pinion_reader reader;
    if (code == PINION_ERRNO_HTTP) {
        pinion_read_source(response.source, rows, sizeof rows, &reader);
        pinion_string text = pinion_read_string(&reader);
        word("failed: ");
        pinion_write_raw(&out, text.at, text.length);
    } else {
        pinion_check(code, "http");
        pinion_string type;
        pinion_read_source(response.source, rows, sizeof rows, &reader);
        pinion_write_decimal(&out, pinion_read_status(&reader, "content-type", &type));
        word(" ");
        pinion_write_raw(&out, type.at, type.length);
        word(" ");
        pinion_read_source(response.body, rows, sizeof rows, &reader);
        pinion_write_raw(&out, reader.at, (uint32_t)(reader.end - reader.at));
    }
    pinion_writer result = pinion_writer_on(scratch, sizeof scratch);
    pinion_string text = {(const char *)line, pinion_written(&out)};
    pinion_write_string(&result, text);
    pinion_return(context, &result);
    return PINION_OK;
}

static int leave_open(pinion_context *context, pinion_reader *arguments) {
    int64_t time = 0;
    pinion_string name = pinion_read_string(arguments);
    pinion_check(pinion_host_begin(&time), "begin");
    return insert_named(context, &name);
}

static int insert_kept(pinion_context *transaction, void *state) {
    (void)transaction, (void)state;
    insert_item(0, "kept", 0, 0);
    return PINION_OK;
}

static int procedure_fails(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    pinion_transaction(context, insert_kept, NULL);
    return PINION_ERROR;
}

static int do_nothing(pinion_context *transaction, void *state) {
    (void)transaction, (void)state;
    return PINION_OK;
}

static int commit_forever(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    for (;;) pinion_transaction(context, do_nothing, NULL);
}

static int nap(pinion_context *context, pinion_reader *arguments) {
    int64_t until = pinion_read_i64(arguments);
    return_u64(context, (uint64_t)pinion_sleep_until(until));
    return PINION_OK;
}

static int nap_inside(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    int64_t time = 0;
    pinion_check(pinion_host_begin(&time), "begin");
    pinion_sleep_until(0);
    return PINION_OK;
}

static int undecodable_request(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    uint32_t sources[2] = {7, 7};
    uint8_t odd[] = {42};
    say("undecodable", pinion_host_http(odd, 1, odd, 0, sources));
    say("untouched", sources[0] + sources[1]);
    return PINION_OK;
}

static int on_job(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    say_schedule("job", arguments);
    return PINION_OK;
}

/* ---- HTTP handlers ---- */

static int echo(pinion_context *context, const pinion_request *request) {
    static const char *METHODS[] = {"", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", ""};
    static uint8_t asked[4096], digits[21];
    uint8_t method = 0;
    uint64_t count = 0;
    pinion_string in, uri;
    pinion_reader body;
    if (!pinion_request_read(request, asked, sizeof asked, &method, "x-in", &in, &uri)) return PINION_ERROR;
    if (!pinion_request_body(request, rows, sizeof rows, &body)) return PINION_ERROR;
    pinion_transaction(context, count_items, &count);
    pinion_writer text = pinion_writer_on(digits, sizeof digits - 1);
    pinion_write_decimal(&text, count);
    *text.at = 0;
    pinion_header headers[] = {{"x-method", METHODS[method]}, {"x-count", (const char *)digits}};
    pinion_writer answer = pinion_writer_on(scratch, sizeof scratch);
    pinion_write_raw(&answer, uri.at, uri.length);
    pinion_write_raw(&answer, "|", 1);
    if (in.at) pinion_write_raw(&answer, in.at, in.length);
    else pinion_write_raw(&answer, "null", 4);
    pinion_write_raw(&answer, "|", 1);
    pinion_write_raw(&answer, body.at, (uint32_t)(body.end - body.at));
    pinion_respond(context, 201, headers, 2, scratch, pinion_written(&answer));
    return PINION_OK;
}

static int broken(pinion_context *context, const pinion_request *request) {
    (void)context, (void)request;
    return PINION_ERROR;
}

/* ---- The module ---- */

static const pinion_column ITEM[] = {{"id", PINION_U64}, {"name", PINION_STRING}, {"kind", PINION_U32}, {"rank", PINION_U8}};
static const pinion_index ITEM_INDEXES[] = {
    {.name = "items_name_idx_btree", .columns = {PINION_COLUMN(1)}, .unique = true},
    {.name = "items_kind_rank_idx_btree", .columns = {PINION_COLUMN(2), PINION_COLUMN(3)}},
};
static const pinion_column TAG[] = {{"key", PINION_U32}, {"label", PINION_STRING}};
static const pinion_index TAG_INDEXES[] = {
    {.name = "tags_key_idx_hash", .columns = {PINION_COLUMN(0)}, .algorithm = PINION_HASH}};
static const pinion_column TIMER[] = {{"id", PINION_U64}, {"at", PINION_SCHEDULE_AT}};

static const pinion_table TABLES[] = {
    [ITEMS] = {.name = "items", PINION_COLUMNS(ITEM), .access = PINION_PUBLIC, .primary_key = PINION_COLUMN(0),
               .auto_increment = PINION_COLUMN(0), PINION_INDEXES(ITEM_INDEXES)},
    [TAGS] = {.name = "tags", PINION_COLUMNS(TAG), PINION_INDEXES(TAG_INDEXES)},
    [TICKS] = {.name = "ticks", PINION_COLUMNS(TIMER), .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0),
               .scheduled = "on_tick", .scheduled_at = PINION_COLUMN(1)},
    [JOBS] = {.name = "jobs", PINION_COLUMNS(TIMER), .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0),
              .scheduled = "on_job", .scheduled_at = PINION_COLUMN(1)},
};

static const pinion_column TEXT[] = {{"text", PINION_STRING}};
static const pinion_column NAME[] = {{"name", PINION_STRING}};
static const pinion_column FILLING[] = {{"name", PINION_STRING}, {"kind", PINION_U32}};
static const pinion_column TICK[] = {{"tick", PINION_ROW(TICKS)}};
static const pinion_column JOB[] = {{"job", PINION_ROW(JOBS)}};
static const pinion_column PAIR[] = {{"a", PINION_U32}, {"b", PINION_U32}};
static const pinion_column ADDRESS[] = {{"uri", PINION_STRING}};
static const pinion_column UNTIL[] = {{"until", PINION_I64}};
static const pinion_column BLOB[] = {{"blob", PINION_ARRAY(PINION_U8)}};

static const pinion_reducer REDUCERS[] = {
    {.name = "init", .run = on_init, .lifecycle = PINION_INIT},
    {.name = "connected", .run = on_connected, .lifecycle = PINION_ON_CONNECT},
    {.name = "disconnected", .run = on_disconnected, .lifecycle = PINION_ON_DISCONNECT},
    {.name = "context", .run = context_of},
    {.name = "claims", .run = claims},
    {.name = "tables", .run = tables},
    {.name = "ranges", .run = ranges},
    {.name = "chunks", .run = chunks},
    {.name = "errors", .run = errors},
    {.name = "sources", PINION_PARAMETERS(BLOB), .run = sources},
    {.name = "trap_unknown_table", .run = trap_unknown_table},
    {.name = "trap_bad_row", .run = trap_bad_row},
    {.name = "trap_clear", .run = trap_clear},
    {.name = "trap_hash_range", .run = trap_hash_range},
    {.name = "http_in_reducer", .run = http_in_reducer},
    {.name = "sleep_in_reducer", .run = sleep_in_reducer},
    {.name = "refuse", PINION_PARAMETERS(TEXT), .run = refuse},
    {.name = "fail", .run = fail},
    {.name = "logs", .run = logs},
    {.name = "immediate", .run = immediate},
    {.name = "schedule", .run = schedule},
    {.name = "on_tick", PINION_PARAMETERS(TICK), .run = on_tick},
    {.name = "fill", PINION_PARAMETERS(FILLING), .run = fill},
};

static const pinion_view VIEWS[] = {
    {.name = "all_items", .table = ITEMS, .anonymous = true, .run = all_items},
    {.name = "my_items", .table = ITEMS, .run = my_items},
    {.name = "first_item", .table = ITEMS, .anonymous = true, .run = first_item},
    {.name = "queried", .table = ITEMS, .anonymous = true, .run = queried},
    {.name = "refusing", .table = ITEMS, .anonymous = true, .run = refusing},
    {.name = "failing", .table = ITEMS, .anonymous = true, .run = failing},
};

static const pinion_procedure PROCEDURES[] = {
    {.name = "add", PINION_PARAMETERS(PAIR), .returns = PINION_U64, .run = add},
    {.name = "nothing", .run = nothing},
    {.name = "two_transactions", PINION_PARAMETERS(NAME), .returns = PINION_U64, .run = two_transactions},
    {.name = "abort", .returns = PINION_U64, .run = abort_one},
    {.name = "procedure_errors", .run = procedure_errors},
    {.name = "fetch", PINION_PARAMETERS(ADDRESS), .returns = PINION_STRING, .run = fetch},
    {.name = "leave_open", PINION_PARAMETERS(NAME), .run = leave_open},
    {.name = "procedure_fails", .run = procedure_fails},
    {.name = "commit_forever", .run = commit_forever},
    {.name = "nap", PINION_PARAMETERS(UNTIL), .returns = PINION_U64, .run = nap},
    {.name = "nap_inside", .run = nap_inside},
    {.name = "undecodable_request", .run = undecodable_request},
    {.name = "on_job", PINION_PARAMETERS(JOB), .run = on_job},
};

static const pinion_handler HANDLERS[] = {{.name = "echo", .run = echo}, {.name = "broken", .run = broken}};
static const pinion_route ROUTES[] = {
    {PINION_POST, "/echo", "echo"}, {PINION_ANY, "/any", "echo"}, {PINION_GET, "/broken", "broken"}};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_VIEWS(VIEWS), PINION_PROCEDURES(PROCEDURES),
              PINION_HANDLERS(HANDLERS, ROUTES))
