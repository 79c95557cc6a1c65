// Types of the guest library that is built into Pinion.
// SPDX-License-Identifier: Apache-2.0

declare module 'pinion:module@1' {
  /** Thrown to refuse a call: the caller sees the message, and nothing the call did remains. */
  export class CallerError extends Error {}

  /** What the host refused; `code` is its error number. */
  export class HostError extends Error {
    readonly code: number;
  }
  export class NotInTransaction extends HostError {}
  export class BsatnDecodeError extends HostError {}
  export class NoSuchTable extends HostError {}
  export class NoSuchIndex extends HostError {}
  export class NoSuchIterator extends HostError {}
  export class NoSuchTimer extends HostError {}
  export class WrongIndexAlgorithm extends HostError {}
  export class UniqueAlreadyExists extends HostError {}
  export class ScheduleTooFarAhead extends HostError {}
  export class IndexNotUnique extends HostError {}
  export class NoSuchRow extends HostError {}
  export class SequenceExhausted extends HostError {}
  export class WouldBlockTransaction extends HostError {}
  export class TransactionNotAnonymous extends HostError {}
  export class HttpError extends HostError {}

  /** An unsigned 256-bit number that names a caller or a database; its text is 64 hex digits. */
  export class Identity {
    constructor(value: bigint);
    static parse(text: string): Identity;
    readonly value: bigint;
    equals(other: unknown): boolean;
    toString(): string;
  }
  /** An unsigned 128-bit number that names one connection of a client. */
  export class ConnectionId {
    constructor(value: bigint);
    readonly value: bigint;
    equals(other: unknown): boolean;
    toString(): string;
  }
  /** A moment, in microseconds since the Unix epoch. */
  export class Timestamp {
    constructor(micros: bigint);
    static fromDate(date: Date): Timestamp;
    readonly micros: bigint;
    plus(duration: Duration): Timestamp;
    minus(other: Timestamp): Duration;
    minus(other: Duration): Timestamp;
    toDate(): Date;
    equals(other: unknown): boolean;
    toString(): string;
  }
  /** A signed span of time in microseconds. */
  export class Duration {
    constructor(micros: bigint);
    readonly micros: bigint;
    equals(other: unknown): boolean;
    toString(): string;
  }
  export class Uuid {
    constructor(value: bigint);
    static parse(text: string): Uuid;
    readonly value: bigint;
    equals(other: unknown): boolean;
    toString(): string;
  }
  export function milliseconds(count: number): Duration;
  export function seconds(count: number): Duration;
  export function minutes(count: number): Duration;
  export function hours(count: number): Duration;

  export type ScheduleAt = { tag: 'Interval'; value: Duration } | { tag: 'Time'; value: Timestamp };
  export function every(duration: Duration): ScheduleAt;
  export function at(timestamp: Timestamp): ScheduleAt;

  export type Algorithm = 'btree' | 'hash' | 'direct';

  export interface Column<T, Unique extends boolean = boolean> {
    readonly __value?: T;
    readonly __unique?: Unique;
    primaryKey(): Column<T, true>;
    unique(): Column<T, true>;
    /** The host fills in the next number where a row has 0. */
    autoIncrement(): Column<T, Unique>;
    index(algorithm?: Algorithm): Column<T, Unique>;
    /** What rows of before get when the column is appended to a table. */
    default(value: T): Column<T, Unique>;
  }
  export interface Type<T> extends Column<T, false> {
    readonly name: string;
  }
  type Value<C> = C extends Column<infer T> ? T : never;
  type Columns = Record<string, Column<any>>;
  type Types = Record<string, Type<any>>;
  export type Row<C extends Columns> = { [K in keyof C]: Value<C[K]> };
  type Fields<F extends Types> = { [K in keyof F]: Value<F[K]> };
  type Variants<V extends Types> = {
    [K in keyof V & string]: Value<V[K]> extends null ? { tag: K; value?: null } : { tag: K; value: Value<V[K]> };
  }[keyof V & string];

