// The part of the contract that the npm SDK of version 1 could express from its first release on. It writes the same log
// lines as the other modules of the contract.
import { ScheduleAt } from 'spacetimedb';
import { schema, SenderError, t, table } from 'spacetimedb/server';
import * as sys from 'spacetime:sys@1.0';

export const items = table(
  {
    name: 'items',
    public: true,
    indexes: [{ name: 'by_kind_rank', algorithm: 'btree', columns: ['kind', 'rank'] }],
  },
  { id: t.u64().primaryKey().autoInc(), name: t.string().unique(), kind: t.u32(), rank: t.u8() }
);
const tags = table({ name: 'tags' }, { key: t.u32().index('btree'), label: t.string() });
const ticks = table(
  { name: 'ticks', scheduled: 'on_tick' },
  { id: t.u64().primaryKey().autoInc(), at: t.scheduleAt() }
);

export const contract = schema(items, tags, ticks);

const FAR = 1n << 62n;
const bytes = (...values: number[]) => Uint8Array.from(values);
export const item = (name: string, kind = 0, rank = 0) => ({ id: 0n, name, kind, rank });

/** A row as it was inserted: the first release of the SDK wraps it. */
const inserted = (result: any) => result.val ?? result;

/** An item whose id is known. The first release of the SDK takes every id for a generated one, and can write no such row. */
const encoded = (id: number, name: string, rank: number) =>
  bytes(id, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, name.charCodeAt(0), 0, 0, 0, 0, rank);

function insertWithId(id: number, name: string) {
  const generated = sys.datastore_insert_bsatn(sys.table_id_from_name('items'), encoded(id, name, 0));
  return generated.length === 0 ? id : -1;
}

function updateRank(items: any, row: any, rank: number, isFirstRelease: boolean) {
  if (!isFirstRelease) {
    items.id.update({ ...row, rank });
    return;
  }
  const byId = sys.index_id_from_name('items_id_idx_btree');
  sys.datastore_update_bsatn(sys.table_id_from_name('items'), byId, encoded(Number(row.id), row.name, rank));
}

/** The error number of what a function throws, 0 if it does not: of the SDK's classes, or of the host's plain objects. */
export function errno(run: () => unknown): number {
  try {
    run();
    return 0;
  } catch (error: any) {
    const code = error.code ?? error.constructor?.CODE ?? error.__code_error__;
    if (typeof code === 'number') return code;
    const number = NUMBERS[error.name];
    if (number === undefined) throw error;
    return number;
  }
}

const NUMBERS: Record<string, number> = {
  NotInTransaction: 2, BsatnDecodeError: 3, NoSuchTable: 4, NoSuchIndex: 5, NoSuchIter: 6, NoSuchConsoleTimer: 7,
  BufferTooSmall: 11, UniqueAlreadyExists: 12, ScheduleAtDelayTooLong: 13, IndexNotUnique: 14, NoSuchRow: 15,
  WouldBlockTransaction: 17, TransactionNotAnonymous: 18, HttpError: 21,
};

export function say(what: string, run: () => unknown) {
  console.log(`${what} ${errno(run)}`);
}

export const hex = (value: any) => (value == null ? 'none' : value.toHexString());

contract.init(() => console.log('init'));
contract.clientConnected(ctx => console.log(`connected ${hex(ctx.connectionId)}`));
contract.clientDisconnected(ctx => console.log(`disconnected ${hex(ctx.connectionId)}`));

contract.reducer('context', ctx => {
  console.log(`sender ${hex(ctx.sender)}`);
  console.log(`connection ${hex(ctx.connectionId)}`);
  console.log(`timestamp ${ctx.timestamp.microsSinceUnixEpoch}`);
  console.log(`database ${sys.identity().__identity__.toString(16).padStart(64, '0')}`);
});

contract.reducer('claims', ctx => {
  const claims = new TextDecoder().decode(sys.get_jwt_payload(ctx.connectionId?.__connection_id__ ?? 0n));
  console.log(`claims ${claims || 'none'}`);
});

contract.reducer('tables', ctx => {
  const { items } = ctx.db;
  const results = ['a', 'b', 'c'].map(name => items.insert(item(name)));
  const [a, b, c] = results.map(inserted);
  console.log(`inserted ${a.id} ${b.id} ${c.id} ${insertWithId(100, 'd')}`);
  console.log(`again ${insertWithId(1, 'a')}`);
  console.log(`count ${items.count()}`);
  console.log(`scan ${[...items.iter()].reduce((sum, row) => sum + row.id, 0n)}`);
  console.log(`found ${items.name.find('b')!.id} ${items.name.find('x') === null ? 'none' : 'some'}`);
  updateRank(items, b, 9, 'ok' in results[0]);
  console.log(`updated ${items.id.find(b.id)!.rank}`);
  console.log(`deleted ${items.id.delete(a.id) ? 1 : 0} ${items.id.delete(a.id) ? 1 : 0}`);
  console.log(`deleted row ${items.delete(c) ? 1 : 0} ${items.delete(c) ? 1 : 0}`);
});

