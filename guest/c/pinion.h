/* SPDX-License-Identifier: Apache-2.0
 *
 * pinion.h: write a Pinion module in C.
 *
 * One header, no library, no allocator. A module says what it has in static tables and ends with PINION_MODULE; the
 * header brings the exports that the host calls, describes the module, and hides the imports behind functions that
 * start with pinion_. Build for wasm32 without a C library:
 *
 *   clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -o module.wasm module.c
 *
 * Include it in exactly one file of the module. Names are used exactly as they are written here. It imports
 * spacetime_10.0 and spacetime_10.4 only; define PINION_USE_JWT (10.2), PINION_USE_CLEAR (10.5), PINION_USE_PROCEDURES
 * (10.3) or PINION_USE_IMMEDIATE (10.0) before the include to use what needs more.
 *
 *   static const pinion_column PERSON[] = {{"id", PINION_U64}, {"name", PINION_STRING}};
 *   static const pinion_table TABLES[] = {
 *       {.name = "people", PINION_COLUMNS(PERSON), .access = PINION_PUBLIC, .primary_key = PINION_COLUMN(0)}};
 *   static pinion_table_ref people = {.name = "people"};
 *   static pinion_index_ref people_by_id = {.name = "people_id_idx_btree"};
 *
 *   static int add(pinion_context *context, pinion_reader *arguments) { ... return PINION_OK; }
 *
 *   static const pinion_reducer REDUCERS[] = {{.name = "add", PINION_PARAMETERS(PERSON), .run = add}};
 *   PINION_MODULE(PINION_TABLES(TABLES), PINION_REDUCERS(REDUCERS), PINION_NO_VIEWS)
 */
#ifndef PINION_H
#define PINION_H

#define PINION_VERSION 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of the buffers that the header keeps; static memory of the module. */
#ifndef PINION_ARGUMENT_BYTES_MAX
#define PINION_ARGUMENT_BYTES_MAX 16384
#endif
#ifndef PINION_TEXT_BYTES_MAX
#define PINION_TEXT_BYTES_MAX 512
#endif

/* ---------------------------------------------------------------------------------------------------------------- *
 * Errors of the host and results of the guest                                                                       *
 * ---------------------------------------------------------------------------------------------------------------- */

enum {
    PINION_OK = 0,
    /* What a reducer or a view returns after pinion_fail. */
    PINION_ERROR = 1,
    PINION_ERRNO_NOT_IN_TRANSACTION = 2,
    PINION_ERRNO_BSATN_DECODE = 3,
    PINION_ERRNO_NO_SUCH_TABLE = 4,
    PINION_ERRNO_NO_SUCH_INDEX = 5,
    PINION_ERRNO_NO_SUCH_ITER = 6,
    PINION_ERRNO_NO_SUCH_TIMER = 7,
    PINION_ERRNO_NO_SUCH_BYTES = 8,
    PINION_ERRNO_BUFFER_TOO_SMALL = 11,
    PINION_ERRNO_UNIQUE_ALREADY_EXISTS = 12,
    PINION_ERRNO_SCHEDULE_TOO_FAR = 13,
    PINION_ERRNO_INDEX_NOT_UNIQUE = 14,
    PINION_ERRNO_NO_SUCH_ROW = 15,
    PINION_ERRNO_WOULD_BLOCK_TRANSACTION = 17,
    PINION_ERRNO_TRANSACTION_NOT_ANONYMOUS = 18,
    PINION_ERRNO_HTTP = 21,
    PINION_RESULT_VIEW = 2,
};

enum { PINION_LOG_ERROR = 0, PINION_LOG_WARN = 1, PINION_LOG_INFO = 2, PINION_LOG_DEBUG = 3, PINION_LOG_TRACE = 4,
       PINION_LOG_PANIC = 101 };

/* ---------------------------------------------------------------------------------------------------------------- *
 * Imports: nothing below this part names them                                                                       *
 * ---------------------------------------------------------------------------------------------------------------- */

