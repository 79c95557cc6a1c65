// Calls that never end, each in its own way, and calls that do. Its reducers are those of runaway.c where both can.
import { module, reducer, t, table } from 'pinion:module@1';

const notes = table({ id: t.u64.primaryKey().autoIncrement(), text: t.string });

function deeper(depth) {
  return deeper(depth + 1) + 1;
}

function again() {
  Promise.resolve().then(again);
}

export default module({
  tables: { notes },
  reducers: {
    // Counts: the caller knows how many turns make a second.
    burn: reducer({ turns: t.u64 }, (_, { turns }) => {
      let counter = 0;
      for (let left = Number(turns); left > 0; left--) counter = (counter + left) | 0;
      if (counter === 0.5) throw new Error('never');
    }),
    catch_all: reducer(() => {
      for (;;) {
        try {
          for (;;);
        } catch {
          // goes on
        }
      }
    }),
    host_calls: reducer(ctx => {
      for (;;) ctx.db.notes.count();
    }),
    loop: reducer(() => {
      for (;;);
    }),
    microtasks: reducer(() => {
      again();
    }),
    quick: reducer(() => {}),
    recursion: reducer(() => {
      deeper(0);
    }),
    regex: reducer(() => {
      for (;;) /^(a|aa)+\1$/.test('a'.repeat(64) + 'b');
    }),
    writes: reducer(ctx => {
      for (;;) ctx.db.notes.insert({ id: 0n, text: 'never kept' });
    }),
  },
});
