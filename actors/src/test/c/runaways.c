/* A module whose reducers do not end, or end badly. runaways.js does the same in JavaScript. */
#include "../../../../guest/c/pinion.h"

enum { NOTES };

static const pinion_column NOTE_COLUMNS[] = {{"id", PINION_U64}, {"value", PINION_U64}};
static const pinion_table TABLES[] = {
    [NOTES] = {.name = "notes", .row_type = "Note", PINION_COLUMNS(NOTE_COLUMNS), .access = PINION_PUBLIC,
               .primary_key = PINION_COLUMN(0), .auto_increment = PINION_COLUMN(0)},
};
static pinion_table_ref notes = {.name = "notes"};
static volatile uint32_t counter;

#define IGNORE_PARAMETERS (void)context, (void)arguments
#define PAGES_OF_A_LITTLE 32

static void note(uint64_t value) {
    uint8_t buffer[16];
    pinion_writer row = pinion_writer_on(buffer, sizeof buffer);
    pinion_write_u64(&row, 0);
    pinion_write_u64(&row, value);
    pinion_check(pinion_insert(&notes, &row), "insert into notes");
}

static const pinion_column WRITE_PARAMETERS[] = {{"value", PINION_U64}};

/* What an ordinary call does. */
static int write(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    note(pinion_read_u64(arguments));
    return PINION_OK;
}

static int forever(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    note(1);
    for (;;) counter++;
}

static int host_calls(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    note(2);
    for (;;) counter += (uint32_t)pinion_row_count(&notes);
}

__attribute__((noinline)) static uint32_t deeper(uint32_t depth) {
    volatile uint32_t here = depth;
    return deeper(here + 1) + here;
}

static int recurse(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    note(3);
    counter = deeper(0);
    return PINION_OK;
}

__attribute__((noinline)) static uint32_t deeper_with_notes(uint32_t depth) {
    volatile uint32_t here = depth;
    note(here);
    return deeper_with_notes(here + 1) + here;
}

/* The stack ends inside the host as likely as not. */
static int recurse_with_notes(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    counter = deeper_with_notes(0);
    return PINION_OK;
}

/* Takes all memory there is, and then does not end. */
static int hoard(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    note(5);
    while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1) counter++;
    for (;;) counter++;
}

/* Keeps a little of every call. */
static int hoard_a_little(pinion_context *context, pinion_reader *arguments) {
    IGNORE_PARAMETERS;
    note(6);
    __builtin_wasm_memory_grow(0, PAGES_OF_A_LITTLE);
    return PINION_OK;
}

static const pinion_column SPIN_PARAMETERS[] = {{"rounds", PINION_U32}};

static int spin(pinion_context *context, pinion_reader *arguments) {
    (void)context;
    uint32_t rounds = pinion_read_u32(arguments);
    note(rounds);
    for (uint32_t round = 0; round < rounds; round++) counter += round;
    return PINION_OK;
}

static const pinion_reducer REDUCERS[] = {
    {.name = "write", PINION_PARAMETERS(WRITE_PARAMETERS), .run = write},
    {.name = "forever", .run = forever},
    {.name = "host_calls", .run = host_calls},
    {.name = "recurse", .run = recurse},
    {.name = "recurse_with_notes", .run = recurse_with_notes},
    {.name = "hoard", .run = hoard},
    {.name = "hoard_a_little", .run = hoard_a_little},
    {.name = "spin", PINION_PARAMETERS(SPIN_PARAMETERS), .run = spin},
};

PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_NO_VIEWS)