#define PINION_IMPORT(minor, name) \
    __attribute__((import_module("spacetime_10." #minor), import_name(#name))) extern

PINION_IMPORT(0, table_id_from_name)
uint32_t pinion_host_table_id(const char *name, uint32_t length, uint32_t *id);
PINION_IMPORT(0, index_id_from_name)
uint32_t pinion_host_index_id(const char *name, uint32_t length, uint32_t *id);
PINION_IMPORT(0, datastore_table_row_count)
uint32_t pinion_host_row_count(uint32_t table, uint64_t *count);
PINION_IMPORT(0, datastore_table_scan_bsatn)
uint32_t pinion_host_scan(uint32_t table, uint32_t *iterator);
PINION_IMPORT(0, datastore_index_scan_range_bsatn)
uint32_t pinion_host_scan_range(uint32_t index, const uint8_t *prefix, uint32_t prefix_length, uint32_t prefix_elements,
                                const uint8_t *start, uint32_t start_length, const uint8_t *end, uint32_t end_length,
                                uint32_t *iterator);
PINION_IMPORT(0, datastore_delete_by_index_scan_range_bsatn)
uint32_t pinion_host_delete_range(uint32_t index, const uint8_t *prefix, uint32_t prefix_length,
                                  uint32_t prefix_elements, const uint8_t *start, uint32_t start_length,
                                  const uint8_t *end, uint32_t end_length, uint32_t *count);
PINION_IMPORT(0, row_iter_bsatn_advance)
uint32_t pinion_host_advance(uint32_t iterator, uint8_t *buffer, uint32_t *length);
PINION_IMPORT(0, row_iter_bsatn_close)
uint32_t pinion_host_close(uint32_t iterator);
PINION_IMPORT(0, datastore_insert_bsatn)
uint32_t pinion_host_insert(uint32_t table, uint8_t *row, uint32_t *length);
PINION_IMPORT(0, datastore_update_bsatn)
uint32_t pinion_host_update(uint32_t table, uint32_t index, uint8_t *row, uint32_t *length);
PINION_IMPORT(0, datastore_delete_all_by_eq_bsatn)
uint32_t pinion_host_delete_rows(uint32_t table, const uint8_t *rows, uint32_t length, uint32_t *count);
PINION_IMPORT(0, bytes_source_read)
int32_t pinion_host_read(uint32_t source, uint8_t *buffer, uint32_t *length);
PINION_IMPORT(0, bytes_sink_write)
uint32_t pinion_host_write(uint32_t sink, const uint8_t *buffer, uint32_t *length);
PINION_IMPORT(0, console_log)
void pinion_host_log(uint32_t level, const char *target, uint32_t target_length, const char *file, uint32_t file_length,
                     uint32_t line, const char *message, uint32_t message_length);
PINION_IMPORT(0, console_timer_start)
uint32_t pinion_host_timer_start(const char *name, uint32_t length);
PINION_IMPORT(0, console_timer_end)
uint32_t pinion_host_timer_end(uint32_t timer);
PINION_IMPORT(0, identity)
void pinion_host_identity(uint8_t *identity);
PINION_IMPORT(4, datastore_index_scan_point_bsatn)
uint32_t pinion_host_scan_point(uint32_t index, const uint8_t *point, uint32_t length, uint32_t *iterator);
PINION_IMPORT(4, datastore_delete_by_index_scan_point_bsatn)
uint32_t pinion_host_delete_point(uint32_t index, const uint8_t *point, uint32_t length, uint32_t *count);
#ifdef PINION_USE_JWT
PINION_IMPORT(2, get_jwt)
uint32_t pinion_host_jwt(const uint8_t *connection, uint32_t *source);
#endif
#ifdef PINION_USE_CLEAR
PINION_IMPORT(5, datastore_clear)
uint32_t pinion_host_clear(uint32_t table, uint64_t *count);
#endif
#ifdef PINION_USE_IMMEDIATE
PINION_IMPORT(0, volatile_nonatomic_schedule_immediate)
void pinion_host_schedule(const char *name, uint32_t name_length, const uint8_t *arguments, uint32_t length);
#endif
#ifdef PINION_USE_PROCEDURES
PINION_IMPORT(3, procedure_sleep_until)
int64_t pinion_host_sleep_until(int64_t micros);
PINION_IMPORT(3, procedure_start_mut_tx)
uint32_t pinion_host_begin(int64_t *timestamp_micros);
PINION_IMPORT(3, procedure_commit_mut_tx)
uint32_t pinion_host_commit(void);
PINION_IMPORT(3, procedure_abort_mut_tx)
uint32_t pinion_host_abort(void);
PINION_IMPORT(3, procedure_http_request)
uint32_t pinion_host_http(const uint8_t *request, uint32_t length, const uint8_t *body, uint32_t body_length,
                          uint32_t *sources);
#endif

/* ---------------------------------------------------------------------------------------------------------------- *
 * Identities and the context of a call                                                                              *
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct { uint64_t words[4]; } pinion_identity;      /* least significant word first */
typedef struct { uint64_t words[2]; } pinion_connection_id; /* all zero: none */

_Static_assert(sizeof(void *) == 4, "build for wasm32");
_Static_assert(sizeof(uint32_t) == 4 && sizeof(uint64_t) == 8, "integers of the ABI");
_Static_assert(sizeof(pinion_identity) == 32, "an identity is 32 bytes");
_Static_assert(sizeof(pinion_connection_id) == 16, "a connection id is 16 bytes");

typedef struct {
    pinion_identity sender;
    pinion_connection_id connection;
    int64_t timestamp_micros; /* since the Unix epoch; 0 in views */
    uint32_t sink;            /* of the header: where errors, view rows and results go */
    uint32_t body_sink;       /* of the header: where the body of an HTTP handler's response goes */
} pinion_context;

/* Compilers make calls of these out of plain loops and assignments; there is no C library to have them. */
__attribute__((weak, no_builtin("memcpy"))) void *memcpy(void *target, const void *source, size_t length) {
    uint8_t *to = (uint8_t *)target;
    const uint8_t *from = (const uint8_t *)source;
    for (size_t i = 0; i < length; i++) to[i] = from[i];
    return target;
}

__attribute__((weak, no_builtin("memset"))) void *memset(void *target, int value, size_t length) {
    uint8_t *to = (uint8_t *)target;
    for (size_t i = 0; i < length; i++) to[i] = (uint8_t)value;
    return target;
}

static inline uint32_t pinion_length(const char *text) {
    uint32_t length = 0;
    while (text[length] != 0) length++;
    return length;
}

/* Logs a line. */
static inline void pinion_log(uint32_t level, const char *message) {
    pinion_host_log(level, NULL, 0, NULL, 0, UINT32_MAX, message, pinion_length(message));
}

/* Logs a line at level panic and traps: the call fails and all it did is undone. */
__attribute__((noreturn, noinline, cold)) static void pinion_panic(const char *message) {
    pinion_log(PINION_LOG_PANIC, message);
    __builtin_trap();
}

/* Traps unless a host call succeeded; for what cannot fail unless the module is wrong. */
static inline void pinion_check(uint32_t code, const char *what) {
    if (code != PINION_OK) pinion_panic(what);
}

static inline pinion_identity pinion_database(void) {
    pinion_identity identity;
    pinion_host_identity((uint8_t *)&identity);
    return identity;
}

/* ---------------------------------------------------------------------------------------------------------------- *
 * BSATN: little endian, no padding                                                                                  *
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct { const char *at; uint32_t length; } pinion_string; /* UTF-8, not terminated */

/* Reads from left to right. What is missing reads as zero and sets failed. */
typedef struct { const uint8_t *at, *end; bool failed; } pinion_reader;

static inline const uint8_t *pinion_take(pinion_reader *reader, uint32_t length) {
    if ((uint32_t)(reader->end - reader->at) < length) {
        reader->failed = true;
        reader->at = reader->end;
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += length;
    return at;
}

#define PINION_DEFINE_READ(name, type)                        \
    static inline type pinion_read_##name(pinion_reader *reader) { \
        type value = 0;                                       \
        const uint8_t *at = pinion_take(reader, sizeof value); \
        if (at) __builtin_memcpy(&value, at, sizeof value);   \
        return value;                                         \
    }
PINION_DEFINE_READ(u8, uint8_t)
PINION_DEFINE_READ(u16, uint16_t)
PINION_DEFINE_READ(u32, uint32_t)
PINION_DEFINE_READ(u64, uint64_t)
PINION_DEFINE_READ(i8, int8_t)
PINION_DEFINE_READ(i16, int16_t)
PINION_DEFINE_READ(i32, int32_t)
PINION_DEFINE_READ(i64, int64_t)
PINION_DEFINE_READ(f32, float)
PINION_DEFINE_READ(f64, double)

static inline bool pinion_read_bool(pinion_reader *reader) { return pinion_read_u8(reader) != 0; }

/* Points into what is read; valid as long as that is. */
static inline pinion_string pinion_read_string(pinion_reader *reader) {
    uint32_t length = pinion_read_u32(reader);
    const uint8_t *at = pinion_take(reader, length);
    pinion_string text = {(const char *)at, at ? length : 0};
    return text;
}

/* Writes from left to right into a buffer of the caller's. What does not fit sets failed and is dropped. */
typedef struct { uint8_t *start, *at, *end; bool failed; } pinion_writer;

static inline pinion_writer pinion_writer_on(void *buffer, uint32_t capacity) {
    uint8_t *start = (uint8_t *)buffer;
    pinion_writer writer = {start, start, start + capacity, false};
    return writer;
}

static inline uint32_t pinion_written(const pinion_writer *writer) { return (uint32_t)(writer->at - writer->start); }

static inline void pinion_write_raw(pinion_writer *writer, const void *bytes, uint32_t length) {
    if ((uint32_t)(writer->end - writer->at) < length) {
        writer->failed = true;
        return;
    }
    const uint8_t *from = (const uint8_t *)bytes;
    for (uint32_t i = 0; i < length; i++) writer->at[i] = from[i];
    writer->at += length;
}

#define PINION_DEFINE_WRITE(name, type)                                         \
    static inline void pinion_write_##name(pinion_writer *writer, type value) { \
        if ((uint32_t)(writer->end - writer->at) < sizeof value) {              \
            writer->failed = true;                                              \
            return;                                                             \
        }                                                                       \
        __builtin_memcpy(writer->at, &value, sizeof value);                     \
        writer->at += sizeof value;                                             \
    }
PINION_DEFINE_WRITE(u8, uint8_t)
PINION_DEFINE_WRITE(u16, uint16_t)
PINION_DEFINE_WRITE(u32, uint32_t)
PINION_DEFINE_WRITE(u64, uint64_t)
PINION_DEFINE_WRITE(i8, int8_t)
PINION_DEFINE_WRITE(i16, int16_t)
PINION_DEFINE_WRITE(i32, int32_t)
PINION_DEFINE_WRITE(i64, int64_t)
PINION_DEFINE_WRITE(f32, float)
PINION_DEFINE_WRITE(f64, double)

static inline void pinion_write_bool(pinion_writer *writer, bool value) { pinion_write_u8(writer, value ? 1 : 0); }

static inline void pinion_write_string(pinion_writer *writer, pinion_string text) {
    pinion_write_u32(writer, text.length);
    pinion_write_raw(writer, text.at, text.length);
}

static inline void pinion_write_text(pinion_writer *writer, const char *text) {
    pinion_string string = {text, pinion_length(text)};
    pinion_write_string(writer, string);
}

/* Decimal digits without a length in front: for building texts. */
static inline void pinion_write_decimal(pinion_writer *writer, uint64_t value) {
    char digits[20];
    uint32_t count = 0;
    do {
        digits[sizeof digits - ++count] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    pinion_write_raw(writer, digits + sizeof digits - count, count);
}

/* The two forms of a ScheduleAt column. */
static inline void pinion_write_every(pinion_writer *writer, int64_t micros) {
    pinion_write_u8(writer, 0);
    pinion_write_i64(writer, micros);
}

static inline void pinion_write_at(pinion_writer *writer, int64_t timestamp_micros) {
    pinion_write_u8(writer, 1);
    pinion_write_i64(writer, timestamp_micros);
}

/* ---------------------------------------------------------------------------------------------------------------- *
 * Types and declarations                                                                                            *
 * ---------------------------------------------------------------------------------------------------------------- */

/* A type: kind is the number of the ABI; two above its range stand for the special ones. */
typedef struct pinion_type {
    uint8_t kind;
    const struct pinion_type *element; /* of an array or an option */
    uint32_t table;                    /* of a row: position in the module's tables */
} pinion_type;

enum {
    PINION_KIND_REF = 0, PINION_KIND_SUM = 1, PINION_KIND_PRODUCT = 2, PINION_KIND_ARRAY = 3, PINION_KIND_STRING = 4,
    PINION_KIND_BOOL = 5, PINION_KIND_I8 = 6, PINION_KIND_U8 = 7, PINION_KIND_I16 = 8, PINION_KIND_U16 = 9,
    PINION_KIND_I32 = 10, PINION_KIND_U32 = 11, PINION_KIND_I64 = 12, PINION_KIND_U64 = 13, PINION_KIND_I128 = 14,
    PINION_KIND_U128 = 15, PINION_KIND_I256 = 16, PINION_KIND_U256 = 17, PINION_KIND_F32 = 18, PINION_KIND_F64 = 19,
    PINION_KIND_OPTION = 200, PINION_KIND_IDENTITY, PINION_KIND_CONNECTION_ID, PINION_KIND_TIMESTAMP,
    PINION_KIND_DURATION, PINION_KIND_SCHEDULE_AT, PINION_KIND_UNIT,
};

#define PINION_TYPE(kind) (&(const pinion_type){(kind), NULL, 0})
#define PINION_BOOL PINION_TYPE(PINION_KIND_BOOL)
#define PINION_I8 PINION_TYPE(PINION_KIND_I8)
#define PINION_U8 PINION_TYPE(PINION_KIND_U8)
#define PINION_I16 PINION_TYPE(PINION_KIND_I16)
#define PINION_U16 PINION_TYPE(PINION_KIND_U16)
#define PINION_I32 PINION_TYPE(PINION_KIND_I32)
#define PINION_U32 PINION_TYPE(PINION_KIND_U32)
#define PINION_I64 PINION_TYPE(PINION_KIND_I64)
#define PINION_U64 PINION_TYPE(PINION_KIND_U64)
#define PINION_I128 PINION_TYPE(PINION_KIND_I128)
#define PINION_U128 PINION_TYPE(PINION_KIND_U128)
#define PINION_I256 PINION_TYPE(PINION_KIND_I256)
#define PINION_U256 PINION_TYPE(PINION_KIND_U256)
#define PINION_F32 PINION_TYPE(PINION_KIND_F32)
#define PINION_F64 PINION_TYPE(PINION_KIND_F64)
#define PINION_STRING PINION_TYPE(PINION_KIND_STRING)
#define PINION_IDENTITY PINION_TYPE(PINION_KIND_IDENTITY)
#define PINION_CONNECTION_ID PINION_TYPE(PINION_KIND_CONNECTION_ID)
#define PINION_TIMESTAMP PINION_TYPE(PINION_KIND_TIMESTAMP)
#define PINION_DURATION PINION_TYPE(PINION_KIND_DURATION)
#define PINION_SCHEDULE_AT PINION_TYPE(PINION_KIND_SCHEDULE_AT)
#define PINION_UNIT PINION_TYPE(PINION_KIND_UNIT)
#define PINION_ARRAY(type) (&(const pinion_type){PINION_KIND_ARRAY, (type), 0})
#define PINION_OPTION(type) (&(const pinion_type){PINION_KIND_OPTION, (type), 0})
/* The row of a table, by its position in the module's tables. */
#define PINION_ROW(table) (&(const pinion_type){PINION_KIND_REF, NULL, (table)})

/* A column of a table or a parameter of a reducer. */
typedef struct { const char *name; const pinion_type *type; } pinion_column;

/* Positions of columns are counted from 0 and stored from 1, so that a field left out means none. */
#define PINION_COLUMN(position) ((position) + 1)
#define PINION_INDEX_COLUMNS_MAX 8

/* An index of its own; a primary key has one without being told. algorithm: 0 ordered, 1 hash. */
typedef struct {
    const char *name;
    uint32_t columns[PINION_INDEX_COLUMNS_MAX]; /* PINION_COLUMN, ended by 0 */
    uint8_t algorithm;
    bool unique;
} pinion_index;

enum { PINION_BTREE = 0, PINION_HASH = 1 };
enum { PINION_PRIVATE = 0, PINION_PUBLIC = 1 };

typedef struct {
    const char *name;
    const char *row_type; /* its name in generated clients; the table's name if left out */
    const pinion_column *columns;
    uint32_t column_count;
    uint8_t access;
    uint32_t primary_key;    /* PINION_COLUMN; its index is called <table>_<column>_idx_btree */
    uint32_t auto_increment; /* PINION_COLUMN */
    const pinion_index *indexes;
    uint32_t index_count;
    const char *scheduled; /* the reducer or procedure that runs for each row; its one parameter is PINION_ROW of this table */
    uint32_t scheduled_at; /* PINION_COLUMN of type PINION_SCHEDULE_AT */
    bool event;
} pinion_table;

enum { PINION_NO_LIFECYCLE = 0, PINION_INIT = 1, PINION_ON_CONNECT = 2, PINION_ON_DISCONNECT = 3 };

typedef struct {
    const char *name;
    const pinion_column *parameters;
    uint32_t parameter_count;
    int (*run)(pinion_context *context, pinion_reader *arguments); /* PINION_OK, or what pinion_fail returns */
    uint8_t lifecycle;
} pinion_reducer;

/* Views that see their caller and anonymous ones. Rows are those of a table. */
typedef struct {
    const char *name;
    uint32_t table; /* position of the table whose rows it returns */
    bool anonymous;
    bool hidden; /* not readable by clients */
    int (*run)(pinion_context *context);
} pinion_view;

/* Runs outside transactions and returns a value with pinion_return. */
typedef struct {
    const char *name;
    const pinion_column *parameters;
    uint32_t parameter_count;
    const pinion_type *returns; /* nothing if left out */
    int (*run)(pinion_context *context, pinion_reader *arguments); /* PINION_OK; anything else is an error of the module */
} pinion_procedure;

/* What an HTTP handler is asked; see pinion_request_read. */
typedef struct {
    uint32_t source; /* of the header */
    uint32_t body;   /* of the header */
} pinion_request;

typedef struct {
    const char *name;
    int (*run)(pinion_context *context, const pinion_request *request); /* PINION_OK after pinion_respond */
} pinion_handler;

/* Numbers of the ABI, stored from 1, so that a route without one takes any method. */
enum { PINION_ANY = 0, PINION_GET = 1, PINION_HEAD = 2, PINION_POST = 3, PINION_PUT = 4, PINION_DELETE = 5,
       PINION_CONNECT = 6, PINION_OPTIONS = 7, PINION_TRACE = 8, PINION_PATCH = 9, PINION_OTHER_METHOD = 10 };

typedef struct {
    uint8_t method;
    const char *path; /* matched as it stands */
    const char *handler;
} pinion_route;

#define PINION_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PINION_COLUMNS(array) .columns = (array), .column_count = PINION_COUNT(array)
#define PINION_PARAMETERS(array) .parameters = (array), .parameter_count = PINION_COUNT(array)
#define PINION_INDEXES(array) .indexes = (array), .index_count = PINION_COUNT(array)

typedef struct {
    const pinion_table *tables;
    uint32_t table_count;
    const pinion_reducer *reducers;
    uint32_t reducer_count;
    const pinion_view *views;
    uint32_t view_count;
    const pinion_procedure *procedures;
    uint32_t procedure_count;
    const pinion_handler *handlers;
    uint32_t handler_count;
    const pinion_route *routes;
    uint32_t route_count;
} pinion_module;

/* ---------------------------------------------------------------------------------------------------------------- *
 * Tables at run time                                                                                                *
 * ---------------------------------------------------------------------------------------------------------------- */

/* Named once, looked up at first use. */
typedef struct { const char *name; uint32_t id; } pinion_table_ref;
typedef struct { const char *name; uint32_t id; } pinion_index_ref;

static inline uint32_t pinion_table_id(pinion_table_ref *table) {
    if (table->id == 0) pinion_check(pinion_host_table_id(table->name, pinion_length(table->name), &table->id), table->name);
    return table->id;
}

static inline uint32_t pinion_index_id(pinion_index_ref *index) {
    if (index->id == 0) pinion_check(pinion_host_index_id(index->name, pinion_length(index->name), &index->id), index->name);
    return index->id;
}

static inline uint64_t pinion_row_count(pinion_table_ref *table) {
    uint64_t count = 0;
    pinion_check(pinion_host_row_count(pinion_table_id(table), &count), "row count");
    return count;
}

/* Inserts the row that has been written. Values of auto-increment columns sent as 0 replace the start of the buffer.
 * PINION_OK or an errno: 12 if a unique value exists already. */
static inline uint32_t pinion_insert(pinion_table_ref *table, pinion_writer *row) {
    if (row->failed) pinion_panic("the row does not fit its buffer");
    uint32_t length = pinion_written(row);
    return pinion_host_insert(pinion_table_id(table), row->start, &length);
}

/* Replaces the row with the same key in a unique index; 15 if there is none. */
static inline uint32_t pinion_update(pinion_table_ref *table, pinion_index_ref *index, pinion_writer *row) {
    if (row->failed) pinion_panic("the row does not fit its buffer");
    uint32_t length = pinion_written(row);
    return pinion_host_update(pinion_table_id(table), pinion_index_id(index), row->start, &length);
}

/* Rows of a scan, several in the buffer at a time. Read a whole row from rows for each time pinion_next says true. */
typedef struct {
    uint32_t handle; /* 0 once the last rows are in the buffer */
    uint8_t *buffer;
    uint32_t capacity;
    pinion_reader rows;
} pinion_iterator;

static inline pinion_iterator pinion_iterate(uint32_t handle, uint8_t *buffer, uint32_t capacity) {
    pinion_iterator iterator = {handle, buffer, capacity, {buffer, buffer, false}};
    return iterator;
}

/* Every row. The buffer has to hold 32 KiB and the largest row; 64 KiB is a good size. */
static inline pinion_iterator pinion_scan(pinion_table_ref *table, uint8_t *buffer, uint32_t capacity) {
    uint32_t handle = 0;
    pinion_check(pinion_host_scan(pinion_table_id(table), &handle), "scan");
    return pinion_iterate(handle, buffer, capacity);
}

/* Rows with one key: the BSATN of the index's columns, which has been written. */
static inline pinion_iterator pinion_scan_key(pinion_index_ref *index, const void *key, uint32_t key_length,
                                              uint8_t *buffer, uint32_t capacity) {
    uint32_t handle = 0;
    pinion_check(pinion_host_scan_point(pinion_index_id(index), (const uint8_t *)key, key_length, &handle), "scan of a key");
    return pinion_iterate(handle, buffer, capacity);
}

static inline bool pinion_next(pinion_iterator *iterator) {
    while (iterator->rows.at == iterator->rows.end) {
        if (iterator->handle == 0) return false;
        uint32_t length = iterator->capacity;
        uint32_t code = pinion_host_advance(iterator->handle, iterator->buffer, &length);
        if (code == UINT32_MAX) {
            iterator->handle = 0;
        } else {
            pinion_check(code, "the buffer of a scan is too small");
        }
        iterator->rows.at = iterator->buffer;
        iterator->rows.end = iterator->buffer + length;
    }
    return true;
}

/* Needed only for an iterator that is left before pinion_next has said false. */
static inline void pinion_close(pinion_iterator *iterator) {
    if (iterator->handle != 0) pinion_check(pinion_host_close(iterator->handle), "close");
    iterator->handle = 0;
}

/* The one row with a key in a unique index; false if there is none. */
static inline bool pinion_find(pinion_index_ref *index, const void *key, uint32_t key_length, uint8_t *buffer,
                               uint32_t capacity, pinion_reader *row) {
    pinion_iterator iterator = pinion_scan_key(index, key, key_length, buffer, capacity);
    bool found = pinion_next(&iterator);
    *row = iterator.rows;
    pinion_close(&iterator);
    return found;
}

/* Deletes the rows with one key; how many there were. */
static inline uint32_t pinion_delete_key(pinion_index_ref *index, const void *key, uint32_t key_length) {
    uint32_t count = 0;
    pinion_check(pinion_host_delete_point(pinion_index_id(index), (const uint8_t *)key, key_length, &count), "delete");
    return count;
}

/* Deletes every row that an ordered index has; how many there were. */
static inline uint32_t pinion_delete_all(pinion_index_ref *index) {
    static const uint8_t unbounded = 2;
    uint32_t count = 0;
    pinion_check(pinion_host_delete_range(pinion_index_id(index), NULL, 0, 0, &unbounded, 1, &unbounded, 1, &count),
                 "delete");
    return count;
}

/* ---------------------------------------------------------------------------------------------------------------- *
 * Errors for the caller, results of views                                                                           *
 * ---------------------------------------------------------------------------------------------------------------- */

static inline void pinion_sink(uint32_t sink, const void *bytes, uint32_t length) {
    pinion_check(pinion_host_write(sink, (const uint8_t *)bytes, &length), "writing to the host");
}

/* The reducer's error as its caller will see it: return pinion_fail(context, "…"). */
static inline int pinion_fail(pinion_context *context, const char *text) {
    pinion_sink(context->sink, text, pinion_length(text));
    return PINION_ERROR;
}

/* The same with a number at its end. */
static inline int pinion_fail_u64(pinion_context *context, const char *text, uint64_t number) {
    uint8_t buffer[20];
    pinion_writer digits = pinion_writer_on(buffer, sizeof buffer);
    pinion_write_decimal(&digits, number);
    pinion_sink(context->sink, text, pinion_length(text));
    pinion_sink(context->sink, buffer, pinion_written(&digits));
    return PINION_ERROR;
}

/* A view returns as many rows as it announces, each as BSATN. */
static inline void pinion_view_rows(pinion_context *context, uint32_t count) {
    uint8_t header[5];
    pinion_writer writer = pinion_writer_on(header, sizeof header);
    pinion_write_u8(&writer, 0);
    pinion_write_u32(&writer, count);
    pinion_sink(context->sink, header, sizeof header);
}

/* Or it returns the rows that a SQL query finds. */
static inline void pinion_view_query(pinion_context *context, const char *sql) {
    uint8_t header[5];
    pinion_writer writer = pinion_writer_on(header, sizeof header);
    pinion_write_u8(&writer, 1);
    pinion_write_u32(&writer, pinion_length(sql));
    pinion_sink(context->sink, header, sizeof header);
    pinion_sink(context->sink, sql, pinion_length(sql));
}

static inline void pinion_view_row(pinion_context *context, const void *row, uint32_t length) {
    pinion_sink(context->sink, row, length);
}

/* ---------------------------------------------------------------------------------------------------------------- *
 * Sources: what the host has for the module to read                                                                 *
 * ---------------------------------------------------------------------------------------------------------------- */

/* Reads all of a source; false if it is larger than the buffer. 0 is the empty source. */
static inline bool pinion_read_source(uint32_t source, void *buffer, uint32_t capacity, pinion_reader *content) {
    uint8_t *start = (uint8_t *)buffer;
    uint32_t length = 0;
    int32_t more = source == 0 ? -1 : 0;
    while (more == 0 && length < capacity) {
        uint32_t piece = capacity - length;
        more = pinion_host_read(source, start + length, &piece);
        if (more == PINION_ERRNO_NO_SUCH_BYTES) pinion_panic("a source was read twice");
        length += piece;
    }
    pinion_reader reader = {start, start + length, false};
    *content = reader;
    return more == -1;
}

#ifdef PINION_USE_JWT
/* Reads the JSON claims that a connection's token carried; nothing if there are none. */
static inline bool pinion_claims(const pinion_connection_id *connection, void *buffer, uint32_t capacity,
                                 pinion_reader *claims) {
    uint32_t source = 0;
    pinion_check(pinion_host_jwt((const uint8_t *)connection, &source), "claims");
    return pinion_read_source(source, buffer, capacity, claims);
}
#endif

#ifdef PINION_USE_CLEAR
/* Deletes every row of a table; how many there were. */
static inline uint64_t pinion_clear(pinion_table_ref *table) {
    uint64_t count = 0;
    pinion_check(pinion_host_clear(pinion_table_id(table), &count), "clear");
    return count;
}
#endif

#ifdef PINION_USE_IMMEDIATE
/* Queues a call of a reducer or procedure at once, whatever becomes of this one. */
static inline void pinion_schedule(const char *function, const pinion_writer *arguments) {
    pinion_host_schedule(function, pinion_length(function), arguments->start, pinion_written(arguments));
}
#endif

/* ---------------------------------------------------------------------------------------------------------------- *
 * Procedures and HTTP handlers                                                                                      *
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct { const char *name; const char *value; } pinion_header;

static inline void pinion_write_headers(pinion_writer *writer, const pinion_header *headers, uint32_t count) {
    pinion_write_u32(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        pinion_write_text(writer, headers[i].name);
        pinion_write_text(writer, headers[i].value);
    }
}

/* Skips headers; the value of the one with this name, in lower case, if there is one. */
static inline pinion_string pinion_read_header(pinion_reader *reader, const char *name) {
    pinion_string found = {NULL, 0};
    uint32_t wanted = pinion_length(name);
    uint32_t count = pinion_read_u32(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        pinion_string given = pinion_read_string(reader);
        pinion_string value = pinion_read_string(reader);
        bool same = given.length == wanted;
        for (uint32_t k = 0; same && k < wanted; k++) {
            char lower = given.at[k] >= 'A' && given.at[k] <= 'Z' ? (char)(given.at[k] + 32) : given.at[k];
            same = lower == name[k];
        }
        if (same) found = value;
    }
    return found;
}

#ifdef PINION_USE_PROCEDURES
/* What a procedure returns: BSATN of its result, once. */
static inline void pinion_return(pinion_context *context, const pinion_writer *result) {
    if (result->failed) pinion_panic("the result does not fit its buffer");
    pinion_sink(context->sink, result->start, pinion_written(result));
}

/* Waits, not inside a transaction; the time then. Both in microseconds since the Unix epoch. */
static inline int64_t pinion_sleep_until(int64_t micros) { return pinion_host_sleep_until(micros); }

/* PINION_OK to commit; anything else undoes the transaction. */
typedef int (*pinion_body)(pinion_context *transaction, void *state);

static inline int pinion_transaction_once(const pinion_context *context, pinion_body body, void *state,
                                          uint32_t *committed) {
    pinion_context inside = *context;
    pinion_check(pinion_host_begin(&inside.timestamp_micros), "begin");
    int code = body(&inside, state);
    *committed = code == PINION_OK ? pinion_host_commit() : pinion_host_abort();
    return code;
}

/* Runs body in a transaction of its own, which has a timestamp of its own; a second time if it could not be committed.
 * What body returned. */
static inline int pinion_transaction(const pinion_context *context, pinion_body body, void *state) {
    uint32_t committed = PINION_OK;
    int code = pinion_transaction_once(context, body, state, &committed);
    if (committed != PINION_OK) code = pinion_transaction_once(context, body, state, &committed);
    pinion_check(committed, "the transaction could not be committed");
    return code;
}

/* Writes a request. method is PINION_GET and so on, timeout_micros below zero for the host's own. */
static inline void pinion_write_request(pinion_writer *writer, uint8_t method, const char *uri,
                                        const pinion_header *headers, uint32_t header_count, int64_t timeout_micros) {
    pinion_write_u8(writer, (uint8_t)(method - 1));
    pinion_write_headers(writer, headers, header_count);
    pinion_write_u8(writer, timeout_micros < 0 ? 1 : 0);
    if (timeout_micros >= 0) pinion_write_i64(writer, timeout_micros);
    pinion_write_text(writer, uri);
    pinion_write_u8(writer, 2);
}

/* Of a response: its source, to be read with pinion_read_source and pinion_read_status, and that of its body. Without a
 * response the first is that of a BSATN string that says why. */
typedef struct { uint32_t source, body; } pinion_response;

/* Makes a request and waits, not inside a transaction. PINION_OK or an errno: 3, 17, 21. */
static inline uint32_t pinion_http(const pinion_writer *request, const void *body, uint32_t body_length,
                                   pinion_response *response) {
    if (request->failed) pinion_panic("the request does not fit its buffer");
    uint32_t sources[2] = {0, 0};
    uint32_t code = pinion_host_http(request->start, pinion_written(request),
                                     body_length == 0 ? request->start : (const uint8_t *)body, body_length, sources);
    response->source = sources[0];
    response->body = sources[1];
    return code;
}

/* The status of a response that has been read, and one of its headers. */
static inline uint16_t pinion_read_status(pinion_reader *response, const char *header, pinion_string *value) {
    pinion_string found = pinion_read_header(response, header);
    if (value) *value = found;
    pinion_read_u8(response);
    return pinion_read_u16(response);
}

/* Reads what a handler is asked into a buffer: the method, a header and the URI. Other methods than the known ones are
 * PINION_OTHER_METHOD. False if the buffer is too small. */
static inline bool pinion_request_read(const pinion_request *request, void *buffer, uint32_t capacity, uint8_t *method,
                                       const char *header, pinion_string *value, pinion_string *uri) {
    pinion_reader reader;
    if (!pinion_read_source(request->source, buffer, capacity, &reader)) return false;
    *method = (uint8_t)(pinion_read_u8(&reader) + 1);
    if (*method == PINION_OTHER_METHOD) pinion_read_string(&reader);
    *value = pinion_read_header(&reader, header);
    if (pinion_read_u8(&reader) == 0) pinion_read_i64(&reader);
    *uri = pinion_read_string(&reader);
    return !reader.failed;
}

static inline bool pinion_request_body(const pinion_request *request, void *buffer, uint32_t capacity,
                                       pinion_reader *body) {
    return pinion_read_source(request->body, buffer, capacity, body);
}

/* A handler's response, once. */
static inline void pinion_respond(pinion_context *context, uint16_t status, const pinion_header *headers,
                                  uint32_t header_count, const void *body, uint32_t body_length) {
    static uint8_t buffer[PINION_ARGUMENT_BYTES_MAX];
    pinion_writer writer = pinion_writer_on(buffer, sizeof buffer);
    pinion_write_headers(&writer, headers, header_count);
    pinion_write_u8(&writer, 2);
    pinion_write_u16(&writer, status);
    if (writer.failed) pinion_panic("the headers of the response are too large");
    pinion_sink(context->sink, buffer, pinion_written(&writer));
    if (body_length > 0) pinion_sink(context->body_sink, body, body_length);
}
#endif

/* ---------------------------------------------------------------------------------------------------------------- *
 * The description, version 10                                                                                       *
 * ---------------------------------------------------------------------------------------------------------------- */

/* Gathers what is written to a sink in pieces. */
typedef struct { uint32_t sink; pinion_writer writer; uint8_t buffer[256]; } pinion_out;

static void pinion_flush(pinion_out *out) {
    uint32_t length = pinion_written(&out->writer);
    if (length > 0) pinion_sink(out->sink, out->buffer, length);
    out->writer.at = out->writer.start;
}

__attribute__((noinline)) static void pinion_out_raw(pinion_out *out, const void *bytes, uint32_t length) {
    if ((uint32_t)(out->writer.end - out->writer.at) < length) pinion_flush(out);
    if (length > sizeof out->buffer) {
        pinion_sink(out->sink, bytes, length);
    } else {
        pinion_write_raw(&out->writer, bytes, length);
    }
}

__attribute__((noinline)) static void pinion_out_u8(pinion_out *out, uint8_t value) { pinion_out_raw(out, &value, 1); }
__attribute__((noinline)) static void pinion_out_u16(pinion_out *out, uint16_t value) { pinion_out_raw(out, &value, 2); }
__attribute__((noinline)) static void pinion_out_u32(pinion_out *out, uint32_t value) { pinion_out_raw(out, &value, 4); }

__attribute__((noinline)) static void pinion_out_text(pinion_out *out, const char *text) {
    uint32_t length = pinion_length(text);
    pinion_out_u32(out, length);
    pinion_out_raw(out, text, length);
}

__attribute__((noinline)) static void pinion_out_some_text(pinion_out *out, const char *text) {
    pinion_out_u8(out, 0);
    pinion_out_text(out, text);
}

static void pinion_out_none(pinion_out *out) { pinion_out_u8(out, 1); }

/* A product of one named field: what the special types are. */
static void pinion_out_wrapper(pinion_out *out, const char *field, uint8_t kind) {
    pinion_out_u8(out, PINION_KIND_PRODUCT);
    pinion_out_u32(out, 1);
    pinion_out_some_text(out, field);
    pinion_out_u8(out, kind);
}

static void pinion_out_unit(pinion_out *out) {
    pinion_out_u8(out, PINION_KIND_PRODUCT);
    pinion_out_u32(out, 0);
}

static void pinion_out_timestamp(pinion_out *out) {
    pinion_out_wrapper(out, "__timestamp_micros_since_unix_epoch__", PINION_KIND_I64);
}

static void pinion_out_duration(pinion_out *out) {
    pinion_out_wrapper(out, "__time_duration_micros__", PINION_KIND_I64);
}

__attribute__((noinline)) static void pinion_out_type(pinion_out *out, const pinion_type *type) {
    switch (type->kind) {
        case PINION_KIND_REF:
            pinion_out_u8(out, PINION_KIND_REF);
            pinion_out_u32(out, type->table);
            return;
        case PINION_KIND_ARRAY:
            pinion_out_u8(out, PINION_KIND_ARRAY);
            pinion_out_type(out, type->element);
            return;
        case PINION_KIND_OPTION:
            pinion_out_u8(out, PINION_KIND_SUM);
            pinion_out_u32(out, 2);
            pinion_out_some_text(out, "some");
            pinion_out_type(out, type->element);
            pinion_out_some_text(out, "none");
            pinion_out_unit(out);
            return;
        case PINION_KIND_IDENTITY: pinion_out_wrapper(out, "__identity__", PINION_KIND_U256); return;
        case PINION_KIND_CONNECTION_ID: pinion_out_wrapper(out, "__connection_id__", PINION_KIND_U128); return;
        case PINION_KIND_TIMESTAMP: pinion_out_timestamp(out); return;
        case PINION_KIND_DURATION: pinion_out_duration(out); return;
        case PINION_KIND_SCHEDULE_AT:
            pinion_out_u8(out, PINION_KIND_SUM);
            pinion_out_u32(out, 2);
            pinion_out_some_text(out, "Interval");
            pinion_out_duration(out);
            pinion_out_some_text(out, "Time");
            pinion_out_timestamp(out);
            return;
        case PINION_KIND_UNIT: pinion_out_unit(out); return;
        default: pinion_out_u8(out, type->kind);
    }
}

static void pinion_out_elements(pinion_out *out, const pinion_column *columns, uint32_t count) {
    pinion_out_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        pinion_out_some_text(out, columns[i].name);
        pinion_out_type(out, columns[i].type);
    }
}

__attribute__((noinline)) static void pinion_out_typespace(pinion_out *out, const pinion_module *module) {
    pinion_out_u8(out, 0);
    pinion_out_u32(out, module->table_count);
    for (uint32_t i = 0; i < module->table_count; i++) {
        pinion_out_u8(out, PINION_KIND_PRODUCT);
        pinion_out_elements(out, module->tables[i].columns, module->tables[i].column_count);
    }
    pinion_out_u8(out, 1);
    pinion_out_u32(out, module->table_count);
    for (uint32_t i = 0; i < module->table_count; i++) {
        const pinion_table *table = &module->tables[i];
        pinion_out_u32(out, 0);
        pinion_out_text(out, table->row_type ? table->row_type : table->name);
        pinion_out_u32(out, i);
        pinion_out_u8(out, 1);
    }
}

/* <table>_<column>_idx_btree, without its length being known before it is built. */
static void pinion_out_key_index_name(pinion_out *out, const pinion_table *table, const char *column) {
    uint8_t name[PINION_TEXT_BYTES_MAX];
    pinion_writer writer = pinion_writer_on(name, sizeof name);
    pinion_write_raw(&writer, table->name, pinion_length(table->name));
    pinion_write_raw(&writer, "_", 1);
    pinion_write_raw(&writer, column, pinion_length(column));
    pinion_write_raw(&writer, "_idx_btree", 10);
    if (writer.failed) pinion_panic("the name of an index is too long");
    pinion_out_u8(out, 0);
    pinion_out_u32(out, pinion_written(&writer));
    pinion_out_raw(out, name, pinion_written(&writer));
}

static void pinion_out_index_columns(pinion_out *out, const pinion_index *index) {
    uint32_t count = 0;
    while (count < PINION_INDEX_COLUMNS_MAX && index->columns[count] != 0) count++;
    pinion_out_u32(out, count);
    for (uint32_t i = 0; i < count; i++) pinion_out_u16(out, (uint16_t)(index->columns[i] - 1));
}

static void pinion_out_indexes(pinion_out *out, const pinion_table *table) {
    pinion_out_u32(out, table->index_count + (table->primary_key != 0 ? 1 : 0));
    if (table->primary_key != 0) {
        const char *column = table->columns[table->primary_key - 1].name;
        pinion_out_key_index_name(out, table, column);
        pinion_out_some_text(out, column);
        pinion_out_u8(out, PINION_BTREE);
        pinion_out_u32(out, 1);
        pinion_out_u16(out, (uint16_t)(table->primary_key - 1));
    }
    for (uint32_t i = 0; i < table->index_count; i++) {
        const pinion_index *index = &table->indexes[i];
        pinion_out_some_text(out, index->name);
        pinion_out_some_text(out, index->name);
        pinion_out_u8(out, index->algorithm);
        pinion_out_index_columns(out, index);
    }
}

static void pinion_out_constraints(pinion_out *out, const pinion_table *table) {
    uint32_t count = table->primary_key != 0 ? 1 : 0;
    for (uint32_t i = 0; i < table->index_count; i++) count += table->indexes[i].unique ? 1 : 0;
    pinion_out_u32(out, count);
    if (table->primary_key != 0) {
        pinion_out_none(out);
        pinion_out_u8(out, 0);
        pinion_out_u32(out, 1);
        pinion_out_u16(out, (uint16_t)(table->primary_key - 1));
    }
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (!table->indexes[i].unique) continue;
        pinion_out_none(out);
        pinion_out_u8(out, 0);
        pinion_out_index_columns(out, &table->indexes[i]);
    }
}

static void pinion_out_sequences(pinion_out *out, const pinion_table *table) {
    static const uint8_t one[16] = {1};
    pinion_out_u32(out, table->auto_increment != 0 ? 1 : 0);
    if (table->auto_increment == 0) return;
    pinion_out_none(out);
    pinion_out_u16(out, (uint16_t)(table->auto_increment - 1));
    pinion_out_none(out);
    pinion_out_none(out);
    pinion_out_none(out);
    pinion_out_raw(out, one, sizeof one);
}

static void pinion_out_tables(pinion_out *out, const pinion_module *module) {
    pinion_out_u8(out, 2);
    pinion_out_u32(out, module->table_count);
    for (uint32_t i = 0; i < module->table_count; i++) {
        const pinion_table *table = &module->tables[i];
        pinion_out_text(out, table->name);
        pinion_out_u32(out, i);
        pinion_out_u32(out, table->primary_key != 0 ? 1 : 0);
        if (table->primary_key != 0) pinion_out_u16(out, (uint16_t)(table->primary_key - 1));
        pinion_out_indexes(out, table);
        pinion_out_constraints(out, table);
        pinion_out_sequences(out, table);
        pinion_out_u8(out, 1);
        pinion_out_u8(out, table->access == PINION_PUBLIC ? 0 : 1);
        pinion_out_u32(out, 0);
        pinion_out_u8(out, table->event ? 1 : 0);
    }
}

static void pinion_out_reducers(pinion_out *out, const pinion_module *module) {
    pinion_out_u8(out, 3);
    pinion_out_u32(out, module->reducer_count);
    for (uint32_t i = 0; i < module->reducer_count; i++) {
        const pinion_reducer *reducer = &module->reducers[i];
        pinion_out_text(out, reducer->name);
        pinion_out_elements(out, reducer->parameters, reducer->parameter_count);
        pinion_out_u8(out, 1);
        pinion_out_unit(out);
        pinion_out_u8(out, PINION_KIND_STRING);
    }
}

static void pinion_out_procedures(pinion_out *out, const pinion_module *module) {
    pinion_out_u8(out, 4);
    pinion_out_u32(out, module->procedure_count);
    for (uint32_t i = 0; i < module->procedure_count; i++) {
        const pinion_procedure *procedure = &module->procedures[i];
        pinion_out_text(out, procedure->name);
        pinion_out_elements(out, procedure->parameters, procedure->parameter_count);
        pinion_out_type(out, procedure->returns ? procedure->returns : PINION_UNIT);
        pinion_out_u8(out, 1);
    }
}

static void pinion_out_handlers(pinion_out *out, const pinion_module *module) {
    pinion_out_u8(out, 11);
    pinion_out_u32(out, module->handler_count);
    for (uint32_t i = 0; i < module->handler_count; i++) pinion_out_text(out, module->handlers[i].name);
    pinion_out_u8(out, 12);
    pinion_out_u32(out, module->route_count);
    for (uint32_t i = 0; i < module->route_count; i++) {
        const pinion_route *route = &module->routes[i];
        pinion_out_text(out, route->handler);
        pinion_out_u8(out, route->method == PINION_ANY ? 0 : 1);
        if (route->method != PINION_ANY) pinion_out_u8(out, (uint8_t)(route->method - 1));
        pinion_out_text(out, route->path);
    }
}

/* Anonymous views and those that see their caller are numbered apart. */
static uint32_t pinion_view_index(const pinion_module *module, uint32_t position) {
    uint32_t index = 0;
    for (uint32_t i = 0; i < position; i++) {
        if (module->views[i].anonymous == module->views[position].anonymous) index++;
    }
    return index;
}

static void pinion_out_views(pinion_out *out, const pinion_module *module) {
    pinion_out_u8(out, 5);
    pinion_out_u32(out, module->view_count);
    for (uint32_t i = 0; i < module->view_count; i++) {
        const pinion_view *view = &module->views[i];
        pinion_out_text(out, view->name);
        pinion_out_u32(out, pinion_view_index(module, i));
        pinion_out_u8(out, view->hidden ? 0 : 1);
        pinion_out_u8(out, view->anonymous ? 1 : 0);
        pinion_out_u32(out, 0);
        pinion_out_u8(out, PINION_KIND_ARRAY);
        pinion_out_u8(out, PINION_KIND_REF);
        pinion_out_u32(out, view->table);
    }
}

static void pinion_out_schedules(pinion_out *out, const pinion_module *module) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->table_count; i++) count += module->tables[i].scheduled ? 1 : 0;
    pinion_out_u8(out, 6);
    pinion_out_u32(out, count);
    for (uint32_t i = 0; i < module->table_count; i++) {
        const pinion_table *table = &module->tables[i];
        if (!table->scheduled) continue;
        if (table->scheduled_at == 0) pinion_panic("a scheduled table needs scheduled_at");
        pinion_out_none(out);
        pinion_out_text(out, table->name);
        pinion_out_u16(out, (uint16_t)(table->scheduled_at - 1));
        pinion_out_text(out, table->scheduled);
    }
}

