import {
  at, CallerError, ConnectionId, Duration, every, HostError, Identity, module, NoSuchRow, reducer, seconds, t, table,
  Timestamp, UniqueAlreadyExists, Uuid, view,
} from 'pinion:module@1';
import * as sys from 'spacetime:sys@2.0';

const Colour = t.enum('Colour', ['Red', 'Green']);
const Point = t.object('Point', { x: t.f64, y: t.f64 });
const Shape = t.sum('Shape', { Nothing: t.unit, Circle: t.u32, At: Point });

const things = table({ id: t.u64.primaryKey().autoIncrement(), small: t.u8, text: t.string }, { public: true });
const every_type = table({
  key: t.u32.primaryKey(), a: t.i8, b: t.i16, c: t.i32, d: t.i64, e: t.i128, f: t.i256, g: t.u16, h: t.u64, i: t.u128,
  j: t.u256, k: t.f32, l: t.f64, m: t.bool, n: t.string, o: t.bytes, p: t.array(t.string), q: t.option(t.u8),
  r: t.option(t.u8), s: Colour, u: Shape, v: Point, w: t.identity, x: t.connectionId, y: t.timestamp, z: t.duration,
  aa: t.uuid, ab: t.scheduleAt, ac: t.result(t.u8, t.string),
});

const points = table(
  { id: t.u64.primaryKey().autoIncrement(), x: t.u32, y: t.i32, name: t.string.index('hash') },
  { indexes: { by_x_y: ['x', 'y'] } },
);

let kept = null;
let callNow = null;
let microtaskRanIn = null;
let finallyRan = false;

function check(what, condition) {
  if (!condition) throw new Error(`not so: ${what}`);
}

function equal(actual, expected) {
  const text = value =>
    JSON.stringify(value, (_, v) =>
      typeof v === 'bigint' ? `${v}n`
        : v instanceof Uint8Array ? `bytes ${v}`
        : v !== null && typeof v === 'object' && Object.getPrototypeOf(v) !== Object.prototype && !Array.isArray(v)
          ? `${v.constructor.name} ${v}` : v);
  if (text(actual) !== text(expected)) throw new Error(`expected ${text(expected)}, got ${text(actual)}`);
}

function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function fillPoints(ctx) {
  for (let x = 0; x < 5; x++) {
    for (let y = -2; y <= 2; y++) ctx.db.points.insert({ id: 0n, x, y, name: y % 2 === 0 ? 'even' : 'odd' });
  }
}

function deepest() {
  throw new Error('deep down');
}

