// A bank: accounts that cannot be overdrawn, audited every minute.
import { anonymousView, CallerError, every, init, minutes, module, reducer, t, table } from 'pinion:module@1';

const accounts = table({ id: t.u64.primaryKey(), owner: t.string, balance: t.i64 }, { public: true });

const audit_timer = table(
  { scheduled_id: t.u64.primaryKey().autoIncrement(), scheduled_at: t.scheduleAt },
  { schedule: 'audit' },
);

const audits = table(
  { id: t.u64.primaryKey().autoIncrement(), at: t.timestamp, accounts: t.u64, total: t.i64 },
  { public: true },
);

export default module({
  tables: { accounts, audit_timer, audits },

  reducers: {
    init: init(ctx => {
      ctx.db.audit_timer.insert({ scheduled_id: 0n, scheduled_at: every(minutes(1)) });
    }),

    // Creates the accounts 1 to count that do not exist yet.
    seed: reducer({ count: t.u32, balance: t.i64 }, (ctx, { count, balance }) => {
      for (let id = 1n; id <= BigInt(count); id++) {
        if (ctx.db.accounts.id.find(id) === null) {
          ctx.db.accounts.insert({ id, owner: `account-${id}`, balance });
        }
      }
    }),

    transfer: reducer({ from: t.u64, to: t.u64, amount: t.i64 }, (ctx, { from, to, amount }) => {
      if (from === to) throw new CallerError('cannot transfer to the same account');
      if (amount <= 0n) throw new CallerError('the amount must be positive');
      const accounts = ctx.db.accounts.id;
      const source = accounts.find(from);
      if (source === null) throw new CallerError(`no account ${from}`);
      const target = accounts.find(to);
      if (target === null) throw new CallerError(`no account ${to}`);
      if (source.balance < amount) throw new CallerError('insufficient funds');
      accounts.update({ ...source, balance: source.balance - amount });
      accounts.update({ ...target, balance: target.balance + amount });
    }),

    // Does nothing: what a call costs by itself.
    empty: reducer(() => {}),

    // Records how many accounts there are and what they hold together.
    audit: reducer({ timer: audit_timer.row }, ctx => {
      let total = 0n;
      for (const account of ctx.db.accounts) total += account.balance;
      ctx.db.audits.insert({ id: 0n, at: ctx.timestamp, accounts: ctx.db.accounts.count(), total });
    }),
  },

  views: {
    empty_accounts: anonymousView(t.array(accounts.row), ctx =>
      ctx.db.accounts.all().filter(account => account.balance === 0n),
    ),
  },
});