function summary(rows: Iterable<any>) {
  const all = [...rows];
  return `${all.length} ${all.reduce((sum, row) => sum + row.rank, 0)}`;
}

contract.reducer('ranges', ctx => {
  const { items } = ctx.db;
  for (let kind = 1; kind <= 3; kind++) {
    for (let rank = 0; rank < 10; rank++) items.insert(item(`${kind}-${rank}`, kind, rank));
  }
  console.log(`prefix ${summary(items.by_kind_rank.filter([2]))}`);
  const index = sys.index_id_from_name('items_kind_rank_idx_btree');
  const prefix = bytes(2, 0, 0, 0);
  console.log(`range ${count(sys.datastore_index_scan_range_bsatn(index, prefix, 1, bytes(0, 3), bytes(1, 9)))}`);
  console.log(`above ${count(sys.datastore_index_scan_range_bsatn(index, prefix, 1, bytes(1, 3), bytes(2)))}`);
  console.log(`point ${summary(items.by_kind_rank.filter([2, 5]))}`);
  const above = sys.datastore_delete_by_index_scan_range_bsatn(index, bytes(3, 0, 0, 0), 1, bytes(0, 5), bytes(2));
  console.log(`deleted ${above} ${items.by_kind_rank.delete([2, 5])}`);
});

/** Of an iterator over items: how many and the sum of their ranks. */
function count(iterator: number) {
  const { 0: done, 1: rows } = sys.row_iter_bsatn_advance(iterator, 1 << 16);
  if (!done) throw new Error('there should be one chunk');
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  let [number, sum] = [0, 0];
  for (let at = 0; at < rows.length; number++) {
    at += 8 + 4 + view.getUint32(at + 8, true) + 4;
    sum += view.getUint8(at++);
  }
  return `${number} ${sum}`;
}

contract.reducer('chunks', ctx => {
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

contract.reducer('errors', ctx => {
  const { items } = ctx.db;
  const one = inserted(items.insert(item('one')));
  const table = sys.table_id_from_name('items');
  const byId = sys.index_id_from_name('items_id_idx_btree');
  const byKind = sys.index_id_from_name('items_kind_rank_idx_btree');
  const row = bytes(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 120, 0, 0, 0, 0, 0);
  say('unique', () => items.insert(item('one')));
  say('no row', () => items.id.update({ ...one, id: 77n }));
  say('not unique', () => sys.datastore_update_bsatn(table, byKind, row));
  say('update no index', () => sys.datastore_update_bsatn(table, 99_999, row));
  say('no table', () => sys.table_id_from_name('nothing'));
  say('no table count', () => sys.datastore_table_row_count(99_999));
  say('no table scan', () => sys.datastore_table_scan_bsatn(99_999));
  say('no table delete', () => sys.datastore_delete_all_by_eq_bsatn(99_999, bytes(0, 0, 0, 0)));
  say('no index', () => sys.index_id_from_name('nothing'));
  say('no index range', () => sys.datastore_index_scan_range_bsatn(99_999, bytes(), 0, bytes(2), bytes(2)));
  say('undecodable bound', () => sys.datastore_index_scan_range_bsatn(byId, bytes(), 0, bytes(7), bytes(7)));
  say('undecodable rows', () => sys.datastore_delete_all_by_eq_bsatn(table, bytes(1, 0, 0, 0)));
  say('no iterator', () => sys.row_iter_bsatn_advance(99_999, 64));
  say('no iterator to close', () => sys.row_iter_bsatn_close(99_999));
  say('no timer', () => sys.console_timer_end(99_999));
  say('too far', () => ctx.db.ticks.insert({ id: 0n, at: ScheduleAt.time(FAR) }));
  const iterator = sys.datastore_table_scan_bsatn(table);
  let needed = 0;
  try {
    sys.row_iter_bsatn_advance(iterator, 1);
  } catch (error: any) {
    needed = error.__buffer_too_small__;
  }
  console.log(`too small ${needed}`);
  say('closed', () => sys.row_iter_bsatn_close(iterator));
  say('closed again', () => sys.row_iter_bsatn_close(iterator));
});

contract.reducer('refuse', { text: t.string() }, (_ctx, { text }) => {
  throw new SenderError(text);
});
contract.reducer('fail', ctx => {
  ctx.db.items.insert(item('lost'));
  throw new Error('a mistake');
});
contract.reducer('schedule', ctx => {
  console.log(`scheduled ${inserted(ctx.db.ticks.insert({ id: 0n, at: ScheduleAt.interval(5_000_000n) })).id}`);
});
contract.reducer('on_tick', { tick: ticks.rowType }, (_ctx, { tick }) => console.log(`tick ${tick.id} ${tick.at.tag}`));
contract.reducer('fill', { name: t.string(), kind: t.u32() }, (ctx, { name, kind }) => {
  ctx.db.items.insert(item(name, kind));
});
