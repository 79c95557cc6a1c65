/* Calls that never end, each in its own way, and calls that do. Its reducers are those of runaway.js where both can. */
#include "../../../../guest/c/pinion.h"

enum { NOTES };

static const pinion_column NOTE_COLUMNS[] = {{"id", PINION_U64}, {"text", PINION_STRING}};
static const pinion_table TABLES[] = {
    [NOTES] = {.name = "notes", .row_type = "Note", PINION_COLUMNS(NOTE_COLUMNS), .primary_key = PINION_COLUMN(0),
               .auto_increment = PINION_COLUMN(0)},
};
static pinion_table_ref notes = {.name = "notes"};
static volatile uint32_t counter;

static int quick(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    return PINION_OK;
}

static const pinion_column BURN_PARAMETERS[] = {{"turns", PINION_U64}};

/* Counts: the caller knows how many turns make a second. */
static int burn(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    for (uint64_t turns = pinion_read_u64(arguments); turns > 0; turns--) counter++;
    return PINION_OK;
}

static int loop(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    for (;;) counter++;
}

static int host_calls(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    for (;;) counter += (uint32_t)pinion_row_count(&notes);
}

static int writes(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    for (;;) {
        uint8_t buffer[64];
        pinion_writer row = pinion_writer_on(buffer, sizeof buffer);
        pinion_write_u64(&row, 0);
        pinion_write_text(&row, "never kept");
        pinion_check(pinion_insert(&notes, &row), "insert into notes");
    }
}

/* Takes all memory there is, then goes on. */
static int grow(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    for (;;) counter += (uint32_t)__builtin_wasm_memory_grow(0, 1);
}

__attribute__((noinline)) static uint32_t deeper(uint32_t depth) {
    volatile uint32_t here = depth;
    uint32_t below = deeper(here + 1);
    return below + here;
}

static int recursion(pinion_context *context, pinion_reader *arguments) {
    (void)context, (void)arguments;
    counter = deeper(counter);
    return PINION_OK;
}

static const pinion_reducer REDUCERS[] = {
    {.name = "burn", PINION_PARAMETERS(BURN_PARAMETERS), .run = burn},
    {.name = "grow", .run = grow},
    {.name = "host_calls", .run = host_calls},
    {.name = "loop", .run = loop},
    {.name = "quick", .run = quick},
    {.name = "recursion", .run = recursion},
    {.name = "writes", .run = writes},
};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_NO_VIEWS)