export default module({
  tables: { things, every_type, points },
  reducers: {
    every_type_comes_back: reducer(ctx => {
      const row = {
        key: 1, a: -128, b: -32768, c: -2147483648, d: -(1n << 63n), e: -(1n << 127n), f: -5n, g: 65535,
        h: (1n << 64n) - 1n, i: (1n << 128n) - 1n, j: (1n << 255n) + 3n, k: 0.5, l: -1e300, m: true, n: 'Grüße 🐎 ',
        o: new Uint8Array([1, 2, 255]), p: ['', 'é', 'x'.repeat(100)], q: null, r: 7, s: { tag: 'Green' },
        u: { tag: 'At', value: { x: 1, y: -0.25 } }, v: { x: 0, y: 2 }, w: new Identity(5n), x: new ConnectionId(6n),
        y: new Timestamp(-1n), z: seconds(1.5), aa: Uuid.parse('00112233-4455-6677-8899-aabbccddeeff'),
        ab: every(new Duration(9n)), ac: { tag: 'err', value: 'no' },
      };
      ctx.db.every_type.insert({ ...row, q: undefined });
      equal(ctx.db.every_type.key.find(1), row);
      equal(ctx.db.every_type.all(), [row]);
      ctx.db.every_type.key.update({ ...row, ab: at(new Timestamp(3n)), u: { tag: 'Nothing' } });
      equal(ctx.db.every_type.key.find(1), { ...row, ab: at(new Timestamp(3n)), u: { tag: 'Nothing' } });
    }),
    generated_values_come_back: reducer(ctx => {
      equal(ctx.db.things.insert({ id: 0n, small: 1, text: 'a' }), { id: 1n, small: 1, text: 'a' });
      equal(ctx.db.things.insert({ id: 0n, small: 2, text: 'b' }), { id: 2n, small: 2, text: 'b' });
      equal(ctx.db.things.insert({ id: 50n, small: 3, text: 'c' }), { id: 50n, small: 3, text: 'c' });
      equal(ctx.db.things.count(), 3n);
    }),
    scans_close_themselves: reducer(ctx => {
      const text = 'x'.repeat(1000);
      for (let i = 0; i < 200; i++) ctx.db.things.insert({ id: 0n, small: 1, text });
      for (let i = 0; i < 3; i++) {
        for (const thing of ctx.db.things) {
          equal(thing.text, text);
          break;
        }
        thrown(() => {
          for (const _ of ctx.db.things.scan()) throw new Error('out');
        });
      }
      equal([...ctx.db.things].length, 200);
      equal(ctx.db.things.scan().filter(thing => thing.id > 150n).toArray().length, 50);
      // All of them gave their handles back, so the next one is the first again.
      const handle = sys.datastore_table_scan_bsatn(sys.table_id_from_name('things'));
      sys.row_iter_bsatn_close(handle);
      equal(handle, 1);
    }),
    find_update_delete: reducer(ctx => {
      ctx.db.things.insert({ id: 4n, small: 1, text: 'a' });
      equal(ctx.db.things.id.find(5n), null);
      equal(ctx.db.things.id.update({ id: 4n, small: 2, text: 'b' }), { id: 4n, small: 2, text: 'b' });
      equal(ctx.db.things.id.find(4n), { id: 4n, small: 2, text: 'b' });
      equal(ctx.db.things.id.delete(4n), true);
      equal(ctx.db.things.id.delete(4n), false);
    }),
    delete_and_clear: reducer(ctx => {
      ctx.db.things.insert({ id: 4n, small: 1, text: 'a' });
      equal(ctx.db.things.delete({ id: 4n, small: 2, text: 'a' }), false);
      equal(ctx.db.things.delete({ id: 4n, small: 1, text: 'a' }), true);
      ctx.db.things.insert({ id: 5n, small: 1, text: 'a' });
      equal(ctx.db.things.clear(), 1n);
      equal(ctx.db.things.count(), 0n);
    }),
    host_errors_are_classes_by_number: reducer(ctx => {
      ctx.db.things.insert({ id: 1n, small: 1, text: 'a' });
      const twice = thrown(() => ctx.db.things.insert({ id: 1n, small: 2, text: 'b' }));
      check('class of 12', twice instanceof UniqueAlreadyExists && twice instanceof HostError && twice.code === 12);
      const missing = thrown(() => ctx.db.things.id.update({ id: 9n, small: 2, text: 'b' }));
      check('class of 15', missing instanceof NoSuchRow && missing.code === 15);
      check('wrong number', thrown(() => sys.table_id_from_name('nowhere')).code === 4);
      check('type error', thrown(() => sys.row_iter_bsatn_close(-1)) instanceof TypeError);
      check('type error', thrown(() => sys.row_iter_bsatn_close('1')) instanceof TypeError);
      check('range error', thrown(() => sys.datastore_insert_bsatn(1, new ArrayBuffer(4), 5)) instanceof RangeError);
    }),
    ranges_of_a_composite_index: reducer(ctx => {
      fillPoints(ctx);
      const at = (...key) => ctx.db.points.by_x_y.all(...key).map(({ x, y }) => [x, y]);
      equal(at(2), [-2, -1, 0, 1, 2].map(y => [2, y]));
      equal(at(2, 1), [[2, 1]]);
      equal(at(2, 9), []);
      equal(at(2, { ge: 1 }), [[2, 1], [2, 2]]);
      equal(at(2, { gt: 1 }), [[2, 2]]);
      equal(at(2, { lt: -1 }), [[2, -2]]);
      equal(at(2, { le: -1 }), [[2, -2], [2, -1]]);
      equal(at(2, { gt: -2, lt: 1 }), [[2, -1], [2, 0]]);
      equal(at(2, { gt: 1, lt: 1 }), []);
      equal(at({ ge: 4 }).length, 5);
      equal(at({ gt: 0, le: 2 }).length, 10);
      equal([...ctx.db.points.by_x_y.scan(3, { ge: 0 })].map(point => point.y), [0, 1, 2]);
      check('both bounds', /at most one lower/.test(thrown(() => at(2, { gt: 1, ge: 1 })).message));
      check('too many', /takes 1 to 2 values, got 3/.test(thrown(() => at(1, 2, 3)).message));
    }),
    ranges_of_a_unique_index: reducer(ctx => {
      fillPoints(ctx);
      equal(ctx.db.points.id.all({ gt: 3n, le: 6n }).map(point => point.id), [4n, 5n, 6n]);
      equal([...ctx.db.points.id.scan({ ge: 24n })].map(point => point.id), [24n, 25n]);
    }),
    a_hash_index_finds_by_value: reducer(ctx => {
      fillPoints(ctx);
      equal(ctx.db.points.name.all('odd').length, 10);
      equal(ctx.db.points.name.all('none'), []);
      equal(ctx.db.points.name.delete('odd'), 10);
      equal(ctx.db.points.count(), 15n);
    }),
    ranges_are_deleted: reducer(ctx => {
      fillPoints(ctx);
      equal(ctx.db.points.by_x_y.delete(2, { lt: 0 }), 2);
      equal(ctx.db.points.by_x_y.delete(2, 0), 1);
      equal(ctx.db.points.by_x_y.delete({ gt: 2 }), 10);
      equal(ctx.db.points.by_x_y.delete(1), 5);
      equal(ctx.db.points.all().map(({ x, y }) => [x, y]).sort(), [[0, -1], [0, -2], [0, 0], [0, 1], [0, 2], [2, 1], [2, 2]]);
    }),
    rows_larger_than_any_buffer: reducer(ctx => {
      // The first chunk fits, then the buffer has to grow twice, then there are many small rows behind the large ones.
      const sizes = [10, 1 << 17, 20, 1 << 20, ...Array.from({ length: 5000 }, (_, i) => i % 50)];
      sizes.forEach((size, i) => ctx.db.things.insert({ id: BigInt(i + 1), small: i & 255, text: 'x'.repeat(size) }));
      const seen = rows => [...rows].sort((a, b) => Number(a.id - b.id)).map(thing => thing.text.length);
      equal(seen(ctx.db.things.scan()), sizes);
      equal(seen(ctx.db.things.all()), sizes);
      equal(seen(ctx.db.things.id.scan({ ge: 1n })), sizes);
      equal(ctx.db.things.id.find(4n).text.length, 1 << 20);
      equal(ctx.db.things.id.find(1n).text.length, 10);
    }),
    takes_bytes: reducer({ bytes: t.bytes }, (ctx, { bytes }) => {
      check('the bytes', bytes.every((byte, i) => byte === (i * 7) % 251));
      ctx.db.things.insert({ id: BigInt(bytes.length), small: 0, text: '' });
    }),
    leaves_a_microtask_and_loops: reducer(() => {
      callNow = 'the stopped call';
      microtaskRanIn = null;
      Promise.resolve().then(() => (microtaskRanIn = callNow));
      for (;;);
    }),
    begins_the_next_call: reducer(() => {
      callNow = 'the next call';
    }),
    the_microtask_ran_in_its_own_call_or_never: reducer(() => {
      check(`it ran in ${microtaskRanIn}`, microtaskRanIn !== 'the next call');
    }),
    context_values: reducer(ctx => {
      equal(ctx.sender.toString(), '0000000000000009' + '0'.repeat(47) + '7');
      equal(ctx.connection.value, (6n << 64n) | 5n);
      equal(ctx.timestamp.toString(), '2023-11-14T22:13:20.000000Z');
      equal(ctx.identity.value, (4n << 192n) | (3n << 128n) | (2n << 64n) | 1n);
    }),
    random_depends_on_the_call: reducer(ctx => {
      // The algorithm is part of @1: these numbers never change.
      equal([ctx.random(), ctx.random.integer(1, 6), ctx.random.integer(1, 6), ctx.random.bytes(3), ctx.random.uuid()], RANDOM);
    }),
    rows_are_plain_and_fresh: reducer(ctx => {
      ctx.db.things.insert({ id: 4n, small: 1, text: 'a' });
      const one = ctx.db.things.id.find(4n);
      one.text = 'changed';
      equal(ctx.db.things.id.find(4n).text, 'a');
      check('plain', Object.getPrototypeOf(one) === Object.prototype);
    }),
    the_context_is_kept: reducer(ctx => {
      kept = ctx;
    }),
    the_kept_context_throws: reducer(() => {
      for (const use of [c => c.db, c => c.sender, c => c.timestamp, c => c.random, c => c.log, c => c.identity, c => c.connection]) {
        check('the old context', /after its call/.test(thrown(() => use(kept)).message));
      }
    }),
    values_compare: reducer(() => {
      check('identities', new Identity(5n).equals(new Identity(5n)) && !new Identity(5n).equals(new Identity(6n)));
      equal(Identity.parse('0x' + '0'.repeat(63) + 'a').value, 10n);
      equal(new Timestamp(5n).plus(new Duration(3n)).micros, 8n);
      check('range', thrown(() => new Identity(1n << 256n)) instanceof RangeError);
      check('brand', { get [Symbol.for('pinion.CallerError')]() { return true; } } instanceof CallerError);
      equal(Uuid.parse('00112233-4455-6677-8899-aabbccddeeff').toString(), '00112233-4455-6677-8899-aabbccddeeff');
    }),
    globals_of_the_abi: reducer(() => {
      check('Math.random', thrown(() => Math.random) instanceof TypeError);
      equal(new TextDecoder().decode(new TextEncoder().encode('ü')), 'ü');
      equal([typeof Symbol.dispose, typeof Symbol.asyncDispose], ['symbol', 'symbol']);
      check('isSubsetOf', new Set([1]).isSubsetOf(new Set([1, 2])));
      {
        let closed = false;
        {
          using a = { [Symbol.dispose]() { closed = true; } };
        }
        check('using', closed);
      }
    }),
    too_large: reducer(ctx => ctx.db.things.insert({ id: 1n, small: 256, text: 'a' })),
    not_an_integer: reducer(ctx => ctx.db.things.insert({ id: 1n, small: 1.5, text: 'a' })),
    number_for_bigint: reducer(ctx => ctx.db.things.insert({ id: 1, small: 1, text: 'a' })),
    bigint_too_large: reducer(ctx => ctx.db.things.insert({ id: 1n << 64n, small: 1, text: 'a' })),
    lone_surrogate: reducer(ctx => ctx.db.things.insert({ id: 1n, small: 1, text: 'a\ud800' })),
    unknown_column: reducer(ctx => ctx.db.things.insert({ id: 1n, small: 1, text: 'a', colour: 1 })),
    missing_column: reducer(ctx => ctx.db.things.insert({ id: 1n, small: 1 })),
    promise: reducer(() => Promise.resolve(1)),
    drops_a_rejected_promise: reducer(ctx => {
      (async () => {
        ctx.db.things.insert({ id: 1n, small: 1, text: 'half' });
        await null;
        throw new Error('lost');
      })();
    }),
    handles_a_rejected_promise: reducer(() => {
      Promise.reject(new Error('handled')).catch(() => {});
    }),
    refuses: reducer(() => {
      throw new CallerError('not today');
    }),
    fails_after_a_refusal_was_caught: reducer(() => {
      const refusal = thrown(() => {
        throw new CallerError('not today');
      });
      check('a refusal has no trace', !/\bat /.test(refusal.stack));
      check('others have one', /at deepest/.test(thrown(deepest).stack));
      deepest();
    }),
    replaces_stacks: reducer(ctx => {
      Error.prepareStackTrace = (_, frames) => frames;
      check('no effect', typeof new Error('a').stack === 'string');
      ctx.log.info('logged all the same');
    }),
    fails_deep: reducer(() => deepest()),
    logs: reducer(ctx => {
      ctx.log.warn('a warning', 3);
    }),
    swallows_a_trap: reducer(() => {
      finallyRan = false;
      try {
        sys.datastore_insert_bsatn(sys.table_id_from_name('things'), new ArrayBuffer(8), 1);
      } catch {
        finallyRan = true;
      } finally {
        finallyRan = true;
      }
    }),
    finally_did_not_run: reducer(() => check('neither catch nor finally ran', !finallyRan)),
  },
  views: {
    nothing: view(t.array(things.row), ctx => {
      check('no writes', ctx.db.things.insert === undefined && ctx.db.things.id.update === undefined);
      check('no clock', ctx.timestamp === undefined && ctx.random === undefined);
      check('sender', ctx.sender instanceof Identity);
      return ctx.db.things.scan();
    }),
  },
});

const RANDOM = [
  0.8438252453746441, 4, 6, new Uint8Array([29, 17, 233]), Uuid.parse('8d39e248-6393-4920-b08e-fbec0e81765e'),
];
