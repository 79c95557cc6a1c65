// Every call and every error of the module ABI, on the npm SDK of version 2. What is out of the SDK's reach is called on
// spacetime:sys directly. The same module is beside this one in JavaScript and in C: each writes the same log lines.
import { ScheduleAt, TimeDuration } from 'spacetimedb';
import * as server from 'spacetimedb/server';
import * as sys from 'spacetime:sys@2.0';
import { datastore_clear } from 'spacetime:sys@2.1';

const { schema, SenderError, SpacetimeHostError, t, table } = server;

const items = table(
  { public: true, indexes: [{ accessor: 'byKindRank', algorithm: 'btree', columns: ['kind', 'rank'] }] },
  { id: t.u64().primaryKey().autoInc(), name: t.string().unique(), kind: t.u32(), rank: t.u8() }
);
const tags = table(
  { indexes: [{ accessor: 'key', algorithm: 'hash', columns: ['key'] }] },
  { key: t.u32(), label: t.string() }
);
const ticks = table(
  { scheduled: () => onTick },
  { id: t.u64().primaryKey().autoInc(), at: t.scheduleAt() }
);
const jobs = table(
  { scheduled: () => onJob },
  { id: t.u64().primaryKey().autoInc(), at: t.scheduleAt() }
);

const contract = schema({ items, tags, ticks, jobs });
export default contract;

const NUMBERS: Record<string, number> = {
  NotInTransaction: 2, BsatnDecodeError: 3, NoSuchTable: 4, NoSuchIndex: 5, NoSuchIter: 6, NoSuchConsoleTimer: 7,
  BufferTooSmall: 11, UniqueAlreadyExists: 12, ScheduleAtDelayTooLong: 13, IndexNotUnique: 14, NoSuchRow: 15,
  WouldBlockTransaction: 17, TransactionNotAnonymous: 18, HttpError: 21,
};
const FAR = 1n << 62n;
const bytes = (...values: number[]) => Uint8Array.from(values);
const buffer = (...values: number[]) => bytes(...values).buffer;
const item = (name: string, kind = 0, rank = 0) => ({ id: 0n, name, kind, rank });

/** The error number of what a function throws, 0 if it does not. */
function errno(run: () => unknown): number {
  try {
    run();
    return 0;
  } catch (error) {
    if (!(error instanceof SpacetimeHostError)) throw error;
    return NUMBERS[error.name] ?? -1;
  }
}

function say(what: string, run: () => unknown) {
  console.log(`${what} ${errno(run)}`);
}

function summary(rows: Iterable<any>) {
  const all = [...rows];
  return `${all.length} ${all.reduce((sum, row) => sum + row.rank, 0)}`;
}

const hex = (value: { toHexString(): string } | null) => (value === null ? 'none' : value.toHexString());

export const init = contract.init(() => console.log('init'));
export const connected = contract.clientConnected(ctx => console.log(`connected ${hex(ctx.connectionId)}`));
export const disconnected = contract.clientDisconnected(ctx => console.log(`disconnected ${hex(ctx.connectionId)}`));

export const context = contract.reducer(ctx => {
  console.log(`sender ${hex(ctx.sender)}`);
  console.log(`connection ${hex(ctx.connectionId)}`);
  console.log(`timestamp ${ctx.timestamp.microsSinceUnixEpoch}`);
  console.log(`database ${hex(ctx.identity)}`);
});

export const claims = contract.reducer(ctx => {
  const { jwt } = ctx.senderAuth;
  console.log(`claims ${jwt === null ? 'none' : jwt.rawPayload}`);
});

export const tables = contract.reducer(ctx => {
  const { items } = ctx.db;
  const [a, b, c] = ['a', 'b', 'c'].map(name => items.insert(item(name)));
  console.log(`inserted ${a.id} ${b.id} ${c.id} ${items.insert({ ...item('d'), id: 100n }).id}`);
  console.log(`again ${items.insert(a).id}`);
  console.log(`count ${items.count()}`);
  console.log(`scan ${[...items.iter()].reduce((sum, row) => sum + row.id, 0n)}`);
  console.log(`found ${items.name.find('b')!.id} ${items.name.find('x') === null ? 'none' : 'some'}`);
  items.id.update({ ...b, rank: 9 });
  console.log(`updated ${items.id.find(b.id)!.rank}`);
  console.log(`deleted ${items.id.delete(a.id) ? 1 : 0} ${items.id.delete(a.id) ? 1 : 0}`);
  console.log(`deleted row ${items.delete(c) ? 1 : 0} ${items.delete(c) ? 1 : 0}`);
  console.log(`cleared ${datastore_clear(sys.table_id_from_name('items'))} ${items.count()}`);
});

