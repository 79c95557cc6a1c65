import { CallerError, module, reducer, t, table } from 'pinion:module@1';

const notes = table({ id: t.u64.primaryKey().autoIncrement(), text: t.string }, { public: true });

function recurse(depth) {
  return recurse(depth + 1) + 1;
}

export default module({
  tables: { notes },
  reducers: {
    forever: reducer(() => {
      for (;;);
    }),
    quick: reducer(() => {}),
    recurse: reducer(() => {
      recurse(0);
    }),
    write_then_fail: reducer(ctx => {
      ctx.db.notes.insert({ id: 0n, text: 'never kept' });
      throw new Error('broken');
    }),
    write_then_refuse: reducer(ctx => {
      ctx.db.notes.insert({ id: 0n, text: 'never kept' });
      throw new CallerError('refused');
    }),
    log_line: reducer(ctx => {
      ctx.log.info('a line');
    }),
  },
});
