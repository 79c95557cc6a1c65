// Calls whatever the host has with whatever values: buffers that fit and that do not, handles that exist and that do not,
// values of every type. What it does depends on a seed alone.
import { at, every, httpHandler, module, procedure, reducer, seconds, t, table, Timestamp, view } from 'pinion:module@1';
import * as sys10 from 'spacetime:sys@1.0';
import * as sys12 from 'spacetime:sys@1.2';
import * as sys13 from 'spacetime:sys@1.3';
import * as sys20 from 'spacetime:sys@2.0';
import * as sys21 from 'spacetime:sys@2.1';

const items = table(
  { id: t.u64.primaryKey().autoIncrement(), name: t.string, kind: t.u32.index('hash') },
  { indexes: { by_name: ['name', 'kind'] } },
);
const ticks = table({ id: t.u64.primaryKey().autoIncrement(), at: t.scheduleAt }, { schedule: 'ticking' });

const functions = [sys10, sys12, sys13, sys20, sys21].flatMap(version =>
  Object.entries(version).filter(([name, value]) => typeof value === 'function' && name !== 'register_hooks'));

let state = 1;

function next() {
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return (state ^ (state >>> 15)) >>> 0;
}

const below = bound => next() % bound;
const pick = list => list[below(list.length)];

const NAMES = ['items', 'items_id_idx_btree', 'items_kind_idx_hash', 'items_name_kind_idx_btree', 'ticks', 'st_table', 'wild', '', '\ud800'];

function bytes() {
  const array = new Uint8Array(below(64));
  for (let i = 0; i < array.length; i++) array[i] = below(3) === 0 ? next() : 0;
  return array;
}

const detached = new ArrayBuffer(8);
detached.transfer?.();

/** Often what fits, as a call gets no further than its first argument of the wrong kind. */
function value() {
  switch (below(22)) {
    case 0: case 1: case 2: case 3: return 4096 + below(6);
    case 4: case 5: case 6: case 7: return below(40);
    case 8: return pick(NAMES);
    case 9: case 10: return bytes();
    case 11: case 12: return bytes().buffer;
    case 13: return BigInt(next()) << BigInt(below(140));
    case 14: return next();
    case 15: return -below(5);
    case 16: return pick([NaN, Infinity, 0.5, 2 ** 32, 2 ** 53, -0, 1e300]);
    case 17: return pick([null, undefined, true, Symbol('s'), () => 1]);
    case 18: return { valueOf: () => below(100), toString: () => 'items', length: below(1e9) };
    case 19: return pick([new Float64Array(4), new DataView(new ArrayBuffer(8)), detached, new SharedArrayBuffer(8), new Uint8Array(detached)]);
    case 20: return new Uint8Array(new ArrayBuffer(64), below(8), below(8));
    default: return new Proxy(bytes(), {});
  }
}

function attempt(run) {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function step() {
  const [, fn] = pick(functions);
  attempt(() => fn(...Array.from({ length: below(7) }, value)));
}

function run(seed) {
  state = Number(BigInt.asUintN(32, seed)) | 1;
  for (let steps = 1 + below(200); steps > 0; steps--) step();
}

function writes(ctx) {
  for (let count = below(20); count > 0; count--) {
    attempt(() => ctx.db.items.insert({ id: BigInt(below(20)), name: pick(NAMES.slice(0, 5)), kind: below(3) }));
    attempt(() => ctx.db.ticks.insert({ id: 0n, at: below(2) === 0 ? every(seconds(below(9))) : at(new Timestamp(BigInt(next()))) }));
  }
}

export default module({
  tables: { items, ticks },
  reducers: {
    wild: reducer(ctx => {
      run(ctx.sender.value);
      writes(ctx);
      if (below(8) === 0) throw value();
    }),
    ticking: reducer({ tick: ticks.row }, () => {}),
  },
  views: {
    wild_view: view(t.array(items.row), ctx => {
      run(ctx.sender.value);
      return below(8) === 0 ? value() : ctx.db.items.all();
    }),
  },
  procedures: {
    wild_procedure: procedure({}, t.unit, ctx => {
      run(ctx.sender.value);
      attempt(() => ctx.transaction(tx => {
        writes(tx);
        run(ctx.sender.value + 1n);
      }));
      if (below(8) === 0) throw value();
      return null;
    }),
  },
  httpHandlers: {
    wild_handler: httpHandler(ctx => {
      run(ctx.timestamp.micros);
      return below(8) === 0 ? value() : { status: 100 + below(900), body: bytes() };
    }),
  },
});
