// Run once when a node starts, so that the first module does not find the engine cold. See WarmUp.java.
import { CallerError, module, reducer, t, table } from 'pinion:module@1';

const rows = table({ id: t.u64.primaryKey(), text: t.string, value: t.i64 });

export default module({
  tables: { rows },
  reducers: {
    work: reducer({ id: t.u64 }, (ctx, { id }) => {
      const found = ctx.db.rows.id.find(id);
      if (found === null) ctx.db.rows.insert({ id, text: `row ${id}`, value: 0n });
      else ctx.db.rows.id.update({ ...found, value: found.value + 1n });
      if (ctx.db.rows.all().length === 0) throw new CallerError('no rows');
    }),
  },
});