/** A range over the ranks of one kind, which the SDK's oldest cannot express. */
function ranks(ctx: any, kind: number, from: [number, number] | null, to: [number, number] | null) {
  if (server.Range !== undefined) {
    const bound = (given: [number, number] | null) =>
      given === null ? { tag: 'unbounded' } : { tag: given[0] === 0 ? 'included' : 'excluded', value: given[1] };
    return summary(ctx.db.items.byKindRank.filter([kind, new server.Range(bound(from), bound(to))]));
  }
  const start = from ?? [2];
  const end = to ?? [2];
  const index = sys.index_id_from_name('items_kind_rank_idx_btree');
  const given = buffer(kind, 0, 0, 0, ...start, ...end);
  const iterator = sys.datastore_index_scan_range_bsatn(index, given, 4, 1, start.length, end.length);
  return rankSummary(iterator);
}

/** Of an iterator over items: ids of 8 bytes, names, kinds of 4 bytes, ranks. */
function rankSummary(iterator: number) {
  const rows = new ArrayBuffer(1 << 16);
  const length = Math.abs(sys.row_iter_bsatn_advance(iterator, rows));
  const view = new DataView(rows);
  let [count, sum] = [0, 0];
  for (let at = 0; at < length; count++) {
    at += 8 + 4 + view.getUint32(at + 8, true) + 4;
    sum += view.getUint8(at++);
  }
  return `${count} ${sum}`;
}

export const ranges = contract.reducer(ctx => {
  const { items, tags } = ctx.db;
  for (let kind = 1; kind <= 3; kind++) {
    for (let rank = 0; rank < 10; rank++) items.insert(item(`${kind}-${rank}`, kind, rank));
  }
  const index = sys.index_id_from_name('items_kind_rank_idx_btree');
  console.log(`prefix ${summary(items.byKindRank.filter([2]))}`);
  console.log(`range ${ranks(ctx, 2, [0, 3], [1, 9])}`);
  console.log(`above ${ranks(ctx, 2, [1, 3], null)}`);
  console.log(`up to ${ranks(ctx, 2, null, [0, 3])}`);
  console.log(`kinds ${rankSummary(sys.datastore_index_scan_range_bsatn(index, buffer(0, 2, 0, 0, 0, 2), 0, 0, 5, 1))}`);
  console.log(`point ${summary(items.byKindRank.filter([2, 5]))}`);
  const above = sys.datastore_delete_by_index_scan_range_bsatn(index, buffer(3, 0, 0, 0, 0, 5, 2), 4, 1, 2, 1);
  console.log(`deleted ${above} ${items.byKindRank.delete([2, 5])}`);
  for (let i = 0; i < 6; i++) tags.insert({ key: i % 2, label: `${i}` });
  const hash = sys.index_id_from_name('tags_key_idx_hash');
  const found = sys.datastore_index_scan_point_bsatn(hash, buffer(1, 0, 0, 0), 4);
  const length = Math.abs(sys.row_iter_bsatn_advance(found, new ArrayBuffer(1 << 16)));
  console.log(`hash ${length / 9} ${sys.datastore_delete_by_index_scan_point_bsatn(hash, buffer(1, 0, 0, 0), 4)} ${tags.count()}`);
});

/** More rows than a chunk or a buffer holds. */
export const chunks = contract.reducer(ctx => {
  const { tags } = ctx.db;
  for (let i = 0; i < 3_000; i++) tags.insert({ key: i, label: 'x'.repeat(100) });
  console.log(`rows ${[...tags.iter()].length}`);
  for (const first of tags.iter()) {
    console.log(`first ${first.label.length}`);
    break;
  }
  tags.insert({ key: 1, label: 'y'.repeat(200_000) });
  console.log(`longest ${Math.max(...[...tags.iter()].map(tag => tag.label.length))}`);
});

