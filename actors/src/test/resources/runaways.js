// A module whose reducers do not end, or end badly. runaways.c does the same for WebAssembly.
import { module, reducer, t, table } from 'pinion:module@1';

const notes = table({ id: t.u64.primaryKey().autoIncrement(), value: t.u64 }, { public: true });

const kept = [];
let counter = 0;

function note(ctx, value) {
  ctx.db.notes.insert({ id: 0n, value: BigInt(value) });
}

function deeper(depth) {
  return deeper(depth + 1) + 1;
}

function deeperWithNotes(ctx, depth) {
  note(ctx, depth);
  return deeperWithNotes(ctx, depth + 1) + 1;
}

export default module({
  tables: { notes },
  reducers: {
    // What an ordinary call does.
    write: reducer({ value: t.u64 }, (ctx, { value }) => note(ctx, value)),
    forever: reducer(ctx => {
      note(ctx, 1);
      for (;;);
    }),
    catch_all: reducer(ctx => {
      note(ctx, 2);
      for (;;) {
        try {
          for (;;) counter++;
        } catch {
          counter = 0;
        } finally {
          counter++;
        }
      }
    }),
    host_calls: reducer(ctx => {
      note(ctx, 3);
      for (;;) counter += Number(ctx.db.notes.count());
    }),
    regular_expression: reducer(ctx => {
      note(ctx, 4);
      counter = Number(/^((a+)+)\1c$/.test('a'.repeat(200) + 'b'));
    }),
    recurse: reducer(ctx => {
      note(ctx, 5);
      deeper(0);
    }),
    recurse_with_notes: reducer(ctx => {
      deeperWithNotes(ctx, 0);
    }),
    hoard: reducer(ctx => {
      note(ctx, 6);
      const arrays = [];
      for (;;) arrays.push(new Array(1e5).fill(0));
    }),
    // Keeps a little of every call.
    hoard_a_little: reducer(ctx => {
      note(ctx, 7);
      for (let i = 0; i < 4; i++) kept.push(new Array(1e5).fill(0));
    }),
    // One step of the engine, in which it looks for no request to stop.
    power: reducer({ exponent: t.u32 }, (ctx, { exponent }) => {
      note(ctx, 8);
      counter = Number(7n ** BigInt(exponent) & 1n);
    }),
    spin: reducer({ rounds: t.u32 }, (ctx, { rounds }) => {
      note(ctx, rounds);
      for (let i = 0; i < rounds; i++) counter = (counter + i) | 0;
    }),
  },
});
