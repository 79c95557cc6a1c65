/* Calls whatever the host has with whatever arguments: pointers into the memory and beyond, handles that exist and that do
 * not, names and rows that are nearly right. What it does depends on a seed alone. */
#define PINION_USE_JWT
#define PINION_USE_CLEAR
#define PINION_USE_PROCEDURES
#define PINION_USE_IMMEDIATE
#include "../../../../guest/c/pinion.h"

PINION_IMPORT(1, bytes_source_remaining_length) uint32_t host_remaining(uint32_t source, uint32_t *length);

static uint64_t state = 1;

static uint32_t next(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static uint32_t below(uint32_t bound) { return next() % bound; }

/* Names, rows, bounds and lengths stand here, in between what is left of earlier calls. */
static uint8_t pool[8192];

static const char *const NAMES[] = {"items", "items_id_idx_btree", "items_name_idx_btree", "items_kind_idx_hash", "ticks",
                                    "st_table", "wild", "", "\xff\xfe"};

static void put_u32(uint32_t at, uint32_t value) { memcpy(pool + at, &value, 4); }

static void stir(void) {
    uint32_t at = below(sizeof pool - 512);
    pinion_writer writer = pinion_writer_on(pool + at, 256);
    switch (below(8)) {
        case 0:
            pinion_write_text(&writer, NAMES[below(PINION_COUNT(NAMES))]);
            break;
        case 1: /* a row */
            pinion_write_u64(&writer, below(4));
            pinion_write_text(&writer, NAMES[below(PINION_COUNT(NAMES))]);
            pinion_write_u32(&writer, below(3));
            break;
        case 2: /* rows */
            pinion_write_u32(&writer, below(3));
            pinion_write_u64(&writer, below(4));
            pinion_write_text(&writer, "a");
            pinion_write_u32(&writer, 0);
            break;
        case 3: /* a bound */
            pinion_write_u8(&writer, (uint8_t)below(4));
            pinion_write_u64(&writer, below(4));
            break;
        case 4: /* a timer */
            pinion_write_u64(&writer, 0);
            pinion_write_u8(&writer, (uint8_t)below(3));
            pinion_write_u64(&writer, ((uint64_t)next() << 32) | next());
            break;
        case 5: /* a request */
            pinion_write_request(&writer, (uint8_t)(1 + below(11)), "http://a/", NULL, 0, -1);
            break;
        default: put_u32(at, below(64));
    }
}

static uint32_t memory_bytes(void) { return (uint32_t)__builtin_wasm_memory_size(0) << 16; }

static uint32_t wild(void) {
    switch (below(6)) {
        case 0: return 0;
        case 1: return UINT32_MAX - below(64);
        case 2: return memory_bytes() - below(64);
        case 3: return memory_bytes() + below(64);
        case 4: return INT32_MAX + below(3);
        default: return next();
    }
}

/* Mostly into the pool, so that a call gets further than its first pointer. */
static void *pointer(void) { return (void *)(uintptr_t)(below(40) == 0 ? wild() : (uint32_t)(uintptr_t)pool + below(4096)); }

static uint32_t length(void) { return below(60) == 0 ? wild() : below(64); }

/* Where a length stands. */
static void *length_at(void) {
    uint32_t at = 4096 + 4 * below(512);
    put_u32(at, length());
    return below(60) == 0 ? pointer() : pool + at;
}

static uint32_t table(void) { return below(8) == 0 ? wild() : below(4) == 0 ? below(40) : 4096 + below(4); }
static uint32_t index(void) { return below(8) == 0 ? wild() : below(4) == 0 ? below(60) : 4096 + below(8); }
static uint32_t handle(void) { return below(10) == 0 ? wild() : below(12); }

static void step(void) {
    switch (below(34)) {
        case 0: pinion_host_table_id(pointer(), length(), pointer()); break;
        case 1: {
            const char *name = NAMES[below(PINION_COUNT(NAMES) - 1)];
            pinion_host_table_id(name, pinion_length(name), pointer());
            pinion_host_index_id(name, pinion_length(name), pointer());
            break;
        }
        case 2: pinion_host_index_id(pointer(), length(), pointer()); break;
        case 3: pinion_host_row_count(table(), pointer()); break;
        case 4: pinion_host_scan(table(), pointer()); break;
        case 5: pinion_host_scan_range(index(), pointer(), length(), below(9) == 0 ? wild() : below(3), pointer(), length(),
                                       pointer(), length(), pointer()); break;
        case 6: pinion_host_delete_range(index(), pointer(), length(), below(3), pointer(), length(), pointer(), length(),
                                         pointer()); break;
        case 7: pinion_host_advance(handle(), pointer(), length_at()); break;
        case 8: pinion_host_close(handle()); break;
        case 9: case 10: pinion_host_insert(table(), pointer(), length_at()); break;
        case 11: pinion_host_update(table(), index(), pointer(), length_at()); break;
        case 12: pinion_host_delete_rows(table(), pointer(), length(), pointer()); break;
        case 13: pinion_host_read(handle(), pointer(), length_at()); break;
        case 14: pinion_host_write(handle(), pointer(), length_at()); break;
        case 15: pinion_host_log(next(), pointer(), length(), pointer(), length(), next(), pointer(), length()); break;
        case 16: pinion_host_timer_start(pointer(), length()); break;
        case 17: pinion_host_timer_end(handle()); break;
        case 18: pinion_host_identity(pointer()); break;
        case 19: pinion_host_scan_point(index(), pointer(), length(), pointer()); break;
        case 20: pinion_host_delete_point(index(), pointer(), length(), pointer()); break;
        case 21: pinion_host_jwt(pointer(), pointer()); break;
        case 22: pinion_host_clear(table(), pointer()); break;
        case 23: pinion_host_schedule(pointer(), length(), pointer(), length()); break;
        case 24: host_remaining(handle(), pointer()); break;
        case 25: if (below(4) == 0) pinion_host_sleep_until((int64_t)(((uint64_t)next() << 32) | next())); break;
        case 26: case 27: pinion_host_begin(pointer()); break;
        case 28: pinion_host_commit(); break;
        case 29: pinion_host_abort(); break;
        case 30: if (below(4) == 0) pinion_host_http(pointer(), length(), pointer(), length(), pointer()); break;
        case 31: if (below(50) == 0) __builtin_wasm_memory_grow(0, below(3)); break;
        case 32: { /* a whole row */
            pinion_writer row = pinion_writer_on(pool, 256);
            pinion_write_u64(&row, below(20));
            pinion_write_text(&row, NAMES[below(PINION_COUNT(NAMES) - 1)]);
            pinion_write_u32(&row, below(3));
            uint32_t count = pinion_written(&row);
            pinion_host_insert(4096 + below(2), pool, &count);
            break;
        }
        default: stir();
    }
}

static void run(uint64_t seed) {
    state = seed | 1;
    for (uint32_t steps = 1 + below(200); steps > 0; steps--) step();
}

/* One of the codes there are, or none of them. */
static int code(void) { return below(8) == 0 ? (int)next() : (int)below(3); }

static int wild_reducer(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    run(context->sender.words[0]);
    return code();
}

static int wild_view(pinion_context *context) {
    run(context->sender.words[0]);
    return code();
}

static int wild_procedure(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    run(context->sender.words[0]);
    return code() & 1;
}

static int wild_handler(pinion_context *context, const pinion_request *request) {
    (void)request;
    run((uint64_t)context->timestamp_micros);
    if (below(2) == 0) pinion_respond(context, (uint16_t)next(), NULL, 0, pool, below(64));
    return code() & 1;
}

static const pinion_column ITEM[] = {{"id", PINION_U64}, {"name", PINION_STRING}, {"kind", PINION_U32}};
static const pinion_index ITEM_INDEXES[] = {
    {.name = "items_name_idx_btree", .columns = {PINION_COLUMN(1), PINION_COLUMN(2)}},
    {.name = "items_kind_idx_hash", .columns = {PINION_COLUMN(2)}, .algorithm = PINION_HASH},
};
static const pinion_column TICK[] = {{"id", PINION_U64}, {"at", PINION_SCHEDULE_AT}};
static const pinion_column TICK_PARAMETER[] = {{"tick", PINION_ROW(1)}};
static const pinion_table TABLES[] = {
    {.name = "items", PINION_COLUMNS(ITEM), .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0),
     PINION_INDEXES(ITEM_INDEXES)},
    {.name = "ticks", PINION_COLUMNS(TICK), .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0),
     .scheduled = "ticking", .scheduled_at = PINION_COLUMN(1)},
};
static const pinion_reducer REDUCERS[] = {{.name = "wild", .run = wild_reducer},
                                          {.name = "ticking", PINION_PARAMETERS(TICK_PARAMETER), .run = wild_reducer}};
static const pinion_view VIEWS[] = {{.name = "wild_view", .table = 0, .run = wild_view}};
static const pinion_procedure PROCEDURES[] = {{.name = "wild_procedure", .run = wild_procedure}};
static const pinion_handler HANDLERS[] = {{.name = "wild_handler", .run = wild_handler}};
static const pinion_route ROUTES[] = {{PINION_ANY, "/", "wild_handler"}};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_VIEWS(VIEWS), PINION_PROCEDURES(PROCEDURES),
              PINION_HANDLERS(HANDLERS, ROUTES))
