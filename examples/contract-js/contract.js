// Every call and every error of the module ABI, on pinion:module@1. What is out of the library's reach is called on
// spacetime:sys directly. The same module is beside this one in TypeScript and in C: each writes the same log lines.
import {
  anonymousView, at, CallerError, connected, disconnected, every, httpHandler, HostError, init, module, procedure, query, reducer,
  seconds, t, table, Timestamp, view,
} from 'pinion:module@1';
import * as sys from 'spacetime:sys@2.0';
import { datastore_clear } from 'spacetime:sys@2.1';

const items = table(
  { id: t.u64.primaryKey().autoIncrement(), name: t.string.unique(), kind: t.u32, rank: t.u8 },
  { public: true, indexes: { by_kind_rank: ['kind', 'rank'] } },
);
const tags = table({ key: t.u32.index('hash'), label: t.string });
const ticks = table({ id: t.u64.primaryKey().autoIncrement(), at: t.scheduleAt }, { schedule: 'on_tick' });
const jobs = table({ id: t.u64.primaryKey().autoIncrement(), at: t.scheduleAt }, { schedule: 'on_job' });

const FAR = 1n << 62n;

/** A WebAssembly program as a bundler puts it into a text: `fibonacci(n)`, by recursion. */
const FIBONACCI =
  '0061736d0100000001060160017f017f03020100070d01096669626f6e6163636900000a1e011c002000410249047f200005200041016b10002000' +
  '41026b10006a0b0b';

const bytes = (...values) => Uint8Array.from(values);
const buffer = (...values) => bytes(...values).buffer;
const item = (name, kind = 0, rank = 0) => ({ id: 0n, name, kind, rank });

/** The error number of what a function throws, 0 if it does not. */
function errno(run) {
  try {
    run();
    return 0;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.code;
  }
}

function summary(rows) {
  return `${rows.length} ${rows.reduce((sum, row) => sum + row.rank, 0)}`;
}