export const errors = contract.reducer(ctx => {
  const { items } = ctx.db;
  const one = items.insert(item('one'));
  const table = sys.table_id_from_name('items');
  const byId = sys.index_id_from_name('items_id_idx_btree');
  const byKind = sys.index_id_from_name('items_kind_rank_idx_btree');
  const row = buffer(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 120, 0, 0, 0, 0, 0);
  say('unique', () => items.insert(item('one')));
  say('no row', () => items.id.update({ ...one, id: 77n }));
  say('not unique', () => sys.datastore_update_bsatn(table, byKind, row, 18));
  say('update no index', () => sys.datastore_update_bsatn(table, 99_999, row, 18));
  say('no table', () => sys.table_id_from_name('nothing'));
  say('no table count', () => sys.datastore_table_row_count(99_999));
  say('no table scan', () => sys.datastore_table_scan_bsatn(99_999));
  say('no table delete', () => sys.datastore_delete_all_by_eq_bsatn(99_999, buffer(0, 0, 0, 0), 4));
  say('no index', () => sys.index_id_from_name('nothing'));
  say('no index point', () => sys.datastore_index_scan_point_bsatn(99_999, buffer(0), 1));
  say('no index range', () => sys.datastore_index_scan_range_bsatn(99_999, buffer(2), 0, 0, 1, 0));
  say('no index delete', () => sys.datastore_delete_by_index_scan_point_bsatn(99_999, buffer(0), 1));
  say('undecodable point', () => sys.datastore_index_scan_point_bsatn(byId, buffer(1), 1));
  say('undecodable bound', () => sys.datastore_index_scan_range_bsatn(byId, buffer(7), 0, 0, 1, 0));
  say('undecodable rows', () => sys.datastore_delete_all_by_eq_bsatn(table, buffer(1, 0, 0, 0), 4));
  say('no iterator', () => sys.row_iter_bsatn_advance(99_999, new ArrayBuffer(64)));
  say('no iterator to close', () => sys.row_iter_bsatn_close(99_999));
  say('no timer', () => sys.console_timer_end(99_999));
  say('too far', () => ctx.db.ticks.insert({ id: 0n, at: ScheduleAt.time(FAR) }));
  say('start', () => sys.procedure_start_mut_tx());
  say('commit', () => sys.procedure_commit_mut_tx());
  say('abort', () => sys.procedure_abort_mut_tx());
  const iterator = sys.datastore_table_scan_bsatn(table);
  let needed = 0;
  try {
    sys.row_iter_bsatn_advance(iterator, new ArrayBuffer(1));
  } catch (error: any) {
    needed = error.__buffer_too_small__;
  }
  console.log(`too small ${needed}`);
  say('closed', () => sys.row_iter_bsatn_close(iterator));
  say('closed again', () => sys.row_iter_bsatn_close(iterator));
});

/** What ends a call cannot be caught, and nothing that comes after it is done. */
function catching(run: () => unknown) {
  try {
    run();
  } catch {
    console.log('caught');
  } finally {
    console.log('finally');
  }
}

export const trapUnknownTable = contract.reducer(() => catching(() => sys.datastore_insert_bsatn(99_999, buffer(0), 1)));
export const trapBadRow = contract.reducer(() =>
  catching(() => sys.datastore_insert_bsatn(sys.table_id_from_name('items'), buffer(1, 2), 2))
);
export const trapClear = contract.reducer(() => catching(() => datastore_clear(99_999)));
export const trapHashRange = contract.reducer(() =>
  catching(() => sys.datastore_index_scan_range_bsatn(sys.index_id_from_name('tags_key_idx_hash'), buffer(2), 0, 0, 1, 0))
);
export const httpInReducer = contract.reducer(() => say('http', () => sys.procedure_http_request(get('http://a/'), '')));

function get(uri: string) {
  const encoded = new TextEncoder().encode(uri);
  return bytes(0, 0, 0, 0, 0, 1, encoded.length, 0, 0, 0, ...encoded, 2);
}

export const refuse = contract.reducer({ text: t.string() }, (_ctx, { text }) => {
  throw new SenderError(text);
});
export const fail = contract.reducer(ctx => {
  ctx.db.items.insert(item('lost'));
  throw new Error('a mistake');
});

export const logs = contract.reducer(() => {
  console.error('at error');
  console.warn('at warn');
  console.info('at info');
  console.debug('at debug');
  console.trace('at trace');
  sys.console_log(101, 'at panic');
  sys.console_log(42, 'at another');
  console.time('work "quoted"');
  console.timeEnd('work "quoted"');
});

export const immediate = contract.reducer(() =>
  sys.volatile_nonatomic_schedule_immediate('refuse', bytes(2, 0, 0, 0, 104, 105))
);