static void pinion_out_lifecycle(pinion_out *out, const pinion_module *module) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->reducer_count; i++) count += module->reducers[i].lifecycle != 0 ? 1 : 0;
    pinion_out_u8(out, 7);
    pinion_out_u32(out, count);
    for (uint32_t i = 0; i < module->reducer_count; i++) {
        if (module->reducers[i].lifecycle == 0) continue;
        pinion_out_u8(out, (uint8_t)(module->reducers[i].lifecycle - 1));
        pinion_out_text(out, module->reducers[i].name);
    }
}

static void pinion_describe(const pinion_module *module, uint32_t sink) {
    static pinion_out out;
    out.sink = sink;
    out.writer = pinion_writer_on(out.buffer, sizeof out.buffer);
    pinion_out_u8(&out, 2); /* version 10 */
    pinion_out_u32(&out, 8u + (module->procedure_count > 0 ? 1 : 0) + (module->handler_count > 0 ? 2 : 0)); /* sections */
    pinion_out_typespace(&out, module);
    pinion_out_tables(&out, module);
    pinion_out_reducers(&out, module);
    if (module->procedure_count > 0) pinion_out_procedures(&out, module);
    pinion_out_views(&out, module);
    pinion_out_schedules(&out, module);
    pinion_out_lifecycle(&out, module);
    if (module->handler_count > 0) pinion_out_handlers(&out, module);
    pinion_out_u8(&out, 9); /* names stay as they are written */
    pinion_out_u8(&out, 0);
    pinion_flush(&out);
}

