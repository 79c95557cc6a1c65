// A module: tables, and reducers that change them. Publish it with: pinion publish my-guestbook .
import { CallerError, module, reducer, t, table } from 'pinion:module@1';

const entries = table(
  { id: t.u64.primaryKey().autoIncrement(), author: t.identity, text: t.string, at: t.timestamp },
  { public: true },
);

export default module({
  tables: { entries },

  reducers: {
    sign: reducer({ text: t.string }, (ctx, { text }) => {
      if (text.trim() === '') throw new CallerError('write something first');
      ctx.db.entries.insert({ id: 0n, author: ctx.sender, text, at: ctx.timestamp });
      ctx.log.info('signed by', ctx.sender);
    }),
  },
});