  /** The types of columns and parameters. Up to 32 bits a number, above a bigint. */
  export const t: {
    readonly bool: Type<boolean>;
    readonly i8: Type<number>;
    readonly u8: Type<number>;
    readonly i16: Type<number>;
    readonly u16: Type<number>;
    readonly i32: Type<number>;
    readonly u32: Type<number>;
    readonly i64: Type<bigint>;
    readonly u64: Type<bigint>;
    readonly i128: Type<bigint>;
    readonly u128: Type<bigint>;
    readonly i256: Type<bigint>;
    readonly u256: Type<bigint>;
    readonly f32: Type<number>;
    readonly f64: Type<number>;
    readonly string: Type<string>;
    readonly bytes: Type<Uint8Array>;
    readonly unit: Type<null>;
    readonly identity: Type<Identity>;
    readonly connectionId: Type<ConnectionId>;
    readonly timestamp: Type<Timestamp>;
    readonly duration: Type<Duration>;
    readonly uuid: Type<Uuid>;
    readonly scheduleAt: Type<ScheduleAt>;
    option<T>(inner: Type<T>): Type<T | null>;
    result<T, E>(ok: Type<T>, err: Type<E>): Type<{ tag: 'ok'; value: T } | { tag: 'err'; value: E }>;
    array<T>(element: Type<T>): Type<T[]>;
    object<F extends Types>(name: string, fields: F): Type<Fields<F>>;
    sum<V extends Types>(name: string, variants: V): Type<Variants<V>>;
    enum<const N extends string>(name: string, tags: readonly N[]): Type<{ tag: N }>;
  };

  export interface TableOptions {
    /** Whether every client may read it; only the owner otherwise. */
    public?: boolean;
    /** Rows exist only for the subscribers of the transaction that inserts them. */
    event?: boolean;
    /** Further indexes: accessor name to column names. */
    indexes?: Record<string, string[] | { columns: string[]; algorithm?: Algorithm }>;
    /** The reducer that each row runs at its t.scheduleAt column. */
    schedule?: string;
  }
  export interface Table<C extends Columns> {
    /** The type of its rows, for parameters and views. */
    readonly row: Type<Row<C>>;
    readonly __columns?: C;
  }
  export function table<C extends Columns>(columns: C, options?: TableOptions): Table<C>;

  export interface Range<T> {
    gt?: T;
    ge?: T;
    lt?: T;
    le?: T;
  }
  interface Scans<R> {
    /** Rows with these values in the index's first columns; the last may be a range. */
    scan(...values: any[]): IteratorObject<R>;
    all(...values: any[]): R[];
  }
  export interface UniqueReads<K, R> extends Scans<R> {
    /** The row with this key, or null. */
    find(key: K): R | null;
  }
  export interface UniqueAccess<K, R> extends UniqueReads<K, R> {
    /** Replaces the row that has this row's key; throws NoSuchRow if there is none. */
    update(row: R): R;
    delete(key: K): boolean;
  }
  export interface IndexAccess<R> extends Scans<R> {
    delete(...values: any[]): number;
  }
  interface TableReads<R> extends Iterable<R> {
    count(): bigint;
    /** All rows, in no order; closes itself. */
    scan(): IteratorObject<R>;
    all(): R[];
  }
  export interface TableAccess<R> extends TableReads<R> {
    /** Inserts a row and returns it as it is stored, with generated values. */
    insert(row: R): R;
    /** Deletes the row that equals this one; whether there was one. */
    delete(row: R): boolean;
    clear(): bigint;
  }
  /** Tables by name; each also has its indexes by name. */
  export type Db = Record<string, any>;

  export interface Log {
    error(...parts: unknown[]): void;
    warn(...parts: unknown[]): void;
    info(...parts: unknown[]): void;
    debug(...parts: unknown[]): void;
    trace(...parts: unknown[]): void;
  }
  export interface Random {
    /** From 0 up to but without 1. */
    (): number;
    /** From min to max, both included. */
    integer(min: number, max: number): number;
    bytes(count: number): Uint8Array;
    uuid(): Uuid;
  }
  interface AnonymousViewContext {
    readonly db: Db;
    readonly log: Log;
    /** The database's identity. */
    readonly identity: Identity;
  }
  interface ViewContext extends AnonymousViewContext {
    readonly sender: Identity;
  }
  export interface CallContext extends ViewContext {
    /** The caller's connection, or null. */
    readonly connection: ConnectionId | null;
    readonly timestamp: Timestamp;
    /** Depends on the call alone. */
    readonly random: Random;
  }
  interface Waiting {
    /** Runs a function in a transaction of its own; it may run twice. */
    transaction<T>(run: (ctx: CallContext) => T): T;
    /** Makes a request and waits for its response, not inside a transaction; throws HttpError if there is none. */
    http(request: string | HttpRequestOptions): HttpResponse;
  }
  export interface ProcedureContext extends Omit<CallContext, 'db'>, Waiting {}
  export interface HandlerContext extends Waiting {
    readonly timestamp: Timestamp;
    readonly random: Random;
    readonly log: Log;
    /** The database's identity. */
    readonly identity: Identity;
  }