const reducers = {
  init: init(ctx => ctx.log.info('init')),
  connected: connected(ctx => ctx.log.info(`connected ${ctx.connection}`)),
  disconnected: disconnected(ctx => ctx.log.info(`disconnected ${ctx.connection}`)),

  context: reducer(ctx => {
    const { sender, connection, timestamp, identity } = ctx;
    ctx.log.info(`sender ${sender}`);
    ctx.log.info(`connection ${connection ?? 'none'}`);
    ctx.log.info(`timestamp ${timestamp.micros}`);
    ctx.log.info(`database ${identity}`);
  }),

  claims: reducer(ctx => {
    const claims = new TextDecoder().decode(sys.get_jwt_payload(ctx.connection?.value ?? 0n));
    ctx.log.info(`claims ${claims || 'none'}`);
  }),

  tables: reducer(ctx => {
    const { items } = ctx.db;
    const [a, b, c] = ['a', 'b', 'c'].map(name => items.insert(item(name)));
    ctx.log.info(`inserted ${a.id} ${b.id} ${c.id} ${items.insert({ ...item('d'), id: 100n }).id}`);
    ctx.log.info(`again ${items.insert(a).id}`);
    ctx.log.info(`count ${items.count()}`);
    ctx.log.info(`scan ${[...items].reduce((sum, row) => sum + row.id, 0n)}`);
    ctx.log.info(`found ${items.name.find('b').id} ${items.name.find('x') === null ? 'none' : 'some'}`);
    items.id.update({ ...b, rank: 9 });
    ctx.log.info(`updated ${items.id.find(b.id).rank}`);
    ctx.log.info(`deleted ${items.id.delete(a.id) ? 1 : 0} ${items.id.delete(a.id) ? 1 : 0}`);
    ctx.log.info(`deleted row ${items.delete(c) ? 1 : 0} ${items.delete(c) ? 1 : 0}`);
    ctx.log.info(`cleared ${items.clear()} ${items.count()}`);
  }),

  ranges: reducer(ctx => {
    const { items, tags } = ctx.db;
    for (let kind = 1; kind <= 3; kind++) {
      for (let rank = 0; rank < 10; rank++) items.insert(item(`${kind}-${rank}`, kind, rank));
    }
    const index = items.by_kind_rank;
    ctx.log.info(`prefix ${summary(index.all(2))}`);
    ctx.log.info(`range ${summary(index.all(2, { ge: 3, lt: 9 }))}`);
    ctx.log.info(`above ${summary(index.all(2, { gt: 3 }))}`);
    ctx.log.info(`up to ${summary(index.all(2, { le: 3 }))}`);
    ctx.log.info(`kinds ${summary(index.all({ ge: 2 }))}`);
    ctx.log.info(`point ${summary(index.all(2, 5))}`);
    ctx.log.info(`deleted ${index.delete(3, { ge: 5 })} ${index.delete(2, 5)}`);
    for (let i = 0; i < 6; i++) tags.insert({ key: i % 2, label: `${i}` });
    ctx.log.info(`hash ${tags.key.all(1).length} ${tags.key.delete(1)} ${tags.count()}`);
  }),

  /** More rows than a chunk or a buffer holds. */
  chunks: reducer(ctx => {
    const { tags } = ctx.db;
    for (let i = 0; i < 3_000; i++) tags.insert({ key: i, label: 'x'.repeat(100) });
    ctx.log.info(`rows ${tags.all().length}`);
    const [first] = tags.scan();
    ctx.log.info(`first ${first.label.length}`);
    tags.insert({ key: 1, label: 'y'.repeat(200_000) });
    ctx.log.info(`longest ${Math.max(...tags.all().map(tag => tag.label.length))}`);
  }),

  errors: reducer(ctx => {
    const { items } = ctx.db;
    const one = items.insert(item('one'));
    const table = sys.table_id_from_name('items');
    const byId = sys.index_id_from_name('items_id_idx_btree');
    const byKind = sys.index_id_from_name('items_kind_rank_idx_btree');
    const row = buffer(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 120, 0, 0, 0, 0, 0);
    const say = (what, run) => ctx.log.info(`${what} ${errno(run)}`);
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
    say('too far', () => ctx.db.ticks.insert({ id: 0n, at: at(new Timestamp(FAR)) }));
    say('start', () => sys.procedure_start_mut_tx());
    say('commit', () => sys.procedure_commit_mut_tx());
    say('abort', () => sys.procedure_abort_mut_tx());
    const iterator = sys.datastore_table_scan_bsatn(table);
    let needed = 0;
    try {
      sys.row_iter_bsatn_advance(iterator, new ArrayBuffer(1));
    } catch (error) {
      needed = error.__buffer_too_small__;
    }
    ctx.log.info(`too small ${needed}`);
    say('closed', () => sys.row_iter_bsatn_close(iterator));
    say('closed again', () => sys.row_iter_bsatn_close(iterator));
  }),

  trap_unknown_table: reducer(() => catching(() => sys.datastore_insert_bsatn(99_999, buffer(0), 1))),
  trap_bad_row: reducer(() => catching(() => sys.datastore_insert_bsatn(sys.table_id_from_name('items'), buffer(1, 2), 2))),
  trap_clear: reducer(() => catching(() => datastore_clear(99_999))),
  trap_hash_range: reducer(() =>
    catching(() => sys.datastore_index_scan_range_bsatn(sys.index_id_from_name('tags_key_idx_hash'), buffer(2), 0, 0, 1, 0))),
  http_in_reducer: reducer(ctx => ctx.log.info(`http ${errno(() => sys.procedure_http_request(get('http://a/'), ''))}`)),

  refuse: reducer({ text: t.string }, (_ctx, { text }) => {
    throw new CallerError(text);
  }),
  fail: reducer(ctx => {
    ctx.db.items.insert(item('lost'));
    throw new Error('a mistake');
  }),

  logs: reducer(ctx => {
    ctx.log.error('at error');
    ctx.log.warn('at warn');
    ctx.log.info('at info');
    ctx.log.debug('at debug');
    ctx.log.trace('at trace');
    sys.console_log(101, 'at panic');
    sys.console_log(42, 'at another');
    sys.console_timer_end(sys.console_timer_start('work "quoted"'));
  }),

  immediate: reducer(() => sys.volatile_nonatomic_schedule_immediate('refuse', bytes(2, 0, 0, 0, 104, 105))),

  /** JavaScript alone has this. */
  webassembly: reducer(ctx => {
    const program = bytes(...FIBONACCI.match(/../g).map(digits => parseInt(digits, 16)));
    const { fibonacci } = new WebAssembly.Instance(new WebAssembly.Module(program)).exports;
    ctx.log.info(`fibonacci ${fibonacci(20)}`);
  }),

  schedule: reducer(ctx => {
    const tick = ctx.db.ticks.insert({ id: 0n, at: every(seconds(5)) });
    const job = ctx.db.jobs.insert({ id: 0n, at: at(ctx.timestamp.plus(seconds(1))) });
    ctx.log.info(`scheduled ${tick.id} ${job.id}`);
  }),
  on_tick: reducer({ tick: ticks.row }, (ctx, { tick }) => ctx.log.info(`tick ${tick.id} ${tick.at.tag}`)),
  fill: reducer({ name: t.string, kind: t.u32 }, (ctx, { name, kind }) => {
    ctx.db.items.insert(item(name, kind));
  }),
};