/* ---------------------------------------------------------------------------------------------------------------- *
 * Exports                                                                                                           *
 * ---------------------------------------------------------------------------------------------------------------- */

/* False if the arguments are larger than the header has room for. */
static bool pinion_read_arguments(uint32_t source, pinion_reader *arguments) {
    static uint8_t buffer[PINION_ARGUMENT_BYTES_MAX];
    return pinion_read_source(source, buffer, sizeof buffer, arguments);
}

static int pinion_call_reducer(const pinion_module *module, uint32_t id, pinion_context *context, uint32_t source) {
    pinion_reader arguments;
    if (id >= module->reducer_count) return pinion_fail_u64(context, "no reducer has the number ", id);
    if (!pinion_read_arguments(source, &arguments)) return pinion_fail(context, "the arguments are too large");
    return module->reducers[id].run(context, &arguments);
}

static int pinion_call_view(const pinion_module *module, uint32_t index, bool anonymous, pinion_context *context) {
    for (uint32_t i = 0; i < module->view_count; i++) {
        if (module->views[i].anonymous == anonymous && pinion_view_index(module, i) == index) {
            int code = module->views[i].run(context);
            return code == PINION_OK ? PINION_RESULT_VIEW : code;
        }
    }
    return pinion_fail_u64(context, "no view has the number ", index);
}