  type HeadersInit = Record<string, string | Uint8Array> | [name: string, value: string | Uint8Array][];
  /** Headers in the order in which they came; iterating gives names and bytes. */
  export class Headers implements Iterable<[string, Uint8Array]> {
    private constructor();
    /** The first value of a name in any case, or null. */
    get(name: string): string | null;
    all(name: string): string[];
    [Symbol.iterator](): Iterator<[string, Uint8Array]>;
  }
  interface HttpMessage {
    readonly version: 'HTTP/0.9' | 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2' | 'HTTP/3';
    readonly headers: Headers;
    readonly body: Uint8Array;
    /** The body as UTF-8. */
    text(): string;
    json(): any;
  }
  export interface HttpRequest extends HttpMessage {
    readonly method: string;
    /** As the client asked for it, with scheme and host. */
    readonly uri: string;
  }
  export interface HttpResponse extends HttpMessage {
    readonly status: number;
  }
  export interface HttpRequestOptions {
    uri: string;
    method?: string;
    headers?: HeadersInit;
    body?: string | Uint8Array;
    timeout?: Duration;
  }
  export interface HttpAnswer {
    /** 200 if left out. */
    status?: number;
    headers?: HeadersInit;
    body?: string | Uint8Array;
  }

  export interface Reducer {
    readonly __reducer?: true;
  }
  export interface View {
    readonly __view?: true;
  }
  export interface Procedure {
    readonly __procedure?: true;
  }
  export interface HttpHandler {
    readonly __httpHandler?: true;
  }
  /** What a view may return in place of rows. */
  export interface Query {
    readonly __query?: true;
  }
  export function query(sql: string): Query;
  export interface ViewOptions {
    /** The column that tells its rows apart, for clients. */
    primaryKey?: string;
  }
  export function reducer(fn: (ctx: CallContext) => void): Reducer;
  export function reducer<P extends Types>(parameters: P, fn: (ctx: CallContext, args: Fields<P>) => void): Reducer;
  export function init(fn: (ctx: CallContext) => void): Reducer;
  export function connected(fn: (ctx: CallContext) => void): Reducer;
  export function disconnected(fn: (ctx: CallContext) => void): Reducer;
  export function view<T>(
    returns: Type<T>,
    fn: (ctx: ViewContext) => T | Iterable<any> | Query,
    options?: ViewOptions,
  ): View;
  export function anonymousView<T>(
    returns: Type<T>,
    fn: (ctx: AnonymousViewContext) => T | Iterable<any> | Query,
    options?: ViewOptions,
  ): View;
  export function procedure<P extends Types, T>(
    parameters: P,
    returns: Type<T>,
    fn: (ctx: ProcedureContext, args: Fields<P>) => T,
  ): Procedure;

  /** Answers requests to its routes, each like 'GET /path' or 'ANY /path', matched as they stand. */
  export function httpHandler(
    fn: (ctx: HandlerContext, request: HttpRequest) => string | HttpAnswer,
    options?: { routes?: string[] },
  ): HttpHandler;

  /** What a module default-exports. */
  export function module(parts: {
    tables?: Record<string, Table<any>>;
    reducers?: Record<string, Reducer>;
    views?: Record<string, View>;
    procedures?: Record<string, Procedure>;
    httpHandlers?: Record<string, HttpHandler>;
    /** SQL queries that say which rows of a table a client sees. */
    rowRules?: string[];
  }): object;
}