/** What ends a call cannot be caught, and nothing that comes after it is done. */
function catching(run) {
  try {
    run();
  } catch {
    sys.console_log(2, 'caught');
  } finally {
    sys.console_log(2, 'finally');
  }
}

function get(uri) {
  const encoded = new TextEncoder().encode(uri);
  return bytes(0, 0, 0, 0, 0, 1, encoded.length, 0, 0, 0, ...encoded, 2);
}

const views = {
  all_items: anonymousView(t.array(items.row), ctx => ctx.db.items.all()),
  first_item: anonymousView(t.option(items.row), ctx => ctx.db.items.id.find(1n)),
  my_items: view(t.array(items.row), ctx => ctx.db.items.all().filter(row => row.kind === Number(ctx.sender.value & 0xffffffffn))),
  queried: anonymousView(t.array(items.row), () => query('SELECT * FROM items')),
  refusing: anonymousView(t.array(items.row), () => {
    throw new CallerError('view refused');
  }),
  failing: anonymousView(t.array(items.row), () => {
    throw new Error('view failed');
  }),
};

const procedures = {
  add: procedure({ a: t.u32, b: t.u32 }, t.u64, (ctx, { a, b }) => {
    ctx.log.info(`procedure ${ctx.sender} ${ctx.connection ?? 'none'} ${ctx.timestamp.micros}`);
    return BigInt(a) + BigInt(b);
  }),
  nothing: procedure({}, t.unit, () => null),
  two_transactions: procedure({ name: t.string }, t.u64, (ctx, { name }) => {
    ctx.transaction(tx => {
      tx.db.items.insert(item(name));
      tx.log.info(`inside ${tx.timestamp.micros}`);
    });
    return ctx.transaction(tx => tx.db.items.count());
  }),
  abort: procedure({}, t.u64, ctx => {
    try {
      ctx.transaction(tx => {
        tx.db.items.insert(item('undone'));
        throw new Error('undo');
      });
    } catch (error) {
      ctx.log.info(`undone ${error.message}`);
    }
    return ctx.transaction(tx => tx.db.items.count());
  }),
  procedure_errors: procedure({}, t.unit, ctx => {
    const say = (what, run) => ctx.log.info(`${what} ${errno(run)}`);
    say('name outside', () => sys.table_id_from_name('items'));
    say('count outside', () => sys.datastore_table_row_count(4096));
    say('claims outside', () => sys.get_jwt_payload(1n));
    say('commit', () => sys.procedure_commit_mut_tx());
    say('abort', () => sys.procedure_abort_mut_tx());
    ctx.transaction(() => {
      say('start inside', () => sys.procedure_start_mut_tx());
      say('http inside', () => sys.procedure_http_request(get('http://a/'), ''));
    });
  }),
  fetch: procedure({ uri: t.string }, t.string, (ctx, { uri }) => {
    try {
      const response = ctx.http({ uri, method: 'POST', headers: { 'x-a': '1' }, body: 'ping', timeout: seconds(2) });
      return `${response.status} ${response.headers.get('content-type')} ${response.text()}`;
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== 21) throw error;
      return `failed: ${error.message}`;
    }
  }),
  leave_open: procedure({ name: t.string }, t.unit, (_ctx, { name }) => {
    sys.procedure_start_mut_tx();
    const encoded = new TextEncoder().encode(name);
    const row = buffer(0, 0, 0, 0, 0, 0, 0, 0, encoded.length, 0, 0, 0, ...encoded, 0, 0, 0, 0, 0);
    sys.datastore_insert_bsatn(sys.table_id_from_name('items'), row, row.byteLength);
  }),
  procedure_fails: procedure({}, t.unit, ctx => {
    ctx.transaction(tx => tx.db.items.insert(item('kept')));
    throw new Error('a mistake');
  }),
  commit_forever: procedure({}, t.unit, ctx => {
    for (;;) ctx.transaction(() => {});
  }),
  on_job: procedure({ job: jobs.row }, t.unit, (ctx, { job }) => ctx.log.info(`job ${job.id} ${job.at.tag}`)),
};

const httpHandlers = {
  echo: httpHandler(
    (ctx, request) => {
      const count = ctx.transaction(tx => tx.db.items.count());
      return {
        status: 201,
        headers: { 'x-method': request.method, 'x-count': `${count}` },
        body: `${request.uri}|${request.headers.get('x-in')}|${request.text()}`,
      };
    },
    { routes: ['POST /echo', 'ANY /any'] },
  ),
  broken: httpHandler(
    () => {
      throw new Error('a mistake');
    },
    { routes: ['GET /broken'] },
  ),
};

export default module({ tables: { items, tags, ticks, jobs }, reducers, views, procedures, httpHandlers });
