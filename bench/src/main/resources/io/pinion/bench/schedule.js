// Rows that are due at even distances, and how late the reducer of each began.
import { at, module, reducer, t, table, Timestamp } from 'pinion:module@1';

const timers = table(
  { id: t.u64.primaryKey().autoIncrement(), at: t.scheduleAt },
  { schedule: 'fire' },
);
const late = table({ id: t.u64.primaryKey().autoIncrement(), micros: t.i64 }, { public: true });

export default module({
  tables: { timers, late },
  reducers: {
    // Rows due at start, start + gap, and so on.
    plan: reducer({ start: t.i64, gap: t.i64, count: t.u32 }, (ctx, { start, gap, count }) => {
      for (let i = 0n; i < BigInt(count); i++) {
        ctx.db.timers.insert({ id: 0n, at: at(new Timestamp(start + i * gap)) });
      }
    }),
    fire: reducer({ timer: timers.row }, (ctx, { timer }) => {
      ctx.db.late.insert({ id: 0n, micros: ctx.timestamp.micros - timer.at.value.micros });
    }),
    forget: reducer(ctx => {
      ctx.db.late.clear();
    }),
  },
});
