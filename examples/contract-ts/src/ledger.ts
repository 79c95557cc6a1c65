// A library that another module mounts under a name.
import { schema, t, table } from 'spacetimedb/server';

const entries = table({ public: true }, { id: t.u64().primaryKey().autoInc(), text: t.string() });

const ledger = schema({ entries });
export default ledger;

export const note = ledger.reducer({ text: t.string() }, (ctx, { text }) => {
  ctx.db.entries.insert({ id: 0n, text: `in the ledger: ${text}` });
});

export const countEntries = ledger.procedure(t.u64(), ctx => ctx.withTx(tx => tx.db.entries.count()));

export const allEntries = ledger.anonymousView({ public: true }, t.array(entries.rowType), ctx => [...ctx.db.entries.iter()]);