#ifdef PINION_USE_PROCEDURES
static int pinion_call_procedure(const pinion_module *module, uint32_t id, pinion_context *context, uint32_t source) {
    pinion_reader arguments;
    if (id >= module->procedure_count) pinion_panic("there is no procedure with this number");
    if (!pinion_read_arguments(source, &arguments)) pinion_panic("the arguments are too large");
    return module->procedures[id].run(context, &arguments);
}

static int pinion_call_handler(const pinion_module *module, uint32_t id, pinion_context *context, uint32_t source,
                               uint32_t body) {
    if (id >= module->handler_count) pinion_panic("there is no HTTP handler with this number");
    pinion_request request = {source, body};
    return module->handlers[id].run(context, &request);
}
#endif

#define PINION_EXPORT(name) __attribute__((export_name(#name), used))

#define PINION_TABLES(array) .tables = (array), .table_count = PINION_COUNT(array)
#define PINION_REDUCERS(array) .reducers = (array), .reducer_count = PINION_COUNT(array)
#define PINION_VIEWS(array) .views = (array), .view_count = PINION_COUNT(array)
#define PINION_NO_TABLES .tables = NULL
#define PINION_NO_REDUCERS .reducers = NULL
#define PINION_NO_VIEWS .views = NULL
#ifdef PINION_USE_PROCEDURES
#define PINION_PROCEDURES(array) .procedures = (array), .procedure_count = PINION_COUNT(array)
#define PINION_HANDLERS(handler_array, route_array)                                                                    \
    .handlers = (handler_array), .handler_count = PINION_COUNT(handler_array), .routes = (route_array),                \
    .route_count = PINION_COUNT(route_array)
