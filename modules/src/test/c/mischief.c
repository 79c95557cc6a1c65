/* A module that does what modules should not; its reducers are those of the contract that both engines are held to. */
#include "../../../../guest/c/pinion.h"

enum { NOTES };

static const pinion_column NOTE_COLUMNS[] = {{"id", PINION_U64}, {"text", PINION_STRING}};
static const pinion_table TABLES[] = {
    [NOTES] = {.name = "notes", .row_type = "Note", PINION_COLUMNS(NOTE_COLUMNS), .access = PINION_PUBLIC,
               .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0)},
};
static pinion_table_ref notes = {.name = "notes"};
static volatile uint32_t counter;

#define IGNORE_PARAMETERS (void)context, (void)arguments

static int forever(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    for (;;) counter++;
}

/* Takes all memory there is, then says how many pages that was. */
static int hoard(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1) counter++;
    while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) counter++;
    return pinion_fail_u64(context, "pages: ", __builtin_wasm_memory_size(0));
}

static int log_line(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    pinion_log(PINION_LOG_INFO, "a line");
    return PINION_OK;
}

static int panic(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    pinion_panic("as asked");
}

static int quick(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    return PINION_OK;
}

__attribute__((noinline)) static uint32_t deeper(uint32_t depth) {
    volatile uint32_t here = depth;
    uint32_t below = deeper(here + 1);
    return below + here;
}

static int recurse(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    counter = deeper(counter);
    return PINION_OK;
}

static int unknown_code(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    return 77;
}

static int wild_pointer(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    uint32_t length = 100;
    pinion_host_insert(4096, (uint8_t *)0xfffffff0u, &length);
    return PINION_OK;
}

static void write_note(void) {
    uint8_t buffer[64];
    pinion_writer row = pinion_writer_on(buffer, sizeof buffer);
    pinion_write_u64(&row, 0);
    pinion_write_text(&row, "written");
    pinion_check(pinion_insert(&notes, &row), "insert into notes");
}

static int write_then_fail(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    write_note();
    __builtin_trap();
}

static int write_then_refuse(pinion_context *context, pinion_reader *arguments) {
    (void)arguments;
    write_note();
    return pinion_fail(context, "refused");
}

static const pinion_reducer REDUCERS[] = {
    {.name = "forever", .run = forever},
    {.name = "hoard", .run = hoard},
    {.name = "log_line", .run = log_line},
    {.name = "panic", .run = panic},
    {.name = "quick", .run = quick},
    {.name = "recurse", .run = recurse},
    {.name = "unknown_code", .run = unknown_code},
    {.name = "wild_pointer", .run = wild_pointer},
    {.name = "write_then_fail", .run = write_then_fail},
    {.name = "write_then_refuse", .run = write_then_refuse},
};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_NO_VIEWS)