export const schedule = contract.reducer(ctx => {
  const tick = ctx.db.ticks.insert({ id: 0n, at: ScheduleAt.interval(5_000_000n) });
  const job = ctx.db.jobs.insert({ id: 0n, at: ScheduleAt.time(ctx.timestamp.microsSinceUnixEpoch + 1_000_000n) });
  console.log(`scheduled ${tick.id} ${job.id}`);
});
export const onTick = contract.reducer({ tick: ticks.rowType }, (_ctx, { tick }) =>
  console.log(`tick ${tick.id} ${tick.at.tag}`)
);
export const fill = contract.reducer({ name: t.string(), kind: t.u32() }, (ctx, { name, kind }) => {
  ctx.db.items.insert(item(name, kind));
});

export const allItems = contract.anonymousView({ public: true }, t.array(items.rowType), ctx => [...ctx.db.items.iter()]);
export const firstItem = contract.anonymousView(
  { public: true },
  t.option(items.rowType),
  ctx => ctx.db.items.id.find(1n) ?? undefined
);
export const myItems = contract.view({ public: true }, t.array(items.rowType), ctx =>
  [...ctx.db.items.iter()].filter(row => row.kind === Number(ctx.sender.__identity__ & 0xffffffffn))
);
export const queried = contract.anonymousView({ public: true }, t.array(items.rowType), ctx =>
  ctx.from.items.where(row => row.kind.gte(0))
);
export const refusing = contract.anonymousView({ public: true }, t.array(items.rowType), () => {
  throw new SenderError('view refused');
});
export const failing = contract.anonymousView({ public: true }, t.array(items.rowType), () => {
  throw new Error('view failed');
});

export const add = contract.procedure({ a: t.u32(), b: t.u32() }, t.u64(), (ctx, { a, b }) => {
  console.log(`procedure ${hex(ctx.sender)} ${hex(ctx.connectionId)} ${ctx.timestamp.microsSinceUnixEpoch}`);
  return BigInt(a) + BigInt(b);
});
export const nothing = contract.procedure(t.unit(), () => ({}));
export const twoTransactions = contract.procedure({ name: t.string() }, t.u64(), (ctx, { name }) => {
  ctx.withTx(tx => {
    tx.db.items.insert(item(name));
    console.log(`inside ${tx.timestamp.microsSinceUnixEpoch}`);
  });
  return ctx.withTx(tx => tx.db.items.count());
});
export const abort = contract.procedure(t.u64(), ctx => {
  try {
    ctx.withTx(tx => {
      tx.db.items.insert(item('undone'));
      throw new Error('undo');
    });
  } catch (error: any) {
    console.log(`undone ${error.message}`);
  }
  return ctx.withTx(tx => tx.db.items.count());
});
export const procedureErrors = contract.procedure(t.unit(), ctx => {
  say('name outside', () => sys.table_id_from_name('items'));
  say('count outside', () => sys.datastore_table_row_count(4096));
  say('claims outside', () => sys.get_jwt_payload(1n));
  say('commit', () => sys.procedure_commit_mut_tx());
  say('abort', () => sys.procedure_abort_mut_tx());
  ctx.withTx(() => {
    say('start inside', () => sys.procedure_start_mut_tx());
    say('http inside', () => sys.procedure_http_request(get('http://a/'), ''));
  });
  return {};
});
export const fetch = contract.procedure({ uri: t.string() }, t.string(), (ctx, { uri }) => {
  try {
    const timeout = new TimeDuration(2_000_000n);
    const response = ctx.http.fetch(uri, { method: 'POST', headers: { 'x-a': '1' }, body: 'ping', timeout });
    return `${response.status} ${response.headers.get('content-type')} ${response.text()}`;
  } catch (error) {
    if (!(error instanceof SpacetimeHostError) || NUMBERS[error.name] !== 21) throw error;
    return `failed: ${error.message}`;
  }
});
export const leaveOpen = contract.procedure({ name: t.string() }, t.unit(), (_ctx, { name }) => {
  sys.procedure_start_mut_tx();
  const encoded = new TextEncoder().encode(name);
  const row = buffer(0, 0, 0, 0, 0, 0, 0, 0, encoded.length, 0, 0, 0, ...encoded, 0, 0, 0, 0, 0);
  sys.datastore_insert_bsatn(sys.table_id_from_name('items'), row, row.byteLength);
  return {};
});
export const procedureFails = contract.procedure(t.unit(), ctx => {
  ctx.withTx(tx => tx.db.items.insert(item('kept')));
  throw new Error('a mistake');
});
export const commitForever = contract.procedure(t.unit(), ctx => {
  for (;;) ctx.withTx(() => {});
});
export const onJob = contract.procedure({ job: jobs.rowType }, t.unit(), (_ctx, { job }) => {
  console.log(`job ${job.id} ${job.at.tag}`);
  return {};
});