#define PINION_PROCEDURE_EXPORTS                                                                                       \
    PINION_EXPORT(__call_procedure__)                                                                                  \
    int32_t pinion_export_procedure(uint32_t id, uint64_t s0, uint64_t s1, uint64_t s2, uint64_t s3, uint64_t c0,      \
                                    uint64_t c1, int64_t timestamp, uint32_t arguments, uint32_t result) {             \
        pinion_context context = {{{s0, s1, s2, s3}}, {{c0, c1}}, timestamp, result, 0};                               \
        return pinion_call_procedure(&pinion_this_module, id, &context, arguments);                                    \
    }                                                                                                                  \
    PINION_EXPORT(__call_http_handler__)                                                                               \
    int32_t pinion_export_handler(uint32_t id, int64_t timestamp, uint32_t request, uint32_t body, uint32_t response,  \
                                  uint32_t response_body) {                                                            \
        pinion_context context = {{{0, 0, 0, 0}}, {{0, 0}}, timestamp, response, response_body};                       \
        return pinion_call_handler(&pinion_this_module, id, &context, request, body);                                  \
    }
#else
#define PINION_PROCEDURE_EXPORTS
#endif

/* Takes PINION_TABLES(…), PINION_REDUCERS(…), PINION_VIEWS(…) or their PINION_NO_… forms, and with
 * PINION_USE_PROCEDURES also PINION_PROCEDURES(…) and PINION_HANDLERS(handlers, routes). Once, at the end. */
