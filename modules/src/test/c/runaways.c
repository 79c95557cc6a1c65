/* Every way of not coming back that WebAssembly offers. Reducers named endless_… never end by themselves, and log
 * "running" first; those named ends_… are ended by the engine. */
#include "../../../../guest/c/pinion.h"

enum { NOTES, TEXTS };

static const pinion_column NOTE_COLUMNS[] = {{"id", PINION_U64}, {"text", PINION_STRING}};
static const pinion_table TABLES[] = {
    [NOTES] = {.name = "notes", .row_type = "Note", PINION_COLUMNS(NOTE_COLUMNS), .access = PINION_PUBLIC,
               .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0)},
    [TEXTS] = {.name = "texts", .row_type = "Text", PINION_COLUMNS(NOTE_COLUMNS), .primary_key = PINION_COLUMN(0)},
};
static pinion_table_ref notes = {.name = "notes"};
static pinion_table_ref texts = {.name = "texts"};
static pinion_index_ref texts_by_id = {.name = "texts_id_idx_btree"};
static volatile uint32_t counter;
static uint8_t scanned[65536];

#define IGNORE_PARAMETERS (void)context, (void)arguments

static void running(void) { pinion_log(PINION_LOG_INFO, "running"); }

static uint32_t put(pinion_table_ref *table, uint64_t id, const char *text) {
    uint8_t buffer[64];
    pinion_writer row = pinion_writer_on(buffer, sizeof buffer);
    pinion_write_u64(&row, id);
    pinion_write_text(&row, text);
    return pinion_insert(table, &row);
}

static int write(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    pinion_check(put(&notes, 0, "kept"), "insert into notes");
    return PINION_OK;
}

static int quick(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    return PINION_OK;
}

static int endless_loop(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) counter++;
}

static int endless_empty_loop(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) __asm__ volatile("");
}

static int endless_nested_loops(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) {
        for (uint32_t i = 0; i < 1000; i++) {
            for (uint32_t j = 0; j < 1000; j++) counter += i ^ j;
        }
    }
}

__attribute__((noinline)) static uint32_t fibonacci(uint32_t n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/* 2 to the power of 90 calls, none of them deep. */
static int endless_calls(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    counter = fibonacci(90 + (counter & 1));
    return PINION_OK;
}

static uint32_t plus_one(uint32_t value) { return value + 1; }
static uint32_t plus_two(uint32_t value) { return value + 2; }
static uint32_t (*volatile steps[])(uint32_t) = {plus_one, plus_two};

static int endless_indirect_calls(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) counter = steps[counter & 1](counter);
}

static int endless_fill(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) __builtin_memset(scanned, (int)++counter, sizeof scanned);
}

/* The memory is at its limit soon, and refused from then on. */
static int endless_grow(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) counter += __builtin_wasm_memory_grow(0, 16);
}

static int endless_grow_by_all(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) counter += __builtin_wasm_memory_grow(0, 65535);
}

static int endless_inserts(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) pinion_check(put(&notes, 0, "never kept"), "insert into notes");
}

static int endless_refusals(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) counter += put(&texts, 1, "twice");
}

static int endless_updates(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    pinion_check(put(&texts, 1, "once"), "insert into texts");
    for (;;) {
        uint8_t buffer[64];
        pinion_writer row = pinion_writer_on(buffer, sizeof buffer);
        pinion_write_u64(&row, 1);
        pinion_write_text(&row, ++counter & 1 ? "odd" : "even");
        pinion_check(pinion_update(&texts, &texts_by_id, &row), "update of texts");
    }
}

static int endless_scans(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) {
        pinion_iterator rows = pinion_scan(&notes, scanned, sizeof scanned);
        while (pinion_next(&rows)) {
            pinion_read_u64(&rows.rows);
            pinion_read_string(&rows.rows);
            counter++;
        }
    }
}

static int endless_counts(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) counter += (uint32_t)pinion_row_count(&notes);
}

static int endless_log(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    running();
    for (;;) pinion_log(PINION_LOG_DEBUG, "again");
}

__attribute__((noinline)) static uint32_t deeper(uint32_t depth) {
    volatile uint32_t here = depth;
    uint32_t below = deeper(here + 1);
    return below + here;
}

static int ends_recursion(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    counter = deeper(counter);
    return PINION_OK;
}

__attribute__((noinline)) static uint32_t deeper_and_writing(uint32_t depth) {
    volatile uint32_t here = depth;
    pinion_check(put(&notes, 0, "never kept"), "insert into notes");
    uint32_t below = deeper_and_writing(here + 1);
    return below + here;
}

static int ends_recursion_with_host_calls(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    counter = deeper_and_writing(counter);
    return PINION_OK;
}

static int ends_open_scans(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    uint32_t handle = 0;
    for (;;) counter += pinion_host_scan(pinion_table_id(&notes), &handle);
}

static int ends_full_sink(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    for (;;) pinion_sink(context->sink, scanned, sizeof scanned);
}

static int ends_trap(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    pinion_check(put(&notes, 0, "never kept"), "insert into notes");
    __builtin_trap();
}

static const pinion_reducer REDUCERS[] = {
    {.name = "endless_calls", .run = endless_calls},
    {.name = "endless_counts", .run = endless_counts},
    {.name = "endless_empty_loop", .run = endless_empty_loop},
    {.name = "endless_fill", .run = endless_fill},
    {.name = "endless_grow", .run = endless_grow},
    {.name = "endless_grow_by_all", .run = endless_grow_by_all},
    {.name = "endless_indirect_calls", .run = endless_indirect_calls},
    {.name = "endless_inserts", .run = endless_inserts},
    {.name = "endless_log", .run = endless_log},
    {.name = "endless_loop", .run = endless_loop},
    {.name = "endless_nested_loops", .run = endless_nested_loops},
    {.name = "endless_refusals", .run = endless_refusals},
    {.name = "endless_scans", .run = endless_scans},
    {.name = "endless_updates", .run = endless_updates},
    {.name = "ends_full_sink", .run = ends_full_sink},
    {.name = "ends_open_scans", .run = ends_open_scans},
    {.name = "ends_recursion", .run = ends_recursion},
    {.name = "ends_recursion_with_host_calls", .run = ends_recursion_with_host_calls},
    {.name = "ends_trap", .run = ends_trap},
    {.name = "quick", .run = quick},
    {.name = "write", .run = write},
};

static int endless_view(pinion_context *context) {
    (void)context;
    running();
    for (;;) counter++;
}

static const pinion_view VIEWS[] = {{.name = "endless_view", .table = NOTES, .anonymous = true, .run = endless_view}};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_VIEWS(VIEWS))
