// A bank: accounts that cannot be overdrawn, audited every minute.
import { ScheduleAt } from 'spacetimedb';
import { schema, SenderError, table, t } from 'spacetimedb/server';

const accounts = table(
  { public: true },
  { id: t.u64().primaryKey(), owner: t.string(), balance: t.i64() }
);

const auditTimer = table(
  { scheduled: () => audit },
  { scheduledId: t.u64().primaryKey().autoInc(), scheduledAt: t.scheduleAt() }
);

const audits = table(
  { public: true },
  { id: t.u64().primaryKey().autoInc(), at: t.timestamp(), accounts: t.u64(), total: t.i64() }
);

const bank = schema({ accounts, auditTimer, audits });
export default bank;

const AUDIT_INTERVAL_MICROS = 60_000_000n;

export const init = bank.init(ctx => {
  ctx.db.auditTimer.insert({ scheduledId: 0n, scheduledAt: ScheduleAt.interval(AUDIT_INTERVAL_MICROS) });
});

/** Creates the accounts 1 to `count` that do not exist yet. */
export const seed = bank.reducer({ count: t.u32(), balance: t.i64() }, (ctx, { count, balance }) => {
  for (let id = 1n; id <= BigInt(count); id++) {
    if (ctx.db.accounts.id.find(id) === null) {
      ctx.db.accounts.insert({ id, owner: `account-${id}`, balance });
    }
  }
});

export const transfer = bank.reducer(
  { from: t.u64(), to: t.u64(), amount: t.i64() },
  (ctx, { from, to, amount }) => {
    if (from === to) throw new SenderError('cannot transfer to the same account');
    if (amount <= 0n) throw new SenderError('the amount must be positive');
    const source = ctx.db.accounts.id.find(from);
    if (source === null) throw new SenderError(`no account ${from}`);
    const target = ctx.db.accounts.id.find(to);
    if (target === null) throw new SenderError(`no account ${to}`);
    if (source.balance < amount) throw new SenderError('insufficient funds');
    ctx.db.accounts.id.update({ ...source, balance: source.balance - amount });
    ctx.db.accounts.id.update({ ...target, balance: target.balance + amount });
  }
);

/** Does nothing: what a call costs by itself. */
export const empty = bank.reducer(() => {});

/** Records how many accounts there are and what they hold together. */
export const audit = bank.reducer({ timer: auditTimer.rowType }, ctx => {
  let total = 0n;
  for (const account of ctx.db.accounts.iter()) total += account.balance;
  ctx.db.audits.insert({ id: 0n, at: ctx.timestamp, accounts: ctx.db.accounts.count(), total });
});

export const emptyAccounts = bank.anonymousView({ public: true }, t.array(accounts.rowType), ctx =>
  [...ctx.db.accounts.iter()].filter(account => account.balance === 0n)
);