#define PINION_MODULE(...)                                                                                             \
    static const pinion_module pinion_this_module = {__VA_ARGS__};                                                     \
    PINION_EXPORT(__describe_module__) void pinion_export_describe(uint32_t sink) {                                    \
        pinion_describe(&pinion_this_module, sink);                                                                    \
    }                                                                                                                  \
    PINION_EXPORT(__call_reducer__)                                                                                    \
    int32_t pinion_export_reducer(uint32_t id, uint64_t s0, uint64_t s1, uint64_t s2, uint64_t s3, uint64_t c0,        \
                                  uint64_t c1, int64_t timestamp, uint32_t arguments, uint32_t error) {                \
        pinion_context context = {{{s0, s1, s2, s3}}, {{c0, c1}}, timestamp, error, 0};                                   \
        return pinion_call_reducer(&pinion_this_module, id, &context, arguments);                                      \
    }                                                                                                                  \
    PINION_EXPORT(__call_view__)                                                                                       \
    int32_t pinion_export_view(uint32_t id, uint64_t s0, uint64_t s1, uint64_t s2, uint64_t s3, uint32_t arguments,    \
                               uint32_t sink) {                                                                        \
        (void)arguments;                                                                                               \
        pinion_context context = {{{s0, s1, s2, s3}}, {{0, 0}}, 0, sink, 0};                                              \
        return pinion_call_view(&pinion_this_module, id, false, &context);                                             \
    }                                                                                                                  \
    PINION_EXPORT(__call_view_anon__)                                                                                  \
    int32_t pinion_export_view_anonymous(uint32_t id, uint32_t arguments, uint32_t sink) {                             \
        (void)arguments;                                                                                               \
        pinion_context context = {{{0, 0, 0, 0}}, {{0, 0}}, 0, sink, 0};                                                  \
        return pinion_call_view(&pinion_this_module, id, true, &context);                                              \
    }                                                                                                                  \
    PINION_PROCEDURE_EXPORTS

#endif
